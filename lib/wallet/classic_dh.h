/* Classic Diffie-Hellman over ffdhe2048 and ffdhe3072, for static_key.c. Source: RFC 7919.
 *
 * Threads: any. */
#ifndef WALLET_CLASSIC_DH_H
#define WALLET_CLASSIC_DH_H

#include <stddef.h>
#include <stdint.h>

struct classic_group {
	const char *name;     /* OpenSSL's */
	const uint8_t *prime; /* q, big-endian */
	size_t prime_bytes, secret_bytes;
};

extern const struct classic_group classic_ffdhe2048, classic_ffdhe3072;

/* 2 <= value <= q - 2, and exactly as long as q. 0 or -EINVAL. */
int classic_check(const struct classic_group *group, const uint8_t *value, size_t length);

/* result = base^secret mod q, prime_bytes. Returns 0, -EINVAL when the base is out of range or
 * outside the subgroup, or the secret is below 2; -EIO when the library fails. */
int classic_power(const struct classic_group *group, const uint8_t *secret, const uint8_t *base,
	size_t length, uint8_t *result);

#endif
