/* lib/wallet/wallet_format: wallets cut short, damaged, forged. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "wallet/wallet.h"

const char *const unit_suite = "wallet_damage";

#define NOW_MS         1800000000000u
#define DAY_MS         86400000u
#define CHECKSUM_BYTES 32

static const struct wallet_cost cheap = {.passes = 1, .memory_kib = 8};
static struct fault fault;

static struct wallet *
make(enum static_group group)
{
	struct wallet *wallet = NULL;

	CU_ASSERT_EQUAL_FATAL(wallet_create(&wallet, group, NOW_MS, &fault), 0);
	return wallet;
}

/* Locked and open, with and without a former key, exports, every group. */
static size_t
sample(unsigned int number, uint8_t *bytes)
{
	static const enum static_group groups[] = {
		STATIC_X25519, STATIC_FFDHE2048, STATIC_FFDHE3072};
	enum static_group group = groups[number % 3];
	struct wallet *wallet = make(group);
	size_t length;

	if (number / 3 % 2 == 1)
		CU_ASSERT_EQUAL(wallet_rotate(wallet, group, NOW_MS, DAY_MS, &fault), 0);
	if (number / 6 == 1)
		CU_ASSERT_EQUAL(wallet_set_passphrase(wallet, "pass", 4, &cheap, &fault), 0);
	length = number / 6 == 2 ? wallet_export(wallet, bytes) : wallet_encode(wallet, bytes);
	wallet_free(wallet);
	return length;
}

#define SAMPLES 18

static void
wallets_cut_short_are_refused(void)
{
	uint8_t bytes[WALLET_BYTES_MAX + 1] = {0};
	struct wallet_image image;

	for (unsigned int number = 0; number < SAMPLES; number++) {
		size_t length = sample(number, bytes);

		CU_ASSERT_EQUAL(wallet_image_read(bytes, length, &image, &fault), 0);
		CU_ASSERT_EQUAL(wallet_image_read(bytes, length + 1, &image, &fault), -EBADMSG);
		for (size_t cut = 0; cut < length; cut++) {
			/* At the end of its own memory, so that the sanitizer sees a byte too far.
			 */
			uint8_t *copy = malloc(cut > 0 ? cut : 1);

			memcpy(copy, bytes, cut);
			CU_ASSERT_EQUAL(wallet_image_read(copy, cut, &image, &fault), -EBADMSG);
			CU_ASSERT_NOT_EQUAL(fault.remedy[0], '\0');
			free(copy);
		}
	}
}

static void
every_changed_bit_is_found(void)
{
	uint8_t bytes[WALLET_BYTES_MAX];
	struct wallet_image image;

	for (unsigned int number = 0; number < SAMPLES; number++) {
		size_t length = sample(number, bytes);
		unsigned int accepted = 0;

		for (size_t bit = 0; bit < length * 8; bit++) {
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			accepted += wallet_image_read(bytes, length, &image, &fault) == 0;
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		CU_ASSERT_EQUAL(accepted, 0);
	}
}

/* With the checksum made right again, somebody did it: refused by the form, or another wallet's
 * one form; and then the secrets do not belong to it. */
static void
every_forged_bit_is_refused_or_one_form(void)
{
	uint8_t bytes[WALLET_BYTES_MAX], back[WALLET_BYTES_MAX];
	struct wallet_image image;

	for (unsigned int number = 0; number < SAMPLES; number++) {
		size_t length = sample(number, bytes), body = length - CHECKSUM_BYTES;
		unsigned int read = 0;

		for (size_t bit = 0; bit < body * 8; bit++) {
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			crypto_hash_sha256(bytes + body, bytes, body);
			if (wallet_image_read(bytes, length, &image, &fault) == 0) {
				CU_ASSERT_EQUAL(wallet_image_write(&image, back), length);
				CU_ASSERT_EQUAL(memcmp(back, bytes, length), 0);
				read++;
			}
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		CU_ASSERT_TRUE(read > 0); /* a time, for one, may be any */
	}
}

static bool
opens(const uint8_t *bytes, size_t length)
{
	struct wallet *wallet = NULL;
	bool open = wallet_decode(&wallet, bytes, length, &fault) == 0 &&
		    wallet_unlock(wallet, "pass", 4, &fault) == 0;

	if (wallet != NULL)
		wallet_free(wallet);
	return open;
}

/* In a locked wallet everything is under the seal. In an open one times and the number are only
 * numbers; keys and secrets must belong together, save the bits that X25519 does not look at. */
static void
a_forged_wallet_does_not_open(void)
{
	for (unsigned int number = 0; number <= 6; number += 6) {
		uint8_t bytes[WALLET_BYTES_MAX];
		size_t length = sample(number, bytes), body = length - CHECKSUM_BYTES;

		CU_ASSERT_TRUE(opens(bytes, length));
		for (size_t bit = 0; bit < body * 8; bit++) {
			size_t place = bit / 8;
			bool free_number =
				(place >= 16 && place < 24) || (place >= 56 && place < 68);
			bool unused_bit = place == 103 + IDENTITY_SEED_BYTES ||
					  place == 103 + IDENTITY_SEED_BYTES + 31;

			bytes[place] ^= (uint8_t)(1 << bit % 8);
			crypto_hash_sha256(bytes + body, bytes, body);
			if (number == 6 || (!free_number && !unused_bit))
				CU_ASSERT_FALSE(opens(bytes, length));
			bytes[place] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

const struct unit_test unit_tests[] = {
	{"wallets_cut_short_are_refused", wallets_cut_short_are_refused},
	{"every_changed_bit_is_found", every_changed_bit_is_found},
	{"every_forged_bit_is_refused_or_one_form", every_forged_bit_is_refused_or_one_form},
	{"a_forged_wallet_does_not_open", a_forged_wallet_does_not_open},
	{NULL, NULL},
};
