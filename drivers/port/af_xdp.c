/* Driver af_xdp: a kernel interface through AF_XDP sockets (net_af_xdp).
 *
 * The XDP program takes every packet of the queues that we open, and only of those: the interface
 * must have exactly as many. The pool's memory is shared with the kernel, so a packet buffer must
 * fit a page. docs/ports.md lists the traps.
 *
 * Source: DPDK 22.11 guides/nics/af_xdp.rst; the kernel's networking/af_xdp.rst.
 */
#include "drivers/port/list.h"

#include <errno.h>
#include <stdio.h>
#include <linux/capability.h>

#include <rte_mempool.h>

#include "drivers/port/checks.h"
#include "drivers/port/checksum.h"
#include "drivers/port/ethdev.h"
#include "drivers/port/interface_features.h"
#include "drivers/port/options.h"
#include "drivers/port/system.h"

#define MTU_MOST     3072 /* a buffer with its headrooms fits a page */
#define PAGE_BYTES   4096
#define QUEUES_MOST  16

enum { START_QUEUE, FORCE_COPY, BUSY_BUDGET, OPTIONS };

static const struct option_row options[OPTIONS] = {
	[START_QUEUE] = {.key = "start_queue", .type = OPTION_NUMBER, .maximum = 255},
	[FORCE_COPY] = {.key = "force_copy", .type = OPTION_FLAG},
	[BUSY_BUDGET] = {.key = "busy_budget", .type = OPTION_NUMBER, .maximum = 512},
};

static int
check_interface_queues(const struct port_request *request, uint64_t start_queue,
	struct fault *fault)
{
	uint32_t has = system_interface_queues(request->device);
	uint32_t wanted = ethdev_queue_pairs(request) + (uint32_t)start_queue;
	char value[256], remedy[256];

	if (wanted == has)
		return 0;
	snprintf(value, sizeof(value), "%s has %u, the port takes %u from number %u",
		request->device, has, ethdev_queue_pairs(request), (unsigned int)start_queue);
	snprintf(remedy, sizeof(remedy), "Ask for other queues, or run `ethtool -L %s combined %u`",
		request->device, wanted);
	return fault_set(fault, EINVAL, "queues-differ", value, remedy,
		"port %s would lose the packets of the interface's other queues", request->name);
}

static int
check_buffers(const struct port_request *request, struct fault *fault)
{
	const struct rte_mempool *pool = request->pool;
	uint32_t bytes;
	char value[128];

	if (pool == NULL) /* a check of the configuration alone */
		return 0;
	bytes = pool->header_size + pool->elt_size + pool->trailer_size;
	if (bytes <= PAGE_BYTES)
		return 0;
	snprintf(value, sizeof(value), "%u bytes each", bytes);
	return fault_set(fault, EMSGSIZE, "buffers-too-large", value,
		"Use packet buffers that fit a page of 4096 bytes, without jumbo ports",
		"AF_XDP cannot use the packet buffers of port %s", request->name);
}

static int
af_xdp_check(const struct port_request *request, struct fault *fault)
{
	uint64_t values[OPTIONS];
	int error;

	if ((error = options_parse(request->options, options, OPTIONS, values, fault)) != 0 ||
		(error = check_mtu(request, MTU_MOST, fault)) != 0 ||
		(error = check_queues(request, QUEUES_MOST, "AF_XDP sockets", fault)) != 0 ||
		(error = check_interface(request, fault)) != 0 ||
		(error = check_capability(CAP_NET_RAW, "CAP_NET_RAW", "af_xdp", fault)) != 0 ||
		(error = check_capability(CAP_NET_ADMIN, "CAP_NET_ADMIN", "af_xdp", fault)) != 0 ||
		(error = check_capability(CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "af_xdp", fault)) != 0 ||
		(error = check_interface_queues(request, values[START_QUEUE], fault)) != 0)
		return error;
	return check_buffers(request, fault);
}

static int
af_xdp_open(const struct port_request *request, struct port *port, struct fault *fault)
{
	struct port_request paired = *request;
	struct ethdev_plan plan = {.bus = "vdev"};
	struct features *features;
	uint64_t values[OPTIONS];
	int error = af_xdp_check(request, fault);

	if (error != 0)
		return error;
	options_parse(request->options, options, OPTIONS, values, NULL);
	paired.rx_queues = paired.tx_queues = ethdev_queue_pairs(request);
	ethdev_name(&plan, "net_af_xdp", request);
	snprintf(plan.claim, sizeof(plan.claim), "interface %s", request->device);
	snprintf(plan.arguments, sizeof(plan.arguments),
		"iface=%s,start_queue=%u,queue_count=%u,force_copy=%u,busy_budget=%u",
		request->device, (unsigned int)values[START_QUEUE], paired.rx_queues,
		(unsigned int)values[FORCE_COPY], (unsigned int)values[BUSY_BUDGET]);
	error = features_disable_merging_and_stripping(request->device, &features, fault);
	if (error != 0)
		return error;
	error = ethdev_open(&paired, &plan, port, fault);
	if (error != 0) {
		features_restore(features);
		return error;
	}
	((struct ethdev *)port->state)->driver_state = features;
	port->rx = checksum_completing_rx;
	return 0;
}

static void
af_xdp_close(struct port *port)
{
	struct features *features = ((struct ethdev *)port->state)->driver_state;

	ethdev_close(port);
	features_restore(features);
}

const struct port_driver port_af_xdp = {
	.name = "af_xdp",
	.device_help = "a kernel interface, up, with as many queues as the port",
	.options_help = "start_queue=0..255 (0), force_copy=yes|no (no), "
			"busy_budget=0..512 (packets a busy poll, 0 = none)",
	.check = af_xdp_check,
	.open = af_xdp_open,
	.close = af_xdp_close,
	.counters = ethdev_counters,
	.link = interface_link,
};
