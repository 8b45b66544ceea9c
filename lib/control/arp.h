/* ARP frames (RFC 826): reading, answering, asking. Control thread. */
#ifndef CONTROL_ARP_H
#define CONTROL_ARP_H

#include "control/gateway.h"

/* A received ARP frame on `port`. Answers requests for the interface's own addresses and, outside,
 * for pool addresses; learns from answers. Returns whether the kernel side should see it too (an
 * answer: the kernel may have asked). Does not consume the packet. */
bool arp_input(struct gateway *gateway, unsigned int port, const struct rte_mbuf *packet,
	unsigned int *interface);

/* Asks for `address`; by unicast to `mac` when it is given. */
void arp_ask(struct gateway *gateway, unsigned int interface, uint32_t address, const uint8_t *mac);

/* Announces an address of ours (gratuitous ARP, RFC 5227 section 3). */
void arp_announce(struct gateway *gateway, unsigned int interface, uint32_t address);

/* Replaces the Ethernet header (and tag) of an IPv4 frame for leaving by `out` to `mac`. 0, or
 * -EINVAL when there is no room for a tag. */
int arp_write_ethernet(
	struct rte_mbuf *packet, const struct path_interface *out, const uint8_t mac[6]);

#endif
