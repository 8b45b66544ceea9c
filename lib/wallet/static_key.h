/* The key with which others encrypt to an end node: Diffie and Hellman's, over one of three fixed
 * groups.
 *
 * `secure` uses X25519 (RFC 7748), `faithful` the paper's Y = alpha^X mod q over ffdhe2048 or
 * ffdhe3072 (RFC 7919), where alpha = 2 and q, the paper's letter for the modulus, is a safe prime.
 * Numbers have the width of the group, big-endian, zeros in front. There are no other groups: what
 * a peer names or sends never chooses parameters.
 *
 * Refused as a peer's value: another length; over ffdhe 0, 1, q - 1 and above, and whatever is
 * outside the subgroup of prime order; over X25519 the points of small order. A published X25519
 * key has its canonical form besides, below 2^255 - 19.
 *
 * Source: paper, Fig 5; RFC 7748; RFC 7919, sections 5.1 and 5.2, appendix A; docs/protocol.md.
 * Threads: any, after wallet_init(). Cost: X25519 about 25 us; ffdhe 1.5 to 5 ms, so requests that
 * cause it are rate-limited.
 */
#ifndef WALLET_STATIC_KEY_H
#define WALLET_STATIC_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers of TLS's registry of supported groups (IANA), as they stand on the wire. */
enum static_group {
	STATIC_X25519 = 29,
	STATIC_FFDHE2048 = 256,
	STATIC_FFDHE3072 = 257,
};

#define STATIC_PUBLIC_BYTES_MAX 384 /* the public value, and the shared secret */
#define STATIC_SECRET_BYTES_MAX 36

/* A public value with its group. */
struct static_public {
	enum static_group group;
	uint8_t bytes[STATIC_PUBLIC_BYTES_MAX]; /* the first static_public_bytes(group) count */
};

/* Whether a number from outside is one of the three groups. */
bool static_group_known(unsigned int number);

/* "x25519", "ffdhe2048", "ffdhe3072". */
const char *static_group_name(enum static_group group);

/* The length of the public value and of the shared secret: 32, 256, 384. */
size_t static_public_bytes(enum static_group group);

/* The length of the secret: 32, 32, 36. The exponents are longer than RFC 7919, section 5.2 asks
 * (225 and 275 bits). */
size_t static_secret_bytes(enum static_group group);

/* Makes a new secret of static_secret_bytes(group). */
void static_secret_make(enum static_group group, uint8_t *secret);

/* The public value of a secret. Returns 0; -EINVAL when the secret cannot be one (an exponent below
 * 2); -EIO when the library fails. */
int static_public_of(enum static_group group, const uint8_t *secret, struct static_public *key);

/* Whether a published value may be a key, at the cost of comparisons; for whatever is decoded. That
 * an ffdhe value is in the subgroup of prime order is left to static_agree(). 0 or -EINVAL. */
int static_public_check(enum static_group group, const uint8_t *bytes, size_t length);

/* The shared secret, static_public_bytes(group), of our secret and a peer's value of `length`
 * bytes. Returns 0, -EINVAL when the peer's value is refused, -EIO when the library fails; `shared`
 * is zero then. It is a secret: the caller wipes it. */
int static_agree(enum static_group group, const uint8_t *secret, const uint8_t *peer, size_t length,
	uint8_t *shared);

#endif
