/* See wallet_file.h: reading. */
#include "wallet/wallet_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wallet/secret.h"
#include "wallet/wallet_file_checks.h"

int
wallet_file_fault(struct fault *fault, int error, const char *path, const char *what)
{
	return fault_set(fault, error, "wallet-file", path,
		"See that the directory is there, is yours and has room", "%s (%s)", what,
		strerror(error));
}

/* Whether only its owner, and that is us, can have read the file. */
int
wallet_file_check(const struct stat *status, const char *path, struct fault *fault)
{
	if (!S_ISREG(status->st_mode))
		return fault_set(fault, EINVAL, "wallet-not-a-file", path,
			"Name the wallet file itself",
			"a wallet is an ordinary file, this is none");
	if (status->st_uid != geteuid())
		return fault_set(fault, EPERM, "wallet-of-somebody-else", path,
			"Run the program as the file's owner",
			"the wallet file belongs to user %u, not to user %u", status->st_uid,
			geteuid());
	if ((status->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return fault_set(fault, EPERM, "wallet-open-to-others", path,
			"chmod 0600 it; if others may have read it, make a new wallet",
			"the wallet file has mode %04o, others can get at it",
			status->st_mode & 07777);
	return 0;
}

/* Opens without waiting for a writer, if it should be a pipe, and without following a link. */
static int
open_checked(const char *path, struct fault *fault)
{
	int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	int result;

	if (descriptor < 0 && errno == ENOENT)
		return fault_set(fault, ENOENT, "wallet-missing", path,
			"Make one with \"wallet new\", or name another file",
			"there is no wallet file");
	if (descriptor < 0 && (errno == ELOOP || errno == ENXIO))
		return fault_set(fault, EINVAL, "wallet-not-a-file", path,
			"Name the wallet file itself",
			"a wallet is an ordinary file, this is none");
	if (descriptor < 0)
		return wallet_file_fault(fault, errno, path, "the wallet file cannot be opened");
	result = fstat(descriptor, &status) == 0 ? wallet_file_check(&status, path, fault)
						 : wallet_file_fault(fault, errno, path,
							   "the wallet file cannot be looked at");
	if (result != 0) {
		close(descriptor);
		return result;
	}
	return descriptor;
}

/* Reads until the end, or one byte more than a wallet has. Returns the length or -errno. */
static ssize_t
read_all(int descriptor, uint8_t *bytes)
{
	size_t length = 0;

	while (length <= WALLET_BYTES_MAX) {
		ssize_t count = read(descriptor, bytes + length, WALLET_BYTES_MAX + 1 - length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			break;
		length += (size_t)count;
	}
	return (ssize_t)length;
}

int
wallet_load(struct wallet **wallet, const char *path, struct fault *fault)
{
	int descriptor = open_checked(path, fault);
	uint8_t *bytes;
	ssize_t length;
	int result;

	if (descriptor < 0)
		return descriptor;
	bytes = secret_allocate(WALLET_BYTES_MAX + 1);
	if (bytes == NULL) {
		close(descriptor);
		return wallet_file_fault(fault, ENOMEM, path, "there is no memory for a wallet");
	}
	length = read_all(descriptor, bytes);
	close(descriptor);
	if (length < 0)
		result = wallet_file_fault(
			fault, (int)-length, path, "the wallet file cannot be read");
	else
		result = wallet_decode(wallet, bytes, (size_t)length, fault);
	secret_free(bytes);
	return result;
}
