/* Driver ring: two ports of one process joined back to back through DPDK rings (net_ring).
 *
 * The device is the name of the join. The first port that opens it makes the rings, the second
 * takes the other ends; what one sends, the other receives, queue by queue, without a copy. The
 * join lives until both ports are closed; packets still in the rings are freed then.
 *
 * Threads: the list of joins belongs to the control thread. The rings have one producer and one
 * consumer each: the worker of the sending queue and the worker of the receiving one.
 */
#include "drivers/port/list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <bsd/string.h>

#include <rte_eth_ring.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "drivers/port/checks.h"
#include "drivers/port/ethdev.h"
#include "drivers/port/options.h"

#define QUEUES_MOST 16
#define MTU_MOST    9600

static const struct option_row options[] = {
	{.key = "size",
		.type = OPTION_NUMBER,
		.standard = 1024,
		.minimum = 32,
		.maximum = 1u << 20},
};

struct join {
	LIST_ENTRY(join) next;
	char name[PORT_DEVICE_BYTES];
	uint16_t queues;
	bool taken[2];
	struct rte_ring *rings[2][QUEUES_MOST]; /* rings[end] is received by that end */
};

/* One end of a join; an ethdev's driver_state. */
struct join_end {
	struct join *join;
	unsigned int end;
	char pmd_name[PORT_NAME_BYTES];
};

static LIST_HEAD(, join) joins = LIST_HEAD_INITIALIZER(joins);

static struct join *
join_find(const char *name)
{
	struct join *join;

	LIST_FOREACH (join, &joins, next) {
		if (strcmp(join->name, name) == 0)
			return join;
	}
	return NULL;
}

static int
ring_check(const struct port_request *request, struct fault *fault)
{
	uint64_t size;
	int error;

	if ((error = options_parse(request->options, options, 1, &size, fault)) != 0 ||
		(error = check_device_text(request->device, "the name of a ring pair", fault)) !=
			0 ||
		(error = check_mtu(request, MTU_MOST, fault)) != 0)
		return error;
	if (!rte_is_power_of_2((uint32_t)size)) {
		char value[24];

		snprintf(value, sizeof(value), "%u", (uint32_t)size);
		return fault_set(fault, EINVAL, "bad-option-value", value, "Give a power of two",
			"option size does not accept this value");
	}
	return 0;
}

static void
join_free(struct join *join)
{
	for (unsigned int end = 0; end < 2; end++) {
		for (uint16_t queue = 0; queue < join->queues; queue++) {
			struct rte_mbuf *packet;

			if (join->rings[end][queue] == NULL)
				continue;
			while (rte_ring_dequeue(join->rings[end][queue], (void **)&packet) == 0)
				rte_pktmbuf_free(packet);
			rte_ring_free(join->rings[end][queue]);
		}
	}
	free(join);
}

static struct join *
join_make(const struct port_request *request, unsigned int size)
{
	static unsigned int made; /* rings need names of their own, even across joins of one name */
	struct join *join = calloc(1, sizeof(*join));

	if (join == NULL)
		return NULL;
	strlcpy(join->name, request->device, sizeof(join->name));
	join->queues = ethdev_queue_pairs(request, QUEUES_MOST);
	made++;
	for (unsigned int end = 0; end < 2; end++) {
		for (uint16_t queue = 0; queue < join->queues; queue++) {
			char name[RTE_RING_NAMESIZE];

			snprintf(name, sizeof(name), "port_%u_%u_%u", made, end, queue);
			join->rings[end][queue] = rte_ring_create(name, size, request->socket_id,
				RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
			if (join->rings[end][queue] == NULL) {
				join_free(join);
				return NULL;
			}
		}
	}
	LIST_INSERT_HEAD(&joins, join, next);
	return join;
}

static void
join_leave(struct join_end *end)
{
	struct join *join = end->join;

	join->taken[end->end] = false;
	if (!join->taken[0] && !join->taken[1]) {
		LIST_REMOVE(join, next);
		join_free(join);
	}
	free(end);
}

/* Finds or makes the join and takes an end of it. */
static int
join_enter(const struct port_request *request, struct join_end **result, struct fault *fault)
{
	struct join *join = join_find(request->device);
	struct join_end *end;
	uint64_t size;
	char value[16];

	options_parse(request->options, options, 1, &size, NULL);
	if (join != NULL && join->taken[0] && join->taken[1])
		return fault_set(fault, EBUSY, "device-in-use", request->device,
			"Join two ports by one name, the next two by another",
			"port %s is the third of a pair of rings", request->name);
	if (join != NULL && join->queues != ethdev_queue_pairs(request, QUEUES_MOST)) {
		snprintf(value, sizeof(value), "%u", ethdev_queue_pairs(request, QUEUES_MOST));
		return fault_set(fault, EINVAL, "queues-differ", value,
			"Ask for as many queues on both ports of a pair",
			"port %s has other queues than its peer, which has %u", request->name,
			join->queues);
	}
	end = calloc(1, sizeof(*end));
	if (end != NULL && join == NULL)
		join = join_make(request, (unsigned int)size);
	if (end == NULL || join == NULL) {
		free(end);
		return fault_set(fault, ENOMEM, "no-memory", request->device,
			"Give DPDK more memory or ask for smaller rings", "no memory for rings");
	}
	end->join = join;
	end->end = join->taken[0];
	join->taken[end->end] = true;
	strlcpy(end->pmd_name, request->name, sizeof(end->pmd_name));
	*result = end;
	return 0;
}

static int
ring_make(void *context)
{
	struct join_end *end = context;
	struct join *join = end->join;

	return rte_eth_from_rings(end->pmd_name, join->rings[end->end], join->queues,
		join->rings[!end->end], join->queues, rte_socket_id());
}

static int
ring_open(const struct port_request *request, struct port *port, struct fault *fault)
{
	struct ethdev_plan plan = {.bus = "vdev", .own_mac = true, .make = ring_make};
	struct port_request paired = *request;
	struct join_end *end = NULL;
	int error = ring_check(request, fault);

	if (error == 0)
		error = join_enter(request, &end, fault);
	if (error != 0)
		return error;
	plan.context = end;
	ethdev_name(&plan, "net_ring", request);
	snprintf(plan.claim, sizeof(plan.claim), "ring %s end %u", request->device, end->end);
	paired.rx_queues = paired.tx_queues = ethdev_queue_pairs(request, QUEUES_MOST);
	error = ethdev_open(&paired, &plan, port, fault);
	if (error != 0) {
		join_leave(end);
		return error;
	}
	((struct ethdev *)port->state)->driver_state = end;
	return 0;
}

static void
ring_close(struct port *port)
{
	struct join_end *end = ((struct ethdev *)port->state)->driver_state;

	ethdev_close(port);
	join_leave(end);
}

const struct port_driver port_ring = {
	.name = "ring",
	.device_help = "the name that two ports share to be joined",
	.options_help = "size=32..1048576 (packets a queue, a power of two, 1024)",
	.check = ring_check,
	.open = ring_open,
	.close = ring_close,
	.counters = ethdev_counters,
	.link = ethdev_link,
};
