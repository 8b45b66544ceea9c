/* See bech32m.h. */
#include "wallet/bech32m.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define CHECKSUM_CONSTANT 0x2bc830a3u /* BIP-350; it tells bech32m from bech32 */
#define NO_VALUE          0xff

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* One step of the checksum: the remainder of a polynomial over GF(32) (BIP-173). */
static uint32_t
checksum_step(uint32_t remainder, uint8_t value)
{
	static const uint32_t generator[] = {
		0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
	uint32_t top = remainder >> 25;

	remainder = (remainder & 0x1ffffff) << 5 ^ value;
	for (unsigned int bit = 0; bit < 5; bit++)
		if (top >> bit & 1)
			remainder ^= generator[bit];
	return remainder;
}

/* Over the human part (high bits, zero, low bits) and the values, as BIP-173 says. */
static uint32_t
checksum_of(const char *human, const uint8_t *values, size_t count)
{
	uint32_t remainder = 1;

	for (const char *at = human; *at != '\0'; at++)
		remainder = checksum_step(remainder, (uint8_t)*at >> 5);
	remainder = checksum_step(remainder, 0);
	for (const char *at = human; *at != '\0'; at++)
		remainder = checksum_step(remainder, *at & 31);
	for (size_t i = 0; i < count; i++)
		remainder = checksum_step(remainder, values[i]);
	return remainder;
}

static bool
is_capital(char character)
{
	return character >= 'A' && character <= 'Z';
}

static bool
is_small(char character)
{
	return character >= 'a' && character <= 'z';
}

static char
to_small(char character)
{
	return is_capital(character) ? (char)(character - 'A' + 'a') : character;
}

static uint8_t
value_of(char character)
{
	const char *place = strchr(alphabet, to_small(character));

	return place != NULL && *place != '\0' ? (uint8_t)(place - alphabet) : NO_VALUE;
}

int
bech32m_write(const struct bech32m *content, char *text, size_t room)
{
	size_t human = strnlen(content->human, sizeof(content->human));
	size_t length = human + 1 + content->value_count + BECH32M_CHECKSUM_CHARS;
	uint32_t checksum;

	if (human == 0 || human > BECH32M_HUMAN_MAX)
		return -EINVAL;
	if (content->value_count > BECH32M_VALUES_MAX || length > BECH32M_TEXT_MAX ||
		length >= room)
		return -ENOSPC;
	for (size_t i = 0; i < human; i++)
		if (content->human[i] < 33 || content->human[i] > 126 ||
			is_capital(content->human[i]))
			return -EINVAL;
	memcpy(text, content->human, human);
	text += human;
	*text++ = '1';
	for (size_t i = 0; i < content->value_count; i++) {
		if (content->values[i] > 31)
			return -EINVAL;
		*text++ = alphabet[content->values[i]];
	}
	checksum = checksum_of(content->human, content->values, content->value_count);
	for (unsigned int i = 0; i < BECH32M_CHECKSUM_CHARS; i++)
		checksum = checksum_step(checksum, 0);
	checksum ^= CHECKSUM_CONSTANT;
	for (unsigned int i = 0; i < BECH32M_CHECKSUM_CHARS; i++)
		*text++ = alphabet[checksum >> (5 * (5 - i)) & 31];
	*text = '\0';
	return 0;
}

/* Where the data begins, or 0 when the text has no right human part. */
static size_t
read_human(const char *text, size_t length, struct bech32m *content)
{
	const char *separator = memrchr(text, '1', length);
	size_t human = separator != NULL ? (size_t)(separator - text) : 0;
	bool small = false, capital = false;

	for (size_t i = 0; i < length; i++) {
		small |= is_small(text[i]);
		capital |= is_capital(text[i]);
	}
	if (human == 0 || human > BECH32M_HUMAN_MAX || (small && capital))
		return 0;
	for (size_t i = 0; i < human; i++) {
		if (text[i] < 33 || text[i] > 126)
			return 0;
		content->human[i] = to_small(text[i]);
	}
	content->human[human] = '\0';
	return human + 1;
}

int
bech32m_read(const char *text, struct bech32m *content)
{
	uint8_t values[BECH32M_TEXT_MAX];
	size_t length = strnlen(text, BECH32M_TEXT_MAX + 1), begin, count;

	if (length > BECH32M_TEXT_MAX)
		return -EINVAL;
	begin = read_human(text, length, content);
	if (begin == 0 || length - begin < BECH32M_CHECKSUM_CHARS)
		return -EINVAL;
	count = length - begin;
	for (size_t i = 0; i < count; i++) {
		values[i] = value_of(text[begin + i]);
		if (values[i] == NO_VALUE)
			return -EINVAL;
	}
	if (checksum_of(content->human, values, count) != CHECKSUM_CONSTANT)
		return -EBADMSG;
	content->value_count = count - BECH32M_CHECKSUM_CHARS;
	memcpy(content->values, values, content->value_count);
	return 0;
}

int
bech32m_from_bytes(struct bech32m *content, const uint8_t *bytes, size_t byte_count)
{
	uint32_t bits = 0;
	unsigned int bit_count = 0;

	if (byte_count > BECH32M_VALUES_MAX * 5 / 8)
		return -ENOSPC;
	content->value_count = 0;
	for (size_t i = 0; i < byte_count; i++) {
		bits = bits << 8 | bytes[i];
		for (bit_count += 8; bit_count >= 5; bit_count -= 5)
			content->values[content->value_count++] = bits >> (bit_count - 5) & 31;
	}
	if (bit_count > 0)
		content->values[content->value_count++] = (uint8_t)(bits << (5 - bit_count) & 31);
	return 0;
}

int
bech32m_to_bytes(const struct bech32m *content, uint8_t *bytes, size_t byte_count)
{
	uint32_t bits = 0;
	unsigned int bit_count = 0;

	if (content->value_count != (byte_count * 8 + 4) / 5)
		return -EINVAL;
	for (size_t i = 0; i < content->value_count; i++) {
		bits = bits << 5 | content->values[i];
		bit_count += 5;
		if (bit_count >= 8) {
			bit_count -= 8;
			*bytes++ = (uint8_t)(bits >> bit_count);
		}
	}
	return (bits & ((1u << bit_count) - 1)) == 0 ? 0 : -EINVAL;
}
