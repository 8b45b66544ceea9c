/* The bytes of a wallet: what a wallet file holds, and the export of its public part.
 *
 * Every wallet has exactly one form in bytes and every accepted sequence of bytes is that form:
 * fields stand in fixed order, lengths follow from the groups, a SHA-256 at the end finds damage.
 * (It finds no forger: the secrets of a locked wallet are authenticated together with everything
 * before them, and those of an open one must give its public keys; see wallet.h.)
 *
 * Source: docs/protocol.md, Wallet file.
 * Pure; any thread, after wallet_init().
 */
#ifndef WALLET_WALLET_FORMAT_H
#define WALLET_WALLET_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "wallet/identity.h"
#include "wallet/static_key.h"

#define WALLET_MAGIC       "binfmwal"
#define WALLET_VERSION     1
#define WALLET_SALT_BYTES  16
#define WALLET_NONCE_BYTES 24
#define WALLET_TAG_BYTES   16

#define WALLET_SECRETS_BYTES_MAX (IDENTITY_SEED_BYTES + 2 * STATIC_SECRET_BYTES_MAX)
#define WALLET_BYTES_MAX         1152

/* What a lock may cost; more would let a file take the machine's memory. */
#define WALLET_PASSES_MAX     64
#define WALLET_MEMORY_KIB_MIN 8
#define WALLET_MEMORY_KIB_MAX (1024 * 1024)

enum wallet_profile { WALLET_SECURE = 1, WALLET_FAITHFUL = 2 };

enum wallet_form {
	WALLET_FORM_PUBLIC = 0, /* no secrets: an export */
	WALLET_FORM_OPEN = 1,   /* secrets as they are */
	WALLET_FORM_LOCKED = 2, /* secrets sealed under a passphrase */
};

/* What everybody may know of a wallet. */
struct wallet_public {
	enum wallet_profile profile;
	uint64_t created_ms; /* Unix time */
	uint8_t identity[IDENTITY_KEY_BYTES];
	uint32_t key_number; /* 1 at first, one more at each rotation */
	uint64_t key_created_ms;
	struct static_public key;
};

/* The static key before the current one. */
struct wallet_former {
	bool present;
	uint64_t until_ms; /* opens requests before this time only */
	struct static_public key;
};

/* How the secrets are sealed: argon2id's cost and salt, XChaCha20-Poly1305's nonce. */
struct wallet_lock_head {
	uint32_t passes;
	uint32_t memory_kib;
	uint8_t salt[WALLET_SALT_BYTES];
	uint8_t nonce[WALLET_NONCE_BYTES];
};

struct wallet_image {
	enum wallet_form form;
	struct wallet_public public;
	struct wallet_former former;  /* never in an export */
	struct wallet_lock_head lock; /* of a locked one */
	const uint8_t *secrets; /* wallet_image_secrets_bytes(), plain or sealed with its tag */
};

/* The profile to which a group belongs. */
enum wallet_profile wallet_profile_of(enum static_group group);

/* How many bytes of secrets an image of this form has: seed, static secret, former secret where
 * there is one, tag where they are sealed. */
size_t wallet_image_secrets_bytes(const struct wallet_image *image);

/* Writes what stands before the secrets, which is what their seal authenticates too. `bytes` has
 * WALLET_BYTES_MAX. Returns the length. */
size_t wallet_image_write_head(const struct wallet_image *image, uint8_t *bytes);

/* Writes the whole. `bytes` has WALLET_BYTES_MAX. Returns the length. */
size_t wallet_image_write(const struct wallet_image *image, uint8_t *bytes);

/* Reads the whole. `image->secrets` points into `bytes` then. Returns 0 or -EBADMSG with a fault,
 * which never has anything of the secrets in it. */
int wallet_image_read(
	const uint8_t *bytes, size_t length, struct wallet_image *image, struct fault *fault);

#endif
