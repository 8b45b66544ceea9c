/* See wallet.h: keys and their life. The lock is in wallet_lock.c, bytes are in wallet_bytes.c. */
#include "wallet/wallet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "wallet/secret.h"
#include "wallet/wallet_state.h"

int
wallet_locked_fault(struct fault *fault)
{
	return fault_set(fault, EACCES, "wallet-locked", NULL, "Unlock it with its passphrase",
		"the wallet is locked");
}

static int
make_key_fault(struct fault *fault, enum static_group group)
{
	return fault_set(fault, EIO, "key-not-made", static_group_name(group),
		"See that OpenSSL's default provider is active", "the static key cannot be made");
}

int
wallet_create(struct wallet **wallet, enum static_group group, uint64_t now_ms, struct fault *fault)
{
	struct wallet *made = calloc(1, sizeof(*made));
	struct wallet_public *public;

	if (made != NULL)
		made->secrets = secret_allocate(sizeof(*made->secrets));
	if (made == NULL || made->secrets == NULL) {
		wallet_free(made);
		return fault_set(fault, ENOMEM, "no-memory", NULL, "End other programs",
			"there is no memory for a wallet");
	}
	public = &made->image.public;
	made->image.form = WALLET_FORM_OPEN;
	public->profile = wallet_profile_of(group);
	public->created_ms = public->key_created_ms = now_ms;
	public->key_number = 1;
	randombytes_buf(made->secrets->seed, IDENTITY_SEED_BYTES);
	identity_from_seed(made->secrets->seed, public->identity, made->secrets->signing);
	static_secret_make(group, made->secrets->current);
	if (static_public_of(group, made->secrets->current, &public->key) != 0) {
		wallet_free(made);
		return make_key_fault(fault, group);
	}
	*wallet = made;
	return 0;
}

void
wallet_free(struct wallet *wallet)
{
	if (wallet == NULL)
		return;
	secret_free(wallet->secrets);
	free(wallet);
}

const struct wallet_public *
wallet_public(const struct wallet *wallet)
{
	return &wallet->image.public;
}

const struct wallet_former *
wallet_former(const struct wallet *wallet)
{
	return &wallet->image.former;
}

bool
wallet_is_locked(const struct wallet *wallet)
{
	return wallet->secrets == NULL;
}

bool
wallet_has_passphrase(const struct wallet *wallet)
{
	return wallet->image.form == WALLET_FORM_LOCKED;
}

static void
forget_former(struct wallet *wallet)
{
	memset(&wallet->image.former, 0, sizeof(wallet->image.former));
	sodium_memzero(wallet->secrets->former, sizeof(wallet->secrets->former));
}

static int
check_rotation(const struct wallet *wallet, enum static_group group, uint64_t now_ms,
	uint64_t keep_ms, struct fault *fault)
{
	const struct wallet_former *former = &wallet->image.former;
	char value[32];

	if (wallet->secrets == NULL)
		return wallet_locked_fault(fault);
	if (wallet_profile_of(group) != wallet->image.public.profile)
		return fault_set(fault, EINVAL, "wrong-group", static_group_name(group),
			"Take a group of the wallet's own profile, or make a new wallet",
			"the group belongs to another profile than the wallet");
	if (former->present && now_ms < former->until_ms) {
		snprintf(value, sizeof(value), "%llu ms left",
			(unsigned long long)(former->until_ms - now_ms));
		return fault_set(fault, EBUSY, "former-key-in-use", value,
			"Wait until then, or forget the former key first",
			"the key before the current one still opens requests");
	}
	if (keep_ms > UINT64_MAX - now_ms || wallet->image.public.key_number == UINT32_MAX)
		return fault_set(fault, EINVAL, "no-such-time", NULL, "Keep it for a shorter time",
			"the former key cannot be kept for that long");
	return 0;
}

int
wallet_rotate(struct wallet *wallet, enum static_group group, uint64_t now_ms, uint64_t keep_ms,
	struct fault *fault)
{
	struct wallet_public *public = &wallet->image.public;
	struct wallet_secrets *secrets = wallet->secrets;
	uint8_t fresh[STATIC_SECRET_BYTES_MAX] = {0};
	struct static_public key;
	int result = check_rotation(wallet, group, now_ms, keep_ms, fault);

	if (result != 0)
		return result;
	static_secret_make(group, fresh);
	if (static_public_of(group, fresh, &key) != 0) {
		result = make_key_fault(fault, group);
		goto wipe;
	}
	forget_former(wallet);
	if (keep_ms > 0) {
		wallet->image.former.present = true;
		wallet->image.former.until_ms = now_ms + keep_ms;
		wallet->image.former.key = public->key;
		memcpy(secrets->former, secrets->current, sizeof(secrets->former));
	}
	memcpy(secrets->current, fresh, sizeof(fresh));
	public->key = key;
	public->key_number++;
	public->key_created_ms = now_ms;
wipe:
	sodium_memzero(fresh, sizeof(fresh));
	return result;
}

bool
wallet_expire(struct wallet *wallet, uint64_t now_ms)
{
	const struct wallet_former *former = &wallet->image.former;

	if (wallet->secrets == NULL || !former->present || now_ms < former->until_ms)
		return false;
	forget_former(wallet);
	return true;
}

int
wallet_forget_former(struct wallet *wallet, struct fault *fault)
{
	if (wallet->secrets == NULL)
		return wallet_locked_fault(fault);
	forget_former(wallet);
	return 0;
}

int
wallet_sign(const struct wallet *wallet, enum identity_domain domain, const void *message,
	size_t message_bytes, uint8_t signature[IDENTITY_SIGNATURE_BYTES])
{
	if (wallet->secrets == NULL)
		return -EACCES;
	return identity_sign(domain, wallet->secrets->signing, message, message_bytes, signature);
}

int
wallet_agree(const struct wallet *wallet, enum wallet_key which, uint64_t now_ms,
	const uint8_t *peer, size_t length, uint8_t *shared)
{
	const struct wallet_former *former = &wallet->image.former;

	if (wallet->secrets == NULL)
		return -EACCES;
	if (which == WALLET_KEY_CURRENT)
		return static_agree(wallet->image.public.key.group, wallet->secrets->current, peer,
			length, shared);
	if (!former->present || now_ms >= former->until_ms)
		return -ENOENT;
	return static_agree(former->key.group, wallet->secrets->former, peer, length, shared);
}
