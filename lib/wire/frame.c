/* See frame.h: what is too rare to be inline. */
#include "wire/frame.h"

#define OPTION_END          0
#define OPTION_NOP          1
#define OPTION_LOOSE_ROUTE  131
#define OPTION_STRICT_ROUTE 137

enum drop_reason
frame_check_options(const uint8_t *options, unsigned int length)
{
	unsigned int at = 0;

	while (at < length && options[at] != OPTION_END) {
		if (options[at] == OPTION_NOP) {
			at++;
			continue;
		}
		if (options[at] == OPTION_LOOSE_ROUTE || options[at] == OPTION_STRICT_ROUTE)
			return DROP_IP_SOURCE_ROUTE;
		if (length - at < 2 || options[at + 1] < 2 || options[at + 1] > length - at)
			return DROP_IP_OPTIONS;
		at += options[at + 1];
	}
	return DROP_NONE;
}

enum drop_reason
frame_parse_unusual(const uint8_t *bytes, unsigned int length, struct frame *frame)
{
	unsigned int l3_offset = ETHERNET_HEADER_BYTES, ethertype, header;
	const uint8_t *l3;

	if (length < ETHERNET_HEADER_BYTES)
		return DROP_FRAME_SHORT;
	ethertype = load_be16(bytes + 12);
	if (ethertype == ETHERTYPE_VLAN) {
		l3_offset += VLAN_TAG_BYTES;
		if (length < l3_offset)
			return DROP_FRAME_SHORT;
		frame->vlan = load_be16(bytes + 14) & 0xfff;
		ethertype = load_be16(bytes + 16);
	}
	frame->l3_offset = (uint8_t)l3_offset;
	if (ethertype != ETHERTYPE_IPV4) {
		frame->kind = FRAME_ARP;
		return ethertype == ETHERTYPE_ARP ? DROP_NONE : DROP_ETHERTYPE;
	}
	l3 = bytes + l3_offset;
	length -= l3_offset;
	if (length < IPV4_HEADER_BYTES)
		return DROP_FRAME_SHORT;
	if (l3[0] >> 4 != 4)
		return DROP_IP_VERSION;
	header = (unsigned int)(l3[0] & 15) * 4;
	if (header < IPV4_HEADER_BYTES || header > length)
		return DROP_IP_HEADER_LENGTH;
	return frame_parse_ipv4(l3, length, header, frame);
}
