/* CRC-32C (Castagnoli; RFC 3720, appendix B.4) with the SSE 4.2 instruction, against torn or
 * damaged records, not against people. Files that include it are compiled with the packet path's
 * -march. Pure; any thread. */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <nmmintrin.h>

static inline uint32_t
crc32c(const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint32_t crc = UINT32_MAX;

	for (; length >= sizeof(uint64_t); at += sizeof(uint64_t), length -= sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, at, sizeof(word));
		crc = (uint32_t)_mm_crc32_u64(crc, word);
	}
	for (; length > 0; at++, length--)
		crc = _mm_crc32_u8(crc, *at);
	return ~crc;
}

#endif
