/* See gateway.h: clocks, workers, and what every part of control needs. */
#include "control/gateway.h"

#include <errno.h>
#include <time.h>

#include <rte_launch.h>
#include <rte_lcore.h>

#define WORKER_START_TIMEOUT_MS 2000

uint64_t
gateway_now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_BOOTTIME, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

uint32_t
gateway_now_seconds(void)
{
	return (uint32_t)(gateway_now_ms() / 1000);
}

int
gateway_start_workers(struct gateway *gateway, struct fault *fault)
{
	struct path *path = &gateway->path;

	path->stop = false;
	__atomic_store_n(&path->now_seconds, gateway_now_seconds(), __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < path->worker_count; i++) {
		int result = rte_eal_remote_launch(
			worker_run, path->workers[i], path->workers[i]->lcore);

		if (result == 0)
			continue;
		gateway->running = true;
		gateway_stop_workers(gateway);
		return fault_set(fault, -result, "worker-busy", NULL, "Stop the gateway",
			"worker %u does not start", i);
	}
	for (uint64_t deadline = gateway_now_ms() + WORKER_START_TIMEOUT_MS;
		gateway_now_ms() < deadline;) {
		unsigned int ready = 0;

		for (unsigned int i = 0; i < path->worker_count; i++)
			ready += path->workers[i]->running;
		if (ready == path->worker_count)
			break;
	}
	gateway->running = true;
	return 0;
}

void
gateway_stop_workers(struct gateway *gateway)
{
	if (!gateway->running)
		return;
	gateway->path.stop = true;
	for (unsigned int i = 0; i < gateway->path.worker_count; i++)
		rte_eal_wait_lcore(gateway->path.workers[i]->lcore);
	gateway->running = false;
}

void
gateway_drop(struct gateway *gateway, struct rte_mbuf *packet, enum drop_reason reason)
{
	gateway->counters.drops[reason]++;
	rte_pktmbuf_free(packet);
}

void
gateway_send(struct gateway *gateway, unsigned int port, struct rte_mbuf *packet)
{
	packet->port = (uint16_t)port;
	if (rte_ring_mp_enqueue(gateway->path.workers[0]->transmit, packet) != 0)
		gateway_drop(gateway, packet, DROP_RING_FULL);
}
