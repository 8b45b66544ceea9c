/* See static_key.h. */
#include "wallet/static_key.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "wallet/classic_dh.h"
#include "wallet/secret.h"

/* NULL for X25519. */
static const struct classic_group *
classic_of(enum static_group group)
{
	switch (group) {
	case STATIC_FFDHE2048:
		return &classic_ffdhe2048;
	case STATIC_FFDHE3072:
		return &classic_ffdhe3072;
	case STATIC_X25519:
		break;
	}
	return NULL;
}

bool
static_group_known(unsigned int number)
{
	return number == STATIC_X25519 || number == STATIC_FFDHE2048 || number == STATIC_FFDHE3072;
}

const char *
static_group_name(enum static_group group)
{
	const struct classic_group *classic = classic_of(group);

	return classic != NULL ? classic->name : "x25519";
}

size_t
static_public_bytes(enum static_group group)
{
	const struct classic_group *classic = classic_of(group);

	return classic != NULL ? classic->prime_bytes : crypto_scalarmult_BYTES;
}

size_t
static_secret_bytes(enum static_group group)
{
	const struct classic_group *classic = classic_of(group);

	return classic != NULL ? classic->secret_bytes : crypto_scalarmult_SCALARBYTES;
}

void
static_secret_make(enum static_group group, uint8_t *secret)
{
	randombytes_buf(secret, static_secret_bytes(group));
}

int
static_public_of(enum static_group group, const uint8_t *secret, struct static_public *key)
{
	const struct classic_group *classic = classic_of(group);
	uint8_t alpha[STATIC_PUBLIC_BYTES_MAX] = {0};
	int result;

	memset(key, 0, sizeof(*key));
	key->group = group;
	if (classic != NULL) {
		alpha[classic->prime_bytes - 1] = 2;
		result = classic_power(classic, secret, alpha, classic->prime_bytes, key->bytes);
	} else {
		result = crypto_scalarmult_base(key->bytes, secret) == 0 ? 0 : -EIO;
	}
	secret_wipe_stack();
	return result;
}

/* What a published key may be: the canonical form, below 2^255 - 19, of a point that is not of
 * small order. The list is complete for canonical forms: 0, 1, two of order 8, and -1. */
static int
x25519_check(const uint8_t *bytes, size_t length)
{
	static const uint8_t small_order[][crypto_scalarmult_BYTES] = {
		{0},
		{1},
		{0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f,
			0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62,
			0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
		{0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83,
			0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22,
			0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
		{0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
	};
	uint8_t middle = 0xff;

	if (length != crypto_scalarmult_BYTES)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(small_order) / sizeof(small_order[0]); i++)
		if (memcmp(bytes, small_order[i], length) == 0)
			return -EINVAL;
	for (size_t i = 1; i < length - 1; i++)
		middle &= bytes[i];
	if (bytes[31] > 0x7f || (bytes[31] == 0x7f && middle == 0xff && bytes[0] >= 0xed))
		return -EINVAL;
	return 0;
}

int
static_public_check(enum static_group group, const uint8_t *bytes, size_t length)
{
	const struct classic_group *classic = classic_of(group);

	return classic != NULL ? classic_check(classic, bytes, length)
			       : x25519_check(bytes, length);
}

int
static_agree(enum static_group group, const uint8_t *secret, const uint8_t *peer, size_t length,
	uint8_t *shared)
{
	const struct classic_group *classic = classic_of(group);
	int result = -EINVAL;

	if (classic != NULL) {
		result = classic_power(classic, secret, peer, length, shared);
	} else {
		sodium_memzero(shared, crypto_scalarmult_BYTES);
		if (length == crypto_scalarmult_BYTES &&
			crypto_scalarmult(shared, secret, peer) == 0)
			result = 0;
		else
			sodium_memzero(shared, crypto_scalarmult_BYTES);
	}
	secret_wipe_stack();
	return result;
}
