/* See quotation.h. */
#include "wire/quotation.h"

#include <string.h>

/* The TTL is the first byte of its 16-bit word in memory: one less is ~1 added. */
#define TTL_CHANGE UINT64_C(0xfffe)

/* RFC 5508, section 3: queries and their answers have mappings. */
static bool
is_icmp_query(uint8_t type)
{
	return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

bool
quotation_read(uint8_t *l3, unsigned int length, struct quotation *quoted)
{
	unsigned int header;

	if (length < IPV4_HEADER_BYTES || l3[0] >> 4 != 4)
		return false;
	header = (unsigned int)(l3[0] & 15) * 4;
	if (header < IPV4_HEADER_BYTES || length < header + ICMP_HEADER_BYTES ||
		(load_be16(l3 + IPV4_OFFSET_FRAGMENT) & IPV4_FRAGMENT_OFFSET) != 0)
		return false;
	quoted->l3 = l3;
	quoted->l4 = l3 + header;
	quoted->l4_bytes = length - header;
	quoted->source = load_be32(l3 + IPV4_OFFSET_SOURCE);
	quoted->destination = load_be32(l3 + IPV4_OFFSET_DESTINATION);
	quoted->source_port = load_be16(quoted->l4);
	quoted->destination_port = load_be16(quoted->l4 + 2);
	switch (l3[IPV4_OFFSET_PROTOCOL]) {
	case IPV4_PROTOCOL_UDP:
		quoted->kind = FRAME_UDP;
		return true;
	case IPV4_PROTOCOL_TCP:
		quoted->kind = FRAME_TCP;
		return true;
	case IPV4_PROTOCOL_ICMP:
		quoted->kind = FRAME_ICMP_QUERY;
		quoted->source_port = load_be16(quoted->l4 + ICMP_OFFSET_IDENTIFIER);
		quoted->destination_port = quoted->source_port;
		return is_icmp_query(quoted->l4[0]);
	default:
		return false;
	}
}

static void
update_checksum(uint8_t *field, uint64_t changes)
{
	uint16_t checksum;

	memcpy(&checksum, field, sizeof(checksum));
	checksum = checksum_update(checksum, changes);
	memcpy(field, &checksum, sizeof(checksum));
}

/* The replacers return the change to the words that checksums cover. */
static uint64_t
replace_address(uint8_t *field, uint32_t address)
{
	uint32_t before, after = __builtin_bswap32(address);

	memcpy(&before, field, sizeof(before));
	memcpy(field, &after, sizeof(after));
	return checksum_change32(before, after);
}

static uint64_t
replace_port(uint8_t *field, uint16_t port)
{
	uint16_t before, after = __builtin_bswap16(port);

	memcpy(&before, field, sizeof(before));
	memcpy(field, &after, sizeof(after));
	return checksum_change16(before, after);
}

static unsigned int
address_offset(enum quotation_side side)
{
	return side == QUOTATION_SOURCE ? IPV4_OFFSET_SOURCE : IPV4_OFFSET_DESTINATION;
}

/* Where the quoted transport header keeps its checksum; NULL when it was cut off or not used. */
static uint8_t *
transport_checksum(const struct quotation *quoted)
{
	unsigned int offset = UDP_OFFSET_CHECKSUM;

	if (quoted->kind == FRAME_TCP)
		offset = TCP_OFFSET_CHECKSUM;
	else if (quoted->kind == FRAME_ICMP_QUERY)
		offset = ICMP_OFFSET_CHECKSUM;
	if (quoted->l4_bytes < offset + 2 ||
		(quoted->kind == FRAME_UDP && load_be16(quoted->l4 + offset) == 0))
		return NULL;
	return quoted->l4 + offset;
}

void
quotation_translate(
	const struct quotation *quoted, enum quotation_side side, uint32_t address, uint16_t port)
{
	uint8_t *checksum = transport_checksum(quoted), *port_field = quoted->l4;
	uint64_t address_change, port_change;

	if (quoted->kind == FRAME_ICMP_QUERY)
		port_field += ICMP_OFFSET_IDENTIFIER;
	else if (side == QUOTATION_DESTINATION)
		port_field += 2;
	address_change = replace_address(quoted->l3 + address_offset(side), address);
	port_change = replace_port(port_field, port);
	update_checksum(quoted->l3 + IPV4_OFFSET_CHECKSUM, address_change);
	if (checksum != NULL) /* an ICMP checksum has no pseudo-header */
		update_checksum(checksum,
			port_change + (quoted->kind == FRAME_ICMP_QUERY ? 0 : address_change));
}

void
quotation_finish_error(uint8_t *l3, unsigned int bytes, unsigned int l4_offset,
	enum quotation_side side, uint32_t address)
{
	uint64_t change = replace_address(l3 + address_offset(side), address);
	uint16_t checksum;

	l3[IPV4_OFFSET_TTL]--;
	update_checksum(l3 + IPV4_OFFSET_CHECKSUM, change + TTL_CHANGE);
	memset(l3 + l4_offset + ICMP_OFFSET_CHECKSUM, 0, sizeof(checksum));
	checksum = checksum_of(l3 + l4_offset, bytes - l4_offset);
	memcpy(l3 + l4_offset + ICMP_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
}
