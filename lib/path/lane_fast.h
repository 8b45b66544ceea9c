/* Which lane a packet takes: what its addresses say, against the interface and the view.
 *
 * Part of stage classify (classify_fast.c), apart because it is all judgement and touches no
 * packet. Rejections follow RFC 1812, section 5.3.7 (martians) and BCP 38 (sources). Inline: it
 * runs per packet. Worker threads.
 */
#ifndef PATH_LANE_FAST_H
#define PATH_LANE_FAST_H

#include <string.h>

#include "path/path.h"

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

/* An inside packet for a destination that may be ours, the inside's or a pool's, or nobody's. */
static inline enum lane
lane_of_special_destination(
	const struct path_view *view, const struct frame *frame, enum drop_reason *reason)
{
	uint32_t hop = path_view_route(view, frame->destination);
	unsigned int interface;

	if (ipv4_is_martian_destination(frame->destination)) {
		*reason = DROP_MARTIAN_DESTINATION;
		return LANE_DROP;
	}
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
lane_of_inside(const struct path_view *view, const struct path_interface *interface,
	const struct frame *frame, enum drop_reason *reason)
{
	bool special = path_view_is_special(view, frame->destination);
	enum lane lane = LANE_OUT;

	if (unlikely(special) && ipv4_is_multicast(frame->destination)) {
		/* DHCP asks with source 0.0.0.0: the kernel side decides. */
		*reason = DROP_MULTICAST;
		return interface->has_kernel ? LANE_KERNEL : LANE_DROP;
	}
	if (unlikely(!source_belongs(interface, frame->source))) {
		*reason =
			ipv4_is_martian_source(frame->source) ? DROP_MARTIAN_SOURCE : DROP_SPOOFED;
		return LANE_DROP;
	}
	if (unlikely(special))
		lane = lane_of_special_destination(view, frame, reason);
	if (unlikely(frame->ttl <= 1) && (lane == LANE_OUT || lane == LANE_PLAIN))
		return LANE_TTL;
	if (unlikely(frame->kind == FRAME_ICMP_ERROR) && lane == LANE_OUT)
		return LANE_ICMP_ERROR;
	return lane;
}

/* A source that only the inside, we or a pool may use must not come from outside; nor one that
 * nobody may use. */
static inline enum drop_reason
check_special_source(const struct path_view *view, uint32_t source)
{
	uint32_t hop = path_view_route(view, source);
	unsigned int interface = path_view_hop_interface(view, hop);

	if (ipv4_is_martian_source(source))
		return DROP_MARTIAN_SOURCE;
	if (path_hop_kind(hop) == PATH_HOP_LOCAL || path_hop_kind(hop) == PATH_HOP_PUBLIC)
		return DROP_SPOOFED;
	if (interface != PATH_NO_INTERFACE && view->interfaces[interface].side == PORT_INSIDE)
		return DROP_SPOOFED;
	return DROP_NONE;
}

static inline enum lane
lane_of_not_public(const struct path_view *view, const struct path_interface *interface,
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
lane_of_outside(const struct worker *worker, const struct path_interface *interface,
	const struct frame *frame, uint32_t *slot, enum drop_reason *reason)
{
	const struct path_view *view = worker->view;
	uint32_t address_index;

	if (unlikely(path_view_is_special(view, frame->source))) {
		*reason = check_special_source(view, frame->source);
		if (*reason != DROP_NONE)
			return LANE_DROP;
	}
	address_index = nat_pools_find_public(worker->pools, frame->destination);
	if (unlikely(address_index == UINT32_MAX))
		return lane_of_not_public(view, interface, frame, reason);
	if (unlikely(frame->ttl <= 1))
		return LANE_TTL;
	if (unlikely(frame->kind == FRAME_ICMP_ERROR))
		return LANE_ICMP_ERROR;
	*slot = nat_slot(address_index, (enum nat_protocol)frame->kind, frame->destination_port);
	return LANE_IN;
}

/* Whether a packet with a sound IPv4 header, which is nothing for the NAT, is for the gateway
 * itself: a routing daemon's protocol, a fragment of a large ping. */
static inline bool
lane_is_kernel(const struct worker *worker, unsigned int port, const struct rte_mbuf *packet,
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
	return check_special_source(view, frame->source) == DROP_NONE;
}

#endif
