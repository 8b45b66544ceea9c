/* What the gateway has counted, in one place and as differences.
 *
 * Workers own their counters and nobody else writes them: `clear stats` remembers a snapshot, and
 * what is shown is the difference to it. Rates are differences to the snapshot that the same reader
 * took the last time.
 *
 * Threads: control thread. statistics_read() only loads; DPDK's telemetry thread may call it too.
 */
#ifndef CONTROL_STATISTICS_H
#define CONTROL_STATISTICS_H

#include <stdint.h>

#include "path/path.h"

struct gateway;

/* What control itself did with packets; drops use the path's reasons. */
struct control_counters {
	uint64_t arp_requests, arp_replies, arp_answered, arp_asked;
	uint64_t arp_conflicts; /* somebody else said to have an address of ours */
	uint64_t to_kernel, from_kernel;
	uint64_t drops[DROP_REASON_COUNT];
};

struct worker_statistics {
	struct stage_counters stages[STAGE_COUNT];
	uint64_t turns, idle_turns, sleeps;
	uint64_t handed_over, punted, icmp_errors_sent;
	uint64_t drops;
};

/* Counters only, all of them uint64_t: two snapshots are subtracted as an array. */
struct statistics {
	uint64_t milliseconds; /* boot clock; in a difference, how long it took */
	uint64_t cycles;       /* time stamp counter, likewise */
	struct worker_statistics workers[PATH_WORKERS_MAX];
	uint64_t drops[DROP_REASON_COUNT]; /* by workers and control */
	struct port_counters ports[PATH_PORTS_MAX];
	struct control_counters control;
	uint64_t mappings_created, mappings_reclaimed;
	uint64_t refused_pool, refused_load, refused_quota, refused_ports, refused_index,
		refused_drain;
	uint64_t flows_created, flows_refused;
};

/* Who looks at rates. */
enum statistics_reader {
	STATISTICS_STATUS,
	STATISTICS_PORTS,
	STATISTICS_WORKERS,
	STATISTICS_READERS
};

/* What a gateway remembers. */
struct statistics_memory {
	struct statistics cleared;
	struct statistics rated[STATISTICS_READERS];
};

/* Everything since the start of the program. */
void statistics_read(const struct gateway *gateway, struct statistics *now);

/* Everything since the last clear. */
void statistics_since_clear(const struct gateway *gateway, struct statistics *difference);

/* Everything since this reader asked the last time (or since the start), and remembers. */
void statistics_since_last(
	struct gateway *gateway, enum statistics_reader reader, struct statistics *difference);

void statistics_clear(struct gateway *gateway);

/* `count` in a difference as a rate; 0 when no time has passed. */
double statistics_per_second(const struct statistics *difference, uint64_t count);

/* Refusals of new mappings, all reasons. */
uint64_t statistics_refusals(const struct statistics *statistics);

/* Cycles a worker was busy, all stages. */
uint64_t statistics_busy_cycles(const struct worker_statistics *worker);

#endif
