/* Stage forward: route, neighbour, Ethernet header, transmit queue.
 *
 * The route table is read for the whole burst at once; a neighbour is one 64-bit word with address,
 * interface and validity. What cannot be sent at once goes to control (an unresolved next hop), to
 * the slow path (too big: fragments, or a word to the sender) or away. */
#include "path/stages.h"

#include <string.h>

#include "wire/icmp.h"

/* The header of an untagged frame, in place of another one: destination, source, type. */
static inline void
write_untagged(uint8_t *bytes, const struct path_interface *out, uint64_t neighbour)
{
	uint16_t source_begin, type = __builtin_bswap16(ETHERTYPE_IPV4);
	uint32_t source_end;
	uint64_t begin;

	memcpy(&source_begin, out->mac, sizeof(source_begin));
	memcpy(&source_end, out->mac + 2, sizeof(source_end));
	begin = (neighbour & PATH_NEIGHBOUR_MAC_MASK) | (uint64_t)source_begin << 48;
	memcpy(bytes, &begin, sizeof(begin));
	memcpy(bytes + 8, &source_end, sizeof(source_end));
	memcpy(bytes + 12, &type, sizeof(type));
}

/* Where there is a tag here or there: makes the header fit the outgoing interface's. */
static __attribute__((noinline)) bool
write_tagged(struct rte_mbuf *packet, const struct frame *frame, const struct path_interface *out,
	uint64_t neighbour)
{
	unsigned int header = ETHERNET_HEADER_BYTES + (out->vlan != 0 ? VLAN_TAG_BYTES : 0);
	uint8_t *bytes;

	if (frame->l3_offset < header)
		bytes = (uint8_t *)rte_pktmbuf_prepend(
			packet, (uint16_t)(header - frame->l3_offset));
	else
		bytes = (uint8_t *)rte_pktmbuf_adj(packet, (uint16_t)(frame->l3_offset - header));
	if (bytes == NULL)
		return false;
	write_untagged(bytes, out, neighbour);
	if (out->vlan == 0)
		return true;
	store_be16(bytes + 12, ETHERTYPE_VLAN);
	store_be16(bytes + 14, out->vlan);
	store_be16(bytes + 16, ETHERTYPE_IPV4);
	return true;
}

/* Writes the Ethernet header. False when the buffer has no room in front for a tag. */
static inline bool
write_ethernet(struct rte_mbuf *packet, const struct frame *frame, const struct path_interface *out,
	uint64_t neighbour)
{
	if (unlikely(out->vlan != 0 || frame->l3_offset != ETHERNET_HEADER_BYTES))
		return write_tagged(packet, frame, out, neighbour);
	write_untagged(rte_pktmbuf_mtod(packet, uint8_t *), out, neighbour);
	return true;
}

/* Control resolves the next hop, or we know already that it is dead. */
static void
send_unresolved(struct worker *worker, struct rte_mbuf *packet, uint64_t neighbour)
{
	const struct path_interface *out =
		&worker->view->interfaces[path_neighbour_interface(neighbour)];

	if ((neighbour & PATH_NEIGHBOUR_DEAD) != 0)
		worker_drop(worker, packet, DROP_NEIGHBOUR_DEAD);
	else
		worker_punt(worker, packet, PUNT_RESOLVE, out->port);
}

/* No route, or to nobody on the link. */
static __attribute__((noinline)) void
forward_nowhere(struct worker *worker, struct path_burst *burst, unsigned int i, uint32_t hop)
{
	if (path_hop_kind(hop) == PATH_HOP_NONE)
		slow_refuse_translated(
			worker, burst, i, DROP_NO_ROUTE, ICMP_UNREACHABLE, ICMP_CODE_NET, 0);
	else
		worker_drop(worker, burst->packets[i], DROP_NOT_FOR_US);
}

/* What the next link does not take: larger than its MTU, or on the wrong side of the NAT (a mapping
 * of a host that no inside interface leads to must not leak to the world). */
static __attribute__((noinline)) void
forward_unfit(struct worker *worker, struct path_burst *burst, unsigned int i,
	const struct path_interface *out, uint64_t neighbour)
{
	struct rte_mbuf *packet = burst->packets[i], *fragments[SLOW_FRAGMENTS_MAX];
	const struct frame *frame = &burst->frames[i];
	const uint8_t *l3 = rte_pktmbuf_mtod_offset(packet, const uint8_t *, frame->l3_offset);
	unsigned int count;

	if (frame->l3_bytes <= out->mtu_bytes) {
		slow_refuse_translated(
			worker, burst, i, DROP_NO_ROUTE, ICMP_UNREACHABLE, ICMP_CODE_HOST, 0);
		return;
	}
	if ((load_be16(l3 + IPV4_OFFSET_FRAGMENT) & IPV4_FRAGMENT_DF) != 0) {
		slow_refuse_translated(worker, burst, i, DROP_TOO_BIG, ICMP_UNREACHABLE,
			ICMP_CODE_TOO_BIG, out->mtu_bytes);
		return;
	}
	count = slow_fragment(worker, packet, frame, out->mtu_bytes, fragments);
	for (unsigned int k = 0; k < count; k++) {
		if ((neighbour & PATH_NEIGHBOUR_VALID) == 0)
			send_unresolved(worker, fragments[k], neighbour);
		else if (write_ethernet(fragments[k], frame, out, neighbour))
			worker_send(worker, out->port, fragments[k]);
		else
			worker_drop(worker, fragments[k], DROP_TOO_BIG);
	}
}

/* The side on which packets of a burst must not leave; PORT_SIDES = none. */
static inline unsigned int
wrong_side(const struct worker *worker, const struct path_burst *burst)
{
	if (burst == &worker->out)
		return PORT_INSIDE;
	return burst == &worker->in ? PORT_OUTSIDE : PORT_SIDES;
}

/* The neighbour's word of a hop, invalid as long as it has no address; false when there is none. */
static inline bool
neighbour_of(const struct path_view *view, uint32_t hop, uint64_t *neighbour)
{
	if (likely(path_hop_kind(hop) == PATH_HOP_NEIGHBOUR))
		*neighbour =
			__atomic_load_n(&view->neighbours[path_hop_number(hop)], __ATOMIC_RELAXED);
	else if (path_hop_kind(hop) == PATH_HOP_CONNECTED)
		*neighbour = path_neighbour_unresolved(path_hop_number(hop));
	else
		return false;
	return true;
}

void
stage_forward(struct worker *worker, struct path_burst *burst)
{
	const struct path_view *view = worker->view;
	const unsigned int forbidden = wrong_side(worker, burst);
	uint32_t addresses[PATH_BURST], hops[PATH_BURST];

	if (burst->count == 0) /* rte_lpm_lookup_bulk() makes an array of that length */
		return;
	for (unsigned int i = 0; i < burst->count; i++)
		addresses[i] = burst->frames[i].destination;
	rte_lpm_lookup_bulk(view->routes, addresses, hops, burst->count);
	for (unsigned int i = 0; i < burst->count; i++) {
		const struct frame *frame = &burst->frames[i];
		const struct path_interface *out;
		uint64_t neighbour;
		uint32_t hop = hops[i] & RTE_LPM_LOOKUP_SUCCESS ? hops[i] & 0xffffff : 0;

		if (unlikely(!neighbour_of(view, hop, &neighbour))) {
			forward_nowhere(worker, burst, i, hop);
			continue;
		}
		out = &view->interfaces[path_neighbour_interface(neighbour)];
		if (unlikely(frame->l3_bytes > out->mtu_bytes || out->side == forbidden)) {
			forward_unfit(worker, burst, i, out, neighbour);
			continue;
		}
		if (unlikely((neighbour & PATH_NEIGHBOUR_VALID) == 0)) {
			if ((neighbour & PATH_NEIGHBOUR_DEAD) != 0) /* RFC 1812, 5.2.7.1 */
				slow_refuse_translated(worker, burst, i, DROP_NEIGHBOUR_DEAD,
					ICMP_UNREACHABLE, ICMP_CODE_HOST, 0);
			else
				send_unresolved(worker, burst->packets[i], neighbour);
			continue;
		}
		if (likely(write_ethernet(burst->packets[i], frame, out, neighbour)))
			worker_send(worker, out->port, burst->packets[i]);
		else
			worker_drop(worker, burst->packets[i], DROP_TOO_BIG);
	}
	burst->count = 0;
}
