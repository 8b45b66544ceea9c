/* Driver af_xdp: a kernel interface through AF_XDP sockets (net_af_xdp).
 *
 * The XDP program takes every packet of the queues that we open, and only of those: the interface
 * must have exactly as many.
 *
 * The port has a pool of its own, not the request's. The pool's memory is shared with the kernel
 * and its buffers must fit a page, which a pool for jumbo frames does not; and DPDK 22.11 does not
 * give back the buffers that wait in the fill queue (2048 a queue) when it closes, so the pool goes
 * with the port. What is sent from another pool is copied once.
 *
 * docs/ports.md lists the traps.
 *
 * Source: DPDK 22.11 guides/nics/af_xdp.rst; the kernel's networking/af_xdp.rst.
 */
#include "drivers/port/list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/capability.h>

#include <rte_common.h>
#include <rte_mbuf.h>

#include "drivers/port/checks.h"
#include "drivers/port/checksum.h"
#include "drivers/port/ethdev.h"
#include "drivers/port/interface_features.h"
#include "drivers/port/options.h"
#include "drivers/port/system.h"
#include "drivers/port/xdp_sockets.h"

#define MTU_MOST             3072 /* a buffer with its headrooms fits a page */
#define QUEUES_MOST          16
#define POOL_CACHE           256
#define ATTEMPTS             10
#define ATTEMPT_MICROSECONDS 50000
#define POOL_NAME_BYTES      20 /* of a port's name in that of its pool */

enum { START_QUEUE, FORCE_COPY, BUSY_BUDGET, BUFFERS, OPTIONS };

static const struct option_row options[OPTIONS] = {
	[START_QUEUE] = {.key = "start_queue", .type = OPTION_NUMBER, .maximum = 255},
	[FORCE_COPY] = {.key = "force_copy", .type = OPTION_FLAG},
	[BUSY_BUDGET] = {.key = "busy_budget", .type = OPTION_NUMBER, .maximum = 512},
	[BUFFERS] = {.key = "buffers",
		.type = OPTION_NUMBER,
		.standard = 8192,
		.minimum = 4096,
		.maximum = 1u << 20},
};

/* As many as are asked for and as the interface has from the first one on; 0 when it has none. */
static uint16_t
queue_pairs(const struct port_request *request, uint64_t start_queue)
{
	uint32_t has = system_interface_queues(request->device);

	if (start_queue >= has)
		return 0;
	return ethdev_queue_pairs(request, (uint16_t)RTE_MIN(has - start_queue, QUEUES_MOST));
}

/* What arrives on a queue that is not ours goes to the kernel. */
static int
check_interface_queues(
	const struct port_request *request, uint64_t start_queue, struct fault *fault)
{
	uint32_t has = system_interface_queues(request->device);
	uint32_t pairs = queue_pairs(request, start_queue), first = (uint32_t)start_queue;
	char value[256], remedy[256];

	if (pairs != 0 && first + pairs == has)
		return 0;
	snprintf(value, sizeof(value), "%s has %u, the port takes %u from number %u",
		request->device, has, pairs, first);
	snprintf(remedy, sizeof(remedy), "Ask for other queues, or run `ethtool -L %s combined %u`",
		request->device, first + RTE_MAX(pairs, 1u));
	return fault_set(fault, EINVAL, "queues-differ", value, remedy,
		"port %s does not take all queues of the interface", request->name);
}

static int
af_xdp_check(const struct port_request *request, struct fault *fault)
{
	uint64_t values[OPTIONS];
	int error;

	if ((error = options_parse(request->options, options, OPTIONS, values, fault)) != 0 ||
		(error = check_mtu(request, MTU_MOST, fault)) != 0 ||
		(error = check_interface(request, fault)) != 0 ||
		(error = check_capability(CAP_NET_RAW, "CAP_NET_RAW", "af_xdp", fault)) != 0 ||
		(error = check_capability(CAP_NET_ADMIN, "CAP_NET_ADMIN", "af_xdp", fault)) != 0 ||
		(error = check_capability(CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "af_xdp", fault)) != 0 ||
		(error = check_interface_queues(request, values[START_QUEUE], fault)) != 0)
		return error;
	return 0;
}

/* An ethdev's driver_state. */
struct af_xdp {
	struct features *features;
	struct rte_mempool *pool;
	struct xdp_sockets sockets; /* this port's */
};

static void
af_xdp_free(struct af_xdp *af_xdp)
{
	features_restore(af_xdp->features);
	rte_mempool_free(af_xdp->pool);
	free(af_xdp);
}

/* A pool in one piece: net_af_xdp registers the pool's first piece of memory with the kernel and
 * takes it for the whole. (rte_pktmbuf_pool_create() may make a piece of every hugepage.) */
static struct rte_mempool *
make_pool(const char *name, unsigned int buffers, uint16_t data_room, int socket_id)
{
	struct rte_pktmbuf_pool_private private = {.mbuf_data_room_size = data_room};
	struct rte_mempool *pool =
		rte_mempool_create_empty(name, buffers, sizeof(struct rte_mbuf) + data_room,
			POOL_CACHE, sizeof(private), socket_id, RTE_MEMPOOL_F_NO_IOVA_CONTIG);

	if (pool == NULL)
		return NULL;
	rte_pktmbuf_pool_init(pool, &private);
	if (rte_mempool_populate_default(pool) < 0) {
		rte_mempool_free(pool);
		return NULL;
	}
	rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
	return pool;
}

static int
af_xdp_prepare(const struct port_request *request, unsigned int buffers, struct af_xdp **result,
	struct fault *fault)
{
	struct af_xdp *af_xdp = calloc(1, sizeof(*af_xdp));
	char name[RTE_MEMPOOL_NAMESIZE];
	int error = 0;

	if (af_xdp != NULL) {
		snprintf(name, sizeof(name), "xdp_%.*s", POOL_NAME_BYTES, request->name);
		af_xdp->pool = make_pool(name, buffers,
			RTE_PKTMBUF_HEADROOM + PORT_BUFFER_BYTES(request->mtu_bytes),
			request->socket_id);
	}
	if (af_xdp == NULL || af_xdp->pool == NULL)
		error = fault_set(fault, ENOMEM, "no-memory", request->name,
			"Give DPDK more memory or the port a smaller option buffers",
			"no memory for the packet buffers of an AF_XDP port");
	else
		error = features_disable_merging_and_stripping(
			request->device, &af_xdp->features, fault);
	if (error == 0)
		*result = af_xdp;
	else if (af_xdp != NULL)
		af_xdp_free(af_xdp);
	return error;
}

/* The kernel frees a queue some milliseconds after its last user closed it (or was killed), and
 * until then answers "busy", which DPDK reports as an invalid argument. */
static int
open_patiently(const struct port_request *request, const struct ethdev_plan *plan,
	struct xdp_sockets *sockets, struct port *port, struct fault *fault)
{
	struct xdp_sockets known;

	xdp_sockets_note(&known, NULL);
	for (int attempt = 1;; attempt++) {
		int error = ethdev_open(request, plan, port, fault);

		xdp_sockets_note(sockets, &known);
		if (error == 0)
			return 0;
		xdp_sockets_close(sockets);
		if (error != -EINVAL || attempt == ATTEMPTS)
			return error;
		usleep(ATTEMPT_MICROSECONDS);
	}
}

static int
af_xdp_open(const struct port_request *request, struct port *port, struct fault *fault)
{
	struct port_request paired = *request;
	struct ethdev_plan plan = {.bus = "vdev"};
	struct af_xdp *af_xdp = NULL;
	uint64_t values[OPTIONS];
	int error = af_xdp_check(request, fault);

	if (error != 0)
		return error;
	options_parse(request->options, options, OPTIONS, values, NULL);
	ethdev_name(&plan, "net_af_xdp", request);
	snprintf(plan.claim, sizeof(plan.claim), CLAIM_INTERFACE "%s", request->device);
	paired.rx_queues = paired.tx_queues = queue_pairs(request, values[START_QUEUE]);
	error = af_xdp_prepare(
		request, (unsigned int)values[BUFFERS] * paired.rx_queues, &af_xdp, fault);
	if (error != 0)
		return error;
	paired.pool = af_xdp->pool;
	snprintf(plan.arguments, sizeof(plan.arguments),
		"iface=%s,start_queue=%u,queue_count=%u,force_copy=%u,busy_budget=%u",
		request->device, (unsigned int)values[START_QUEUE], paired.rx_queues,
		(unsigned int)values[FORCE_COPY], (unsigned int)values[BUSY_BUDGET]);
	error = open_patiently(&paired, &plan, &af_xdp->sockets, port, fault);
	if (error != 0) {
		af_xdp_free(af_xdp);
		return error;
	}
	((struct ethdev *)port->state)->driver_state = af_xdp;
	port->rx = checksum_completing_rx;
	return 0;
}

static void
af_xdp_close(struct port *port)
{
	struct af_xdp *af_xdp = ((struct ethdev *)port->state)->driver_state;

	ethdev_close(port);
	xdp_sockets_close(&af_xdp->sockets);
	af_xdp_free(af_xdp);
}

const struct port_driver port_af_xdp = {
	.name = "af_xdp",
	.device_help = "a kernel interface, up, with as many queues as the port",
	.options_help = "start_queue=0..255 (0), force_copy=yes|no (no), "
			"busy_budget=0..512 (packets a busy poll, 0 = none), "
			"buffers=4096..1048576 (packets a queue, 8192)",
	.check = af_xdp_check,
	.open = af_xdp_open,
	.close = af_xdp_close,
	.counters = ethdev_counters,
	.link = interface_link,
};
