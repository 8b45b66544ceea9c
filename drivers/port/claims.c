/* See claims.h. */
#include "drivers/port/claims.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <bsd/string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "path/port.h"

#define CLAIMS_MAX 64

static struct claim {
	char text[CLAIM_BYTES]; /* "" = free */
	char port_name[PORT_NAME_BYTES];
	int lock; /* against other processes; -1 = none */
} claims[CLAIMS_MAX];

/* Locks the claim if it is of a kind that needs it. 0 or -errno: EADDRINUSE when another process of
 * this network namespace has it. */
static int
lock(const char *claim, int *descriptor)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int error;

	*descriptor = -1;
	if (strncmp(claim, CLAIM_INTERFACE, strlen(CLAIM_INTERFACE)) != 0)
		return 0;
	*descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (*descriptor < 0)
		return -errno;
	/* The first byte stays 0: an abstract name. What is too long is no interface's name. */
	strlcpy(address.sun_path + 1, "binfm ", sizeof(address.sun_path) - 1);
	strlcat(address.sun_path + 1, claim, sizeof(address.sun_path) - 1);
	if (bind(*descriptor, (struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	error = errno;
	close(*descriptor);
	return -error;
}

int
claim_take(const char *claim, const char *port_name, struct fault *fault)
{
	struct claim *free_claim = NULL;
	int descriptor, error;

	for (size_t i = 0; i < CLAIMS_MAX; i++) {
		if (claims[i].text[0] == '\0') {
			if (free_claim == NULL)
				free_claim = &claims[i];
		} else if (strcmp(claims[i].text, claim) == 0) {
			return fault_set(fault, EBUSY, "device-in-use", claim,
				"Give every port a device of its own",
				"port %s names a device that port %s has open", port_name,
				claims[i].port_name);
		}
	}
	if (free_claim == NULL || strlen(claim) >= CLAIM_BYTES)
		return fault_set(fault, ENOSPC, "too-many-ports", claim, "Use fewer ports",
			"no room to open port %s", port_name);
	error = lock(claim, &descriptor);
	if (error == -EADDRINUSE)
		return fault_set(fault, EBUSY, "device-in-use", claim,
			"Stop the other program; `ss --unix --processes` shows it by this name",
			"another process has the device of port %s open", port_name);
	if (error != 0)
		return fault_set(fault, -error, "no-claim", claim, "Raise the limit of files",
			"port %s cannot claim its device (%s)", port_name, strerror(-error));
	free_claim->lock = descriptor;
	strlcpy(free_claim->text, claim, sizeof(free_claim->text));
	strlcpy(free_claim->port_name, port_name, sizeof(free_claim->port_name));
	return 0;
}

void
claim_release(const char *claim)
{
	for (size_t i = 0; i < CLAIMS_MAX; i++) {
		if (claims[i].text[0] == '\0' || strcmp(claims[i].text, claim) != 0)
			continue;
		claims[i].text[0] = '\0';
		if (claims[i].lock >= 0)
			close(claims[i].lock);
	}
}

bool
claim_begins(const char *prefix)
{
	size_t length = strlen(prefix);

	for (size_t i = 0; i < CLAIMS_MAX; i++) {
		if (claims[i].text[0] != '\0' && strncmp(claims[i].text, prefix, length) == 0)
			return true;
	}
	return false;
}
