/* What wallet.c and wallet_lock.c share; not for other rooms.
 *
 * A wallet is open (secrets != NULL) or locked (sealed holds what its file said). It has a
 * passphrase if image.form is LOCKED: then an open wallet also keeps the key that argon2id made, so
 * that saving after a rotation does not ask again; each save takes a new nonce. */
#ifndef WALLET_WALLET_STATE_H
#define WALLET_WALLET_STATE_H

#include "wallet/wallet.h"

#define WALLET_LOCK_KEY_BYTES 32

/* In secret memory. */
struct wallet_secrets {
	uint8_t seed[IDENTITY_SEED_BYTES];
	uint8_t signing[IDENTITY_SECRET_BYTES]; /* follows from the seed */
	uint8_t current[STATIC_SECRET_BYTES_MAX];
	uint8_t former[STATIC_SECRET_BYTES_MAX];
	uint8_t lock_key[WALLET_LOCK_KEY_BYTES];
	uint8_t plain[WALLET_SECRETS_BYTES_MAX]; /* work space of wallet_lock.c, wiped after use */
};

struct wallet {
	struct wallet_image image; /* image.secrets is set only while bytes are written */
	struct wallet_secrets *secrets;
	uint8_t sealed[WALLET_SECRETS_BYTES_MAX + WALLET_TAG_BYTES];
};

/* Seed, static secret, former secret: to and from secrets->plain. Returns the length. */
size_t wallet_secrets_join(const struct wallet_image *image, struct wallet_secrets *secrets);

/* The opposite, from `plain`. Also checks that they give the public keys: 0, -EBADMSG with a
 * fault. */
int wallet_secrets_part(const struct wallet_image *image, struct wallet_secrets *secrets,
	const uint8_t *plain, struct fault *fault);

/* Seals the secrets of an open wallet into `wallet->sealed`, under a new nonce. */
void wallet_seal(struct wallet *wallet);

int wallet_locked_fault(struct fault *fault);

#endif
