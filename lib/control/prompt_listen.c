/* See prompt_listen.h. */
#include "control/prompt_listen.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <bsd/string.h>

#include "control/prompt_protocol.h"

static int
set_address(struct sockaddr_un *address, const char *path, struct fault *fault)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (path[0] == '\0' || strlcpy(address->sun_path, path, sizeof(address->sun_path)) >=
				       sizeof(address->sun_path))
		return fault_set(fault, ENAMETOOLONG, "bad-socket-path", path,
			"Configure a shorter path",
			"the path of the prompt socket must have 1..%zu bytes",
			sizeof(address->sun_path) - 1);
	return 0;
}

/* Opens the socket's directory and locks it against another program in the same place; the lock
 * ends with the descriptor. */
static int
lock_directory(const char *path, struct fault *fault)
{
	char directory[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;
	int descriptor;

	strlcpy(directory, path, sizeof(directory));
	slash = strrchr(directory, '/');
	if (slash == NULL)
		strlcpy(directory, ".", sizeof(directory));
	else
		slash[slash == directory] = '\0';
	if (mkdir(directory, 0755) != 0 && errno != EEXIST)
		return fault_set(fault, errno, "no-socket-directory", directory,
			"Create the directory or configure another path",
			"the directory of the prompt socket cannot be made (%s)", strerror(errno));
	descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0 || flock(descriptor, LOCK_EX) != 0) {
		int error = errno;

		if (descriptor >= 0)
			close(descriptor);
		return fault_set(fault, error, "no-socket-directory", directory,
			"Give this program access to the directory",
			"the directory of the prompt socket cannot be opened (%s)",
			strerror(error));
	}
	return descriptor;
}

/* Somebody else's socket file: live, stale or no socket at all. A connection to a live one succeeds
 * or, when its backlog is full, would block. */
static int
remove_stale(const struct sockaddr_un *address, struct fault *fault)
{
	struct stat status;
	int probe, error;

	if (lstat(address->sun_path, &status) != 0)
		return 0;
	if (!S_ISSOCK(status.st_mode))
		return fault_set(fault, EEXIST, "not-a-socket", address->sun_path,
			"Move the file away or configure another path",
			"a file that is no socket lies where the prompt socket should be");
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (probe < 0)
		return fault_set(fault, errno, "no-socket", NULL, "Raise the limit of open files",
			"no socket can be made");
	error = connect(probe, (const struct sockaddr *)address, sizeof(*address)) == 0 ? 0 : errno;
	close(probe);
	if (error == 0 || error == EAGAIN)
		return fault_set(fault, EADDRINUSE, "already-running", address->sun_path,
			"Stop the other program or configure another path",
			"another program answers at the prompt socket");
	if (error != ECONNREFUSED || unlink(address->sun_path) != 0)
		return fault_set(fault, error, "stale-socket", address->sun_path, "Remove the file",
			"an old prompt socket cannot be replaced (%s)",
			strerror(error != ECONNREFUSED ? error : errno));
	return 0;
}

static int
bind_and_listen(const struct sockaddr_un *address, struct fault *fault)
{
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	/* The mode of the descriptor becomes the mode of the file: at no time may others connect.
	 */
	if (descriptor >= 0 && fchmod(descriptor, 0600) == 0 &&
		bind(descriptor, (const struct sockaddr *)address, sizeof(*address)) == 0 &&
		listen(descriptor, PROMPT_CLIENTS_MAX) == 0)
		return descriptor;
	error = errno;
	if (descriptor >= 0)
		close(descriptor);
	return fault_set(fault, error, "no-socket", address->sun_path,
		"Give this program access to the directory or configure another path",
		"the prompt socket cannot be made (%s)", strerror(error));
}

int
prompt_listen(const char *path, struct fault *fault)
{
	struct sockaddr_un address;
	int lock, descriptor;

	descriptor = set_address(&address, path, fault);
	if (descriptor != 0)
		return descriptor;
	lock = lock_directory(path, fault);
	if (lock < 0)
		return lock;
	descriptor = remove_stale(&address, fault);
	if (descriptor == 0)
		descriptor = bind_and_listen(&address, fault);
	close(lock);
	return descriptor;
}
