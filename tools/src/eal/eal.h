/* Starting and ending DPDK for a tool that runs beside gateways: files of its own, gone afterwards.
 * Main thread. */
#ifndef TOOL_EAL_H
#define TOOL_EAL_H

#include <stdbool.h>

#include "base/fault.h"

struct tool_eal {
	const char *name;         /* "bench"; part of the file prefix */
	unsigned int core;        /* CPU of the main thread */
	unsigned int second_core; /* CPU of lcore 1; the same as `core` when there is none */
	unsigned int memory_mb;
	bool ordinary_pages;    /* even where there are huge ones */
	const char *devices[2]; /* PCI addresses to take, NULL = none */
};

/* Takes huge pages when enough are free, else ordinary ones: a measurement says which it had
 * (rte_eal_has_hugepages()). 0 or -errno with a fault. */
int tool_eal_start(const struct tool_eal *eal, struct fault *fault);

void tool_eal_end(void);

#endif
