/* Stage forward: route, neighbour, Ethernet header, transmit queue.
 *
 * The route table is read for the whole burst at once; a neighbour is one 64-bit word with address,
 * interface and validity. What cannot be sent at once goes to control (an unresolved next hop), to
 * the slow path (too big) or away. */
#include "path/stages.h"

#include <string.h>

#include "wire/icmp.h"

/* Makes the Ethernet header fit the outgoing interface's tag, and writes it. */
static inline void
write_ethernet(struct rte_mbuf *packet, const struct frame *frame,
	const struct path_interface *out, uint64_t neighbour)
{
	unsigned int header = ETHERNET_HEADER_BYTES + (out->vlan != 0 ? VLAN_TAG_BYTES : 0);
	uint8_t *bytes;

	if (unlikely(frame->l3_offset < header))
		bytes = (uint8_t *)rte_pktmbuf_prepend(packet, (uint16_t)(header - frame->l3_offset));
	else if (unlikely(frame->l3_offset > header))
		bytes = (uint8_t *)rte_pktmbuf_adj(packet, (uint16_t)(frame->l3_offset - header));
	else
		bytes = rte_pktmbuf_mtod(packet, uint8_t *);
	memcpy(bytes, &neighbour, 6);
	memcpy(bytes + 6, out->mac, 6);
	if (unlikely(out->vlan != 0)) {
		store_be16(bytes + 12, ETHERTYPE_VLAN);
		store_be16(bytes + 14, out->vlan);
	}
	store_be16(bytes + header - 2, ETHERTYPE_IPV4);
}

/* A packet that is larger than the next link takes. */
static void
refuse_too_big(struct worker *worker, struct path_burst *burst, unsigned int i,
	const struct path_interface *out)
{
	struct rte_mbuf *packet = burst->packets[i];
	const uint8_t *l3 =
		rte_pktmbuf_mtod_offset(packet, const uint8_t *, burst->frames[i].l3_offset);

	if ((load_be16(l3 + IPV4_OFFSET_FRAGMENT) & IPV4_FRAGMENT_DF) != 0)
		slow_refuse_translated(worker, burst, i, DROP_TOO_BIG, ICMP_UNREACHABLE,
			ICMP_CODE_TOO_BIG, out->mtu_bytes);
	else
		worker_drop(worker, packet, DROP_TOO_BIG);
}

/* No neighbour to send to: control resolves, or there is no route. */
static __attribute__((noinline)) void
forward_unresolved(struct worker *worker, struct path_burst *burst, unsigned int i, uint32_t hop)
{
	switch (path_hop_kind(hop)) {
	case PATH_HOP_CONNECTED:
	case PATH_HOP_NEIGHBOUR:
		worker_punt(worker, burst->packets[i], PUNT_RESOLVE,
			worker->view->interfaces[burst->interfaces[i]].port);
		break;
	case PATH_HOP_NONE:
		slow_refuse_translated(worker, burst, i, DROP_NO_ROUTE, ICMP_UNREACHABLE,
			ICMP_CODE_NET, 0);
		break;
	default:
		worker_drop(worker, burst->packets[i], DROP_NOT_FOR_US);
		break;
	}
}

void
stage_forward(struct worker *worker, struct path_burst *burst)
{
	const struct path_view *view = worker->view;
	uint32_t addresses[PATH_BURST], hops[PATH_BURST];

	for (unsigned int i = 0; i < burst->count; i++)
		addresses[i] = burst->frames[i].destination;
	rte_lpm_lookup_bulk(view->routes, addresses, hops, burst->count);
	for (unsigned int i = 0; i < burst->count; i++) {
		const struct frame *frame = &burst->frames[i];
		const struct path_interface *out;
		uint64_t neighbour = 0;
		uint32_t hop = hops[i] & RTE_LPM_LOOKUP_SUCCESS ? hops[i] & 0xffffff : 0;

		if (likely(path_hop_kind(hop) == PATH_HOP_NEIGHBOUR))
			neighbour = __atomic_load_n(&view->neighbours[path_hop_number(hop)],
				__ATOMIC_RELAXED);
		if (unlikely((neighbour & PATH_NEIGHBOUR_VALID) == 0)) {
			forward_unresolved(worker, burst, i, hop);
			continue;
		}
		out = &view->interfaces[path_neighbour_interface(neighbour)];
		if (unlikely(frame->l3_bytes > out->mtu_bytes)) {
			refuse_too_big(worker, burst, i, out);
			continue;
		}
		write_ethernet(burst->packets[i], frame, out, neighbour);
		worker_send(worker, out->port, burst->packets[i]);
	}
	burst->count = 0;
}
