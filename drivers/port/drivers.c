/* The drivers of this binary. See path/port.h. */
#include <stddef.h>
#include <string.h>

#include "drivers/port/list.h"

const struct port_driver *const port_drivers[] = {
	&port_af_packet,
	&port_af_xdp,
	&port_bench,
	&port_memif,
	&port_pcap,
	&port_pci,
	&port_ring,
	&port_tap,
	NULL,
};

const struct port_driver *
port_driver_find(const char *name)
{
	for (const struct port_driver *const *driver = port_drivers; *driver != NULL; driver++) {
		if (strcmp((*driver)->name, name) == 0)
			return *driver;
	}
	return NULL;
}
