/* A wallet: the keys of one end node, gateway or super node (paper, Fig 5).
 *
 * It has an identity for life (Ed25519), a static key with which others encrypt to it and which is
 * rotated, and for a stated time after a rotation the former static key, which still opens requests
 * from those who have not heard. Secrets never leave it: it signs and agrees.
 *
 * Life cycle:
 *   wallet_create() or wallet_load() -> [wallet_unlock()] -> wallet_sign(), wallet_agree(), ...
 *   -> wallet_rotate(), wallet_set_passphrase() -> wallet_save() -> wallet_free()
 * A wallet with a passphrase is written locked: argon2id makes a key of the passphrase,
 * XChaCha20-Poly1305 seals the secrets with it. A locked wallet has a public part only, until
 * wallet_unlock(). Changing the passphrase is wallet_unlock() with the old one and
 * wallet_set_passphrase() with the new one.
 *
 * Secrets lie in memory that is kept out of swap and core dumps where the system allows it, and are
 * wiped when they are no longer needed; no fault has anything of them in it.
 *
 * Threads: one thread at a time for each wallet; after wallet_init() (wallet/secret.h).
 */
#ifndef WALLET_WALLET_H
#define WALLET_WALLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "wallet/identity.h"
#include "wallet/static_key.h"
#include "wallet/wallet_format.h"

#define WALLET_PASSPHRASE_BYTES_MAX 1024

struct wallet;

/* argon2id's work to try one passphrase. */
struct wallet_cost {
	uint32_t passes;     /* 1 to WALLET_PASSES_MAX */
	uint32_t memory_kib; /* WALLET_MEMORY_KIB_MIN to WALLET_MEMORY_KIB_MAX */
};

/* 3 passes over 256 MiB, libsodium's "moderate": about a second on a small machine. */
extern const struct wallet_cost wallet_cost_default;

enum wallet_key { WALLET_KEY_CURRENT, WALLET_KEY_FORMER };

/* Makes a wallet with new keys; the group decides the profile. `now_ms` is Unix time. Returns 0 or
 * -ENOMEM, -EIO with a fault. */
int wallet_create(
	struct wallet **wallet, enum static_group group, uint64_t now_ms, struct fault *fault);

/* Wipes it; NULL is allowed. */
void wallet_free(struct wallet *wallet);

/* Valid until the next rotation. */
const struct wallet_public *wallet_public(const struct wallet *wallet);

/* The key before the current one, with its time; `present` says whether there is one. */
const struct wallet_former *wallet_former(const struct wallet *wallet);

bool wallet_is_locked(const struct wallet *wallet);
bool wallet_has_passphrase(const struct wallet *wallet);

/* Gives the wallet a passphrase of `length` bytes, 1 to WALLET_PASSPHRASE_BYTES_MAX, in place of
 * any other; it counts from the next wallet_save() on. `cost` NULL: wallet_cost_default. The bytes
 * are taken as they are; the caller wipes them. Returns 0; -EACCES locked; -EINVAL for an empty or
 * too long passphrase or an impossible cost; -ENOMEM. Takes as long as the cost says. */
int wallet_set_passphrase(struct wallet *wallet, const char *passphrase, size_t length,
	const struct wallet_cost *cost, struct fault *fault);

/* From the next wallet_save() on the secrets are written as they are. 0 or -EACCES. */
int wallet_remove_passphrase(struct wallet *wallet, struct fault *fault);

/* Opens a locked wallet; one that is open stays so. Returns 0; -EKEYREJECTED when the passphrase is
 * wrong or the file was tampered with; -EBADMSG when its secrets do not give its public keys;
 * -ENOMEM. */
int wallet_unlock(
	struct wallet *wallet, const char *passphrase, size_t length, struct fault *fault);

/* Wipes the secrets; the passphrase opens them again. Returns 0, -EINVAL without a passphrase. */
int wallet_lock(struct wallet *wallet, struct fault *fault);

/* Makes a new static key in `group`, of the wallet's profile. The former one opens requests for
 * `keep_ms` more milliseconds; 0 forgets it at once, as after a theft. wallet_save() first, then
 * tell others. Returns 0; -EACCES locked; -EINVAL for another profile's group; -EBUSY while an
 * earlier former key still serves (wait, or wallet_forget_former()); -EIO. On errors nothing
 * changes. */
int wallet_rotate(struct wallet *wallet, enum static_group group, uint64_t now_ms, uint64_t keep_ms,
	struct fault *fault);

/* Wipes the former key if its time is over. Returns whether it did; wallet_save() makes it last. */
bool wallet_expire(struct wallet *wallet, uint64_t now_ms);

/* Wipes the former key. 0 or -EACCES. */
int wallet_forget_former(struct wallet *wallet, struct fault *fault);

/* Signs with the identity. Returns 0, -EACCES locked, -EMSGSIZE. See wallet_verify(). */
int wallet_sign(const struct wallet *wallet, enum identity_domain domain, const void *message,
	size_t message_bytes, uint8_t signature[IDENTITY_SIGNATURE_BYTES]);

/* Agrees with a peer's public value of `length` bytes in the key's group; `shared` has
 * static_public_bytes() of it and is wiped by the caller. Returns 0; -EACCES locked; -ENOENT when
 * there is no former key or its time is over; -EINVAL when the peer's value is refused; -EIO. */
int wallet_agree(const struct wallet *wallet, enum wallet_key which, uint64_t now_ms,
	const uint8_t *peer, size_t length, uint8_t *shared);

/* The public part in bytes, for others; `bytes` has WALLET_BYTES_MAX. Returns the length. What
 * others do with it: wallet_image_read(). */
size_t wallet_export(const struct wallet *wallet, uint8_t *bytes);

/* The wallet as it is written to its file, locked if it has a passphrase; `bytes` has
 * WALLET_BYTES_MAX and is secret memory when it has none. Returns the length. */
size_t wallet_encode(struct wallet *wallet, uint8_t *bytes);

/* The opposite. Returns 0; -EBADMSG with a fault when the bytes are no wallet, or its secrets do
 * not give its public keys, or it has none (an export); -ENOMEM. */
int wallet_decode(struct wallet **wallet, const uint8_t *bytes, size_t length, struct fault *fault);

#endif
