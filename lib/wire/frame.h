/* Reading a frame: Ethernet, 802.1Q, IPv4, and the part of UDP, TCP and ICMP that a NAT needs.
 *
 * frame_parse() is pure and bounds-checked: bytes and a length in, facts and a drop reason out; it
 * never reads past `length`. It is inline because it runs per packet; test/fuzz/fuzz_frame.c feeds
 * it garbage. Addresses and ports come out in host order.
 */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/checksum.h"
#include "wire/drop.h"

#define ETHERNET_HEADER_BYTES 14
#define VLAN_TAG_BYTES        4
#define IPV4_HEADER_BYTES     20
#define UDP_HEADER_BYTES      8
#define TCP_HEADER_BYTES      20
#define ICMP_HEADER_BYTES     8

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP  0x0806
#define ETHERTYPE_VLAN 0x8100

#define IPV4_PROTOCOL_ICMP 1
#define IPV4_PROTOCOL_TCP  6
#define IPV4_PROTOCOL_UDP  17

/* Offsets within the headers. */
#define IPV4_OFFSET_TOTAL_LENGTH 2
#define IPV4_OFFSET_IDENTIFIER   4
#define IPV4_OFFSET_FRAGMENT     6
#define IPV4_OFFSET_TTL          8
#define IPV4_OFFSET_PROTOCOL     9
#define IPV4_OFFSET_CHECKSUM     10
#define IPV4_OFFSET_SOURCE       12
#define IPV4_OFFSET_DESTINATION  16
#define UDP_OFFSET_CHECKSUM      6
#define TCP_OFFSET_FLAGS         13
#define TCP_OFFSET_CHECKSUM      16
#define ICMP_OFFSET_CHECKSUM     2
#define ICMP_OFFSET_IDENTIFIER   4

#define IPV4_FIRST_BYTE 0x45 /* version 4, five words, no options */

#define IPV4_FRAGMENT_DF     0x4000
#define IPV4_FRAGMENT_MF     0x2000
#define IPV4_FRAGMENT_OFFSET 0x1fff

/* What kind of frame it is. The first three carry enum nat_protocol's numbers. */
enum frame_kind {
	FRAME_UDP,
	FRAME_TCP,
	FRAME_ICMP_QUERY, /* both ports are the identifier */
	FRAME_ICMP_ERROR,
	FRAME_ARP,
};

struct frame {
	uint32_t source, destination; /* IPv4 */
	uint16_t source_port, destination_port;
	uint16_t l3_bytes; /* IPv4 total length */
	uint16_t vlan;     /* identifier of the tag, 0 = none */
	uint8_t kind;      /* enum frame_kind */
	uint8_t l3_offset; /* of the IPv4 header, from the frame's first byte */
	uint8_t l4_offset; /* of the transport header, likewise */
	uint8_t ttl;
	uint8_t tcp_flags;
	uint8_t icmp_type;
};

/* Options of a header longer than 20 bytes; out of line, since hosts hardly send any. */
enum drop_reason frame_check_options(const uint8_t *options, unsigned int length);

/* A source that no host may have: 0/8, 127/8, 224/4, 240/4 (RFC 1812, 5.3.7; RFC 6890). */
static inline bool
ipv4_is_martian_source(uint32_t address)
{
	uint32_t top = address >> 24;

	return top == 0 || top == 127 || top >= 224;
}

/* A destination that is never forwarded: 0/8, 127/8, 240/4; multicast is told apart by the caller.
 */
static inline bool
ipv4_is_martian_destination(uint32_t address)
{
	uint32_t top = address >> 24;

	return (top == 0 || top == 127 || top >= 240) && address != UINT32_MAX;
}

static inline bool
ipv4_is_multicast(uint32_t address)
{
	return address >> 28 == 14 || address == UINT32_MAX;
}

static inline enum drop_reason
frame_parse_udp(const uint8_t *l4, unsigned int length, struct frame *frame)
{
	unsigned int said;

	if (length < UDP_HEADER_BYTES)
		return DROP_L4_SHORT;
	said = load_be16(l4 + 4);
	if (said < UDP_HEADER_BYTES || said > length)
		return DROP_L4_LENGTH;
	frame->kind = FRAME_UDP;
	frame->source_port = load_be16(l4);
	frame->destination_port = load_be16(l4 + 2);
	return frame->source_port == 0 || frame->destination_port == 0 ? DROP_ZERO_PORT : DROP_NONE;
}

static inline enum drop_reason
frame_parse_tcp(const uint8_t *l4, unsigned int length, struct frame *frame)
{
	unsigned int header;
	uint8_t flags;

	if (length < TCP_HEADER_BYTES)
		return DROP_L4_SHORT;
	header = (unsigned int)(l4[12] >> 4) * 4;
	if (header < TCP_HEADER_BYTES || header > length)
		return DROP_L4_LENGTH;
	flags = l4[TCP_OFFSET_FLAGS];
	frame->kind = FRAME_TCP;
	frame->tcp_flags = flags;
	frame->source_port = load_be16(l4);
	frame->destination_port = load_be16(l4 + 2);
	/* No flag at all, or SYN together with FIN or RST. */
	if ((flags & 0x3f) == 0 || ((flags & 0x02) != 0 && (flags & 0x05) != 0))
		return DROP_TCP_FLAGS;
	return frame->source_port == 0 || frame->destination_port == 0 ? DROP_ZERO_PORT : DROP_NONE;
}

static inline enum drop_reason
frame_parse_icmp(const uint8_t *l4, unsigned int length, struct frame *frame)
{
	if (length < ICMP_HEADER_BYTES)
		return DROP_L4_SHORT;
	frame->icmp_type = l4[0];
	switch (l4[0]) {
	case 0: /* echo, timestamp, information, address mask: RFC 5508, section 3 */
	case 8:
	case 13:
	case 14:
	case 15:
	case 16:
	case 17:
	case 18:
		frame->kind = FRAME_ICMP_QUERY;
		frame->source_port = load_be16(l4 + ICMP_OFFSET_IDENTIFIER);
		frame->destination_port = frame->source_port;
		return DROP_NONE;
	case 3: /* unreachable, time exceeded, parameter problem */
	case 11:
	case 12:
		frame->kind = FRAME_ICMP_ERROR;
		return DROP_NONE;
	default:
		return DROP_ICMP_TYPE;
	}
}

/* The IPv4 packet, RFC 1812, section 5.2.2. `header` is the length of its header, 20 to 60, and
 * lies within `available`, the bytes from there on. Inlined into each caller: for the usual header
 * all offsets are constants. */
static inline __attribute__((always_inline)) enum drop_reason
frame_parse_ipv4(
	const uint8_t *l3, unsigned int available, unsigned int header, struct frame *frame)
{
	const uint8_t *l4 = l3 + header;
	enum drop_reason reason = DROP_NONE;
	unsigned int fragment, l4_bytes;

	frame->l3_bytes = load_be16(l3 + IPV4_OFFSET_TOTAL_LENGTH);
	if (frame->l3_bytes < header || frame->l3_bytes > available)
		return DROP_IP_TOTAL_LENGTH;
	if (checksum_fold(header == IPV4_HEADER_BYTES ? checksum_sum20(l3)
						      : checksum_sum(l3, header)) != 0xffff)
		return DROP_IP_CHECKSUM;
	frame->source = load_be32(l3 + IPV4_OFFSET_SOURCE);
	frame->destination = load_be32(l3 + IPV4_OFFSET_DESTINATION);
	frame->ttl = l3[IPV4_OFFSET_TTL];
	frame->l4_offset = (uint8_t)(frame->l3_offset + header);
	if (header > IPV4_HEADER_BYTES)
		reason = frame_check_options(l3 + IPV4_HEADER_BYTES, header - IPV4_HEADER_BYTES);
	if (reason != DROP_NONE)
		return reason;
	l4_bytes = frame->l3_bytes - header;
	fragment = load_be16(l3 + IPV4_OFFSET_FRAGMENT);
	if (__builtin_expect((fragment & (IPV4_FRAGMENT_MF | IPV4_FRAGMENT_OFFSET)) != 0, 0))
		return (fragment & IPV4_FRAGMENT_OFFSET) * 8 + l4_bytes > 65535
			       ? DROP_FRAGMENT_BOGUS
			       : DROP_FRAGMENT;
	switch (l3[IPV4_OFFSET_PROTOCOL]) {
	case IPV4_PROTOCOL_UDP:
		return frame_parse_udp(l4, l4_bytes, frame);
	case IPV4_PROTOCOL_TCP:
		return frame_parse_tcp(l4, l4_bytes, frame);
	case IPV4_PROTOCOL_ICMP:
		return frame_parse_icmp(l4, l4_bytes, frame);
	default:
		return DROP_PROTOCOL;
	}
}

/* The rest of frame_parse(): tags, ARP, IPv4 options, and what is cut short or not IPv4. */
enum drop_reason frame_parse_unusual(
	const uint8_t *bytes, unsigned int length, struct frame *frame);

/* Reads `length` bytes of a frame. DROP_NONE and a filled `frame`, or the reason. For FRAME_ARP
 * only kind, vlan and l3_offset are set. With DROP_FRAGMENT the IPv4 fields are valid. */
static inline enum drop_reason
frame_parse(const uint8_t *bytes, unsigned int length, struct frame *frame)
{
	frame->vlan = 0;
	frame->tcp_flags = 0;
	if (__builtin_expect(length < ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES ||
				     load_be16(bytes + 12) != ETHERTYPE_IPV4 ||
				     bytes[ETHERNET_HEADER_BYTES] != IPV4_FIRST_BYTE,
		    0))
		return frame_parse_unusual(bytes, length, frame);
	frame->l3_offset = ETHERNET_HEADER_BYTES;
	return frame_parse_ipv4(bytes + ETHERNET_HEADER_BYTES, length - ETHERNET_HEADER_BYTES,
		IPV4_HEADER_BYTES, frame);
}

#endif
