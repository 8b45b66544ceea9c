/* See claims.h. */
#include "drivers/port/claims.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <bsd/string.h>

#include "path/port.h"

#define CLAIMS_MAX 64

static struct claim {
	char text[CLAIM_BYTES]; /* "" = free */
	char port_name[PORT_NAME_BYTES];
} claims[CLAIMS_MAX];

int
claim_take(const char *claim, const char *port_name, struct fault *fault)
{
	struct claim *free_claim = NULL;

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
	strlcpy(free_claim->text, claim, sizeof(free_claim->text));
	strlcpy(free_claim->port_name, port_name, sizeof(free_claim->port_name));
	return 0;
}

void
claim_release(const char *claim)
{
	for (size_t i = 0; i < CLAIMS_MAX; i++) {
		if (claims[i].text[0] != '\0' && strcmp(claims[i].text, claim) == 0)
			claims[i].text[0] = '\0';
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
