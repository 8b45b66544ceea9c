/* Setting the path up and taking it down; see path.h for who may touch what when. */
#include "path/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include <rte_errno.h>
#include <rte_malloc.h>

#define ICMP_ERRORS_A_SECOND 1000

const char *
path_stage_name(enum path_stage stage)
{
	static const char *const names[] = {
		"rx", "classify", "lookup", "slow", "translate", "forward", "tx"};

	return stage < STAGE_COUNT ? names[stage] : "unknown";
}

static struct rte_ring *
packet_ring(const char *what, unsigned int number, unsigned int flags)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "%s-%u", what, number);
	return rte_ring_create(name, PATH_RING_PACKETS, SOCKET_ID_ANY, flags);
}

static int
open_worker(struct path *path, unsigned int number, unsigned int lcore)
{
	struct worker *worker = rte_zmalloc("worker", sizeof(*worker), RTE_CACHE_LINE_SIZE);
	char name[RTE_RING_NAMESIZE];

	if (worker == NULL)
		return -ENOMEM;
	path->workers[number] = worker;
	worker->path = path;
	worker->number = number;
	worker->lcore = lcore;
	worker->handoff = packet_ring("handoff", number, RING_F_SC_DEQ);
	worker->transmit = packet_ring("transmit", number, RING_F_SC_DEQ);
	snprintf(name, sizeof(name), "door-%u", number);
	if (worker->handoff == NULL || worker->transmit == NULL)
		return -ENOMEM;
	return door_open(&worker->door, name);
}

/* Queue q of every port goes to worker q modulo workers: a port with a queue for each serves all.
 */
static void
distribute_queues(struct path *path)
{
	for (unsigned int port = 0; port < path->port_count; port++)
		for (unsigned int queue = 0; queue < path->ports[port]->rx_queues; queue++) {
			struct worker *worker = path->workers[queue % path->worker_count];

			worker->rx_queues[worker->rx_queue_count++] =
				(struct path_rx_queue){(uint8_t)port, (uint16_t)queue};
		}
}

void
path_learn_pools(struct path *path, const struct nat_pools *pools)
{
	for (uint32_t place = nat_pools_next_place(pools, 0); place < pools->place_limit;
		place = nat_pools_next_place(pools, place + 1))
		for (unsigned int protocol = 0; protocol < NAT_PROTOCOLS; protocol++) {
			uint32_t table = nat_slot(place, (enum nat_protocol)protocol, 0) >> 16;
			uint32_t address_be = __builtin_bswap32(pools->addresses[place]);

			if (path->public_addresses_be[table] != address_be)
				path->public_addresses_be[table] = address_be;
		}
}

static int
open_shared(struct path *path)
{
	size_t tables = (size_t)NAT_ADDRESSES_MAX * NAT_PROTOCOLS;
	size_t size = rte_rcu_qsbr_get_memsize(PATH_WORKERS_MAX);

	path->punt = packet_ring("punt", 0, RING_F_SC_DEQ);
	path->grace = rte_zmalloc("grace", size, RTE_CACHE_LINE_SIZE);
	path->public_addresses_be = rte_zmalloc("public", tables * sizeof(uint32_t), 64);
	if (path->punt == NULL || path->grace == NULL || path->public_addresses_be == NULL)
		return -ENOMEM;
	path_learn_pools(path, path->nat->pools);
	return rte_rcu_qsbr_init(path->grace, PATH_WORKERS_MAX) == 0 ? 0 : -rte_errno;
}

int
path_open(struct path *path, struct nat *nat, struct flow_pool *flows, struct port **ports,
	unsigned int port_count, const unsigned int *lcores, unsigned int worker_count,
	struct fault *fault)
{
	int result;

	memset(path, 0, sizeof(*path));
	path->nat = nat;
	path->flows = flows;
	path->port_count = port_count;
	memcpy(path->ports, ports, port_count * sizeof(ports[0]));
	path->icmp_errors_a_second = ICMP_ERRORS_A_SECOND;
	result = open_shared(path);
	for (unsigned int i = 0; result == 0 && i < worker_count; i++) {
		path->worker_count = i + 1;
		result = open_worker(path, i, lcores[i]);
	}
	if (result != 0) {
		path_close(path);
		return fault_set(fault, -result, "no-memory", NULL, "Raise memory.heap_mb",
			"no memory for the rings of %u workers", worker_count);
	}
	distribute_queues(path);
	return 0;
}

static void
close_packet_ring(struct rte_ring *ring)
{
	struct rte_mbuf *packet;

	if (ring == NULL)
		return;
	while (rte_ring_dequeue(ring, (void **)&packet) == 0)
		rte_pktmbuf_free(packet);
	rte_ring_free(ring);
}

void
path_close(struct path *path)
{
	for (unsigned int i = 0; i < path->worker_count; i++) {
		struct worker *worker = path->workers[i];

		if (worker == NULL)
			continue;
		close_packet_ring(worker->handoff);
		close_packet_ring(worker->transmit);
		door_close(&worker->door);
		rte_free(worker);
		path->workers[i] = NULL;
	}
	close_packet_ring(path->punt);
	rte_free(path->grace);
	rte_free(path->public_addresses_be);
	path->punt = NULL;
	path->grace = NULL;
	path->public_addresses_be = NULL;
}
