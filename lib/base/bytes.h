/* Big-endian loads and stores on unaligned bytes. Source: every wire format of the project is
 * network order. Pure; any thread. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdint.h>
#include <string.h>

static inline uint16_t
load_be16(const void *bytes)
{
	uint16_t value;

	memcpy(&value, bytes, sizeof(value));
	return __builtin_bswap16(value);
}

static inline uint32_t
load_be32(const void *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return __builtin_bswap32(value);
}

static inline void
store_be16(void *bytes, uint16_t value)
{
	value = __builtin_bswap16(value);
	memcpy(bytes, &value, sizeof(value));
}

static inline void
store_be32(void *bytes, uint32_t value)
{
	value = __builtin_bswap32(value);
	memcpy(bytes, &value, sizeof(value));
}

static inline void
store_be64(void *bytes, uint64_t value)
{
	value = __builtin_bswap64(value);
	memcpy(bytes, &value, sizeof(value));
}

#endif
