/* The journeys of a few packets through the stages: for `trace` and `show trace`.
 *
 * Each worker writes events into an array of its own, made when the trace is armed; nothing is
 * overwritten: the array is large enough for all packets that one trace may take, and an event that
 * finds it full is counted. Control reads while workers write: an event is complete before it is
 * counted.
 *
 * Threads: trace_new(), trace_free() and reading on the control thread; trace_add() on a worker,
 * for its own array.
 */
#ifndef PATH_TRACE_H
#define PATH_TRACE_H

#include "path/path.h"
#include "path/watch.h"

#define TRACE_PACKETS_MAX 500
#define TRACE_EVENTS      (TRACE_PACKETS_MAX * 8) /* a worker; a journey has at most about ten */
#define TRACE_UNDER_WAY   128                     /* traced packets that a worker has at once */

enum trace_kind {
	TRACE_RECEIVED,   /* number = bytes */
	TRACE_TAKEN_OVER, /* from another worker's ring; number = bytes */
	TRACE_OUTBOUND,   /* frame: as parsed */
	TRACE_INBOUND,
	TRACE_PLAIN,
	TRACE_MISSED,     /* no mapping or no flow record yet */
	TRACE_MAPPED,     /* number = slot */
	TRACE_MADE,       /* number = slot: by the slow path */
	TRACE_TRANSLATED, /* frame: as it goes on */
	TRACE_SENT,       /* number = bytes */
	TRACE_REFUSED,    /* reason; answered with an ICMP error */
	TRACE_DROPPED,    /* reason */
	TRACE_PUNTED,     /* number = enum path_punt */
	TRACE_HANDED,     /* number = to which worker */
	TRACE_CUT,        /* number = fragments; they are not followed */
};

struct trace_event {
	uint64_t cycles; /* time stamp counter */
	uint32_t journey;
	uint8_t kind; /* enum trace_kind */
	uint8_t worker;
	uint8_t port;   /* RECEIVED, SENT */
	uint8_t reason; /* enum drop_reason */
	uint32_t number;
	struct frame frame;
} __attribute__((aligned(64)));

struct trace_worker {
	uint32_t count; /* events, released after each */
	uint32_t lost;  /* found no room */
	unsigned int under_way_count;
	struct {
		const struct rte_mbuf *packet;
		uint32_t journey;
		bool missed; /* its look-up, so that the slow path's answer is told */
	} under_way[TRACE_UNDER_WAY];
	struct trace_event events[TRACE_EVENTS];
} __attribute__((aligned(64)));

struct trace {
	struct watch_filter filter;
	uint32_t wanted; /* packets */
	uint32_t taken;  /* atomic: packets that asked for a number */
	unsigned int worker_count;
	struct trace_worker workers[]; /* worker_count of them */
};

/* NULL when there is no memory. */
struct trace *trace_new(
	unsigned int worker_count, const struct watch_filter *filter, uint32_t packets);
void trace_free(struct trace *trace);

/* Packets that it follows or followed. */
uint32_t trace_taken(const struct trace *trace);

/* The journey of a packet under way on the worker, 0 = none. */
uint32_t trace_journey(
	const struct trace *trace, unsigned int worker, const struct rte_mbuf *packet);

/* Remembers that the packet's look-up missed; and whether it did, which is then forgotten. */
void trace_set_missed(struct trace *trace, unsigned int worker, const struct rte_mbuf *packet);
bool trace_take_missed(struct trace *trace, unsigned int worker, const struct rte_mbuf *packet);

/* Begins to follow a packet on this worker; `journey` 0 = a new one. Does nothing when enough
 * packets were taken, or when too many are under way. */
void trace_follow(
	struct trace *trace, unsigned int worker, const struct rte_mbuf *packet, uint32_t journey);

/* Stops following: the packet leaves the worker. */
void trace_leave(struct trace *trace, unsigned int worker, const struct rte_mbuf *packet);

/* Forgets all that are under way. */
void trace_begin_turn(struct trace *trace, unsigned int worker);

/* Appends an event of a journey; fills worker and time. */
void trace_add(struct trace *trace, unsigned int worker, const struct trace_event *event);

/* All events of all workers, by journey and time, in `*events`, which the caller frees. Returns how
 * many. */
uint32_t trace_collect(const struct trace *trace, struct trace_event **events);

#endif
