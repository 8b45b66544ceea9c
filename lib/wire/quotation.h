/* The packet that an ICMP error quotes: reading it, and translating it back.
 *
 * RFC 5508, sections 4 and 5: when an error crosses the NAT, the quoted packet must look to its
 * receiver as it did when it left, checksums included; the quotation may be cut short (RFC 792
 * promises eight bytes of the transport header). Pure and bounds-checked; any thread; fuzzed by
 * test/fuzz/fuzz_frame.c.
 */
#ifndef WIRE_QUOTATION_H
#define WIRE_QUOTATION_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/frame.h"

struct quotation {
	uint8_t *l3, *l4;      /* into the error's bytes */
	unsigned int l4_bytes; /* how much of the transport header and data is there, at least 8 */
	uint32_t source, destination;
	uint16_t source_port, destination_port; /* both the identifier for an ICMP query */
	enum frame_kind kind;                   /* FRAME_UDP, FRAME_TCP or FRAME_ICMP_QUERY */
};

/* Reads the quotation of `length` bytes at `l3`. False when it is not the beginning of an IPv4
 * packet of UDP, TCP or an ICMP query, or no first fragment. */
bool quotation_read(uint8_t *l3, unsigned int length, struct quotation *quoted);

enum quotation_side { QUOTATION_SOURCE, QUOTATION_DESTINATION };

/* Replaces address and port on one side of the quotation and corrects its checksums. */
void quotation_translate(
	const struct quotation *quoted, enum quotation_side side, uint32_t address, uint16_t port);

/* Replaces the outer address on one side of the error at `l3` (`bytes` long, ICMP header at
 * `l4_offset`), decrements its TTL, and computes the ICMP checksum anew. */
void quotation_finish_error(uint8_t *l3, unsigned int bytes, unsigned int l4_offset,
	enum quotation_side side, uint32_t address);

#endif
