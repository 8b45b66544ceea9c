/* Sending ARP (RFC 826), and the Ethernet header of what control sends. Control thread. */
#ifndef CONTROL_ARP_SEND_H
#define CONTROL_ARP_SEND_H

#include "control/gateway.h"

/* Layout of an ARP packet for IPv4 over Ethernet, RFC 826. */
#define ARP_BYTES             28
#define ARP_OFFSET_OPERATION  6
#define ARP_OFFSET_SENDER_MAC 8
#define ARP_OFFSET_SENDER     14
#define ARP_OFFSET_TARGET_MAC 18
#define ARP_OFFSET_TARGET     24
#define ARP_REQUEST           1
#define ARP_REPLY             2

/* What every ARP packet of IPv4 over Ethernet begins with: hardware, protocol, lengths. */
extern const uint8_t arp_ethernet_ipv4[6];

/* Sends one ARP packet from `sender`; `target_mac` NULL = to everybody (requests only). */
void arp_send(struct gateway *gateway, unsigned int interface, uint16_t operation, uint32_t sender,
	const uint8_t *target_mac, uint32_t target);

/* Asks for `address`; by unicast to `mac` when it is given. */
void arp_ask(struct gateway *gateway, unsigned int interface, uint32_t address, const uint8_t *mac);

/* Announces an address of ours (gratuitous ARP, RFC 5227 section 3). */
void arp_announce(struct gateway *gateway, unsigned int interface, uint32_t address);

/* Replaces the Ethernet header (and tag) of an IPv4 frame for leaving by `out` to `mac`. 0, or
 * -EINVAL when there is no room for a tag. */
int arp_write_ethernet(
	struct rte_mbuf *packet, const struct path_interface *out, const uint8_t mac[6]);

#endif
