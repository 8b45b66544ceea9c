/* See memory.h. DPDK is started with --in-memory: no file of its own outlives the process, so a
 * killed gateway leaves nothing behind. What must survive lies in the table file instead. */
#include "memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mempool.h>

#define ARGUMENTS_MAX 16
#define PACKET_CACHE  256
#define HUGE_PAGE_MB  2

static unsigned long
free_huge_pages(void)
{
	FILE *file = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "r");
	unsigned long pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages;
}

static bool
has_pci(const struct gateway_config *config)
{
	for (unsigned int i = 0; i < config->interface_count; i++)
		if (strcmp(config->interfaces[i].driver, "pci") == 0)
			return true;
	return false;
}

/* "0@CONTROL,1@WORKER,2@WORKER": logical core numbers are ours, CPUs the configuration's. */
static void
write_lcores(const struct gateway_config *config, char *text, size_t size)
{
	int used = snprintf(text, size, "--lcores=0@%u", config->control_core);

	for (unsigned int i = 0; i < config->worker_count; i++)
		used += snprintf(
			text + used, size - (size_t)used, ",%u@%u", i + 1, config->worker_cores[i]);
}

int
memory_start_dpdk(struct gateway *gateway, struct fault *fault)
{
	const struct gateway_config *config = &gateway->config;
	char lcores[256], prefix[64], heap[16], value[32];
	char *arguments[ARGUMENTS_MAX] = {(char *)"binfm-gateway", lcores, (char *)"--main-lcore=0",
		prefix, (char *)"-m", heap, (char *)"--log-level=error"};
	int count = 7;

	write_lcores(config, lcores, sizeof(lcores));
	snprintf(prefix, sizeof(prefix), "--file-prefix=binfm-%s", config->instance);
	snprintf(heap, sizeof(heap), "%u", config->memory_mb);
	if (config->hugepages) {
		arguments[count++] = (char *)"--in-memory";
	} else { /* which DPDK does not take together with --in-memory, but leaves no file either */
		arguments[count++] = (char *)"--no-huge";
		arguments[count++] = (char *)"--no-shconf";
	}
	if (!has_pci(config))
		arguments[count++] = (char *)"--no-pci";
	snprintf(value, sizeof(value), "%lu", free_huge_pages());
	if (config->hugepages && free_huge_pages() < config->memory_mb / HUGE_PAGE_MB)
		return fault_set(fault, ENOMEM, "no-hugepages", value,
			"Reserve more (sysctl vm.nr_hugepages), lower memory.heap_mb, or set "
			"memory.hugepages: false",
			"%u huge pages of 2 MiB are needed for memory.heap_mb; free are",
			config->memory_mb / HUGE_PAGE_MB);
	if (rte_eal_init(count, arguments) < 0)
		return fault_set(fault, rte_errno, "no-dpdk", lcores + strlen("--lcores="),
			"Check that the cores exist and that memory is free; run as root",
			"DPDK does not start (%s) on cores", rte_strerror(rte_errno));
	return 0;
}

int
memory_make_packet_pool(struct gateway *gateway, struct fault *fault)
{
	const struct gateway_config *config = &gateway->config;
	unsigned int mtu_bytes = 0;
	char value[16];

	for (unsigned int i = 0; i < config->interface_count; i++)
		if (config->interfaces[i].mtu_bytes > mtu_bytes)
			mtu_bytes = config->interfaces[i].mtu_bytes;
	gateway->packet_pool = rte_pktmbuf_pool_create("packets", config->packet_buffers,
		PACKET_CACHE, 0, (uint16_t)(RTE_PKTMBUF_HEADROOM + PORT_BUFFER_BYTES(mtu_bytes)),
		SOCKET_ID_ANY);
	if (gateway->packet_pool != NULL)
		return 0;
	snprintf(value, sizeof(value), "%u", config->packet_buffers);
	return fault_set(fault, rte_errno, "no-packet-buffers", value,
		"Lower memory.packet_buffers or raise memory.heap_mb",
		"the packet buffers do not fit into memory");
}
