/* See arp.h. */
#include "control/arp.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "control/arp_send.h"
#include "control/neighbour.h"

#define DEFEND_INTERVAL_MS 10000 /* RFC 5227, section 1.1 */

static bool
is_ours(const struct gateway *gateway, const struct path_interface *interface, uint32_t address)
{
	for (unsigned int i = 0; i < interface->address_count; i++)
		if (interface->addresses[i].address == address)
			return true;
	return interface->side == PORT_OUTSIDE &&
	       nat_pools_find_public(gateway->nat.pools, address) != UINT32_MAX;
}

/* Somebody else uses an address of ours: tell everybody who has it, as RFC 5227, section 2.4 (c),
 * lets those do who cannot give their address up. */
static void
defend(struct gateway *gateway, unsigned int number, uint32_t address, const uint8_t mac[6])
{
	uint64_t now_ms = gateway_now_ms();
	uint64_t *defended_ms = &gateway->arp_defended_ms[number];
	char text[IPV4_TEXT_BYTES];

	gateway->counters.arp_conflicts++;
	if (*defended_ms != 0 && now_ms - *defended_ms < DEFEND_INTERVAL_MS)
		return;
	*defended_ms = now_ms;
	log_warn("duplicate address: %02x:%02x:%02x:%02x:%02x:%02x on %s says that it is %s, which "
		 "is "
		 "ours",
		mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
		gateway->view->interfaces[number].name, ipv4_text(address, text));
	arp_announce(gateway, number, address);
}

/* An address that shares a subnet with the interface: the only ones worth learning. */
static bool
is_on_link(const struct path_interface *interface, uint32_t address)
{
	for (unsigned int i = 0; i < interface->source_count; i++)
		if (ipv4_prefix_contains(interface->sources[i], address))
			return true;
	return false;
}

bool
arp_input(struct gateway *gateway, unsigned int port, const struct rte_mbuf *packet,
	unsigned int *interface_number)
{
	const uint8_t *bytes = rte_pktmbuf_mtod(packet, const uint8_t *), *arp;
	const struct path_interface *interface;
	uint32_t sender, target;
	struct frame frame;
	uint16_t operation;

	if (frame_parse(bytes, packet->data_len, &frame) != DROP_NONE || frame.kind != FRAME_ARP ||
		packet->data_len < (unsigned int)frame.l3_offset + ARP_BYTES ||
		gateway->view->interface_of_tag[port][frame.vlan] == PATH_NO_INTERFACE)
		return false;
	*interface_number = gateway->view->interface_of_tag[port][frame.vlan];
	interface = &gateway->view->interfaces[*interface_number];
	arp = bytes + frame.l3_offset;
	operation = load_be16(arp + ARP_OFFSET_OPERATION);
	sender = load_be32(arp + ARP_OFFSET_SENDER);
	target = load_be32(arp + ARP_OFFSET_TARGET);
	/* A sender with a group address is nobody to learn from, nor are we. */
	if (memcmp(arp, arp_ethernet_ipv4, sizeof(arp_ethernet_ipv4)) != 0 ||
		(arp[ARP_OFFSET_SENDER_MAC] & 1) != 0 ||
		memcmp(arp + ARP_OFFSET_SENDER_MAC, interface->mac, 6) == 0)
		return false;
	if (is_ours(gateway, interface, sender)) {
		defend(gateway, *interface_number, sender, arp + ARP_OFFSET_SENDER_MAC);
		return false;
	}
	if (operation == ARP_REQUEST) {
		bool asks_us = is_ours(gateway, interface, target);

		gateway->counters.arp_requests++;
		/* RFC 826: whoever we know already may tell a new address at any time. */
		neighbour_learn(gateway, *interface_number, sender, arp + ARP_OFFSET_SENDER_MAC,
			asks_us && is_on_link(interface, sender));
		if (!asks_us)
			return false;
		gateway->counters.arp_answered++;
		arp_send(gateway, *interface_number, ARP_REPLY, target, arp + ARP_OFFSET_SENDER_MAC,
			sender);
		return false;
	}
	if (operation != ARP_REPLY)
		return false;
	gateway->counters.arp_replies++;
	neighbour_learn(gateway, *interface_number, sender, arp + ARP_OFFSET_SENDER_MAC, false);
	return true;
}
