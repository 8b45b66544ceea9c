/* See icmp.h. */
#include "wire/icmp.h"

#include <string.h>

#include "wire/frame.h"

#define ICMP_ERROR_TTL 64

bool
icmp_error_allowed(const uint8_t *l3, unsigned int length)
{
	unsigned int header = (unsigned int)(l3[0] & 15) * 4;
	uint32_t destination = load_be32(l3 + IPV4_OFFSET_DESTINATION);

	if ((load_be16(l3 + IPV4_OFFSET_FRAGMENT) & IPV4_FRAGMENT_OFFSET) != 0 ||
		ipv4_is_multicast(destination) ||
		ipv4_is_martian_source(load_be32(l3 + IPV4_OFFSET_SOURCE)))
		return false;
	if (l3[IPV4_OFFSET_PROTOCOL] != IPV4_PROTOCOL_ICMP)
		return true;
	/* Only about ICMP queries: an error about an error could go round for ever. */
	return length > header &&
	       (l3[header] == 0 || l3[header] == 8 || (l3[header] >= 13 && l3[header] <= 18));
}

unsigned int
icmp_error_build(uint8_t *l3, unsigned int length, const struct icmp_error *error)
{
	uint32_t offender = load_be32(l3 + IPV4_OFFSET_SOURCE);
	unsigned int quoted = length, total;
	uint8_t *icmp = l3 + IPV4_HEADER_BYTES;

	if (quoted > ICMP_ERROR_MAXIMUM_BYTES - ICMP_ERROR_HEADER_BYTES)
		quoted = ICMP_ERROR_MAXIMUM_BYTES - ICMP_ERROR_HEADER_BYTES;
	total = quoted + ICMP_ERROR_HEADER_BYTES;
	memmove(l3 + ICMP_ERROR_HEADER_BYTES, l3, quoted);
	memset(l3, 0, ICMP_ERROR_HEADER_BYTES);
	l3[0] = 0x45;
	l3[1] = 0xc0; /* precedence 6, RFC 1812, 4.3.2.5 */
	store_be16(l3 + IPV4_OFFSET_TOTAL_LENGTH, (uint16_t)total);
	store_be16(l3 + IPV4_OFFSET_IDENTIFIER, error->identifier);
	l3[IPV4_OFFSET_TTL] = ICMP_ERROR_TTL;
	l3[IPV4_OFFSET_PROTOCOL] = IPV4_PROTOCOL_ICMP;
	store_be32(l3 + IPV4_OFFSET_SOURCE, error->source);
	store_be32(l3 + IPV4_OFFSET_DESTINATION, offender);
	uint16_t checksum = checksum_of(l3, IPV4_HEADER_BYTES);
	memcpy(l3 + IPV4_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
	icmp[0] = error->type;
	icmp[1] = error->code;
	store_be16(icmp + 6, error->mtu_bytes);
	checksum = checksum_of(icmp, total - IPV4_HEADER_BYTES);
	memcpy(icmp + ICMP_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
	return total;
}
