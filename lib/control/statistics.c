/* See statistics.h. */
#include "control/statistics.h"

#include <string.h>

#include <rte_cycles.h>

#include "base/counter.h"
#include "control/gateway.h"

_Static_assert(sizeof(struct statistics) % sizeof(uint64_t) == 0, "an array of counters");

static void
read_worker(const struct worker *worker, struct worker_statistics *statistics)
{
	for (unsigned int i = 0; i < STAGE_COUNT; i++) {
		statistics->stages[i].packets = counter_read(&worker->stages[i].packets);
		statistics->stages[i].bursts = counter_read(&worker->stages[i].bursts);
		statistics->stages[i].busy_cycles = counter_read(&worker->stages[i].busy_cycles);
	}
	statistics->turns = counter_read(&worker->turns);
	statistics->idle_turns = counter_read(&worker->idle_turns);
	statistics->sleeps = counter_read(&worker->sleeps);
	statistics->handed_over = counter_read(&worker->handed_over);
	statistics->punted = counter_read(&worker->punted);
	statistics->icmp_errors_sent = counter_read(&worker->icmp_errors_sent);
	for (unsigned int i = 0; i < DROP_REASON_COUNT; i++)
		statistics->drops += counter_read(&worker->drops[i]);
}

static void
read_drops(const struct gateway *gateway, struct statistics *now)
{
	for (unsigned int i = 0; i < DROP_REASON_COUNT; i++) {
		now->drops[i] = gateway->counters.drops[i];
		for (unsigned int k = 0; k < gateway->path.worker_count; k++)
			now->drops[i] += counter_read(&gateway->path.workers[k]->drops[i]);
	}
}

static void
read_tables(const struct gateway *gateway, struct statistics *now)
{
	for (unsigned int i = 0; i < gateway->nat.shard_count; i++) {
		const struct nat_shard *shard = &gateway->nat.shards[i];
		const struct flow_shard *flows = &gateway->flows.shards[i];

		now->mappings_created += counter_read(&shard->created);
		now->mappings_reclaimed += counter_read(&shard->reclaimed);
		now->refused_pool += counter_read(&shard->refused_pool);
		now->refused_load += counter_read(&shard->refused_load);
		now->refused_quota += counter_read(&shard->refused_quota);
		now->refused_ports += counter_read(&shard->refused_ports);
		now->refused_index += counter_read(&shard->refused_index);
		now->refused_drain += counter_read(&shard->refused_drain);
		now->flows_created += counter_read(&flows->created);
		now->flows_refused += counter_read(&flows->refused);
	}
}

void
statistics_read(const struct gateway *gateway, struct statistics *now)
{
	memset(now, 0, sizeof(*now));
	now->milliseconds = gateway_now_ms();
	now->cycles = rte_rdtsc();
	for (unsigned int i = 0; i < gateway->path.worker_count; i++)
		read_worker(gateway->path.workers[i], &now->workers[i]);
	read_drops(gateway, now);
	for (unsigned int i = 0; i < gateway->port_count; i++) {
		struct port *port = gateway->port_list[i];

		port->driver->counters(port, &now->ports[i]);
	}
	now->control = gateway->counters;
	read_tables(gateway, now);
}

static void
subtract(struct statistics *from, const struct statistics *base)
{
	uint64_t *left = (uint64_t *)from;
	const uint64_t *right = (const uint64_t *)base;

	for (size_t i = 0; i < sizeof(*from) / sizeof(*left); i++)
		left[i] -= right[i];
}

void
statistics_since_clear(const struct gateway *gateway, struct statistics *difference)
{
	statistics_read(gateway, difference);
	subtract(difference, &gateway->statistics.cleared);
}

void
statistics_since_last(
	struct gateway *gateway, enum statistics_reader reader, struct statistics *difference)
{
	struct statistics *rated = &gateway->statistics.rated[reader], now;

	statistics_read(gateway, &now);
	*difference = now;
	if (rated->milliseconds == 0) { /* the first time: since the start */
		rated->milliseconds = gateway->started_ms;
		rated->cycles = now.cycles -
				(now.milliseconds - gateway->started_ms) * rte_get_tsc_hz() / 1000;
	}
	subtract(difference, rated);
	*rated = now;
}

void
statistics_clear(struct gateway *gateway)
{
	statistics_read(gateway, &gateway->statistics.cleared);
}

double
statistics_per_second(const struct statistics *difference, uint64_t count)
{
	if (difference->milliseconds == 0)
		return 0;
	return (double)count * 1000 / (double)difference->milliseconds;
}

uint64_t
statistics_refusals(const struct statistics *statistics)
{
	return statistics->refused_pool + statistics->refused_load + statistics->refused_quota +
	       statistics->refused_ports + statistics->refused_index + statistics->refused_drain +
	       statistics->flows_refused;
}

uint64_t
statistics_busy_cycles(const struct worker_statistics *worker)
{
	uint64_t cycles = 0;

	for (unsigned int i = 0; i < STAGE_COUNT; i++)
		cycles += worker->stages[i].busy_cycles;
	return cycles;
}
