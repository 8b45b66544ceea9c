/* docs/protocol.md: its test vectors for Identity and Wallet file are what lib/wallet makes. */
#include "unit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "wallet/wallet.h"

const char *const unit_suite = "wallet_document";

static char document[64 * 1024]; /* without white space, so that lines may break anywhere */

/* first, first + 1, ... */
static void
count_up(uint8_t *bytes, size_t length, uint8_t first)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)(first + i);
}

static void
read_document(void)
{
	FILE *file = fopen(PROTOCOL_DOCUMENT, "r");
	size_t length = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	for (int next; (next = fgetc(file)) != EOF && length < sizeof(document) - 1;)
		if (!isspace(next))
			document[length++] = (char)next;
	document[length] = '\0';
	fclose(file);
}

static void
expect_bytes(const uint8_t *bytes, size_t length)
{
	static char text[2 * WALLET_BYTES_MAX + 1];

	sodium_bin2hex(text, sizeof(text), bytes, length);
	CU_ASSERT_PTR_NOT_NULL(strstr(document, text));
}

static void
identity_is_as_documented(void)
{
	uint8_t seed[32], key[32], secret[64], signature[64];
	char text[IDENTITY_HASH_TEXT_BYTES], row[64];
	struct identity_hash hash;

	read_document();
	count_up(seed, sizeof(seed), 0);
	identity_from_seed(seed, key, secret);
	expect_bytes(key, sizeof(key));
	identity_hash_of(key, &hash);
	expect_bytes(hash.bytes, sizeof(hash.bytes));
	CU_ASSERT_PTR_NOT_NULL(strstr(document, identity_hash_text(&hash, text)));
	identity_sign(IDENTITY_DOMAIN_REGISTRATION, secret, "binfm", 5, signature);
	expect_bytes(signature, sizeof(signature));
	identity_sign(IDENTITY_DOMAIN_GRANT, secret, "binfm", 5, signature);
	expect_bytes(signature, sizeof(signature));
	for (unsigned int domain = 0; domain < IDENTITY_DOMAINS; domain++) {
		const char *words = identity_domain_words(domain);

		/* "|`binfmtx`|8|": a row of the table */
		snprintf(
			row, sizeof(row), "|`binfm%s`|%zu|", strchr(words, ' ') + 1, strlen(words));
		CU_ASSERT_PTR_NOT_NULL(strstr(document, row));
	}
}

static void
expect_digest(const uint8_t *bytes, size_t length)
{
	uint8_t digest[32];

	crypto_hash_sha256(digest, bytes, length);
	expect_bytes(digest, sizeof(digest));
}

static void
static_keys_are_as_documented(void)
{
	static const struct {
		enum static_group group;
		uint8_t own, peer; /* first bytes of the secrets */
	} rows[] = {
		{STATIC_X25519, 0x20, 0x40},
		{STATIC_FFDHE2048, 0x20, 0x40},
		{STATIC_FFDHE3072, 0x64, 0x88},
	};

	read_document();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		void (*expect)(const uint8_t *bytes, size_t length) =
			rows[i].group == STATIC_X25519 ? expect_bytes : expect_digest;
		uint8_t secret[STATIC_SECRET_BYTES_MAX], shared[STATIC_PUBLIC_BYTES_MAX];
		size_t width = static_public_bytes(rows[i].group);
		struct static_public own, peer;

		count_up(secret, sizeof(secret), rows[i].peer);
		CU_ASSERT_EQUAL(static_public_of(rows[i].group, secret, &peer), 0);
		count_up(secret, sizeof(secret), rows[i].own);
		CU_ASSERT_EQUAL(static_public_of(rows[i].group, secret, &own), 0);
		CU_ASSERT_EQUAL(static_agree(rows[i].group, secret, peer.bytes, width, shared), 0);
		expect(own.bytes, width);
		expect(peer.bytes, width);
		expect(shared, width);
	}
}

/* The bytes that stand after `words` in the document. */
static size_t
documented_bytes(const char *words, uint8_t *bytes)
{
	const char *place = strstr(document, words), *end;
	size_t length = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(place);
	place = strstr(place, "```");
	CU_ASSERT_PTR_NOT_NULL_FATAL(place);
	place += 3;
	end = strstr(place, "```");
	CU_ASSERT_PTR_NOT_NULL_FATAL(end);
	CU_ASSERT_EQUAL(sodium_hex2bin(bytes, WALLET_BYTES_MAX, place, (size_t)(end - place), NULL,
				&length, NULL),
		0);
	return length;
}

static void
wallets_are_as_documented(void)
{
	static const struct {
		const char *words;
		size_t length;
		enum wallet_form form;
		bool former;
	} rows[] = {
		{"Theexport:", 135, WALLET_FORM_PUBLIC, false},
		{"Open:", 199, WALLET_FORM_OPEN, false},
		{"Open,keynumber2,", 273, WALLET_FORM_OPEN, true},
		{"Lockedwiththepassphrase`binfm`", 263, WALLET_FORM_LOCKED, false},
	};
	uint8_t bytes[WALLET_BYTES_MAX], back[WALLET_BYTES_MAX];
	struct wallet_image image;
	struct fault fault;

	read_document();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t length = documented_bytes(rows[i].words, bytes);
		struct wallet *wallet = NULL;

		CU_ASSERT_EQUAL(length, rows[i].length);
		CU_ASSERT_EQUAL_FATAL(wallet_image_read(bytes, length, &image, &fault), 0);
		CU_ASSERT_EQUAL(image.form, rows[i].form);
		CU_ASSERT_EQUAL(image.former.present, rows[i].former);
		CU_ASSERT_EQUAL(image.public.created_ms, 1800000000000u);
		CU_ASSERT_EQUAL(image.public.key_created_ms, 1800000001000u);
		CU_ASSERT_EQUAL(wallet_image_write(&image, back), length);
		CU_ASSERT_EQUAL(memcmp(back, bytes, length), 0);
		if (image.form == WALLET_FORM_PUBLIC)
			continue;
		CU_ASSERT_EQUAL_FATAL(wallet_decode(&wallet, bytes, length, &fault), 0);
		CU_ASSERT_EQUAL(wallet_unlock(wallet, "binfm", 5, &fault), 0);
		CU_ASSERT_FALSE(wallet_is_locked(wallet));
		wallet_free(wallet);
	}
}

const struct unit_test unit_tests[] = {
	{"identity_is_as_documented", identity_is_as_documented},
	{"static_keys_are_as_documented", static_keys_are_as_documented},
	{"wallets_are_as_documented", wallets_are_as_documented},
	{NULL, NULL},
};
