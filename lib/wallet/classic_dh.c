/* See classic_dh.h. OpenSSL does the arithmetic, in constant time. Its own check of a peer's value
 * looks at the subgroup, but takes values of any length, so lengths and ranges are checked here. */
#include "wallet/classic_dh.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#include "wallet/static_key.h"

/* Whether a big-endian number is 0 or 1. */
static bool
below_two(const uint8_t *number, size_t length)
{
	return sodium_is_zero(number, length - 1) && number[length - 1] < 2;
}

int
classic_check(const struct classic_group *group, const uint8_t *value, size_t length)
{
	uint8_t largest[STATIC_PUBLIC_BYTES_MAX]; /* q - 1 */

	if (length != group->prime_bytes || below_two(value, length))
		return -EINVAL;
	memcpy(largest, group->prime, length);
	largest[length - 1]--; /* q is odd: nothing is borrowed */
	return memcmp(value, largest, length) < 0 ? 0 : -EINVAL;
}

/* OpenSSL's parameters hold numbers in the machine's order of bytes, x86: the lowest first. */
static void
reverse(uint8_t *to, const uint8_t *from, size_t length)
{
	for (size_t i = 0; i < length; i++)
		to[i] = from[length - 1 - i];
}

/* A key with the group and one number: "priv" or "pub". */
static EVP_PKEY *
key_make(const struct classic_group *group, const char *kind, uint8_t *number, size_t length)
{
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)group->name, 0),
		OSSL_PARAM_construct_BN(kind, number, length),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	EVP_PKEY *key = NULL;

	if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
		EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

static int
derive(EVP_PKEY *own, EVP_PKEY *peer, uint8_t *result, size_t result_bytes)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	size_t length = result_bytes;
	int error = -EIO;

	if (context == NULL || EVP_PKEY_derive_init(context) != 1 ||
		EVP_PKEY_CTX_set_dh_pad(context, 1) != 1)
		goto done;
	error = -EINVAL; /* what fails from here on is the peer's value: not in the subgroup */
	if (EVP_PKEY_derive_set_peer(context, peer) == 1 &&
		EVP_PKEY_derive(context, result, &length) == 1 && length == result_bytes)
		error = 0;
done:
	EVP_PKEY_CTX_free(context);
	return error;
}

int
classic_power(const struct classic_group *group, const uint8_t *secret, const uint8_t *base,
	size_t length, uint8_t *result)
{
	uint8_t secret_reversed[STATIC_SECRET_BYTES_MAX], base_reversed[STATIC_PUBLIC_BYTES_MAX];
	EVP_PKEY *own = NULL, *peer = NULL;
	int error = -EINVAL;

	sodium_memzero(result, group->prime_bytes);
	if (classic_check(group, base, length) != 0 || below_two(secret, group->secret_bytes))
		return error;
	error = -EIO;
	/* What OpenSSL notes about a peer's bad value must not be found by the next TLS call of
	 * this thread, which would take it for its own. */
	ERR_set_mark();
	reverse(secret_reversed, secret, group->secret_bytes);
	reverse(base_reversed, base, length);
	own = key_make(group, OSSL_PKEY_PARAM_PRIV_KEY, secret_reversed, group->secret_bytes);
	peer = key_make(group, OSSL_PKEY_PARAM_PUB_KEY, base_reversed, length);
	if (own != NULL && peer != NULL)
		error = derive(own, peer, result, group->prime_bytes);
	if (error != 0)
		sodium_memzero(result, group->prime_bytes);
	EVP_PKEY_free(peer);
	EVP_PKEY_free(own);
	ERR_pop_to_mark();
	sodium_memzero(secret_reversed, sizeof(secret_reversed));
	return error;
}
