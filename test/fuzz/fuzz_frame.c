/* libFuzzer on what the packet path does with bytes from outside: frame_parse(), and for what it
 * accepts, ICMP errors about it and quotations in it. The buffer is exactly as long as the frame
 * (and the room that an error needs), so that a byte too far is found. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/frame.h"
#include "wire/icmp.h"
#include "wire/quotation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static void
check_offsets(const struct frame *frame, size_t size)
{
	REQUIRE(frame->l3_offset == ETHERNET_HEADER_BYTES ||
		frame->l3_offset == ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES);
	REQUIRE(frame->l4_offset >= frame->l3_offset + IPV4_HEADER_BYTES);
	REQUIRE((size_t)frame->l3_offset + frame->l3_bytes <= size);
	REQUIRE(frame->l4_offset + ICMP_HEADER_BYTES <= frame->l3_offset + frame->l3_bytes);
	REQUIRE(frame->kind <= FRAME_ICMP_ERROR);
}

/* An error about the packet is whole: right checksums, to the packet's source. */
static void
check_error(const uint8_t *l3, unsigned int length)
{
	struct icmp_error error = {.source = 0x0a000001, .type = ICMP_TIME_EXCEEDED};
	unsigned int room = length + ICMP_ERROR_HEADER_BYTES, built;
	uint32_t source = load_be32(l3 + IPV4_OFFSET_SOURCE);
	uint8_t *copy;

	if (!icmp_error_allowed(l3, length))
		return;
	if (room > ICMP_ERROR_MAXIMUM_BYTES)
		room = length > ICMP_ERROR_MAXIMUM_BYTES ? length : ICMP_ERROR_MAXIMUM_BYTES;
	copy = malloc(room);
	memcpy(copy, l3, length);
	built = icmp_error_build(copy, length, &error);
	REQUIRE(built <= ICMP_ERROR_MAXIMUM_BYTES && built <= room);
	REQUIRE(load_be32(copy + IPV4_OFFSET_DESTINATION) == source);
	REQUIRE(checksum_fold(checksum_sum(copy, IPV4_HEADER_BYTES)) == 0xffff);
	REQUIRE(checksum_fold(checksum_sum(copy + IPV4_HEADER_BYTES, built - IPV4_HEADER_BYTES)) ==
		0xffff);
	free(copy);
}

/* Translating a quotation there and back gives the same bytes, and a whole error. */
static void
check_quotation(uint8_t *l3, const struct frame *frame)
{
	unsigned int l4_offset = frame->l4_offset - (unsigned int)frame->l3_offset;
	uint8_t *inner = l3 + l4_offset + ICMP_HEADER_BYTES;
	unsigned int inner_bytes = frame->l3_bytes - l4_offset - ICMP_HEADER_BYTES;
	uint32_t source, destination;
	struct quotation quoted;

	if (frame->kind != FRAME_ICMP_ERROR || !quotation_read(inner, inner_bytes, &quoted))
		return;
	source = quoted.source;
	destination = quoted.destination;
	quotation_translate(&quoted, QUOTATION_SOURCE, 0xc6336401, 49300);
	REQUIRE(quotation_read(inner, inner_bytes, &quoted));
	REQUIRE(quoted.source == 0xc6336401 && quoted.source_port == 49300);
	quotation_translate(&quoted, QUOTATION_DESTINATION, source, 40000);
	REQUIRE(quotation_read(inner, inner_bytes, &quoted));
	REQUIRE(quoted.destination == source && quoted.destination_port == 40000);
	quotation_finish_error(l3, frame->l3_bytes, l4_offset, QUOTATION_SOURCE, destination);
	REQUIRE(checksum_fold(checksum_sum(l3 + l4_offset, frame->l3_bytes - l4_offset)) == 0xffff);
	REQUIRE(checksum_fold(checksum_sum(l3, l4_offset)) == 0xffff);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame frame;
	uint8_t *bytes;

	if (size > 9600)
		return 0;
	bytes = malloc(size != 0 ? size : 1);
	memcpy(bytes, data, size);
	/* A random checksum is hardly ever right: half of the inputs get theirs corrected. */
	if (size >= ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES && (data[0] & 1) != 0) {
		uint8_t *l3 = bytes + ETHERNET_HEADER_BYTES;
		unsigned int header = (unsigned int)(l3[0] & 15) * 4;
		uint16_t checksum = 0;

		memcpy(l3 + IPV4_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
		if (header <= size - ETHERNET_HEADER_BYTES)
			checksum = checksum_of(l3, header);
		memcpy(l3 + IPV4_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
	}
	if (frame_parse(bytes, (unsigned int)size, &frame) == DROP_NONE &&
		frame.kind != FRAME_ARP) {
		check_offsets(&frame, size);
		check_error(bytes + frame.l3_offset, frame.l3_bytes);
		if (frame.ttl > 1)
			check_quotation(bytes + frame.l3_offset, &frame);
	}
	free(bytes);
	return 0;
}
