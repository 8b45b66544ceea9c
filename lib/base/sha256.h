/* SHA-256 (FIPS 180-4) of messages that fit one block: at most 55 bytes.
 *
 * Purpose: H16 hashes 6, 7, 14 or 15 bytes once per new mapping, at millions a second; a library
 * call costs 175 cycles or more, one block with the SHA instructions about 50. Longer messages
 * (signatures, Merkle trees) go to libsodium or OpenSSL, not here.
 *
 * sha256_init() chooses SHA-NI or portable code; before it the portable code runs, so the results
 * never differ, only the speed. Threads: any, after sha256_init() has run once.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SHORT_BYTES 55 /* longest message of one block */

/* The eight words of the digest in host order; word 0 holds the first four bytes. */
struct sha256_digest {
	uint32_t words[8];
};

void sha256_init(void);

/* `length` <= SHA256_SHORT_BYTES. */
struct sha256_digest sha256_short(const void *message, size_t length);

/* The two implementations, for the test that compares them. */
struct sha256_digest sha256_short_portable(const void *message, size_t length);
struct sha256_digest sha256_short_shani(const void *message, size_t length);
int sha256_has_shani(void);

#endif
