/* libFuzzer on what a wallet file may hold and what people type: wallet_image_read() and
 * bech32m_read(). Whatever is accepted is written again as the same bytes. The buffer is exactly as
 * long as the input, so that a byte too far is found. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "wallet/bech32m.h"
#include "wallet/secret.h"
#include "wallet/wallet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECKSUM_BYTES 32

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static void
check_wallet(const uint8_t *bytes, size_t size)
{
	uint8_t again[WALLET_BYTES_MAX];
	struct wallet_image image;
	struct wallet *wallet;
	struct fault fault;
	int result = wallet_image_read(bytes, size, &image, &fault);

	REQUIRE(result == 0 || (result == -fault.error && fault.remedy[0] != '\0'));
	if (result != 0)
		return;
	REQUIRE(size <= WALLET_BYTES_MAX);
	REQUIRE(wallet_image_write(&image, again) == size);
	REQUIRE(memcmp(again, bytes, size) == 0);
	if (wallet_decode(&wallet, bytes, size, &fault) != 0)
		return;
	REQUIRE(wallet_is_locked(wallet) == (image.form == WALLET_FORM_LOCKED));
	REQUIRE(wallet_encode(wallet, again) == size);
	REQUIRE(memcmp(again, bytes, size) == 0);
	wallet_free(wallet);
}

static void
check_text(const uint8_t *bytes, size_t size)
{
	char text[BECH32M_TEXT_MAX + 2] = {0}, again[BECH32M_TEXT_MAX + 1];
	struct bech32m content;

	memcpy(text, bytes, size < sizeof(text) - 1 ? size : sizeof(text) - 1);
	if (bech32m_read(text, &content) != 0)
		return;
	REQUIRE(bech32m_write(&content, again, sizeof(again)) == 0);
	REQUIRE(strcasecmp(text, again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes;

	if (size == 0 || size > 2 * WALLET_BYTES_MAX || wallet_init() != 0)
		return 0;
	bytes = malloc(size);
	memcpy(bytes, data, size);
	check_text(bytes, size);
	/* A random length and checksum are never right: most inputs get theirs corrected, and one
	 * in four goes as it is. */
	if (size > 16 + CHECKSUM_BYTES && (data[size - 1] & 3) != 0) {
		for (unsigned int i = 0; i < 4; i++)
			bytes[12 + i] = (uint8_t)(size >> 8 * (3 - i));
		crypto_hash_sha256(bytes + size - CHECKSUM_BYTES, bytes, size - CHECKSUM_BYTES);
	}
	check_wallet(bytes, size);
	free(bytes);
	return 0;
}
