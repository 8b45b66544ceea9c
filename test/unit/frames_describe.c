/* Frame to text; see frames.h. */
#include "frames.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/ipv4.h"
#include "frames_common.h"
#include "wire/frame.h"

static void __attribute__((format(printf, 2, 3))) say(char *text, const char *format, ...)
{
	size_t used = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + used, FRAMES_TEXT - used, format, arguments);
	va_end(arguments);
}

static void
say_addresses(char *text, const uint8_t *l3, const uint8_t *ports)
{
	uint32_t addresses[2] = {
		load_be32(l3 + IPV4_OFFSET_SOURCE), load_be32(l3 + IPV4_OFFSET_DESTINATION)};

	for (unsigned int i = 0; i < 2; i++) {
		char address[IPV4_TEXT_BYTES];

		say(text, i == 0 ? " %s" : " > %s", ipv4_text(addresses[i], address));
		if (ports != NULL)
			say(text, ":%u", load_be16(ports + 2 * i));
	}
}

static void
say_data(char *text, const uint8_t *data, unsigned int length)
{
	for (unsigned int i = 0; i < length; i++)
		if (data[i] != frames_data(i)) {
			say(text, " changed-data");
			break;
		}
	if (length != FRAMES_DATA_BYTES)
		say(text, " data %u", length);
}

static void
say_flags(char *text, uint8_t flags)
{
	const char *before = " ";

	for (unsigned int i = 0; i < FRAMES_TCP_FLAGS; i++)
		if ((flags >> i & 1) != 0) {
			say(text, "%s%s", before, frames_tcp_flags[i]);
			before = "+";
		}
}

static void describe_ipv4(char *text, const uint8_t *l3, unsigned int available, bool quoted);

static void
describe_icmp(char *text, const uint8_t *l3, const uint8_t *l4, unsigned int length)
{
	if (l4[0] == 0 || l4[0] == 8) {
		say(text, l4[0] == 8 ? "echo" : "echo-reply");
		say_addresses(text, l3, NULL);
		say(text, " id %u ttl %u", load_be16(l4 + 4), l3[IPV4_OFFSET_TTL]);
		if (length >= ICMP_HEADER_BYTES)
			say_data(text, l4 + ICMP_HEADER_BYTES, length - ICMP_HEADER_BYTES);
		return;
	}
	for (unsigned int i = 0; i < FRAMES_ERRORS; i++) {
		if (frames_errors[i].type != l4[0] || frames_errors[i].code != l4[1])
			continue;
		say(text, "icmp %s", frames_errors[i].name);
		say_addresses(text, l3, NULL);
		say(text, " ttl %u", l3[IPV4_OFFSET_TTL]);
		if (load_be16(l4 + 6) != 0)
			say(text, " mtu %u", load_be16(l4 + 6));
		say(text, " ( ");
		describe_ipv4(text, l4 + ICMP_HEADER_BYTES, length - ICMP_HEADER_BYTES, true);
		say(text, " )");
		return;
	}
	say(text, "? icmp type %u code %u", l4[0], l4[1]);
}

/* `length` is what the header says; `available` may be less in a quotation. */
static void
describe_transport(char *text, const uint8_t *l3, const uint8_t *l4, unsigned int length)
{
	switch (l3[IPV4_OFFSET_PROTOCOL]) {
	case IPV4_PROTOCOL_UDP:
		say(text, "udp");
		say_addresses(text, l3, l4);
		say(text, " ttl %u", l3[IPV4_OFFSET_TTL]);
		if (load_be16(l4 + 6) == 0)
			say(text, " no-checksum");
		if (load_be16(l4 + 4) != length)
			say(text, " wrong-length");
		say_data(text, l4 + UDP_HEADER_BYTES, length - UDP_HEADER_BYTES);
		break;
	case IPV4_PROTOCOL_TCP:
		say(text, "tcp");
		say_addresses(text, l3, l4);
		say_flags(text, l4[TCP_OFFSET_FLAGS]);
		say(text, " ttl %u", l3[IPV4_OFFSET_TTL]);
		say_data(text, l4 + TCP_HEADER_BYTES, length - TCP_HEADER_BYTES);
		break;
	case IPV4_PROTOCOL_ICMP:
		describe_icmp(text, l3, l4, length);
		break;
	default:
		say(text, "? protocol %u", l3[IPV4_OFFSET_PROTOCOL]);
	}
}

/* What a quotation leaves out is known: the data's pattern. So the checksum of a UDP datagram that
 * was cut behind its header can be checked too. A TCP header that was cut has none. */
static void
describe_ipv4(char *text, const uint8_t *l3, unsigned int available, bool quoted)
{
	unsigned int total = load_be16(l3 + IPV4_OFFSET_TOTAL_LENGTH), l4_bytes, l4_header;
	uint8_t whole[FRAMES_BYTES];
	uint8_t *l4 = whole + IPV4_HEADER_BYTES;
	bool cut_header;
	uint16_t sum;

	if (available < IPV4_HEADER_BYTES + 8 || l3[0] != 0x45 || total > sizeof(whole) ||
		(total > available && !quoted)) {
		say(text, "? %u bytes of IPv4 beginning %02x", available, l3[0]);
		return;
	}
	l4_bytes = total - IPV4_HEADER_BYTES;
	l4_header = l3[IPV4_OFFSET_PROTOCOL] == IPV4_PROTOCOL_TCP ? TCP_HEADER_BYTES : 8;
	for (unsigned int i = available; i < total; i++)
		whole[i] = frames_data(i - IPV4_HEADER_BYTES - l4_header);
	memcpy(whole, l3, total < available ? total : available);
	cut_header = l3[IPV4_OFFSET_PROTOCOL] == IPV4_PROTOCOL_TCP &&
		     available < IPV4_HEADER_BYTES + TCP_HEADER_BYTES;
	if (cut_header) { /* flags and data are unknown */
		say(text, "tcp");
		say_addresses(text, whole, l4);
		say(text, " ttl %u", whole[IPV4_OFFSET_TTL]);
	} else {
		describe_transport(text, whole, l4, l4_bytes);
	}
	if ((load_be16(whole + IPV4_OFFSET_FRAGMENT) & IPV4_FRAGMENT_DF) != 0)
		say(text, " df");
	if (available < total)
		say(text, " quoted %u", available);
	if (checksum_fold(checksum_sum(whole, IPV4_HEADER_BYTES)) != 0xffff)
		say(text, " wrong-ip-checksum");
	sum = frames_l4_checksum(whole, l4, l4_bytes);
	if (whole[IPV4_OFFSET_PROTOCOL] == IPV4_PROTOCOL_UDP && sum == 0)
		sum = 0xffff;
	if (!cut_header &&
		!(whole[IPV4_OFFSET_PROTOCOL] == IPV4_PROTOCOL_UDP && load_be16(l4 + 6) == 0) &&
		memcmp(l4 + frames_checksum_offset(whole[IPV4_OFFSET_PROTOCOL]), &sum, 2) != 0)
		say(text, " wrong-checksum");
}

static void
describe_arp(char *text, const uint8_t *arp)
{
	char sender[IPV4_TEXT_BYTES], target[IPV4_TEXT_BYTES];

	ipv4_text(load_be32(arp + 14), sender);
	ipv4_text(load_be32(arp + 24), target);
	if (arp[7] == 1)
		say(text, "arp-ask %s from %s", target, sender);
	else
		say(text, "arp-answer %s to %s", sender, target);
}

char *
frames_describe(const uint8_t *bytes, unsigned int length, char text[FRAMES_TEXT])
{
	unsigned int l3 = ETHERNET_HEADER_BYTES, vlan = 0;

	text[0] = '\0';
	if (length < ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES) {
		say(text, "? %u bytes", length);
		return text;
	}
	if (load_be16(bytes + 12) == ETHERTYPE_VLAN) {
		vlan = load_be16(bytes + 14);
		l3 += VLAN_TAG_BYTES;
	}
	if (load_be16(bytes + l3 - 2) == ETHERTYPE_ARP)
		describe_arp(text, bytes + l3);
	else if (load_be16(bytes + l3 - 2) == ETHERTYPE_IPV4)
		describe_ipv4(text, bytes + l3, length - l3, false);
	else
		say(text, "? ethertype %04x", load_be16(bytes + l3 - 2));
	if (vlan != 0)
		say(text, " vlan %u", vlan);
	return text;
}
