/* See wallet_file.h: writing. */
#include "wallet/wallet_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <bsd/string.h>

#include <sodium.h>

#include "wallet/secret.h"
#include "wallet/wallet_file_checks.h"

/* A save under way: the directory, and two names in it. */
struct save {
	int directory;
	char name[NAME_MAX + 1], temporary[NAME_MAX + 1];
	const char *path;
	bool replaces;
};

static int
split_path(struct save *save, const char *path, struct fault *fault)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	char directory[PATH_MAX];
	int length;

	save->path = path;
	snprintf(directory, sizeof(directory), "%s", ".");
	if (slash != NULL && strlcpy(directory, path, sizeof(directory)) >= sizeof(directory))
		return wallet_file_fault(fault, ENAMETOOLONG, path, "the path is too long");
	if (slash != NULL)
		directory[slash == path ? 1 : slash - path] = '\0';
	if (name[0] == '\0')
		return fault_set(fault, EINVAL, "wallet-not-a-file", path,
			"Name a file in that directory",
			"a wallet is an ordinary file, this is none");
	strlcpy(save->name, name, sizeof(save->name));
	length = snprintf(save->temporary, sizeof(save->temporary), ".%s.%08x.new", name,
		randombytes_random());
	if (length < 0 || (size_t)length >= sizeof(save->temporary))
		return wallet_file_fault(fault, ENAMETOOLONG, path, "the name is too long");
	save->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (save->directory < 0)
		return wallet_file_fault(
			fault, errno, path, "the directory of the wallet cannot be opened");
	return 0;
}

static int
stale_fault(struct fault *fault, const char *path)
{
	return fault_set(fault, ESTALE, "wallet-newer-there", path,
		"Load the file again and repeat the change",
		"the file has a newer static key than the wallet that would replace it");
}

/* That nobody loses a key: what lies at the path is this wallet, in no newer state. */
static int
check_replaced(struct save *save, const struct wallet *wallet, struct fault *fault)
{
	const struct wallet_public *ours = wallet_public(wallet), *theirs;
	struct wallet *there;
	int result;

	if (faccessat(save->directory, save->name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
		errno == ENOENT)
		return 0;
	save->replaces = true;
	result = wallet_load(&there, save->path, fault);
	if (result != 0)
		return result;
	theirs = wallet_public(there);
	if (memcmp(theirs->identity, ours->identity, IDENTITY_KEY_BYTES) != 0)
		result = fault_set(fault, EEXIST, "wallet-exists", save->path,
			"Choose another file, or move that one away",
			"the file holds another wallet, which would be lost");
	else if (theirs->key_number > ours->key_number ||
		 (theirs->key_number == ours->key_number &&
			 memcmp(&theirs->key, &ours->key, sizeof(ours->key)) != 0))
		result = stale_fault(fault, save->path);
	wallet_free(there);
	return result;
}

static int
write_all(int descriptor, const uint8_t *bytes, size_t length)
{
	while (length > 0) {
		ssize_t count = write(descriptor, bytes, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		bytes += count;
		length -= (size_t)count;
	}
	return 0;
}

/* The temporary file, whole and on the disk. */
static int
write_temporary(const struct save *save, const uint8_t *bytes, size_t length, struct fault *fault)
{
	int descriptor = openat(save->directory, save->temporary,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
	int result;

	if (descriptor < 0)
		return wallet_file_fault(
			fault, errno, save->path, "no file can be made beside the wallet");
	/* The umask may have taken something away. */
	result = fchmod(descriptor, S_IRUSR | S_IWUSR) == 0 ? 0 : -errno;
	if (result == 0)
		result = write_all(descriptor, bytes, length);
	if (result == 0 && fsync(descriptor) != 0)
		result = -errno;
	if (close(descriptor) != 0 && result == 0)
		result = -errno;
	if (result == 0)
		return 0;
	unlinkat(save->directory, save->temporary, 0);
	return wallet_file_fault(fault, -result, save->path, "the wallet file cannot be written");
}

/* A new wallet never replaces what came to its path in the meantime. */
static int
rename_temporary(const struct save *save, struct fault *fault)
{
	int error;

	if (renameat2(save->directory, save->temporary, save->directory, save->name,
		    save->replaces ? 0 : RENAME_NOREPLACE) != 0) {
		error = errno;
		unlinkat(save->directory, save->temporary, 0);
		return wallet_file_fault(
			fault, error, save->path, "the wallet file cannot be put in its place");
	}
	if (fsync(save->directory) != 0)
		return wallet_file_fault(fault, EIO, save->path,
			"the directory of the wallet cannot be brought to the disk");
	return 0;
}

int
wallet_save(struct wallet *wallet, const char *path, struct fault *fault)
{
	struct save save = {.directory = -1};
	uint8_t *bytes = NULL;
	int result = split_path(&save, path, fault);

	if (result == 0)
		result = check_replaced(&save, wallet, fault);
	if (result != 0)
		goto done;
	bytes = secret_allocate(WALLET_BYTES_MAX);
	if (bytes == NULL) {
		result = wallet_file_fault(fault, ENOMEM, path, "there is no memory for a wallet");
		goto done;
	}
	result = write_temporary(&save, bytes, wallet_encode(wallet, bytes), fault);
	if (result == 0)
		result = rename_temporary(&save, fault);
done:
	secret_free(bytes);
	if (save.directory >= 0)
		close(save.directory);
	return result;
}
