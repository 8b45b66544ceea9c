/* See wallet.h: the passphrase. */
#include "wallet/wallet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "wallet/secret.h"
#include "wallet/wallet_state.h"

const struct wallet_cost wallet_cost_default = {.passes = 3, .memory_kib = 256 * 1024};

static int
check_passphrase(size_t length, struct fault *fault)
{
	char value[32];

	if (length >= 1 && length <= WALLET_PASSPHRASE_BYTES_MAX)
		return 0;
	snprintf(value, sizeof(value), "%zu bytes", length);
	return fault_set(fault, EINVAL, "passphrase-length", value, "Take 1 to 1024 bytes",
		"a passphrase cannot have this length");
}

static int
check_cost(const struct wallet_cost *cost, struct fault *fault)
{
	char value[48];

	if (cost->passes >= 1 && cost->passes <= WALLET_PASSES_MAX &&
		cost->memory_kib >= WALLET_MEMORY_KIB_MIN &&
		cost->memory_kib <= WALLET_MEMORY_KIB_MAX)
		return 0;
	snprintf(value, sizeof(value), "%u passes over %u KiB", cost->passes, cost->memory_kib);
	return fault_set(fault, EINVAL, "lock-cost", value,
		"Take 1 to 64 passes over 8 KiB to 1 GiB", "a lock cannot have this cost");
}

static int
derive_key(const struct wallet_lock_head *lock, const char *passphrase, size_t length,
	uint8_t key[WALLET_LOCK_KEY_BYTES], struct fault *fault)
{
	char value[32];

	if (crypto_pwhash(key, WALLET_LOCK_KEY_BYTES, passphrase, length, lock->salt, lock->passes,
		    (size_t)lock->memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0)
		return 0;
	snprintf(value, sizeof(value), "%u KiB", lock->memory_kib);
	return fault_set(fault, ENOMEM, "no-memory", value,
		"End other programs, or raise the limit of memory",
		"there is no memory to try the passphrase");
}

int
wallet_set_passphrase(struct wallet *wallet, const char *passphrase, size_t length,
	const struct wallet_cost *cost, struct fault *fault)
{
	struct wallet_lock_head lock = {0};
	uint8_t key[WALLET_LOCK_KEY_BYTES];
	int result;

	if (cost == NULL)
		cost = &wallet_cost_default;
	if (wallet->secrets == NULL)
		return wallet_locked_fault(fault);
	result = check_passphrase(length, fault);
	if (result == 0)
		result = check_cost(cost, fault);
	if (result != 0)
		return result;
	lock.passes = cost->passes;
	lock.memory_kib = cost->memory_kib;
	randombytes_buf(lock.salt, sizeof(lock.salt));
	result = derive_key(&lock, passphrase, length, key, fault);
	if (result == 0) {
		memcpy(wallet->secrets->lock_key, key, sizeof(key));
		wallet->image.lock = lock;
		wallet->image.form = WALLET_FORM_LOCKED;
	}
	sodium_memzero(key, sizeof(key));
	return result;
}

int
wallet_remove_passphrase(struct wallet *wallet, struct fault *fault)
{
	if (wallet->secrets == NULL)
		return wallet_locked_fault(fault);
	wallet->image.form = WALLET_FORM_OPEN;
	memset(&wallet->image.lock, 0, sizeof(wallet->image.lock));
	sodium_memzero(wallet->secrets->lock_key, sizeof(wallet->secrets->lock_key));
	return 0;
}

/* Everything before the secrets is authenticated with them. */
void
wallet_seal(struct wallet *wallet)
{
	uint8_t head[WALLET_BYTES_MAX];
	size_t head_bytes, plain_bytes;

	randombytes_buf(wallet->image.lock.nonce, sizeof(wallet->image.lock.nonce));
	head_bytes = wallet_image_write_head(&wallet->image, head);
	plain_bytes = wallet_secrets_join(&wallet->image, wallet->secrets);
	crypto_aead_xchacha20poly1305_ietf_encrypt(wallet->sealed, NULL, wallet->secrets->plain,
		plain_bytes, head, head_bytes, NULL, wallet->image.lock.nonce,
		wallet->secrets->lock_key);
	secret_wipe_stack();
	sodium_memzero(wallet->secrets->plain, sizeof(wallet->secrets->plain));
}

static int
open_sealed(const struct wallet *wallet, struct wallet_secrets *secrets, struct fault *fault)
{
	uint8_t head[WALLET_BYTES_MAX];
	size_t head_bytes = wallet_image_write_head(&wallet->image, head);

	if (crypto_aead_xchacha20poly1305_ietf_decrypt(secrets->plain, NULL, NULL, wallet->sealed,
		    wallet_image_secrets_bytes(&wallet->image), head, head_bytes,
		    wallet->image.lock.nonce, secrets->lock_key) != 0)
		return fault_set(fault, EKEYREJECTED, "passphrase-wrong", NULL,
			"Try again; if it is surely right, take the copy that you keep elsewhere",
			"the passphrase does not open the wallet");
	return wallet_secrets_part(&wallet->image, secrets, secrets->plain, fault);
}

int
wallet_unlock(struct wallet *wallet, const char *passphrase, size_t length, struct fault *fault)
{
	struct wallet_secrets *secrets;
	int result;

	if (wallet->secrets != NULL)
		return 0;
	result = check_passphrase(length, fault);
	if (result != 0)
		return result;
	secrets = secret_allocate(sizeof(*secrets));
	if (secrets == NULL)
		return fault_set(fault, ENOMEM, "no-memory", NULL, "End other programs",
			"there is no memory for a wallet");
	result = derive_key(&wallet->image.lock, passphrase, length, secrets->lock_key, fault);
	if (result == 0)
		result = open_sealed(wallet, secrets, fault);
	secret_wipe_stack();
	sodium_memzero(secrets->plain, sizeof(secrets->plain));
	if (result != 0)
		secret_free(secrets);
	else
		wallet->secrets = secrets;
	return result;
}

int
wallet_lock(struct wallet *wallet, struct fault *fault)
{
	if (wallet->image.form != WALLET_FORM_LOCKED)
		return fault_set(fault, EINVAL, "no-passphrase", NULL, "Set a passphrase first",
			"a wallet without a passphrase could not be opened again");
	if (wallet->secrets == NULL)
		return 0;
	wallet_seal(wallet);
	secret_free(wallet->secrets);
	wallet->secrets = NULL;
	return 0;
}
