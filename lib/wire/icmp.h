/* Building ICMP errors: RFC 792, RFC 1812 section 4.3. Pure; bytes in, bytes out. */
#ifndef WIRE_ICMP_H
#define WIRE_ICMP_H

#include <stdbool.h>
#include <stdint.h>

#define ICMP_UNREACHABLE         3
#define ICMP_TIME_EXCEEDED       11
#define ICMP_CODE_NET            0
#define ICMP_CODE_HOST           1
#define ICMP_CODE_TOO_BIG        4
#define ICMP_CODE_PROHIBITED     13 /* communication administratively prohibited */
#define ICMP_CODE_TTL            0
#define ICMP_ERROR_HEADER_BYTES  28  /* IPv4 header and ICMP header in front of the quotation */
#define ICMP_ERROR_MAXIMUM_BYTES 576 /* RFC 1812, 4.3.2.3: the whole datagram */

struct icmp_error {
	uint32_t source; /* our address, host order */
	uint8_t type, code;
	uint16_t mtu_bytes;  /* ICMP_CODE_TOO_BIG: next hop's MTU, RFC 1191; else 0 */
	uint16_t identifier; /* of the IPv4 header */
};

/* Whether an error may be sent about the IPv4 packet at `l3` (RFC 1812, 4.3.2.7): not about ICMP
 * errors, fragments other than the first, multicast, or from martian sources. `length` bytes are
 * there, at least 20, the header being consistent. */
bool icmp_error_allowed(const uint8_t *l3, unsigned int length);

/* Turns the IPv4 packet at `l3` (`length` bytes) into an error to its sender, in place: the packet,
 * cut to fit, becomes the quotation ICMP_ERROR_HEADER_BYTES further on. The buffer must have room
 * for min(length + 28, 576) bytes. Returns the new length of the datagram at `l3`. */
unsigned int icmp_error_build(uint8_t *l3, unsigned int length, const struct icmp_error *error);

#endif
