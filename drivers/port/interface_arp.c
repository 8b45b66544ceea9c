/* See interface_arp.h. */
#include "drivers/port/interface_arp.h"

#include <stdbool.h>
#include <stdio.h>

#define ARP_IGNORE_ALL 8

static void
sysctl_path(char *path, size_t size, const char *interface)
{
	snprintf(path, size, "/proc/sys/net/ipv4/conf/%s/arp_ignore", interface);
}

static bool
write_value(const char *path, int value)
{
	FILE *file = fopen(path, "we");
	bool written;

	if (file == NULL)
		return false;
	written = fprintf(file, "%d\n", value) > 0;
	return fclose(file) == 0 && written;
}

int
interface_arp_silence(const char *interface)
{
	int before = ARP_IGNORE_UNKNOWN;
	char path[96];
	FILE *file;

	sysctl_path(path, sizeof(path), interface);
	file = fopen(path, "re");
	if (file == NULL)
		return ARP_IGNORE_UNKNOWN;
	if (fscanf(file, "%d", &before) != 1)
		before = ARP_IGNORE_UNKNOWN;
	fclose(file);
	return write_value(path, ARP_IGNORE_ALL) ? before : ARP_IGNORE_UNKNOWN;
}

void
interface_arp_restore(const char *interface, int before)
{
	char path[96];

	if (before == ARP_IGNORE_UNKNOWN)
		return;
	sysctl_path(path, sizeof(path), interface);
	write_value(path, before);
}
