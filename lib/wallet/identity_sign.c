/* See identity.h: keys, signatures and their domains. */
#include "wallet/identity.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "wallet/secret.h"

#define WORDS_MAX 31

/* What stands before the message when it is signed. The byte of length in front makes sure that no
 * prefix, together with a message, can read as another prefix with another message. */
static const char *const domain_words[] = {
	[IDENTITY_DOMAIN_REGISTRATION] = "binfm tx",
	[IDENTITY_DOMAIN_GRANT] = "binfm grant",
	[IDENTITY_DOMAIN_RESERVE] = "binfm reserve",
	[IDENTITY_DOMAIN_BLOCK] = "binfm block",
	[IDENTITY_DOMAIN_HEAD] = "binfm head",
	[IDENTITY_DOMAIN_MEMBER] = "binfm member",
	[IDENTITY_DOMAIN_PINNED] = "binfm peer",
};

_Static_assert(sizeof(domain_words) / sizeof(domain_words[0]) == IDENTITY_DOMAINS,
	"every domain has its prefix");

const char *
identity_domain_words(enum identity_domain domain)
{
	return domain_words[domain];
}

void
identity_from_seed(const uint8_t seed[IDENTITY_SEED_BYTES], uint8_t key[IDENTITY_KEY_BYTES],
	uint8_t secret[IDENTITY_SECRET_BYTES])
{
	crypto_sign_seed_keypair(key, secret, seed);
	secret_wipe_stack();
}

int
identity_key_check(const uint8_t key[IDENTITY_KEY_BYTES])
{
	return crypto_core_ed25519_is_valid_point(key) ? 0 : -EINVAL;
}

/* The bytes under the signature: length of the words, words, message. */
struct signed_bytes {
	uint8_t bytes[1 + WORDS_MAX + IDENTITY_MESSAGE_MAX];
	size_t length;
};

static int
signed_bytes_of(enum identity_domain domain, const void *message, size_t message_bytes,
	struct signed_bytes *whole)
{
	size_t words = strlen(domain_words[domain]);

	if (message_bytes > IDENTITY_MESSAGE_MAX)
		return -EMSGSIZE;
	whole->bytes[0] = (uint8_t)words;
	memcpy(whole->bytes + 1, domain_words[domain], words);
	if (message_bytes > 0)
		memcpy(whole->bytes + 1 + words, message, message_bytes);
	whole->length = 1 + words + message_bytes;
	return 0;
}

int
identity_sign(enum identity_domain domain, const uint8_t secret[IDENTITY_SECRET_BYTES],
	const void *message, size_t message_bytes, uint8_t signature[IDENTITY_SIGNATURE_BYTES])
{
	struct signed_bytes whole;
	int result = signed_bytes_of(domain, message, message_bytes, &whole);

	if (result != 0)
		return result;
	crypto_sign_detached(signature, NULL, whole.bytes, whole.length, secret);
	secret_wipe_stack();
	return 0;
}

int
wallet_verify(enum identity_domain domain, const uint8_t key[IDENTITY_KEY_BYTES],
	const void *message, size_t message_bytes,
	const uint8_t signature[IDENTITY_SIGNATURE_BYTES])
{
	struct signed_bytes whole;
	int result = signed_bytes_of(domain, message, message_bytes, &whole);

	if (result != 0)
		return result;
	return crypto_sign_verify_detached(signature, whole.bytes, whole.length, key) == 0
		       ? 0
		       : -EBADMSG;
}
