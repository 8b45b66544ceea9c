/* See command_tables.h. */
#include "control/command_tables.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/gateway.h"

char *
command_duration(uint64_t seconds, char text[COMMAND_DURATION_BYTES])
{
	unsigned int hours = (unsigned int)(seconds / 3600 % 24);
	unsigned int minutes = (unsigned int)(seconds / 60 % 60),
		     rest = (unsigned int)(seconds % 60);

	if (seconds < 86400)
		snprintf(text, COMMAND_DURATION_BYTES, "%02u:%02u:%02u", hours, minutes, rest);
	else
		snprintf(text, COMMAND_DURATION_BYTES, "%u d %02u:%02u:%02u",
			(unsigned int)(seconds / 86400), hours, minutes, rest);
	return text;
}

char *
command_mac(const uint8_t mac[6], char text[COMMAND_MAC_BYTES])
{
	snprintf(text, COMMAND_MAC_BYTES, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		mac[3], mac[4], mac[5]);
	return text;
}

int
command_interface(
	const struct gateway *gateway, const char *name, uint8_t *number, struct result *result)
{
	for (unsigned int i = 0; i < gateway->view->interface_count; i++)
		if (strcmp(gateway->view->interfaces[i].name, name) == 0) {
			*number = (uint8_t)i;
			return 0;
		}
	return result_refuse(result, ENODEV, "no-such-interface", name, "See: show interfaces",
		"there is no interface of this name");
}
