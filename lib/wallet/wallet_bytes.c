/* See wallet.h: a wallet to and from bytes. */
#include "wallet/wallet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "wallet/secret.h"
#include "wallet/wallet_state.h"

size_t
wallet_secrets_join(const struct wallet_image *image, struct wallet_secrets *secrets)
{
	size_t current = static_secret_bytes(image->public.key.group), former = 0;
	uint8_t *to = secrets->plain;

	memcpy(to, secrets->seed, IDENTITY_SEED_BYTES);
	memcpy(to + IDENTITY_SEED_BYTES, secrets->current, current);
	if (image->former.present) {
		former = static_secret_bytes(image->former.key.group);
		memcpy(to + IDENTITY_SEED_BYTES + current, secrets->former, former);
	}
	return IDENTITY_SEED_BYTES + current + former;
}

/* Whether a static secret gives the public value that stands beside it. */
static bool
gives(const uint8_t *secret, const struct static_public *expected)
{
	struct static_public key;

	return static_public_of(expected->group, secret, &key) == 0 &&
	       memcmp(key.bytes, expected->bytes, static_public_bytes(key.group)) == 0;
}

int
wallet_secrets_part(const struct wallet_image *image, struct wallet_secrets *secrets,
	const uint8_t *plain, struct fault *fault)
{
	size_t current = static_secret_bytes(image->public.key.group);
	uint8_t identity[IDENTITY_KEY_BYTES];
	bool right;

	memcpy(secrets->seed, plain, IDENTITY_SEED_BYTES);
	memcpy(secrets->current, plain + IDENTITY_SEED_BYTES, current);
	identity_from_seed(secrets->seed, identity, secrets->signing);
	right = memcmp(identity, image->public.identity, sizeof(identity)) == 0 &&
		gives(secrets->current, &image->public.key);
	if (right && image->former.present) {
		memcpy(secrets->former, plain + IDENTITY_SEED_BYTES + current,
			static_secret_bytes(image->former.key.group));
		right = gives(secrets->former, &image->former.key);
	}
	if (!right)
		return fault_set(fault, EBADMSG, "wallet-inconsistent", NULL,
			"Take the copy that you keep elsewhere",
			"the wallet's secrets do not belong to its public keys");
	return 0;
}

size_t
wallet_export(const struct wallet *wallet, uint8_t *bytes)
{
	struct wallet_image image = {.form = WALLET_FORM_PUBLIC, .public = wallet->image.public};

	return wallet_image_write(&image, bytes);
}

size_t
wallet_encode(struct wallet *wallet, uint8_t *bytes)
{
	size_t length;

	if (wallet->image.form == WALLET_FORM_LOCKED) {
		if (wallet->secrets != NULL)
			wallet_seal(wallet);
		wallet->image.secrets = wallet->sealed;
	} else {
		wallet_secrets_join(&wallet->image, wallet->secrets);
		wallet->image.secrets = wallet->secrets->plain;
	}
	length = wallet_image_write(&wallet->image, bytes);
	wallet->image.secrets = NULL;
	if (wallet->secrets != NULL)
		sodium_memzero(wallet->secrets->plain, sizeof(wallet->secrets->plain));
	return length;
}

static int
no_memory(struct fault *fault)
{
	return fault_set(fault, ENOMEM, "no-memory", NULL, "End other programs",
		"there is no memory for a wallet");
}

/* The secrets of an image that is not sealed. */
static int
take_open(struct wallet *wallet, const uint8_t *plain, struct fault *fault)
{
	wallet->secrets = secret_allocate(sizeof(*wallet->secrets));
	if (wallet->secrets == NULL)
		return no_memory(fault);
	return wallet_secrets_part(&wallet->image, wallet->secrets, plain, fault);
}

int
wallet_decode(struct wallet **wallet, const uint8_t *bytes, size_t length, struct fault *fault)
{
	struct wallet *read = calloc(1, sizeof(*read));
	const uint8_t *secrets;
	int result;

	if (read == NULL)
		return no_memory(fault);
	result = wallet_image_read(bytes, length, &read->image, fault);
	secrets = read->image.secrets;
	read->image.secrets = NULL;
	if (result == 0 && read->image.form == WALLET_FORM_PUBLIC)
		result = fault_set(fault, EBADMSG, "wallet-without-secrets", NULL,
			"Name the wallet itself", "this is the public part of a wallet only");
	else if (result == 0 && read->image.form == WALLET_FORM_OPEN)
		result = take_open(read, secrets, fault);
	else if (result == 0)
		memcpy(read->sealed, secrets, wallet_image_secrets_bytes(&read->image));
	if (result != 0) {
		wallet_free(read);
		return result;
	}
	*wallet = read;
	return 0;
}
