/* What writing and describing frames share; private to frames_*.c. */
#ifndef FRAMES_COMMON_H
#define FRAMES_COMMON_H

#include <stdint.h>

#define FRAMES_DATA_BYTES 8u
#define FRAMES_TCP_FLAGS  6u
#define FRAMES_ERRORS     6u

/* By bit. */
extern const char *const frames_tcp_flags[FRAMES_TCP_FLAGS];

struct frames_error {
	const char *name;
	uint8_t type, code;
};

extern const struct frames_error frames_errors[FRAMES_ERRORS];

/* Byte `i` of every packet's data. */
static inline uint8_t
frames_data(unsigned int i)
{
	return (uint8_t)(0x41 + i % 26);
}

/* Where a transport header keeps its checksum. */
unsigned int frames_checksum_offset(uint8_t protocol);

/* Checksum of `length` bytes at `l4` with the pseudo-header of `l3` where the protocol has one
 * (RFC 768, RFC 9293, RFC 792), as it lies in memory; the field itself counts as zero. Written
 * without lib/wire's checksum code, which it checks. */
uint16_t frames_l4_checksum(const uint8_t *l3, const uint8_t *l4, unsigned int length);

#endif
