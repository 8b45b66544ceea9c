/* See stages.h. The table below is the order; each stage relies on those above it. */
#include "stages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bsd/string.h>

#include <rte_eal.h>
#include <rte_malloc.h>

#include "base/log.h"
#include "base/sha256.h"
#include "control/ageing.h"
#include "control/arp_send.h"
#include "control/commands.h"
#include "control/dpdk_telemetry.h"
#include "control/kernel_interface.h"
#include "control/metrics.h"
#include "control/neighbour.h"
#include "control/pools.h"
#include "control/prompt_socket.h"
#include "control/routes.h"
#include "control/statics.h"
#include "telemetry/exporter.h"
#include "memory.h"
#include "ports.h"
#include "tables.h"
#include "timers.h"

static int
start_loop(struct gateway *gateway, struct fault *fault)
{
	int result = uv_loop_init(&gateway->loop);

	sha256_init();
	gateway->started_ms = gateway_now_ms();
	return result == 0 ? 0
			   : fault_set(fault, -result, "no-loop", NULL, "Raise the limit of files",
				     "no event loop (%s)", uv_strerror(result));
}

static void
stop_loop(struct gateway *gateway)
{
	/* Handles that were closed are freed in a last turn. */
	while (uv_run(&gateway->loop, UV_RUN_NOWAIT) != 0)
		;
	uv_loop_close(&gateway->loop);
}

static void
stop_dpdk(struct gateway *gateway)
{
	char runtime[256], telemetry[300];

	(void)gateway;
	strlcpy(runtime, rte_eal_get_runtime_dir(), sizeof(runtime));
	snprintf(telemetry, sizeof(telemetry), "%s/dpdk_telemetry.v2", runtime);
	rte_eal_cleanup();
	/* DPDK leaves its folder behind, and removes this socket only when the process exits.
	 * Nothing else is in there, since nothing is shared (memory.c). */
	unlink(telemetry);
	rmdir(runtime);
}

static void
free_packet_pool(struct gateway *gateway)
{
	rte_mempool_free(gateway->packet_pool);
}

static int
start_path(struct gateway *gateway, struct fault *fault)
{
	unsigned int lcores[PATH_WORKERS_MAX];
	int result;

	for (unsigned int i = 0; i < gateway->config.worker_count; i++)
		lcores[i] = i + 1;
	result = path_open(&gateway->path, &gateway->nat, &gateway->flows, gateway->port_list,
		gateway->port_count, lcores, gateway->config.worker_count, fault);
	gateway->path.idle_sleep = gateway->config.idle_sleep;
	return result;
}

static void
stop_path(struct gateway *gateway)
{
	watching_close(gateway);
	path_close(&gateway->path);
}

static int
start_routes(struct gateway *gateway, struct fault *fault)
{
	int result;

	gateway->neighbours = neighbour_table_new(gateway->config.neighbours_max);
	if (gateway->neighbours == NULL)
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Lower limits.neighbours",
			"no memory for %u neighbours", gateway->config.neighbours_max);
	result = routes_build(gateway, &gateway->view, fault);
	gateway->path.view = gateway->view;
	if (result != 0)
		neighbour_table_free(gateway->neighbours);
	return result;
}

static void
stop_routes(struct gateway *gateway)
{
	routes_free(gateway->view);
	neighbour_table_free(gateway->neighbours);
}

static void
stop_kernel_interfaces(struct gateway *gateway)
{
	for (unsigned int i = 0; i < gateway->config.interface_count; i++)
		kernel_interface_close(gateway, i);
}

static int
start_kernel_interfaces(struct gateway *gateway, struct fault *fault)
{
	for (unsigned int i = 0; i < gateway->config.interface_count; i++) {
		const char *name = gateway->config.interfaces[i].kernel_interface;
		int result = name[0] != '\0' ? kernel_interface_open(gateway, i, name, fault) : 0;

		if (result != 0) {
			stop_kernel_interfaces(gateway);
			return result;
		}
	}
	return 0;
}

static int
start_ageing(struct gateway *gateway, struct fault *fault)
{
	return ageing_open(gateway) == 0
		       ? 0
		       : fault_set(fault, ENOMEM, "no-memory", NULL, "Use fewer public addresses",
				 "no memory for ageing");
}

static int
start_timers(struct gateway *gateway, struct fault *fault)
{
	(void)fault;
	timers_start(gateway);
	return 0;
}

static int
start_commands(struct gateway *gateway, struct fault *fault)
{
	(void)fault;
	gateway->registry = command_registry_new();
	commands_register(gateway->registry, gateway);
	return 0;
}

static void
stop_commands(struct gateway *gateway)
{
	command_registry_free(gateway->registry);
}

/* Tells the links where our addresses are now, whoever had them before. */
static int
announce(struct gateway *gateway, struct fault *fault)
{
	(void)fault;
	for (unsigned int i = 0; i < gateway->view->interface_count; i++) {
		const struct path_interface *interface = &gateway->view->interfaces[i];

		for (unsigned int k = 0; k < interface->address_count; k++)
			arp_announce(gateway, i, interface->addresses[k].address);
	}
	for (unsigned int i = 0; i < gateway->nat.pools->count; i++)
		pools_announce(gateway, &gateway->nat.pools->pool[i]);
	return 0;
}

static int
start_socket(struct gateway *gateway, struct fault *fault)
{
	gateway->socket = prompt_socket_open(
		&gateway->loop, gateway->config.prompt_socket, gateway->registry, fault);
	return gateway->socket != NULL ? 0 : -EADDRINUSE;
}

static void
stop_socket(struct gateway *gateway)
{
	prompt_socket_close(gateway->socket);
}

static int
start_metrics(struct gateway *gateway, struct fault *fault)
{
	int result;

	gateway->metrics = telemetry_new();
	if (gateway->metrics == NULL || metrics_register(gateway->metrics, gateway) != 0) {
		telemetry_free(gateway->metrics);
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Give the machine more memory",
			"no memory for the metrics");
	}
	result = telemetry_exporter_start(&gateway->loop, gateway->config.metrics_listen,
		gateway->metrics, NULL, &gateway->exporter, fault);
	if (result != 0)
		telemetry_free(gateway->metrics);
	return result;
}

static void
stop_metrics(struct gateway *gateway)
{
	telemetry_exporter_stop(gateway->exporter);
	/* Its handles are closed in a turn of the loop; until then it may look at the metrics. */
	uv_run(&gateway->loop, UV_RUN_NOWAIT);
	telemetry_free(gateway->metrics);
}

/* A gateway without DPDK's own telemetry is a gateway all the same. */
static int
start_dpdk_telemetry(struct gateway *gateway, struct fault *fault)
{
	int result = dpdk_telemetry_start(gateway);

	(void)fault;
	if (result != 0)
		log_warn("no DPDK telemetry: %s", strerror(-result));
	return 0;
}

static void
stop_dpdk_telemetry(struct gateway *gateway)
{
	(void)gateway;
	dpdk_telemetry_stop();
}

static int
start_check(struct gateway *gateway, struct fault *fault)
{
	return stages_check(gateway, fault);
}

static const struct {
	const char *name;
	int (*start)(struct gateway *gateway, struct fault *fault);
	void (*stop)(struct gateway *gateway); /* NULL = nothing to undo */
} stages[] = {
	{"check", start_check, NULL},
	{"loop", start_loop, stop_loop},
	{"dpdk", memory_start_dpdk, stop_dpdk},
	{"packets", memory_make_packet_pool, free_packet_pool},
	{"tables", tables_open, tables_close},
	{"ports", ports_open, ports_close},
	{"path", start_path, stop_path},
	{"routes", start_routes, stop_routes},
	{"kernel interfaces", start_kernel_interfaces, stop_kernel_interfaces},
	{"statics", statics_open, NULL},
	{"ageing", start_ageing, ageing_close},
	{"commands", start_commands, stop_commands},
	{"timers", start_timers, timers_stop},
	{"workers", gateway_start_workers, gateway_stop_workers},
	{"announcement", announce, NULL},
	{"metrics", start_metrics, stop_metrics},
	{"DPDK telemetry", start_dpdk_telemetry, stop_dpdk_telemetry},
	{"socket", start_socket, stop_socket},
};

#define STAGE_TOTAL (sizeof(stages) / sizeof(stages[0]))

static void
undo(struct gateway *gateway, size_t count)
{
	while (count-- > 0)
		if (stages[count].stop != NULL)
			stages[count].stop(gateway);
}

int
stages_start(struct gateway *gateway, const char **stage, struct fault *fault)
{
	for (size_t i = 0; i < STAGE_TOTAL; i++) {
		int result = stages[i].start(gateway, fault);

		if (result != 0) {
			*stage = stages[i].name;
			undo(gateway, i);
			return result;
		}
	}
	return 0;
}

void
stages_stop(struct gateway *gateway)
{
	undo(gateway, STAGE_TOTAL);
}

int
stages_check(struct gateway *gateway, struct fault *fault)
{
	struct nat_pools *pools = malloc(sizeof(*pools)); /* large: not on the stack */
	int result = pools_build(&gateway->config, pools, fault);

	free(pools);
	return result == 0 ? ports_check(&gateway->config, fault) : result;
}
