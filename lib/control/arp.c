/* See arp.h. Offsets within an ARP packet for IPv4 over Ethernet, RFC 826. */
#include "control/arp.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "control/neighbour.h"

#define ARP_BYTES             28
#define ARP_OFFSET_OPERATION  6
#define ARP_OFFSET_SENDER_MAC 8
#define ARP_OFFSET_SENDER     14
#define ARP_OFFSET_TARGET_MAC 18
#define ARP_OFFSET_TARGET     24
#define ARP_REQUEST           1
#define ARP_REPLY             2

#define DEFEND_INTERVAL_MS 10000 /* RFC 5227, section 1.1 */

static const uint8_t broadcast_mac[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t ethernet_ipv4[6] = {0, 1, 8, 0, 6, 4}; /* hardware, protocol, lengths */

/* Writes an Ethernet header of the interface; returns the first byte behind it. */
static uint8_t *
write_header(uint8_t *bytes, const struct path_interface *interface, const uint8_t mac[6],
	uint16_t ethertype)
{
	memcpy(bytes, mac, 6);
	memcpy(bytes + 6, interface->mac, 6);
	if (interface->vlan != 0) {
		store_be16(bytes + 12, ETHERTYPE_VLAN);
		store_be16(bytes + 14, interface->vlan);
		bytes += VLAN_TAG_BYTES;
	}
	store_be16(bytes + 12, ethertype);
	return bytes + ETHERNET_HEADER_BYTES;
}

static void
send_arp(struct gateway *gateway, unsigned int number, uint16_t operation, uint32_t sender,
	const uint8_t *target_mac, uint32_t target)
{
	const struct path_interface *interface = &gateway->view->interfaces[number];
	unsigned int length =
		ETHERNET_HEADER_BYTES + ARP_BYTES + (interface->vlan != 0 ? VLAN_TAG_BYTES : 0);
	struct rte_mbuf *packet = rte_pktmbuf_alloc(gateway->packet_pool);
	uint8_t *arp;

	if (packet == NULL) /* out of buffers: the neighbour is asked again in a second */
		return;
	arp = write_header((uint8_t *)rte_pktmbuf_append(packet, (uint16_t)length), interface,
		target_mac != NULL ? target_mac : broadcast_mac, ETHERTYPE_ARP);
	memcpy(arp, ethernet_ipv4, sizeof(ethernet_ipv4));
	store_be16(arp + ARP_OFFSET_OPERATION, operation);
	memcpy(arp + ARP_OFFSET_SENDER_MAC, interface->mac, 6);
	store_be32(arp + ARP_OFFSET_SENDER, sender);
	if (operation == ARP_REPLY)
		memcpy(arp + ARP_OFFSET_TARGET_MAC, target_mac, 6);
	else
		memset(arp + ARP_OFFSET_TARGET_MAC, 0, 6);
	store_be32(arp + ARP_OFFSET_TARGET, target);
	gateway_send(gateway, interface->port, packet);
}

/* Our own address on the interface that shares the target's subnet, else the first. */
static uint32_t
address_towards(const struct path_interface *interface, uint32_t target)
{
	for (unsigned int i = 0; i < interface->address_count; i++)
		if (ipv4_prefix_contains(interface->addresses[i], target))
			return interface->addresses[i].address;
	return interface->address_count != 0 ? interface->addresses[0].address : 0;
}

void
arp_ask(struct gateway *gateway, unsigned int number, uint32_t address, const uint8_t *mac)
{
	const struct path_interface *interface = &gateway->view->interfaces[number];

	gateway->counters.arp_asked++;
	send_arp(gateway, number, ARP_REQUEST, address_towards(interface, address), mac, address);
}

void
arp_announce(struct gateway *gateway, unsigned int number, uint32_t address)
{
	send_arp(gateway, number, ARP_REQUEST, address, NULL, address);
}

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
	if (memcmp(arp, ethernet_ipv4, sizeof(ethernet_ipv4)) != 0 ||
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
		send_arp(gateway, *interface_number, ARP_REPLY, target, arp + ARP_OFFSET_SENDER_MAC,
			sender);
		return false;
	}
	if (operation != ARP_REPLY)
		return false;
	gateway->counters.arp_replies++;
	neighbour_learn(gateway, *interface_number, sender, arp + ARP_OFFSET_SENDER_MAC, false);
	return true;
}

int
arp_write_ethernet(struct rte_mbuf *packet, const struct path_interface *out, const uint8_t mac[6])
{
	const uint8_t *bytes = rte_pktmbuf_mtod(packet, const uint8_t *);
	unsigned int before = ETHERNET_HEADER_BYTES, after = ETHERNET_HEADER_BYTES;

	if (load_be16(bytes + 12) == ETHERTYPE_VLAN)
		before += VLAN_TAG_BYTES;
	if (out->vlan != 0)
		after += VLAN_TAG_BYTES;
	if (rte_pktmbuf_adj(packet, (uint16_t)before) == NULL ||
		rte_pktmbuf_prepend(packet, (uint16_t)after) == NULL)
		return -EINVAL;
	write_header(rte_pktmbuf_mtod(packet, uint8_t *), out, mac, ETHERTYPE_IPV4);
	return 0;
}
