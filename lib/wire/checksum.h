/* The Internet checksum: RFC 1071, and its incremental update, RFC 1624 equation 3.
 *
 * Sums are taken over 16-bit words as they lie in memory: one's complement addition commutes with
 * byte swapping, so nothing is swapped. Pure; any thread. */
#ifndef WIRE_CHECKSUM_H
#define WIRE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Folds a sum to 16 bits. A value added to itself with its halves exchanged has in its upper half
 * the sum of the halves with the carry brought round, so a halving costs two instructions. */
static inline uint16_t
checksum_fold(uint64_t sum)
{
	uint32_t half;

	sum += sum << 32 | sum >> 32;
	half = (uint32_t)(sum >> 32);
	half += half << 16 | half >> 16;
	return (uint16_t)(half >> 16);
}

/* What replacing a 32-bit field contributes: pass the sum of these to checksum_update(). */
static inline uint64_t
checksum_change32(uint32_t old_value, uint32_t new_value)
{
	return (uint64_t)(uint32_t)~old_value + new_value;
}

static inline uint64_t
checksum_change16(uint16_t old_value, uint16_t new_value)
{
	return (uint64_t)(uint16_t)~old_value + new_value;
}

/* HC' = ~(~HC + ~m + m') */
static inline uint16_t
checksum_update(uint16_t checksum, uint64_t changes)
{
	return (uint16_t)~checksum_fold((uint64_t)(uint16_t)~checksum + changes);
}

/* Sum of `length` bytes, to be folded; an odd last byte counts as padded with zero. */
static inline uint64_t
checksum_sum(const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint64_t sum = 0;

	for (; length >= 4; length -= 4, at += 4) {
		uint32_t word;

		memcpy(&word, at, sizeof(word));
		sum += word;
	}
	if (length >= 2) {
		uint16_t word;

		memcpy(&word, at, sizeof(word));
		sum += word;
		at += 2;
		length -= 2;
	}
	if (length != 0)
		sum += *at;
	return sum;
}

/* checksum_sum() of an IPv4 header without options: 20 bytes. */
static inline uint64_t
checksum_sum20(const void *bytes)
{
	uint64_t first, second;
	uint32_t third;

	memcpy(&first, bytes, sizeof(first));
	memcpy(&second, (const uint8_t *)bytes + 8, sizeof(second));
	memcpy(&third, (const uint8_t *)bytes + 16, sizeof(third));
	return (first & UINT32_MAX) + (first >> 32) + (second & UINT32_MAX) + (second >> 32) +
	       third;
}

/* The checksum field's value for bytes whose checksum field is zero. */
static inline uint16_t
checksum_of(const void *bytes, size_t length)
{
	return (uint16_t)~checksum_fold(checksum_sum(bytes, length));
}

#endif
