/* Stage classify: what is this frame, may it come in here, and who handles it.
 *
 * frame_parse() judges the bytes; this file judges them against the interface and the view, and
 * spreads the packets. Rejections follow RFC 1812, section 5.2.2 (validation) and 5.3.7 (martians),
 * BCP 38 (sources) and nat.md (anti-spoofing). */
#include "path/stages.h"

#include <string.h>

#include <rte_prefetch.h>

#define PREFETCH_AHEAD 4

enum lane {
	LANE_OUT,    /* inside to the world: translate */
	LANE_IN,     /* from the world to a public port: translate */
	LANE_PLAIN,  /* inside to inside: route only */
	LANE_KERNEL, /* to the gateway itself */
	LANE_ARP,
	LANE_TTL,
	LANE_ICMP_ERROR,
	LANE_DROP,
};

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

/* Of the interface's subnets, and no address that a host cannot have: our own or a broadcast. */
static inline bool
source_belongs(const struct path_interface *interface, uint32_t source)
{
	for (unsigned int i = 0; i < interface->source_count; i++) {
		struct ipv4_prefix subnet = interface->sources[i];

		if (!ipv4_prefix_contains(subnet, source))
			continue;
		if (unlikely(i < interface->address_count &&
			     (source == subnet.address ||
				     (subnet.length < 31 &&
					     source == (subnet.address |
							       ~ipv4_mask(subnet.length))))))
			return false;
		return true;
	}
	return false;
}

/* An inside packet for a destination that may be ours, the inside's or a pool's. */
static enum lane
classify_own_destination(
	const struct path_view *view, const struct frame *frame, enum drop_reason *reason)
{
	uint32_t hop = path_view_route(view, frame->destination);
	unsigned int interface;

	switch (path_hop_kind(hop)) {
	case PATH_HOP_LOCAL:
		return LANE_KERNEL;
	case PATH_HOP_PUBLIC:
		*reason = DROP_HAIRPIN;
		return LANE_DROP;
	default:
		interface = path_view_hop_interface(view, hop);
		if (interface != PATH_NO_INTERFACE &&
			view->interfaces[interface].side == PORT_INSIDE)
			return LANE_PLAIN;
		return LANE_OUT;
	}
}

static inline enum lane
classify_inside(const struct path_view *view, const struct path_interface *interface,
	const struct frame *frame, enum drop_reason *reason)
{
	enum lane lane = LANE_OUT;

	if (unlikely(ipv4_is_multicast(frame->destination))) {
		/* DHCP asks with source 0.0.0.0: the kernel side decides. */
		*reason = DROP_MULTICAST;
		return interface->has_kernel ? LANE_KERNEL : LANE_DROP;
	}
	if (unlikely(!source_belongs(interface, frame->source))) {
		*reason =
			ipv4_is_martian_source(frame->source) ? DROP_MARTIAN_SOURCE : DROP_SPOOFED;
		return LANE_DROP;
	}
	if (unlikely(ipv4_is_martian_destination(frame->destination))) {
		*reason = DROP_MARTIAN_DESTINATION;
		return LANE_DROP;
	}
	if (path_view_may_be_own(view, frame->destination))
		lane = classify_own_destination(view, frame, reason);
	if (unlikely(frame->ttl <= 1) && (lane == LANE_OUT || lane == LANE_PLAIN))
		return LANE_TTL;
	if (unlikely(frame->kind == FRAME_ICMP_ERROR) && lane == LANE_OUT)
		return LANE_ICMP_ERROR;
	return lane;
}

/* A source that only the inside, we or a pool may use must not come from outside. */
static bool
source_is_ours(const struct path_view *view, uint32_t source)
{
	uint32_t hop = path_view_route(view, source);
	unsigned int interface = path_view_hop_interface(view, hop);

	if (path_hop_kind(hop) == PATH_HOP_LOCAL || path_hop_kind(hop) == PATH_HOP_PUBLIC)
		return true;
	return interface != PATH_NO_INTERFACE && view->interfaces[interface].side == PORT_INSIDE;
}

static enum lane
classify_not_public(const struct path_view *view, const struct path_interface *interface,
	const struct frame *frame, enum drop_reason *reason)
{
	if (ipv4_is_multicast(frame->destination)) {
		*reason = DROP_MULTICAST;
		return interface->has_kernel ? LANE_KERNEL : LANE_DROP;
	}
	if (ipv4_is_martian_destination(frame->destination)) {
		*reason = DROP_MARTIAN_DESTINATION;
		return LANE_DROP;
	}
	if (path_hop_kind(path_view_route(view, frame->destination)) == PATH_HOP_LOCAL)
		return LANE_KERNEL;
	*reason = DROP_NOT_FOR_US;
	return LANE_DROP;
}

static inline enum lane
classify_outside(const struct worker *worker, const struct path_interface *interface,
	const struct frame *frame, uint32_t *slot, enum drop_reason *reason)
{
	const struct path_view *view = worker->view;
	uint32_t address_index;

	if (unlikely(ipv4_is_martian_source(frame->source))) {
		*reason = DROP_MARTIAN_SOURCE;
		return LANE_DROP;
	}
	if (path_view_may_be_own(view, frame->source) &&
		unlikely(source_is_ours(view, frame->source))) {
		*reason = DROP_SPOOFED;
		return LANE_DROP;
	}
	address_index = nat_pools_find_public(worker->pools, frame->destination);
	if (unlikely(address_index == UINT32_MAX))
		return classify_not_public(view, interface, frame, reason);
	if (unlikely(frame->ttl <= 1))
		return LANE_TTL;
	if (unlikely(frame->kind == FRAME_ICMP_ERROR))
		return LANE_ICMP_ERROR;
	*slot = nat_slot(address_index, (enum nat_protocol)frame->kind, frame->destination_port);
	return LANE_IN;
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

/* A promiscuous port, or a flooding switch, brings what is meant for others. */
static inline bool
is_addressed_to(const uint8_t *ethernet, const uint8_t mac[6])
{
	return memcmp(ethernet, mac, 6) == 0;
}

static inline bool
is_to_a_group(const uint8_t *ethernet)
{
	return (ethernet[0] & 1) != 0;
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

/* Whether a packet with a sound IPv4 header, which is nothing for the NAT, is for the gateway
 * itself: a routing daemon's protocol, a fragment of a large ping. */
static bool
is_for_the_kernel(const struct worker *worker, unsigned int port, const struct rte_mbuf *packet,
	const struct frame *frame)
{
	const struct path_view *view = worker->view;
	unsigned int number = view->interface_of_tag[port][frame->vlan];
	const uint8_t *ethernet = rte_pktmbuf_mtod(packet, const uint8_t *);
	const struct path_interface *interface;

	if (number == PATH_NO_INTERFACE)
		return false;
	interface = &view->interfaces[number];
	if (!interface->has_kernel || frame->source == frame->destination ||
		(!is_addressed_to(ethernet, interface->mac) && !is_to_a_group(ethernet)))
		return false;
	if (!ipv4_is_multicast(frame->destination) &&
		path_hop_kind(path_view_route(view, frame->destination)) != PATH_HOP_LOCAL)
		return false;
	if (interface->side == PORT_INSIDE)
		return source_belongs(interface, frame->source);
	return !ipv4_is_martian_source(frame->source) && !source_is_ours(view, frame->source);
}

/* What frame_parse() refused. */
static __attribute__((noinline)) void
reject_unread(struct worker *worker, unsigned int port, struct rte_mbuf *packet,
	const struct frame *frame, enum drop_reason reason)
{
	bool sound = reason == DROP_FRAGMENT || reason == DROP_PROTOCOL || reason == DROP_ICMP_TYPE;

	if (sound && is_for_the_kernel(worker, port, packet, frame))
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
		lane = classify_inside(view, interface, frame, &reason);
	} else {
		lane = classify_outside(worker, interface, frame, &slot, &reason);
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
