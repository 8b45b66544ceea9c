/* See xdp_sockets.h. */
#include "drivers/port/xdp_sockets.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static bool
holds(const struct xdp_sockets *sockets, uint64_t cookie)
{
	for (unsigned int i = 0; sockets != NULL && i < sockets->count; i++) {
		if (sockets->cookies[i] == cookie)
			return true;
	}
	return false;
}

/* Whether the descriptor is an AF_XDP socket, and which. */
static bool
identify(int descriptor, uint64_t *cookie)
{
	socklen_t domain_length = sizeof(int), cookie_length = sizeof(*cookie);
	int domain;

	return getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &domain_length) == 0 &&
	       domain == AF_XDP &&
	       getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, cookie, &cookie_length) == 0;
}

static void
for_each(void (*visit)(void *context, int descriptor, uint64_t cookie), void *context)
{
	DIR *descriptors = opendir("/proc/self/fd");
	struct dirent *entry;

	if (descriptors == NULL)
		return;
	while ((entry = readdir(descriptors)) != NULL) {
		int descriptor = atoi(entry->d_name); /* "." and ".." give 0: no AF_XDP socket */
		uint64_t cookie;

		if (identify(descriptor, &cookie))
			visit(context, descriptor, cookie);
	}
	closedir(descriptors);
}

struct note {
	struct xdp_sockets *sockets;
	const struct xdp_sockets *known;
};

static void
note_visit(void *context, int descriptor, uint64_t cookie)
{
	const struct note *note = context;

	if (!holds(note->known, cookie) && note->sockets->count < XDP_SOCKETS_MAX)
		note->sockets->cookies[note->sockets->count++] = cookie;
}

void
xdp_sockets_note(struct xdp_sockets *sockets, const struct xdp_sockets *known)
{
	sockets->count = 0;
	for_each(note_visit, &(struct note){.sockets = sockets, .known = known});
}

static void
close_visit(void *context, int descriptor, uint64_t cookie)
{
	if (holds(context, cookie))
		close(descriptor);
}

void
xdp_sockets_close(const struct xdp_sockets *sockets)
{
	for_each(close_visit, (void *)(uintptr_t)sockets);
}
