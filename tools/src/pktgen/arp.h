/* The hosts behind a generator's port answer ARP, and find the gateway by it (RFC 826).
 *
 * Pure: frames in, frames out. One thread.
 */
#ifndef PKTGEN_ARP_H
#define PKTGEN_ARP_H

#include <stdbool.h>
#include <stdint.h>

#define ARP_FRAME_BYTES 42
#define ARP_RANGES_MAX  2

struct arp_range {
	uint32_t first, count; /* addresses, host order */
};

struct arp_hosts {
	uint8_t mac[6];
	unsigned int range_count;
	struct arp_range ranges[ARP_RANGES_MAX]; /* the addresses that this side has */
	uint32_t gateway; /* whose Ethernet address is wanted; 0 = nobody's */
	bool gateway_known;
	uint8_t gateway_mac[6];
	uint64_t answered;
};

/* Whether the frame is ARP at all. */
bool arp_is(const uint8_t *frame, uint32_t length);

/* Takes in an ARP frame: learns the gateway's address from it, and, when it asks for an address of
 * this side, turns it into the answer. Returns whether it is one now, to be sent. */
bool arp_handle(struct arp_hosts *hosts, uint8_t *frame, uint32_t length);

/* Writes the question for the gateway, from this side's first address. */
void arp_ask(const struct arp_hosts *hosts, uint8_t frame[ARP_FRAME_BYTES]);

#endif
