/* See watch.h. */
#include "path/watch.h"

#include "path/capture.h"
#include "path/stages.h"
#include "path/trace.h"

#define PORT_UNKNOWN UINT8_MAX

void
watch_publish(struct path *path, struct trace *trace, struct capture *capture)
{
	/* Of the two places the one that no worker looks at since the last grace period. */
	struct path_watch *next = &path->watches[path->watch == &path->watches[0]];

	*next = (struct path_watch){trace, capture};
	if (trace == NULL && capture == NULL)
		next = NULL;
	__atomic_store_n(&path->watch, next, __ATOMIC_RELEASE);
	rte_rcu_qsbr_synchronize(path->grace, RTE_QSBR_THRID_INVALID);
}

static bool
side_matches(const struct watch_filter *filter, uint32_t address, uint16_t port)
{
	return (filter->address == 0 || filter->address == address) &&
	       (filter->port == 0 || filter->port == port);
}

/* The private endpoint behind a public one: what the operator knows. */
static bool
private_side_matches(
	const struct watch_filter *filter, const struct worker *worker, const struct frame *frame)
{
	uint32_t index = nat_pools_find_public(worker->pools, frame->destination);
	uint64_t word;

	if (index == UINT32_MAX || frame->kind > FRAME_ICMP_QUERY)
		return false;
	word = nat_word_load(&worker->path->nat->table,
		nat_slot(index, (enum nat_protocol)frame->kind, frame->destination_port));
	return nat_word_state(word) != NAT_FREE &&
	       side_matches(filter, nat_word_address(word), nat_word_port(word));
}

bool
watch_filter_matches(const struct watch_filter *filter, const struct worker *worker,
	unsigned int port, const struct rte_mbuf *packet)
{
	struct frame frame = {.kind = FRAME_ARP};
	enum drop_reason reason;

	reason = frame_parse(rte_pktmbuf_mtod(packet, const uint8_t *), packet->data_len, &frame);
	if (filter->interface != PATH_NO_INTERFACE &&
		(port >= worker->path->port_count || reason == DROP_FRAME_SHORT ||
			worker->view->interface_of_tag[port][frame.vlan] != filter->interface))
		return false;
	if (filter->address == 0 && filter->port == 0)
		return true;
	if (reason != DROP_NONE || frame.kind == FRAME_ARP)
		return false;
	return side_matches(filter, frame.source, frame.source_port) ||
	       side_matches(filter, frame.destination, frame.destination_port) ||
	       private_side_matches(filter, worker, &frame);
}

/* Adds `event` if the packet is traced. */
static void
tell(struct worker *worker, const struct rte_mbuf *packet, struct trace_event event)
{
	struct trace *trace = worker->watch->trace;

	if (trace == NULL)
		return;
	event.journey = trace_journey(trace, worker->number, packet);
	if (event.journey != 0)
		trace_add(trace, worker->number, &event);
}

void
watch_begin_turn(struct worker *worker)
{
	if (worker->watch->trace != NULL)
		trace_begin_turn(worker->watch->trace, worker->number);
}

static void
follow(struct worker *worker, unsigned int port, const struct rte_mbuf *packet, bool handed)
{
	struct trace *trace = worker->watch->trace;
	uint32_t journey = handed ? packet->hash.fdir.lo : 0;

	if (handed ? journey == 0 || journey > trace->wanted
		   : !watch_filter_matches(&trace->filter, worker, port, packet)) {
		trace_leave(trace, worker->number, packet);
		return;
	}
	trace_follow(trace, worker->number, packet, journey);
	tell(worker, packet,
		(struct trace_event){
			.kind = handed ? TRACE_TAKEN_OVER : TRACE_RECEIVED,
			.port = (uint8_t)port,
			.number = packet->pkt_len,
		});
}

void
watch_received(struct worker *worker, unsigned int port, struct rte_mbuf *const *packets,
	unsigned int count, bool handed)
{
	for (unsigned int i = 0; i < count; i++) {
		unsigned int from = handed ? packets[i]->port : port;

		packets[i]->port = (uint16_t)from; /* ours, not DPDK's: for drops further on */
		if (worker->watch->trace != NULL)
			follow(worker, from, packets[i], handed);
		if (worker->watch->capture != NULL && !handed)
			capture_take(worker->watch->capture, worker, packets[i], CAPTURE_IN, from,
				DROP_NONE);
	}
}

static void
tell_lane(struct worker *worker, const struct path_burst *burst, enum trace_kind lane)
{
	for (unsigned int i = 0; i < burst->count; i++)
		tell(worker, burst->packets[i],
			(struct trace_event){.kind = lane, .frame = burst->frames[i]});
}

void
watch_classified(struct worker *worker)
{
	tell_lane(worker, &worker->out, TRACE_OUTBOUND);
	tell_lane(worker, &worker->in, TRACE_INBOUND);
	tell_lane(worker, &worker->plain, TRACE_PLAIN);
}

void
watch_looked_up(struct worker *worker, const struct path_burst *burst)
{
	struct trace *trace = worker->watch->trace;

	for (unsigned int i = 0; i < burst->count; i++) {
		bool missed = burst->slots[i] == NAT_SLOT_NONE;

		tell(worker, burst->packets[i],
			(struct trace_event){
				.kind = missed ? TRACE_MISSED : TRACE_MAPPED,
				.number = burst->slots[i],
			});
		if (missed && trace != NULL)
			trace_set_missed(trace, worker->number, burst->packets[i]);
	}
}

void
watch_found(struct worker *worker, const struct path_burst *burst)
{
	struct trace *trace = worker->watch->trace;

	for (unsigned int i = 0; i < burst->count; i++)
		if (trace != NULL && trace_take_missed(trace, worker->number, burst->packets[i]))
			tell(worker, burst->packets[i],
				(struct trace_event){
					.kind = TRACE_MADE, .number = burst->slots[i]});
}

/* Reads the packet anew: the burst keeps what it was before. */
void
watch_translated(struct worker *worker, const struct path_burst *burst)
{
	for (unsigned int i = 0; i < burst->count; i++) {
		struct trace_event event = {.kind = TRACE_TRANSLATED};
		const struct rte_mbuf *packet = burst->packets[i];

		if (worker->watch->trace == NULL)
			return;
		if (trace_journey(worker->watch->trace, worker->number, packet) == 0)
			continue;
		frame_parse(
			rte_pktmbuf_mtod(packet, const uint8_t *), packet->data_len, &event.frame);
		tell(worker, packet, event);
	}
}

void
watch_sent(struct worker *worker, unsigned int port, struct rte_mbuf *const *packets,
	unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		tell(worker, packets[i],
			(struct trace_event){
				.kind = TRACE_SENT,
				.port = (uint8_t)port,
				.number = packets[i]->pkt_len,
			});
		if (worker->watch->capture != NULL)
			capture_take(worker->watch->capture, worker, packets[i], CAPTURE_OUT, port,
				DROP_NONE);
	}
}

void
watch_dropped(struct worker *worker, const struct rte_mbuf *packet, enum drop_reason reason)
{
	tell(worker, packet,
		(struct trace_event){.kind = TRACE_DROPPED, .reason = (uint8_t)reason});
	if (worker->watch->trace != NULL) /* its buffer may be used again in this turn */
		trace_leave(worker->watch->trace, worker->number, packet);
	if (worker->watch->capture != NULL)
		capture_take(worker->watch->capture, worker, packet, CAPTURE_DROPPED,
			packet->port < PORT_UNKNOWN ? packet->port : PORT_UNKNOWN, reason);
}

void
watch_refused(struct worker *worker, const struct rte_mbuf *packet, enum drop_reason reason)
{
	tell(worker, packet,
		(struct trace_event){.kind = TRACE_REFUSED, .reason = (uint8_t)reason});
	if (worker->watch->capture != NULL)
		capture_take(worker->watch->capture, worker, packet, CAPTURE_DROPPED,
			packet->port < PORT_UNKNOWN ? packet->port : PORT_UNKNOWN, reason);
}

void
watch_punted(struct worker *worker, const struct rte_mbuf *packet, unsigned int why)
{
	tell(worker, packet, (struct trace_event){.kind = TRACE_PUNTED, .number = why});
}

uint32_t
watch_handed_over(struct worker *worker, const struct rte_mbuf *packet, unsigned int to)
{
	uint32_t journey = 0;

	if (worker->watch->trace != NULL)
		journey = trace_journey(worker->watch->trace, worker->number, packet);
	tell(worker, packet, (struct trace_event){.kind = TRACE_HANDED, .number = to});
	return journey;
}

void
watch_cut(struct worker *worker, const struct rte_mbuf *packet, unsigned int fragments)
{
	tell(worker, packet, (struct trace_event){.kind = TRACE_CUT, .number = fragments});
	if (worker->watch->trace != NULL)
		trace_leave(worker->watch->trace, worker->number, packet);
}
