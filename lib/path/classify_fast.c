/* Stage classify: what is this frame, may it come in here, and who handles it.
 *
 * frame_parse() judges the bytes (RFC 1812, section 5.2.2), lane_fast.h the addresses; this file
 * spreads the packets. */
#include "path/stages.h"

#include <rte_prefetch.h>

#include "path/lane_fast.h"

#define PREFETCH_AHEAD 4

/* Frames are read into the place after the last of the burst that their port usually fills, so the
 * usual packet is added without a copy. */
static inline void
burst_add(struct path_burst *burst, struct rte_mbuf *packet, const struct frame *frame,
	unsigned int interface, uint32_t slot)
{
	unsigned int at = burst->count++;

	burst->packets[at] = packet;
	if (unlikely(frame != &burst->frames[at]))
		burst->frames[at] = *frame;
	burst->interfaces[at] = (uint8_t)interface;
	burst->slots[at] = slot;
}

/* What lies behind the IPv4 packet (padding, or worse) is nobody's to see on the next link. */
static inline void
trim(struct rte_mbuf *packet, const struct frame *frame)
{
	unsigned int length = (unsigned int)frame->l3_offset + frame->l3_bytes;

	if (packet->data_len > length) {
		packet->data_len = (uint16_t)length;
		packet->pkt_len = length;
	}
}

/* The parser's verdict on bytes, and the port's verdict on checksums. */
static inline enum drop_reason
read_frame(struct rte_mbuf *packet, struct frame *frame)
{
	enum drop_reason reason;

	if (unlikely(packet->nb_segs > 1))
		return DROP_FRAME_SEGMENTS;
	if (unlikely(
		    (packet->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_BAD))
		return DROP_L4_CHECKSUM;
	reason = frame_parse(rte_pktmbuf_mtod(packet, const uint8_t *), packet->data_len, frame);
	if (likely(reason == DROP_NONE && frame->kind != FRAME_ARP))
		trim(packet, frame);
	return reason;
}

/* Which worker owns the packet's direction. */
static inline unsigned int
owner_of(const struct worker *worker, const struct frame *frame, enum lane lane)
{
	unsigned int count = worker->path->worker_count;

	return lane == LANE_OUT ? nat_owner(count, frame->source, frame->source_port)
				: nat_owner(count, frame->destination, frame->destination_port);
}

/* Packets that are not translated: rare, and out of the way of those that are. */
static __attribute__((noinline)) void
set_aside(struct worker *worker, unsigned int port, struct rte_mbuf *packet,
	const struct frame *frame, unsigned int number, enum lane lane, enum drop_reason reason)
{
	bool has_kernel = worker->view->interfaces[number].has_kernel;

	switch (lane) {
	case LANE_PLAIN:
		burst_add(&worker->plain, packet, frame, number, NAT_SLOT_NONE);
		break;
	case LANE_KERNEL:
		if (has_kernel)
			worker_punt(worker, packet, PUNT_KERNEL, port);
		else
			worker_drop(worker, packet, DROP_NO_KERNEL);
		break;
	case LANE_ARP:
		worker_punt(worker, packet, PUNT_ARP, port);
		break;
	case LANE_TTL:
		slow_ttl_exceeded(worker, packet, frame, number);
		break;
	case LANE_ICMP_ERROR:
		slow_icmp_error(worker, packet, frame, number);
		break;
	default:
		worker_drop(worker, packet, reason);
		break;
	}
}

static __attribute__((noinline)) void
reject(struct worker *worker, struct rte_mbuf *packet, enum drop_reason reason)
{
	worker_drop(worker, packet, reason);
}

/* What frame_parse() refused. */
static __attribute__((noinline)) void
reject_unread(struct worker *worker, unsigned int port, struct rte_mbuf *packet,
	const struct frame *frame, enum drop_reason reason)
{
	bool sound = reason == DROP_FRAGMENT || reason == DROP_PROTOCOL || reason == DROP_ICMP_TYPE;

	if (sound && lane_is_kernel(worker, port, packet, frame))
		worker_punt(worker, packet, PUNT_KERNEL, port);
	else
		worker_drop(worker, packet, reason);
}

/* `handed` is a constant of each caller: the usual packet pays nothing for the other kind. */
static inline __attribute__((always_inline)) void
classify_one(struct worker *worker, unsigned int port, struct rte_mbuf *packet,
	struct path_burst *usual, bool handed, bool several_workers)
{
	const struct path_view *view = worker->view;
	struct frame *frame = &usual->frames[usual->count];
	enum drop_reason reason = read_frame(packet, frame);
	const struct path_interface *interface;
	uint32_t slot = NAT_SLOT_NONE;
	const uint8_t *ethernet;
	unsigned int number;
	enum lane lane;

	if (unlikely(reason != DROP_NONE)) {
		reject_unread(worker, port, packet, frame, reason);
		return;
	}
	number = view->interface_of_tag[port][frame->vlan];
	if (unlikely(number == PATH_NO_INTERFACE)) {
		reject(worker, packet, DROP_VLAN);
		return;
	}
	interface = &view->interfaces[number];
	ethernet = rte_pktmbuf_mtod(packet, const uint8_t *);
	if (unlikely(!is_addressed_to(ethernet, interface->mac) && !is_to_a_group(ethernet))) {
		reject(worker, packet, DROP_OTHER_HOST);
		return;
	}
	if (unlikely(frame->kind == FRAME_ARP)) {
		lane = LANE_ARP;
	} else if (unlikely(frame->source == frame->destination)) {
		lane = LANE_DROP;
		reason = DROP_IP_LAND;
	} else if (interface->side == PORT_INSIDE) {
		lane = lane_of_inside(view, interface, frame, &reason);
	} else {
		lane = lane_of_outside(worker, interface, frame, &slot, &reason);
	}
	/* RFC 1812, 5.3.4: what a whole link received is not forwarded. */
	if (unlikely(is_to_a_group(ethernet)) && lane != LANE_ARP && lane != LANE_KERNEL) {
		reject(worker, packet, reason != DROP_NONE ? reason : DROP_MULTICAST);
		return;
	}
	if (unlikely(lane > LANE_IN)) {
		set_aside(worker, port, packet, frame, number, lane, reason);
		return;
	}
	if (several_workers && !handed) {
		unsigned int owner = owner_of(worker, frame, lane);

		if (owner != worker->number) {
			worker_hand_over(worker, packet, owner, HANDOFF_CLASSIFY, port);
			return;
		}
	}
	if (handed && lane == LANE_IN && packet->hash.fdir.hi == HANDOFF_CREATE_FLOW)
		slow_create_flow(worker, packet, frame);
	else
		burst_add(
			lane == LANE_OUT ? &worker->out : &worker->in, packet, frame, number, slot);
}

/* Where the packets of a port go mostly. */
static struct path_burst *
usual_burst(struct worker *worker, unsigned int port)
{
	unsigned int number = worker->view->interface_of_tag[port][0];

	return number != PATH_NO_INTERFACE && worker->view->interfaces[number].side == PORT_OUTSIDE
		       ? &worker->in
		       : &worker->out;
}

static void
classify_handed(struct worker *worker, struct rte_mbuf **packets, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		classify_one(worker, packets[i]->port, packets[i],
			usual_burst(worker, packets[i]->port), true, true);
}

static void
classify_received(
	struct worker *worker, unsigned int port, struct rte_mbuf **packets, unsigned int count)
{
	struct path_burst *usual = usual_burst(worker, port);
	bool several_workers = worker->path->worker_count > 1;

	for (unsigned int i = 0; i < count; i++) {
		if (i + PREFETCH_AHEAD < count)
			rte_prefetch0(rte_pktmbuf_mtod(packets[i + PREFETCH_AHEAD], const void *));
		classify_one(worker, port, packets[i], usual, false, several_workers);
	}
}

void
stage_classify(struct worker *worker, unsigned int port, struct rte_mbuf **packets,
	unsigned int count, bool handed)
{
	for (unsigned int i = 0; i < count && i < PREFETCH_AHEAD; i++)
		rte_prefetch0(rte_pktmbuf_mtod(packets[i], const void *));
	if (handed)
		classify_handed(worker, packets, count);
	else
		classify_received(worker, port, packets, count);
}
