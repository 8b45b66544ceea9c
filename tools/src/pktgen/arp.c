/* See arp.h. */
#include "arp.h"

#include <string.h>

#include "wire/frame.h"

#define OFFSET_OPERATION      20 /* all from the frame's first byte */
#define OFFSET_SENDER_MAC     22
#define OFFSET_SENDER_ADDRESS 28
#define OFFSET_TARGET_MAC     32
#define OFFSET_TARGET_ADDRESS 38

#define REQUEST 1
#define REPLY   2

/* Ethernet, IPv4, their lengths. */
static const uint8_t prologue[] = {0x08, 0x06, 0, 1, 0x08, 0x00, 6, 4};

bool
arp_is(const uint8_t *frame, uint32_t length)
{
	return length >= ARP_FRAME_BYTES && memcmp(frame + 12, prologue, sizeof(prologue)) == 0;
}

static bool
is_ours(const struct arp_hosts *hosts, uint32_t address)
{
	for (unsigned int i = 0; i < hosts->range_count; i++)
		if (address - hosts->ranges[i].first < hosts->ranges[i].count)
			return true;
	return false;
}

bool
arp_handle(struct arp_hosts *hosts, uint8_t *frame, uint32_t length)
{
	uint8_t asked[4], asker[6];

	if (!arp_is(frame, length))
		return false;
	if (hosts->gateway != 0 && load_be32(frame + OFFSET_SENDER_ADDRESS) == hosts->gateway) {
		memcpy(hosts->gateway_mac, frame + OFFSET_SENDER_MAC, 6);
		hosts->gateway_known = true;
	}
	if (load_be16(frame + OFFSET_OPERATION) != REQUEST ||
		!is_ours(hosts, load_be32(frame + OFFSET_TARGET_ADDRESS)))
		return false;
	memcpy(asked, frame + OFFSET_TARGET_ADDRESS, sizeof(asked));
	memcpy(frame + OFFSET_TARGET_MAC, frame + OFFSET_SENDER_MAC, 10); /* and the address */
	memcpy(frame + OFFSET_SENDER_MAC, hosts->mac, 6);
	memcpy(frame + OFFSET_SENDER_ADDRESS, asked, sizeof(asked));
	store_be16(frame + OFFSET_OPERATION, REPLY);
	memcpy(asker, frame + 6, sizeof(asker));
	memcpy(frame, asker, sizeof(asker));
	memcpy(frame + 6, hosts->mac, 6);
	hosts->answered++;
	return true;
}

void
arp_ask(const struct arp_hosts *hosts, uint8_t frame[ARP_FRAME_BYTES])
{
	memset(frame, 0, ARP_FRAME_BYTES);
	memset(frame, 0xff, 6);
	memcpy(frame + 6, hosts->mac, 6);
	memcpy(frame + 12, prologue, sizeof(prologue));
	store_be16(frame + OFFSET_OPERATION, REQUEST);
	memcpy(frame + OFFSET_SENDER_MAC, hosts->mac, 6);
	store_be32(frame + OFFSET_SENDER_ADDRESS, hosts->ranges[0].first);
	store_be32(frame + OFFSET_TARGET_ADDRESS, hosts->gateway);
}
