/* Writes the frame of a descriptor: Ethernet, IPv4 and UDP, TCP or ICMP echo, all checksums right.
 *
 * Written as a NIC would: only headers, into a buffer whose payload is there already. What is the
 * same for all frames is prepared once, sums included, so a frame costs one copy of a cache line
 * and two folds. Pure; any thread.
 */
#ifndef PORT_BENCH_FRAME_H
#define PORT_BENCH_FRAME_H

#include <stdbool.h>
#include <string.h>

#include "drivers/port/bench_stream.h"
#include "wire/checksum.h"
#include "wire/frame.h"

#define BENCH_HEADER_BYTES 64 /* copied at once; the headers are 54 at most */

enum { BENCH_UDP, BENCH_TCP, BENCH_ICMP, BENCH_PROTOCOLS };

struct bench_headers {
	struct {
		uint8_t bytes[BENCH_HEADER_BYTES];
		uint64_t l3_sum, l4_sum; /* of what never changes */
	} of[BENCH_PROTOCOLS];
} __attribute__((aligned(64)));

/* `source`, `destination`: Ethernet addresses. ICMP echo is requests, or `replies`. */
void bench_headers_prepare(struct bench_headers *headers, const uint8_t source[6],
	const uint8_t destination[6], bool replies);

/* Bytes before the payload; 0 for a protocol that has no generator. */
unsigned int bench_header_bytes(uint8_t protocol);

static inline unsigned int
bench_protocol_index(uint8_t protocol)
{
	return protocol == IPV4_PROTOCOL_UDP   ? BENCH_UDP
	       : protocol == IPV4_PROTOCOL_TCP ? BENCH_TCP
					       : BENCH_ICMP;
}

/* Writes the headers of a frame of descriptor->frame_bytes; `frame` has room for
 * BENCH_HEADER_BYTES. `payload_sum` is checksum_sum() of the payload, 0 for zeros. */
static inline void
bench_frame_write(uint8_t *frame, const struct bench_headers *headers,
	const struct bench_descriptor *descriptor, uint64_t payload_sum)
{
	unsigned int index = bench_protocol_index(descriptor->protocol);
	uint8_t *l3 = frame + ETHERNET_HEADER_BYTES, *l4 = l3 + IPV4_HEADER_BYTES;
	uint16_t l3_bytes = (uint16_t)(descriptor->frame_bytes - ETHERNET_HEADER_BYTES);
	uint16_t l3_length = __builtin_bswap16(l3_bytes);
	uint16_t l4_length = __builtin_bswap16((uint16_t)(l3_bytes - IPV4_HEADER_BYTES));
	uint64_t addresses = (uint64_t)descriptor->source + descriptor->destination;
	uint64_t l4_sum = headers->of[index].l4_sum + payload_sum;
	uint16_t checksum;

	memcpy(frame, headers->of[index].bytes, BENCH_HEADER_BYTES);
	memcpy(l3 + IPV4_OFFSET_TOTAL_LENGTH, &l3_length, sizeof(l3_length));
	memcpy(l3 + IPV4_OFFSET_SOURCE, &descriptor->source, 8); /* and the destination */
	checksum = (uint16_t)~checksum_fold(headers->of[index].l3_sum + l3_length + addresses);
	memcpy(l3 + IPV4_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
	if (index == BENCH_ICMP) {
		memcpy(l4 + ICMP_OFFSET_IDENTIFIER, &descriptor->source_port, sizeof(uint16_t));
		checksum = (uint16_t)~checksum_fold(l4_sum + descriptor->source_port);
		memcpy(l4 + ICMP_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
		return;
	}
	memcpy(l4, &descriptor->source_port, 4); /* and the destination's */
	l4_sum += addresses + descriptor->source_port + descriptor->destination_port + l4_length;
	if (index == BENCH_UDP) {
		memcpy(l4 + 4, &l4_length, sizeof(l4_length));
		checksum = (uint16_t)~checksum_fold(l4_sum + l4_length);
		if (checksum == 0) /* RFC 768 */
			checksum = 0xffff;
		memcpy(l4 + UDP_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
		return;
	}
	checksum = (uint16_t)~checksum_fold(l4_sum);
	memcpy(l4 + TCP_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
}

#endif
