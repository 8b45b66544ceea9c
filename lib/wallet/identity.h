/* Who an end node is: an Ed25519 key, its hash (Hash_EN), and what it signs.
 *
 * Hash_EN = the first 20 bytes of SHA-256("binfm node" || Ed25519 public key). People read and
 * write it as bech32m under "bn": bn1 and 38 characters.
 *
 * Every signature is made for one purpose, its domain. The signed bytes are the domain's prefix and
 * the message; no prefix is the beginning of another, so a signature that was made for one purpose
 * is never valid for another one.
 *
 * Verification is libsodium's and nothing else's: S below the group's order, no small-order and no
 * non-canonical key or R. OpenSSL accepts signatures under small-order keys, which anyone can
 * forge; two verifiers in one chain would split it.
 *
 * Source: docs/protocol.md, Identity; paper, Fig 5; RFC 8032.
 * Threads: any, after wallet_init() (wallet/secret.h).
 */
#ifndef WALLET_IDENTITY_H
#define WALLET_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

#define IDENTITY_KEY_BYTES       32 /* the public key */
#define IDENTITY_SEED_BYTES      32 /* the secret from which the key pair follows */
#define IDENTITY_SECRET_BYTES    64 /* libsodium's secret key: seed and public key */
#define IDENTITY_SIGNATURE_BYTES 64
#define IDENTITY_HASH_BYTES      20
#define IDENTITY_HASH_HUMAN      "bn"
#define IDENTITY_HASH_TEXT_BYTES 42 /* "bn1", 32 + 6 characters, NUL */

/* The longest message that is signed or verified at once; what is longer is hashed first. */
#define IDENTITY_MESSAGE_MAX 8192

/* What a signature is for. The numbers never reach the wire; the prefixes in identity_sign.c do. */
enum identity_domain {
	IDENTITY_DOMAIN_REGISTRATION, /* "binfm tx": an end node's Tx */
	IDENTITY_DOMAIN_GRANT,        /* "binfm grant": a gateway's grant */
	IDENTITY_DOMAIN_RESERVE,      /* "binfm reserve": an end node's answer to a challenge */
	IDENTITY_DOMAIN_BLOCK,        /* "binfm block": a super node's block header */
	IDENTITY_DOMAIN_HEAD,         /* "binfm head": a super node's newest head */
	IDENTITY_DOMAIN_MEMBER,       /* "binfm member": a change of the set of super nodes */
	IDENTITY_DOMAIN_PINNED,       /* "binfm peer": a super node's TLS key */
	IDENTITY_DOMAINS
};

struct identity_hash {
	uint8_t bytes[IDENTITY_HASH_BYTES];
};

void identity_hash_of(const uint8_t key[IDENTITY_KEY_BYTES], struct identity_hash *hash);

/* The human form; `text` has IDENTITY_HASH_TEXT_BYTES. Returns `text`. */
char *identity_hash_text(const struct identity_hash *hash, char *text);

/* Reads the human form. Returns 0, -EBADMSG for a typing error, -EINVAL for anything else, with a
 * fault. */
int identity_hash_read(const char *text, struct identity_hash *hash, struct fault *fault);

/* The key pair of a seed. `secret` is to be wiped by the caller (sodium_memzero()). */
void identity_from_seed(const uint8_t seed[IDENTITY_SEED_BYTES], uint8_t key[IDENTITY_KEY_BYTES],
	uint8_t secret[IDENTITY_SECRET_BYTES]);

/* Whether the bytes are the canonical form of a point in the group of prime order: a key that
 * somebody can hold. About as dear as a verification; for keys that are kept. 0 or -EINVAL. */
int identity_key_check(const uint8_t key[IDENTITY_KEY_BYTES]);

/* Signs `message` of `message_bytes` with a secret key. Returns 0 or -EMSGSIZE. Whoever has a
 * wallet calls wallet_sign(), which keeps the key. */
int identity_sign(enum identity_domain domain, const uint8_t secret[IDENTITY_SECRET_BYTES],
	const void *message, size_t message_bytes, uint8_t signature[IDENTITY_SIGNATURE_BYTES]);

/* Returns 0 when `signature` is the key's for this message and domain, -EMSGSIZE when the message
 * is too long, -EBADMSG otherwise. */
int wallet_verify(enum identity_domain domain, const uint8_t key[IDENTITY_KEY_BYTES],
	const void *message, size_t message_bytes,
	const uint8_t signature[IDENTITY_SIGNATURE_BYTES]);

/* The words of the domain's prefix, for documents and tests. */
const char *identity_domain_words(enum identity_domain domain);

#endif
