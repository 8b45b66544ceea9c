/* See h16.h. */
#include "h16/h16.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/sha256.h"

struct h16_salt
h16_salt(uint32_t vrf)
{
	static const char label[] = "binfm vrf"; /* hashed without its NUL */
	struct h16_salt salt = {0};
	struct sha256_digest digest;
	uint8_t message[sizeof(label) - 1 + 4];

	if (vrf == 0)
		return salt;
	memcpy(message, label, sizeof(label) - 1);
	store_be32(message + sizeof(label) - 1, vrf);
	digest = sha256_short(message, sizeof(message));
	store_be32(salt.bytes, digest.words[0]);
	store_be32(salt.bytes + 4, digest.words[1]);
	salt.length = sizeof(salt.bytes);
	return salt;
}

uint16_t
h16_candidate(const struct h16_salt *salt, uint32_t address, uint16_t port, unsigned int index)
{
	uint8_t message[sizeof(salt->bytes) + 7];
	uint8_t *end = message;

	assert(index < H16_INDEXES && salt->length <= sizeof(salt->bytes));
	memcpy(end, salt->bytes, salt->length);
	end += salt->length;
	store_be32(end, address);
	store_be16(end + 4, port);
	end += 6;
	if (index > 0)
		*end++ = (uint8_t)index;
	return (uint16_t)(sha256_short(message, (size_t)(end - message)).words[0] >> 16);
}
