/* ARP frames that arrive (RFC 826): answered, learned from. Control thread. */
#ifndef CONTROL_ARP_H
#define CONTROL_ARP_H

#include "control/gateway.h"

/* A received ARP frame on `port`. Answers requests for the interface's own addresses and, outside,
 * for pool addresses; learns from answers. Returns whether the kernel side should see it too (an
 * answer: the kernel may have asked). Does not consume the packet. */
bool arp_input(struct gateway *gateway, unsigned int port, const struct rte_mbuf *packet,
	unsigned int *interface);

#endif
