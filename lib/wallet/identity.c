/* See identity.h: the hash and its human form. */
#include "wallet/identity.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "wallet/bech32m.h"

#define HASH_PREFIX "binfm node"

_Static_assert(sizeof(IDENTITY_HASH_HUMAN) + 1 + (IDENTITY_HASH_BYTES * 8 + 4) / 5 +
			       BECH32M_CHECKSUM_CHARS ==
		       IDENTITY_HASH_TEXT_BYTES,
	"the human form fits its text");

void
identity_hash_of(const uint8_t key[IDENTITY_KEY_BYTES], struct identity_hash *hash)
{
	uint8_t message[sizeof(HASH_PREFIX) - 1 + IDENTITY_KEY_BYTES];
	uint8_t digest[crypto_hash_sha256_BYTES];

	memcpy(message, HASH_PREFIX, sizeof(HASH_PREFIX) - 1);
	memcpy(message + sizeof(HASH_PREFIX) - 1, key, IDENTITY_KEY_BYTES);
	crypto_hash_sha256(digest, message, sizeof(message));
	memcpy(hash->bytes, digest, IDENTITY_HASH_BYTES);
}

char *
identity_hash_text(const struct identity_hash *hash, char *text)
{
	struct bech32m content = {.human = IDENTITY_HASH_HUMAN};

	/* Neither can fail: the sizes are fixed, see the assertion above. */
	bech32m_from_bytes(&content, hash->bytes, IDENTITY_HASH_BYTES);
	bech32m_write(&content, text, IDENTITY_HASH_TEXT_BYTES);
	return text;
}

int
identity_hash_read(const char *text, struct identity_hash *hash, struct fault *fault)
{
	struct bech32m content;
	int result = bech32m_read(text, &content);

	if (result == -EBADMSG)
		return fault_set(fault, EBADMSG, "hash-mistyped", text,
			"Compare it with the original, character by character",
			"the checksum of the node's hash is wrong");
	if (result == 0 && strcmp(content.human, IDENTITY_HASH_HUMAN) != 0)
		result = -EINVAL;
	if (result == 0)
		result = bech32m_to_bytes(&content, hash->bytes, IDENTITY_HASH_BYTES);
	if (result != 0)
		return fault_set(fault, EINVAL, "not-a-hash", text,
			"Write " IDENTITY_HASH_HUMAN "1 and 38 more letters and digits",
			"this is not the hash of a node");
	return 0;
}
