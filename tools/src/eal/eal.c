/* See eal.h. */
#include "eal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bsd/string.h>

#include <rte_eal.h>
#include <rte_errno.h>

#define WORDS_MAX    24
#define HUGE_PAGE_MB 2
#define FREE_PAGES   "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"

static bool
huge_pages_are_free(unsigned int memory_mb)
{
	FILE *file = fopen(FREE_PAGES, "r");
	unsigned int pages = 0;

	if (file == NULL)
		return false;
	if (fscanf(file, "%u", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages >= memory_mb / HUGE_PAGE_MB && geteuid() == 0;
}

int
tool_eal_start(const struct tool_eal *eal, struct fault *fault)
{
	char cores[48], prefix[64], memory[16];
	const char *words[WORDS_MAX] = {eal->name, "--lcores", cores, "--no-telemetry",
		"--file-prefix", prefix, "-m", memory, "--log-level", "error"};
	int count = 10;
	bool pci = false;

	if (eal->second_core != eal->core)
		snprintf(cores, sizeof(cores), "0@%u,1@%u", eal->core, eal->second_core);
	else
		snprintf(cores, sizeof(cores), "0@%u", eal->core);
	snprintf(prefix, sizeof(prefix), "binfm-%s-%d", eal->name, (int)getpid());
	snprintf(memory, sizeof(memory), "%u", eal->memory_mb);
	if (eal->ordinary_pages || !huge_pages_are_free(eal->memory_mb)) {
		words[count++] = "--no-huge";
		words[count++] = "--no-shconf"; /* --in-memory does not go with --no-huge */
	} else {
		words[count++] = "--in-memory";
	}
	for (unsigned int i = 0; i < 2; i++) {
		if (eal->devices[i] == NULL)
			continue;
		words[count++] = "-a";
		words[count++] = eal->devices[i];
		pci = true;
	}
	if (!pci) /* else DPDK would take the machine's own NIC */
		words[count++] = "--no-pci";
	if (rte_eal_init(count, (char **)words) >= 0)
		return 0;
	return fault_set(fault, rte_errno, "no-dpdk", strerror(rte_errno),
		"Look at the DPDK messages just before this one", "DPDK does not start on CPU %u",
		eal->core);
}

void
tool_eal_end(void)
{
	char directory[256];

	strlcpy(directory, rte_eal_get_runtime_dir(), sizeof(directory));
	rte_eal_cleanup();
	rmdir(directory);
}
