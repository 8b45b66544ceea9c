/* See arp_send.h. */
#include "control/arp_send.h"

#include <errno.h>
#include <string.h>

static const uint8_t broadcast_mac[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
const uint8_t arp_ethernet_ipv4[6] = {0, 1, 8, 0, 6, 4}; /* hardware, protocol, lengths */

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

void
arp_send(struct gateway *gateway, unsigned int number, uint16_t operation, uint32_t sender,
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
	memcpy(arp, arp_ethernet_ipv4, sizeof(arp_ethernet_ipv4));
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
	arp_send(gateway, number, ARP_REQUEST, address_towards(interface, address), mac, address);
}

void
arp_announce(struct gateway *gateway, unsigned int number, uint32_t address)
{
	arp_send(gateway, number, ARP_REQUEST, address, NULL, address);
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
