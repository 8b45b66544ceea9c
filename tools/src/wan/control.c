/* See control.h. */
#include "control.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <bsd/string.h>

#define BACKLOG        16
#define ANSWER_SECONDS 5
#define NAME_LETTERS   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static int
set_address(
	struct sockaddr_un *address, const char *directory, const char *name, struct fault *fault)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (name[0] == '\0' || strlen(name) >= LINK_NAME_BYTES ||
		name[strspn(name, NAME_LETTERS)] != '\0')
		return fault_set(fault, EINVAL, "bad-name", name,
			"Use 1 to 31 letters, digits, '-' and '_'", "a link cannot be called so");
	if (snprintf(address->sun_path, sizeof(address->sun_path), "%s/%s" PROTOCOL_SUFFIX,
		    directory, name) >= (int)sizeof(address->sun_path))
		return fault_set(fault, ENAMETOOLONG, "bad-name", directory,
			"Give a shorter --sockets", "the path of the link's socket is too long");
	return 0;
}

/* Opens the directory and locks it against another start; the lock ends with the descriptor. */
static int
lock_directory(const char *directory, struct fault *fault)
{
	int descriptor = -1, error = 0;

	if (mkdir(directory, 0755) != 0 && errno != EEXIST)
		error = errno;
	if (error == 0) {
		descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
			return descriptor;
		error = errno;
	}
	if (descriptor >= 0)
		close(descriptor);
	return fault_set(fault, error, "no-socket", directory, "Run as root or give --sockets",
		"the directory of the links' sockets cannot be used (%s)", strerror(error));
}

/* 0 when somebody listens, else errno. */
static int
probe(const struct sockaddr_un *address)
{
	int descriptor = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = errno;

	if (descriptor < 0)
		return error;
	error = connect(descriptor, (const struct sockaddr *)address, sizeof(*address)) == 0
			? 0
			: errno;
	close(descriptor);
	return error == EAGAIN ? 0 : error; /* a full backlog has a listener too */
}

static int
bind_and_listen(const struct sockaddr_un *address, const char *name, struct fault *fault)
{
	int descriptor, error = probe(address);

	if (error == 0)
		return fault_set(fault, EADDRINUSE, "name-in-use", name,
			"End that one first, or choose another --link",
			"a link of this name is running");
	if (error == ECONNREFUSED)
		unlink(address->sun_path);
	descriptor = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* The descriptor's mode becomes the file's: at no time may others connect. */
	if (descriptor >= 0 && fchmod(descriptor, 0600) == 0 &&
		bind(descriptor, (const struct sockaddr *)address, sizeof(*address)) == 0 &&
		listen(descriptor, BACKLOG) == 0)
		return descriptor;
	error = errno;
	if (descriptor >= 0)
		close(descriptor);
	return fault_set(fault, error, "no-socket", address->sun_path,
		"Run as root or give --sockets", "the link's socket cannot be made (%s)",
		strerror(error));
}

int
control_listen(const char *directory, const char *name, struct fault *fault)
{
	struct sockaddr_un address;
	int lock, result = set_address(&address, directory, name, fault);

	if (result != 0)
		return result;
	lock = lock_directory(directory, fault);
	if (lock < 0)
		return lock;
	result = bind_and_listen(&address, name, fault);
	close(lock);
	return result;
}

void
control_remove(const char *directory, const char *name)
{
	struct sockaddr_un address;

	if (set_address(&address, directory, name, NULL) == 0)
		unlink(address.sun_path);
}

static int
exchange(int descriptor, const struct protocol_request *request, struct protocol_reply *reply)
{
	struct timeval limit = {.tv_sec = ANSWER_SECONDS};
	ssize_t length;

	setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (send(descriptor, request, sizeof(*request), MSG_NOSIGNAL) != sizeof(*request))
		return -errno;
	length = recv(descriptor, reply, sizeof(*reply), MSG_TRUNC);
	if (length < 0)
		return -errno;
	return length == sizeof(*reply) && reply->version == PROTOCOL_VERSION ? 0 : -EPROTO;
}

int
control_ask(const char *directory, const char *name, const struct protocol_request *request,
	struct protocol_reply *reply, struct fault *fault)
{
	struct sockaddr_un address;
	int descriptor, error = set_address(&address, directory, name, fault);

	if (error != 0)
		return error;
	descriptor = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (descriptor < 0 ||
		connect(descriptor, (struct sockaddr *)&address, sizeof(address)) != 0)
		error = -errno;
	if (error == -ENOENT || error == -ECONNREFUSED) {
		error = fault_set(fault, ECONNREFUSED, "no-such-link", name,
			"See tools/wan show for those that run", "no link of this name is running");
	} else {
		if (error == 0)
			error = exchange(descriptor, request, reply);
		if (error != 0)
			fault_set(fault, -error, "no-answer", name,
				"Run as the user who runs the link; restart it after an update",
				"the link does not answer (%s)", strerror(-error));
		else if (reply->fault.error != 0)
			error = -(*fault = reply->fault).error;
	}
	if (descriptor >= 0)
		close(descriptor);
	return error;
}

static int
is_socket(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name), suffix = strlen(PROTOCOL_SUFFIX);

	return length > suffix && length - suffix < LINK_NAME_BYTES &&
	       strcmp(entry->d_name + length - suffix, PROTOCOL_SUFFIX) == 0;
}

void
control_names(const char *directory, control_name *each, void *opaque)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, is_socket, alphasort);

	for (int i = 0; i < count; i++) {
		entries[i]->d_name[strlen(entries[i]->d_name) - strlen(PROTOCOL_SUFFIX)] = '\0';
		each(opaque, entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}
