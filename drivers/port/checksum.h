/* Completes checksums that the kernel left half done.
 *
 * A packet from a program on the same machine may reach a packet socket or an AF_XDP socket before
 * anybody has summed its payload: the kernel marks the buffer CHECKSUM_PARTIAL, writes the sum of
 * the pseudo header into the checksum field and expects the device to add the rest. DPDK's drivers
 * lose the mark. A field that holds exactly the pseudo header's sum is therefore taken as
 * unfinished unless the packet is right as it stands; for a damaged packet to be mistaken so it
 * must hit one value of 65536, which is the strength of the checksum itself.
 *
 * Source: the kernel's include/linux/skbuff.h, "Checksumming of transmitted packets"; RFC 1071.
 */
#ifndef PORT_CHECKSUM_H
#define PORT_CHECKSUM_H

#include <stdbool.h>
#include <stdint.h>

#include "path/port.h"

/* Looks at one Ethernet frame (up to two 802.1Q tags, IPv4, TCP or UDP, not a fragment) and
 * completes its checksum if it is unfinished; returns whether it was. Touches nothing else. Pure.
 */
bool checksum_complete(uint8_t *frame, uint32_t length);

/* A port's rx: ethdev_rx() with every packet completed. Worker threads. */
uint16_t checksum_completing_rx(
	struct port *port, uint16_t queue, struct rte_mbuf **packets, uint16_t count);

#endif
