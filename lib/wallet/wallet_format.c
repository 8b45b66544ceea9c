/* See wallet_format.h. */
#include "wallet/wallet_format.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/bytes.h"

#define MAGIC_BYTES    8
#define CHECKSUM_BYTES crypto_hash_sha256_BYTES
#define LENGTH_OFFSET  12 /* magic, version, profile, form */

_Static_assert(WALLET_SALT_BYTES == crypto_pwhash_SALTBYTES, "argon2id's salt");
_Static_assert(WALLET_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "the nonce");
_Static_assert(WALLET_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "the tag");

/* The longest: locked, with two keys of the largest group. */
_Static_assert(16 + 8 + IDENTITY_KEY_BYTES + 4 + 8 + 2 + STATIC_PUBLIC_BYTES_MAX + 1 + 8 + 2 +
			       STATIC_PUBLIC_BYTES_MAX + 8 + WALLET_SALT_BYTES +
			       WALLET_NONCE_BYTES + WALLET_SECRETS_BYTES_MAX + WALLET_TAG_BYTES +
			       CHECKSUM_BYTES <=
		       WALLET_BYTES_MAX,
	"every wallet fits");

/* Bytes still to be read; what is read beyond their end is zero and remembered. */
struct cursor {
	const uint8_t *at;
	size_t left;
	bool over;
};

static const uint8_t *
take(struct cursor *cursor, size_t length)
{
	const uint8_t *bytes = cursor->at;

	if (cursor->over || length > cursor->left) {
		cursor->over = true;
		return NULL;
	}
	cursor->at += length;
	cursor->left -= length;
	return bytes;
}

static uint64_t
take_number(struct cursor *cursor, size_t length)
{
	const uint8_t *bytes = take(cursor, length);
	uint64_t number = 0;

	for (size_t i = 0; bytes != NULL && i < length; i++)
		number = number << 8 | bytes[i];
	return number;
}

static void
take_bytes(struct cursor *cursor, uint8_t *to, size_t length)
{
	const uint8_t *bytes = take(cursor, length);

	if (bytes != NULL)
		memcpy(to, bytes, length);
}

static uint8_t *
put_number(uint8_t *to, uint64_t number, size_t length)
{
	for (size_t i = 0; i < length; i++)
		to[i] = (uint8_t)(number >> 8 * (length - 1 - i));
	return to + length;
}

static uint8_t *
put_bytes(uint8_t *to, const void *bytes, size_t length)
{
	memcpy(to, bytes, length);
	return to + length;
}

enum wallet_profile
wallet_profile_of(enum static_group group)
{
	return group == STATIC_X25519 ? WALLET_SECURE : WALLET_FAITHFUL;
}

size_t
wallet_image_secrets_bytes(const struct wallet_image *image)
{
	size_t bytes = IDENTITY_SEED_BYTES + static_secret_bytes(image->public.key.group);

	if (image->form == WALLET_FORM_PUBLIC)
		return 0;
	if (image->former.present)
		bytes += static_secret_bytes(image->former.key.group);
	return image->form == WALLET_FORM_LOCKED ? bytes + WALLET_TAG_BYTES : bytes;
}

static uint8_t *
put_key(uint8_t *to, const struct static_public *key)
{
	to = put_number(to, key->group, 2);
	return put_bytes(to, key->bytes, static_public_bytes(key->group));
}

size_t
wallet_image_write_head(const struct wallet_image *image, uint8_t *bytes)
{
	const struct wallet_public *public = &image->public;
	uint8_t *to = put_bytes(bytes, WALLET_MAGIC, MAGIC_BYTES);
	size_t length;

	to = put_number(to, WALLET_VERSION, 2);
	to = put_number(to, public->profile, 1);
	to = put_number(to, image->form, 1);
	to = put_number(to, 0, 4); /* the length, below */
	to = put_number(to, public->created_ms, 8);
	to = put_bytes(to, public->identity, IDENTITY_KEY_BYTES);
	to = put_number(to, public->key_number, 4);
	to = put_number(to, public->key_created_ms, 8);
	to = put_key(to, &public->key);
	to = put_number(to, image->former.present, 1);
	if (image->former.present) {
		to = put_number(to, image->former.until_ms, 8);
		to = put_key(to, &image->former.key);
	}
	if (image->form == WALLET_FORM_LOCKED) {
		to = put_number(to, image->lock.passes, 4);
		to = put_number(to, image->lock.memory_kib, 4);
		to = put_bytes(to, image->lock.salt, WALLET_SALT_BYTES);
		to = put_bytes(to, image->lock.nonce, WALLET_NONCE_BYTES);
	}
	length = (size_t)(to - bytes);
	put_number(bytes + LENGTH_OFFSET,
		length + wallet_image_secrets_bytes(image) + CHECKSUM_BYTES, 4);
	return length;
}

size_t
wallet_image_write(const struct wallet_image *image, uint8_t *bytes)
{
	size_t length = wallet_image_write_head(image, bytes);
	size_t secrets = wallet_image_secrets_bytes(image);

	if (secrets > 0)
		memcpy(bytes + length, image->secrets, secrets);
	length += secrets;
	crypto_hash_sha256(bytes + length, bytes, length);
	return length + CHECKSUM_BYTES;
}

static int
damaged(struct fault *fault, const char *value, const char *what)
{
	return fault_set(fault, EBADMSG, "wallet-damaged", value,
		"Take the copy that you keep elsewhere", "the wallet file is damaged: %s", what);
}

static int
damaged_number(struct fault *fault, uint64_t number, const char *what)
{
	char value[24];

	snprintf(value, sizeof(value), "%llu", (unsigned long long)number);
	return damaged(fault, value, what);
}

/* Magic, version, length and checksum: that these bytes are a wallet, whole. */
static int
read_frame(const uint8_t *bytes, size_t length, struct fault *fault)
{
	uint8_t checksum[CHECKSUM_BYTES];

	if (length < MAGIC_BYTES || memcmp(bytes, WALLET_MAGIC, MAGIC_BYTES) != 0)
		return fault_set(fault, EBADMSG, "not-a-wallet", NULL,
			"Name a file that was made by \"wallet new\"", "this is not a wallet file");
	if (length < LENGTH_OFFSET + 4 + CHECKSUM_BYTES)
		return damaged_number(fault, length, "bytes are all that is left of it");
	if (load_be16(bytes + MAGIC_BYTES) != WALLET_VERSION) {
		char value[8];

		snprintf(value, sizeof(value), "%u", load_be16(bytes + MAGIC_BYTES));
		return fault_set(fault, EBADMSG, "wallet-version", value,
			"Use the program that wrote it, or a newer one",
			"the wallet file has a version that this program cannot read");
	}
	if (load_be32(bytes + LENGTH_OFFSET) != length)
		return damaged_number(fault, length, "its length is not the one that it states");
	crypto_hash_sha256(checksum, bytes, length - CHECKSUM_BYTES);
	if (memcmp(checksum, bytes + length - CHECKSUM_BYTES, CHECKSUM_BYTES) != 0)
		return damaged(fault, NULL, "its checksum is wrong");
	return 0;
}

static int
read_key(struct cursor *cursor, enum wallet_profile profile, struct static_public *key,
	struct fault *fault)
{
	unsigned int group = (unsigned int)take_number(cursor, 2);
	size_t length;

	if (!static_group_known(group) || wallet_profile_of(group) != profile)
		return damaged_number(fault, group, "its profile has no such group");
	key->group = group;
	length = static_public_bytes(group);
	take_bytes(cursor, key->bytes, length);
	if (cursor->over || static_public_check(group, key->bytes, length) != 0)
		return damaged(fault, static_group_name(group), "a public value is out of range");
	return 0;
}

static int
read_public(struct cursor *cursor, struct wallet_image *image, struct fault *fault)
{
	struct wallet_public *public = &image->public;

	public->profile = take_number(cursor, 1);
	image->form = take_number(cursor, 1);
	if (public->profile != WALLET_SECURE && public->profile != WALLET_FAITHFUL)
		return damaged_number(fault, public->profile, "there is no such profile");
	if (image->form > WALLET_FORM_LOCKED)
		return damaged_number(fault, image->form, "there is no such form");
	take(cursor, 4); /* the length; read_frame() saw it */
	public->created_ms = take_number(cursor, 8);
	take_bytes(cursor, public->identity, IDENTITY_KEY_BYTES);
	if (cursor->over || identity_key_check(public->identity) != 0)
		return damaged(fault, NULL, "its identity is no key");
	public->key_number = (uint32_t)take_number(cursor, 4);
	if (public->key_number == 0)
		return damaged(fault, "0", "keys are numbered from 1");
	public->key_created_ms = take_number(cursor, 8);
	return read_key(cursor, public->profile, &public->key, fault);
}

static int
read_former(struct cursor *cursor, struct wallet_image *image, struct fault *fault)
{
	uint64_t present = take_number(cursor, 1);

	if (present > 1)
		return damaged_number(fault, present, "a yes or no is neither");
	image->former.present = present;
	if (!image->former.present)
		return 0;
	if (image->form == WALLET_FORM_PUBLIC || image->public.key_number < 2)
		return damaged(fault, NULL, "it cannot have a former key");
	image->former.until_ms = take_number(cursor, 8);
	return read_key(cursor, image->public.profile, &image->former.key, fault);
}

static int
read_lock(struct cursor *cursor, struct wallet_lock_head *lock, struct fault *fault)
{
	lock->passes = (uint32_t)take_number(cursor, 4);
	lock->memory_kib = (uint32_t)take_number(cursor, 4);
	take_bytes(cursor, lock->salt, WALLET_SALT_BYTES);
	take_bytes(cursor, lock->nonce, WALLET_NONCE_BYTES);
	if (lock->passes < 1 || lock->passes > WALLET_PASSES_MAX)
		return damaged_number(fault, lock->passes, "its lock has a wrong number of passes");
	if (lock->memory_kib < WALLET_MEMORY_KIB_MIN || lock->memory_kib > WALLET_MEMORY_KIB_MAX)
		return damaged_number(fault, lock->memory_kib, "its lock has a wrong size in KiB");
	return 0;
}

int
wallet_image_read(
	const uint8_t *bytes, size_t length, struct wallet_image *image, struct fault *fault)
{
	struct cursor cursor;
	int result = read_frame(bytes, length, fault);

	memset(image, 0, sizeof(*image));
	if (result != 0)
		return result;
	cursor = (struct cursor){
		.at = bytes + MAGIC_BYTES + 2, .left = length - MAGIC_BYTES - 2 - CHECKSUM_BYTES};
	result = read_public(&cursor, image, fault);
	if (result == 0)
		result = read_former(&cursor, image, fault);
	if (result == 0 && image->form == WALLET_FORM_LOCKED)
		result = read_lock(&cursor, &image->lock, fault);
	if (result != 0)
		return result;
	image->secrets = take(&cursor, wallet_image_secrets_bytes(image));
	if (cursor.over || cursor.left != 0)
		return damaged_number(fault, length, "its length is not that of its parts");
	return 0;
}
