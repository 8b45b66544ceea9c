/* See frames_common.h. */
#include "frames_common.h"

#include <string.h>

#include "frames.h"
#include "wire/frame.h"

const char *const frames_tcp_flags[FRAMES_TCP_FLAGS] = {"fin", "syn", "rst", "psh", "ack", "urg"};

const struct frames_error frames_errors[FRAMES_ERRORS] = {
	{"net-unreachable", 3, 0},
	{"host-unreachable", 3, 1},
	{"port-unreachable", 3, 3},
	{"too-big", 3, 4},
	{"prohibited", 3, 13},
	{"ttl-exceeded", 11, 0},
};

void
frames_mac(uint32_t address, uint8_t mac[6])
{
	mac[0] = 2;
	mac[1] = 0;
	store_be32(mac + 2, address);
}

unsigned int
frames_checksum_offset(uint8_t protocol)
{
	return protocol == IPV4_PROTOCOL_UDP ? 6 : protocol == IPV4_PROTOCOL_TCP ? 16 : 2;
}

/* Sum of big-endian words. */
static uint32_t
add_words(uint32_t sum, const uint8_t *bytes, unsigned int length)
{
	for (unsigned int i = 0; i < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | (i + 1 < length ? bytes[i + 1] : 0);
	return sum;
}

uint16_t
frames_l4_checksum(const uint8_t *l3, const uint8_t *l4, unsigned int length)
{
	uint8_t protocol = l3[IPV4_OFFSET_PROTOCOL];
	unsigned int field = frames_checksum_offset(protocol);
	uint32_t sum = 0;

	if (protocol != IPV4_PROTOCOL_ICMP)
		sum = add_words(protocol + length, l3 + IPV4_OFFSET_SOURCE, 8);
	sum = add_words(sum, l4, field);
	sum = add_words(sum, l4 + field + 2, length - field - 2);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return __builtin_bswap16((uint16_t)~sum);
}
