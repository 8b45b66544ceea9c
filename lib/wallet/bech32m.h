/* Text with a checksum that people can copy: bech32m.
 *
 * Text is HUMAN '1' DATA CHECKSUM. DATA has one character for five bits, CHECKSUM six characters;
 * four wrong characters, wherever they are, are always found. Source: BIP-173 with the constant of
 * BIP-350. Written for public values: the time depends on the value.
 *
 * Pure; any thread.
 */
#ifndef WALLET_BECH32M_H
#define WALLET_BECH32M_H

#include <stddef.h>
#include <stdint.h>

#define BECH32M_TEXT_MAX       90 /* characters, by BIP-173; the final NUL comes on top */
#define BECH32M_HUMAN_MAX      83
#define BECH32M_CHECKSUM_CHARS 6
#define BECH32M_VALUES_MAX     (BECH32M_TEXT_MAX - BECH32M_CHECKSUM_CHARS - 2)

/* What a text says: its human part in small letters and its data, five bits a value. */
struct bech32m {
	char human[BECH32M_HUMAN_MAX + 1];
	uint8_t values[BECH32M_VALUES_MAX];
	size_t value_count;
};

/* Writes `content` into `text`, in small letters, with a final NUL. Returns 0, -EINVAL when the
 * human part is empty or has capitals or other than printable ASCII, or when a value is above 31;
 * -ENOSPC when the text has more than `room` - 1 or BECH32M_TEXT_MAX characters. */
int bech32m_write(const struct bech32m *content, char *text, size_t room);

/* Reads `text`, all of it small or all of it capital letters. Returns 0, -EINVAL when its form is
 * wrong, -EBADMSG when only the checksum is wrong: a typing error. */
int bech32m_read(const char *text, struct bech32m *content);

/* Bytes to five-bit values; the last value is filled up with zero bits. Returns 0 or -ENOSPC. */
int bech32m_from_bytes(struct bech32m *content, const uint8_t *bytes, size_t byte_count);

/* Five-bit values to exactly `byte_count` bytes. Returns 0, or -EINVAL when there are more or less
 * of them, or when the bits that fill up the last value are not zero. */
int bech32m_to_bytes(const struct bech32m *content, uint8_t *bytes, size_t byte_count);

#endif
