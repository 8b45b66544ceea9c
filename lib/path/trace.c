/* See trace.h. */
#include "path/trace.h"

#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_malloc.h>

_Static_assert(sizeof(struct trace_event) == 64, "one cache line");

struct trace *
trace_new(unsigned int worker_count, const struct watch_filter *filter, uint32_t packets)
{
	struct trace *trace = rte_zmalloc("trace",
		sizeof(*trace) + worker_count * sizeof(trace->workers[0]), RTE_CACHE_LINE_SIZE);

	if (trace == NULL)
		return NULL;
	trace->filter = *filter;
	trace->wanted = packets;
	trace->worker_count = worker_count;
	return trace;
}

void
trace_free(struct trace *trace)
{
	rte_free(trace);
}

uint32_t
trace_taken(const struct trace *trace)
{
	uint32_t taken = __atomic_load_n(&trace->taken, __ATOMIC_RELAXED);

	return taken < trace->wanted ? taken : trace->wanted;
}

/* The packet's place among those under way, or TRACE_UNDER_WAY. */
static unsigned int
find(const struct trace_worker *own, const struct rte_mbuf *packet)
{
	for (unsigned int i = 0; i < own->under_way_count; i++)
		if (own->under_way[i].packet == packet)
			return i;
	return TRACE_UNDER_WAY;
}

uint32_t
trace_journey(const struct trace *trace, unsigned int worker, const struct rte_mbuf *packet)
{
	const struct trace_worker *own = &trace->workers[worker];
	unsigned int place = find(own, packet);

	return place != TRACE_UNDER_WAY ? own->under_way[place].journey : 0;
}

void
trace_set_missed(struct trace *trace, unsigned int worker, const struct rte_mbuf *packet)
{
	struct trace_worker *own = &trace->workers[worker];
	unsigned int place = find(own, packet);

	if (place != TRACE_UNDER_WAY)
		own->under_way[place].missed = true;
}

bool
trace_take_missed(struct trace *trace, unsigned int worker, const struct rte_mbuf *packet)
{
	struct trace_worker *own = &trace->workers[worker];
	unsigned int place = find(own, packet);
	bool missed = place != TRACE_UNDER_WAY && own->under_way[place].missed;

	if (missed)
		own->under_way[place].missed = false;
	return missed;
}

void
trace_follow(
	struct trace *trace, unsigned int worker, const struct rte_mbuf *packet, uint32_t journey)
{
	struct trace_worker *own = &trace->workers[worker];

	trace_leave(trace, worker, packet); /* of a packet that was in this buffer before */
	if (own->under_way_count == TRACE_UNDER_WAY)
		return;
	if (journey == 0) {
		if (trace_taken(trace) == trace->wanted)
			return;
		journey = 1 + __atomic_fetch_add(&trace->taken, 1, __ATOMIC_RELAXED);
		if (journey > trace->wanted) /* another worker took the last */
			return;
	}
	own->under_way[own->under_way_count].packet = packet;
	own->under_way[own->under_way_count].missed = false;
	own->under_way[own->under_way_count++].journey = journey;
}

void
trace_leave(struct trace *trace, unsigned int worker, const struct rte_mbuf *packet)
{
	struct trace_worker *own = &trace->workers[worker];
	unsigned int place = find(own, packet);

	if (place != TRACE_UNDER_WAY)
		own->under_way[place] = own->under_way[--own->under_way_count];
}

void
trace_begin_turn(struct trace *trace, unsigned int worker)
{
	trace->workers[worker].under_way_count = 0;
}

void
trace_add(struct trace *trace, unsigned int worker, const struct trace_event *event)
{
	struct trace_worker *own = &trace->workers[worker];
	struct trace_event *added;

	if (own->count == TRACE_EVENTS) {
		own->lost++;
		return;
	}
	added = &own->events[own->count];
	*added = *event;
	added->cycles = rte_rdtsc();
	added->worker = (uint8_t)worker;
	__atomic_store_n(&own->count, own->count + 1, __ATOMIC_RELEASE);
}

/* A packet that was handed over was received before, so time decides within a journey. */
static int
compare(const void *one, const void *other)
{
	const struct trace_event *left = one, *right = other;

	if (left->journey != right->journey)
		return left->journey < right->journey ? -1 : 1;
	if (left->cycles != right->cycles)
		return left->cycles < right->cycles ? -1 : 1;
	return 0;
}

uint32_t
trace_collect(const struct trace *trace, struct trace_event **events)
{
	uint32_t total = 0, counts[PATH_WORKERS_MAX];

	for (unsigned int i = 0; i < trace->worker_count; i++) {
		counts[i] = __atomic_load_n(&trace->workers[i].count, __ATOMIC_ACQUIRE);
		total += counts[i];
	}
	*events = aligned_alloc(64, (total + 1) * sizeof(**events));
	if (*events == NULL)
		return 0;
	total = 0;
	for (unsigned int i = 0; i < trace->worker_count; i++)
		for (uint32_t k = 0; k < counts[i]; k++)
			(*events)[total++] = trace->workers[i].events[k];
	qsort(*events, total, sizeof(**events), compare);
	return total;
}
