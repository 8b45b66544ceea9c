/* The worker: takes bursts from queues and rings and runs the stages over them.
 *
 * Life cycle. path_open() makes it, an lcore runs worker_run() until path->stop, path_close() frees
 * it. Each turn loads the published view, the pools and the clock once, so one burst sees one
 * configuration.
 *
 * Synchronisation. Between turns the worker holds no reference into a view, the tables or the LPM:
 * it reports a quiescent state each turn, and is offline while it sleeps.
 *
 * Sleeping. After IDLE_TURNS turns without a packet a worker sleeps, first briefly, then up to
 * SLEEP_MAXIMUM_US: the most by which a first packet can be late. */
#include "path/stages.h"

#include <unistd.h>

#include <rte_cycles.h>
#include <rte_pause.h>

#define IDLE_TURNS       64
#define SLEEP_MINIMUM_US 5
#define SLEEP_MAXIMUM_US 100

/* A worker's share of the time stamp counter, charged to the stage that just ended. */
static inline void
charge(struct worker *worker, enum path_stage stage, unsigned int packets, uint64_t *since)
{
	struct stage_counters *counters = &worker->stages[stage];
	uint64_t now = rte_rdtsc();

	counters->packets += packets;
	counters->bursts++;
	counters->busy_cycles += now - *since;
	*since = now;
}

/* The stages that differ between the directions of the NAT. */
struct nat_stages {
	unsigned int (*lookup)(struct worker *worker, struct path_burst *burst);
	void (*slow)(struct worker *worker, struct path_burst *burst);
	void (*translate)(struct worker *worker, struct path_burst *burst);
};

static const struct nat_stages outbound = {stage_lookup_out, slow_out, stage_translate_out};
static const struct nat_stages inbound = {stage_lookup_in, slow_in, stage_translate_in};

static inline __attribute__((always_inline)) void
run_nat(struct worker *worker, struct path_burst *burst, const struct nat_stages *stages,
	uint64_t *since)
{
	unsigned int count = burst->count, misses = stages->lookup(worker, burst);

	charge(worker, STAGE_LOOKUP, count, since);
	if (unlikely(worker->watch != NULL))
		watch_looked_up(worker, burst);
	if (misses != 0) {
		stages->slow(worker, burst);
		charge(worker, STAGE_SLOW, misses, since);
	}
	if (unlikely(worker->watch != NULL))
		watch_found(worker, burst);
	stages->translate(worker, burst);
	if (unlikely(worker->watch != NULL))
		watch_translated(worker, burst);
	charge(worker, STAGE_TRANSLATE, burst->count, since);
	count = burst->count;
	stage_forward(worker, burst);
	charge(worker, STAGE_FORWARD, count, since);
}

static void
run_plain(struct worker *worker, uint64_t *since)
{
	unsigned int count = worker->plain.count;

	stage_translate_plain(&worker->plain);
	charge(worker, STAGE_TRANSLATE, count, since);
	stage_forward(worker, &worker->plain);
	charge(worker, STAGE_FORWARD, count, since);
}

/* Sends where a burst is waiting. Not within forward, whose cycles are its own. */
static void
send_full(struct worker *worker, uint64_t *since)
{
	unsigned int packets = 0;

	for (unsigned int port = 0; port < worker->path->port_count; port++) {
		if (worker->tx[port].count < PATH_BURST)
			continue;
		packets += worker->tx[port].count;
		stage_tx(worker, port);
	}
	if (packets != 0)
		charge(worker, STAGE_TX, packets, since);
}

/* One received burst through all stages. */
static void
run_burst(struct worker *worker, unsigned int port, struct rte_mbuf **packets, unsigned int count,
	bool handed, uint64_t *since)
{
	worker->handed = handed;
	if (unlikely(worker->watch != NULL))
		watch_received(worker, port, packets, count, handed);
	stage_classify(worker, port, packets, count, handed);
	if (unlikely(worker->watch != NULL))
		watch_classified(worker);
	charge(worker, STAGE_CLASSIFY, count, since);
	if (worker->out.count != 0)
		run_nat(worker, &worker->out, &outbound, since);
	if (worker->in.count != 0)
		run_nat(worker, &worker->in, &inbound, since);
	if (worker->plain.count != 0)
		run_plain(worker, since);
	send_full(worker, since);
}

static void
flush(struct worker *worker, uint64_t *since)
{
	unsigned int packets = 0;

	for (unsigned int port = 0; port < worker->path->port_count; port++) {
		packets += worker->tx[port].count;
		if (worker->tx[port].count != 0)
			stage_tx(worker, port);
	}
	if (worker->free_count != 0) {
		rte_pktmbuf_free_bulk(worker->free_packets, worker->free_count);
		worker->free_count = 0;
	}
	charge(worker, STAGE_TX, packets, since);
}

/* Frames that others want sent by this worker. */
static unsigned int
send_queued(struct worker *worker)
{
	struct rte_mbuf *packets[PATH_BURST];
	unsigned int count =
		rte_ring_sc_dequeue_burst(worker->transmit, (void **)packets, PATH_BURST, NULL);

	for (unsigned int i = 0; i < count; i++)
		worker_send(worker, packets[i]->port, packets[i]);
	return count;
}

static unsigned int
receive(struct worker *worker, uint64_t *since)
{
	struct rte_mbuf *packets[PATH_BURST];
	unsigned int seen = 0;

	for (unsigned int i = 0; i < worker->rx_queue_count; i++) {
		const struct path_rx_queue *queue = &worker->rx_queues[i];
		struct port *port = worker->path->ports[queue->port];
		unsigned int count = port->rx(port, queue->queue, packets, PATH_BURST);

		if (count == 0)
			continue;
		charge(worker, STAGE_RX, count, since);
		run_burst(worker, queue->port, packets, count, false, since);
		seen += count;
	}
	if (worker->path->worker_count > 1) {
		unsigned int count = rte_ring_sc_dequeue_burst(
			worker->handoff, (void **)packets, PATH_BURST, NULL);

		if (count != 0)
			run_burst(worker, 0, packets, count, true, since);
		seen += count;
	}
	return seen;
}

unsigned int
worker_turn(struct worker *worker)
{
	uint64_t since = rte_rdtsc();
	unsigned int seen;

	worker->view = __atomic_load_n(&worker->path->view, __ATOMIC_ACQUIRE);
	worker->pools = nat_pools_now(worker->path->nat);
	worker->watch = __atomic_load_n(&worker->path->watch, __ATOMIC_ACQUIRE);
	worker->now_seconds = __atomic_load_n(&worker->path->now_seconds, __ATOMIC_RELAXED);
	if (unlikely(worker->watch != NULL))
		watch_begin_turn(worker);
	seen = receive(worker, &since);
	seen += send_queued(worker);
	if (seen != 0)
		flush(worker, &since);
	seen += door_serve(worker);
	worker->turns++;
	if (seen == 0)
		worker->idle_turns++;
	return seen;
}

static void
sleep_idle(struct worker *worker, unsigned int idle)
{
	struct rte_rcu_qsbr *grace = worker->path->grace;
	unsigned int us = SLEEP_MINIMUM_US * (idle / IDLE_TURNS);

	rte_rcu_qsbr_thread_offline(grace, worker->number);
	usleep(us < SLEEP_MAXIMUM_US ? us : SLEEP_MAXIMUM_US);
	rte_rcu_qsbr_thread_online(grace, worker->number);
	worker->sleeps++;
}

int
worker_run(void *argument)
{
	struct worker *worker = argument;
	struct path *path = worker->path;
	unsigned int idle = 0;

	rte_rcu_qsbr_thread_register(path->grace, worker->number);
	rte_rcu_qsbr_thread_online(path->grace, worker->number);
	worker->running = true;
	while (!path->stop) {
		idle = worker_turn(worker) != 0 ? 0 : idle + 1;
		rte_rcu_qsbr_quiescent(path->grace, worker->number);
		if (idle >= IDLE_TURNS && path->idle_sleep)
			sleep_idle(worker, idle);
	}
	worker->running = false;
	rte_rcu_qsbr_thread_offline(path->grace, worker->number);
	rte_rcu_qsbr_thread_unregister(path->grace, worker->number);
	return 0;
}
