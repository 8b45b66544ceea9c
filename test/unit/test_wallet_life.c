/* lib/wallet/wallet: signing, rotation, the passphrase, the bytes. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "wallet/wallet.h"
#include "wallet_vectors.h"

const char *const unit_suite = "wallet_life";

#define NOW_MS  1800000000000u
#define DAY_MS  86400000u
#define PASS(p) (p), strlen(p)

static const enum static_group groups[] = {STATIC_X25519, STATIC_FFDHE2048, STATIC_FFDHE3072};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static const struct wallet_cost cheap = {.passes = 1, .memory_kib = 64};
static struct fault fault;

static struct wallet *
make(enum static_group group)
{
	struct wallet *wallet = NULL;

	CU_ASSERT_EQUAL_FATAL(wallet_create(&wallet, group, NOW_MS, &fault), 0);
	return wallet;
}

/* Written and read again; frees the first. */
static struct wallet *
again(struct wallet *wallet)
{
	uint8_t bytes[WALLET_BYTES_MAX], back[WALLET_BYTES_MAX];
	size_t length = wallet_encode(wallet, bytes);
	struct wallet *read = NULL;

	CU_ASSERT_EQUAL_FATAL(wallet_decode(&read, bytes, length, &fault), 0);
	/* Without a new seal the bytes are the same. */
	if (!wallet_has_passphrase(wallet) || wallet_is_locked(wallet)) {
		CU_ASSERT_EQUAL(wallet_encode(read, back), length);
		CU_ASSERT_EQUAL(memcmp(bytes, back, length), 0);
	}
	CU_ASSERT_EQUAL(
		memcmp(wallet_public(read), wallet_public(wallet), sizeof(struct wallet_public)),
		0);
	CU_ASSERT_EQUAL(
		memcmp(wallet_former(read), wallet_former(wallet), sizeof(struct wallet_former)),
		0);
	wallet_free(wallet);
	return read;
}

static void
expect_signs(const struct wallet *wallet)
{
	uint8_t signature[64];

	CU_ASSERT_EQUAL(wallet_sign(wallet, IDENTITY_DOMAIN_REGISTRATION, "tx", 2, signature), 0);
	CU_ASSERT_EQUAL(wallet_verify(IDENTITY_DOMAIN_REGISTRATION, wallet_public(wallet)->identity,
				"tx", 2, signature),
		0);
}

/* What a peer shares with `expected`, the wallet shares with the peer by its key `which`. */
static void
expect_agrees(const struct wallet *wallet, enum wallet_key which, uint64_t now_ms,
	const struct static_public *expected)
{
	uint8_t secret[STATIC_SECRET_BYTES_MAX], here[STATIC_PUBLIC_BYTES_MAX];
	uint8_t there[STATIC_PUBLIC_BYTES_MAX];
	size_t width = static_public_bytes(expected->group);
	struct static_public peer;

	static_secret_make(expected->group, secret);
	CU_ASSERT_EQUAL(static_public_of(expected->group, secret, &peer), 0);
	CU_ASSERT_EQUAL(static_agree(expected->group, secret, expected->bytes, width, there), 0);
	CU_ASSERT_EQUAL(wallet_agree(wallet, which, now_ms, peer.bytes, width, here), 0);
	CU_ASSERT_EQUAL(memcmp(here, there, width), 0);
}

static void
a_wallet_signs_and_agrees(void)
{
	for (size_t i = 0; i < GROUPS; i++) {
		struct wallet *wallet = make(groups[i]), *other = make(groups[i]);
		uint8_t shared[STATIC_PUBLIC_BYTES_MAX];

		CU_ASSERT_EQUAL(wallet_public(wallet)->profile,
			groups[i] == STATIC_X25519 ? WALLET_SECURE : WALLET_FAITHFUL);
		CU_ASSERT_EQUAL(wallet_public(wallet)->created_ms, NOW_MS);
		CU_ASSERT_EQUAL(wallet_public(wallet)->key_number, 1);
		CU_ASSERT_NOT_EQUAL(
			memcmp(wallet_public(wallet)->identity, wallet_public(other)->identity, 32),
			0);
		expect_signs(wallet);
		expect_agrees(wallet, WALLET_KEY_CURRENT, NOW_MS, &wallet_public(wallet)->key);
		CU_ASSERT_EQUAL(wallet_agree(wallet, WALLET_KEY_FORMER, NOW_MS,
					wallet_public(other)->key.bytes,
					static_public_bytes(groups[i]), shared),
			-ENOENT);
		wallet = again(wallet);
		expect_signs(wallet);
		expect_agrees(wallet, WALLET_KEY_CURRENT, NOW_MS, &wallet_public(wallet)->key);
		wallet_free(wallet);
		wallet_free(other);
	}
}

static void
a_former_key_serves_for_its_time(void)
{
	for (size_t i = 0; i < GROUPS; i++) {
		struct wallet *wallet = make(groups[i]);
		struct static_public first = wallet_public(wallet)->key;
		uint8_t shared[STATIC_PUBLIC_BYTES_MAX];
		uint64_t end = NOW_MS + DAY_MS;

		CU_ASSERT_EQUAL(wallet_rotate(wallet, groups[i], NOW_MS, DAY_MS, &fault), 0);
		CU_ASSERT_EQUAL(wallet_public(wallet)->key_number, 2);
		CU_ASSERT_NOT_EQUAL(memcmp(&first, &wallet_public(wallet)->key, sizeof(first)), 0);
		CU_ASSERT_EQUAL(memcmp(&first, &wallet_former(wallet)->key, sizeof(first)), 0);
		wallet = again(wallet);
		expect_agrees(wallet, WALLET_KEY_CURRENT, end, &wallet_public(wallet)->key);
		expect_agrees(wallet, WALLET_KEY_FORMER, end - 1, &first);
		CU_ASSERT_EQUAL(wallet_agree(wallet, WALLET_KEY_FORMER, end, first.bytes,
					static_public_bytes(groups[i]), shared),
			-ENOENT);
		CU_ASSERT_FALSE(wallet_expire(wallet, end - 1));
		CU_ASSERT_TRUE(wallet_expire(wallet, end));
		CU_ASSERT_FALSE(wallet_expire(wallet, end));
		CU_ASSERT_FALSE(wallet_former(wallet)->present);
		CU_ASSERT_EQUAL(wallet_agree(wallet, WALLET_KEY_FORMER, NOW_MS, first.bytes,
					static_public_bytes(groups[i]), shared),
			-ENOENT);
		wallet_free(again(wallet));
	}
}

static void
a_rotation_does_not_take_a_key_in_use(void)
{
	struct wallet *wallet = make(STATIC_FFDHE2048);
	struct wallet_public before;

	CU_ASSERT_EQUAL(wallet_rotate(wallet, STATIC_X25519, NOW_MS, DAY_MS, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "wrong-group");
	CU_ASSERT_EQUAL(
		wallet_rotate(wallet, STATIC_FFDHE2048, NOW_MS, UINT64_MAX, &fault), -EINVAL);
	/* Another group of the same profile is right. */
	CU_ASSERT_EQUAL(wallet_rotate(wallet, STATIC_FFDHE3072, NOW_MS, DAY_MS, &fault), 0);
	before = *wallet_public(wallet);
	CU_ASSERT_EQUAL(
		wallet_rotate(wallet, STATIC_FFDHE3072, NOW_MS + DAY_MS - 1, DAY_MS, &fault),
		-EBUSY);
	CU_ASSERT_STRING_EQUAL(fault.value, "1 ms left");
	CU_ASSERT_EQUAL(memcmp(&before, wallet_public(wallet), sizeof(before)), 0);
	wallet = again(wallet);
	CU_ASSERT_EQUAL(wallet_rotate(wallet, STATIC_FFDHE3072, NOW_MS + DAY_MS, 0, &fault), 0);
	CU_ASSERT_FALSE(wallet_former(wallet)->present);
	CU_ASSERT_EQUAL(wallet_public(wallet)->key_number, 3);
	CU_ASSERT_EQUAL(wallet_rotate(wallet, STATIC_FFDHE3072, NOW_MS, DAY_MS, &fault), 0);
	CU_ASSERT_EQUAL(wallet_forget_former(wallet, &fault), 0);
	CU_ASSERT_EQUAL(wallet_rotate(wallet, STATIC_FFDHE3072, NOW_MS, DAY_MS, &fault), 0);
	wallet_free(again(wallet));
}

static void
a_passphrase_locks_and_opens(void)
{
	struct wallet *wallet = make(STATIC_X25519);
	uint8_t signature[64], shared[32];

	CU_ASSERT_EQUAL(wallet_lock(wallet, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "no-passphrase");
	CU_ASSERT_EQUAL(wallet_set_passphrase(wallet, PASS("correct horse"), &cheap, &fault), 0);
	expect_signs(wallet);
	wallet = again(wallet);
	CU_ASSERT_TRUE(wallet_is_locked(wallet));
	CU_ASSERT_TRUE(wallet_has_passphrase(wallet));
	CU_ASSERT_EQUAL(wallet_sign(wallet, IDENTITY_DOMAIN_HEAD, "", 0, signature), -EACCES);
	CU_ASSERT_EQUAL(wallet_agree(wallet, WALLET_KEY_CURRENT, NOW_MS,
				wallet_public(wallet)->key.bytes, 32, shared),
		-EACCES);
	CU_ASSERT_EQUAL(wallet_rotate(wallet, STATIC_X25519, NOW_MS, 0, &fault), -EACCES);
	CU_ASSERT_EQUAL(wallet_forget_former(wallet, &fault), -EACCES);
	CU_ASSERT_EQUAL(wallet_remove_passphrase(wallet, &fault), -EACCES);
	CU_ASSERT_EQUAL(wallet_set_passphrase(wallet, PASS("x"), &cheap, &fault), -EACCES);
	CU_ASSERT_STRING_EQUAL(fault.code, "wallet-locked");
	CU_ASSERT_EQUAL(wallet_unlock(wallet, PASS("correct hors"), &fault), -EKEYREJECTED);
	CU_ASSERT_STRING_EQUAL(fault.code, "passphrase-wrong");
	CU_ASSERT_STRING_EQUAL(fault.value, "");
	CU_ASSERT_TRUE(wallet_is_locked(wallet));
	wallet = again(wallet); /* what is locked is written as it was read */
	CU_ASSERT_EQUAL(wallet_unlock(wallet, PASS("correct horse"), &fault), 0);
	expect_signs(wallet);
	expect_agrees(wallet, WALLET_KEY_CURRENT, NOW_MS, &wallet_public(wallet)->key);
	CU_ASSERT_EQUAL(wallet_lock(wallet, &fault), 0);
	CU_ASSERT_TRUE(wallet_is_locked(wallet));
	CU_ASSERT_EQUAL(wallet_unlock(wallet, PASS("correct horse"), &fault), 0);
	wallet_free(wallet);
}

static void
a_passphrase_can_change_and_go(void)
{
	struct wallet *wallet = make(STATIC_FFDHE2048);

	CU_ASSERT_EQUAL(wallet_set_passphrase(wallet, PASS("old"), &cheap, &fault), 0);
	wallet = again(wallet);
	CU_ASSERT_EQUAL_FATAL(wallet_unlock(wallet, PASS("old"), &fault), 0);
	/* A rotation does not ask again. */
	CU_ASSERT_EQUAL(wallet_rotate(wallet, STATIC_FFDHE2048, NOW_MS, DAY_MS, &fault), 0);
	wallet = again(wallet);
	CU_ASSERT_EQUAL_FATAL(wallet_unlock(wallet, PASS("old"), &fault), 0);
	expect_agrees(wallet, WALLET_KEY_FORMER, NOW_MS, &wallet_former(wallet)->key);
	CU_ASSERT_EQUAL(wallet_set_passphrase(wallet, PASS("new"), &cheap, &fault), 0);
	wallet = again(wallet);
	CU_ASSERT_EQUAL(wallet_unlock(wallet, PASS("old"), &fault), -EKEYREJECTED);
	CU_ASSERT_EQUAL_FATAL(wallet_unlock(wallet, PASS("new"), &fault), 0);
	CU_ASSERT_EQUAL(wallet_remove_passphrase(wallet, &fault), 0);
	wallet = again(wallet);
	CU_ASSERT_FALSE(wallet_is_locked(wallet));
	expect_signs(wallet);
	wallet_free(wallet);
}

static void
impossible_passphrases_are_refused(void)
{
	static const struct wallet_cost costs[] = {{0, 64}, {65, 64}, {1, 7}, {1, 1024 * 1024 + 1}};
	static char longest[WALLET_PASSPHRASE_BYTES_MAX + 1];
	struct wallet *wallet = make(STATIC_X25519);

	memset(longest, 'x', sizeof(longest));
	CU_ASSERT_EQUAL(wallet_set_passphrase(wallet, "", 0, &cheap, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "passphrase-length");
	CU_ASSERT_EQUAL(
		wallet_set_passphrase(wallet, longest, sizeof(longest), &cheap, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.value, "1025 bytes");
	for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
		CU_ASSERT_EQUAL(
			wallet_set_passphrase(wallet, PASS("x"), &costs[i], &fault), -EINVAL);
		CU_ASSERT_STRING_EQUAL(fault.code, "lock-cost");
	}
	CU_ASSERT_FALSE(wallet_has_passphrase(wallet));
	CU_ASSERT_EQUAL(
		wallet_set_passphrase(wallet, longest, sizeof(longest) - 1, &cheap, &fault), 0);
	CU_ASSERT_EQUAL(wallet_lock(wallet, &fault), 0);
	CU_ASSERT_EQUAL(wallet_unlock(wallet, longest, 0, &fault), -EINVAL);
	CU_ASSERT_EQUAL(wallet_unlock(wallet, longest, sizeof(longest) - 1, &fault), 0);
	wallet_free(wallet);
}

static void
nonces_are_never_used_again(void)
{
	struct wallet *wallet = make(STATIC_X25519);
	uint8_t one[WALLET_BYTES_MAX], other[WALLET_BYTES_MAX];
	struct wallet_image first, second;
	size_t length;

	CU_ASSERT_EQUAL(wallet_set_passphrase(wallet, PASS("x"), &cheap, &fault), 0);
	length = wallet_encode(wallet, one);
	CU_ASSERT_EQUAL(wallet_encode(wallet, other), length);
	CU_ASSERT_EQUAL(wallet_image_read(one, length, &first, &fault), 0);
	CU_ASSERT_EQUAL(wallet_image_read(other, length, &second, &fault), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(first.lock.nonce, second.lock.nonce, WALLET_NONCE_BYTES), 0);
	wallet_free(wallet);
}

/* The locked file, opened by the offsets and the words of docs/protocol.md alone. */
static void
a_locked_file_is_as_documented(void)
{
	struct wallet *wallet = make(STATIC_X25519);
	uint8_t bytes[WALLET_BYTES_MAX], key[32], plain[64], public[32], secret[64], digest[32];
	unsigned long long plain_bytes;
	size_t length;

	CU_ASSERT_EQUAL(wallet_set_passphrase(wallet, PASS("documented"), &cheap, &fault), 0);
	length = wallet_encode(wallet, bytes);
	CU_ASSERT_EQUAL_FATAL(length, 263);
	CU_ASSERT_EQUAL(memcmp(bytes, "binfmwal\0\1\1\2\0\0\1\7", 16), 0);
	CU_ASSERT_EQUAL(memcmp(bytes + 103, "\0\0\0\1\0\0\0\x40", 8), 0);
	CU_ASSERT_EQUAL(crypto_pwhash(key, 32, "documented", 10, bytes + 111, 1, 64 * 1024,
				crypto_pwhash_ALG_ARGON2ID13),
		0);
	CU_ASSERT_EQUAL_FATAL(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &plain_bytes, NULL,
				      bytes + 151, 80, bytes, 151, bytes + 127, key),
		0);
	CU_ASSERT_EQUAL(plain_bytes, 64);
	identity_from_seed(plain, public, secret);
	CU_ASSERT_EQUAL(memcmp(public, bytes + 24, 32), 0);
	CU_ASSERT_EQUAL(crypto_scalarmult_base(public, plain + 32), 0);
	CU_ASSERT_EQUAL(memcmp(public, bytes + 70, 32), 0);
	crypto_hash_sha256(digest, bytes, 231);
	CU_ASSERT_EQUAL(memcmp(digest, bytes + 231, 32), 0);
	wallet_free(wallet);
}

static void
check_wallet(const struct vector *vector)
{
	const struct vector_word *words = vector->words;
	uint8_t back[WALLET_BYTES_MAX];
	struct wallet *wallet = NULL;
	struct wallet_image image;

	CU_ASSERT_EQUAL_FATAL(
		wallet_image_read(words[2].bytes, words[2].length, &image, &fault), 0);
	CU_ASSERT_EQUAL(image.form, (unsigned int)atoi(words[1].text));
	CU_ASSERT_EQUAL(memcmp(image.public.identity, words[3].bytes, 32), 0);
	CU_ASSERT_STRING_EQUAL(static_group_name(image.public.key.group), words[4].text);
	CU_ASSERT_EQUAL(memcmp(image.public.key.bytes, words[5].bytes, words[5].length), 0);
	CU_ASSERT_EQUAL(wallet_image_write(&image, back), words[2].length);
	CU_ASSERT_EQUAL(memcmp(back, words[2].bytes, words[2].length), 0);
	if (image.form == WALLET_FORM_PUBLIC) {
		CU_ASSERT_EQUAL(
			wallet_decode(&wallet, words[2].bytes, words[2].length, &fault), -EBADMSG);
		CU_ASSERT_STRING_EQUAL(fault.code, "wallet-without-secrets");
		return;
	}
	CU_ASSERT_EQUAL_FATAL(wallet_decode(&wallet, words[2].bytes, words[2].length, &fault), 0);
	wallet_free(again(wallet));
}

static void
wallets_equal_python(void)
{
	CU_ASSERT_EQUAL(vectors_each("wallet", check_wallet), 12);
}

static void
an_export_has_no_secret(void)
{
	struct wallet *wallet = make(STATIC_X25519);
	uint8_t export[WALLET_BYTES_MAX], whole[WALLET_BYTES_MAX];
	struct wallet_image image, secret;
	size_t length, whole_length;

	CU_ASSERT_EQUAL(wallet_rotate(wallet, STATIC_X25519, NOW_MS, DAY_MS, &fault), 0);
	length = wallet_export(wallet, export);
	whole_length = wallet_encode(wallet, whole);
	CU_ASSERT_EQUAL(wallet_image_read(export, length, &image, &fault), 0);
	CU_ASSERT_EQUAL(wallet_image_read(whole, whole_length, &secret, &fault), 0);
	CU_ASSERT_EQUAL(image.form, WALLET_FORM_PUBLIC);
	CU_ASSERT_FALSE(image.former.present);
	CU_ASSERT_EQUAL(memcmp(&image.public, wallet_public(wallet), sizeof(image.public)), 0);
	for (size_t i = 0; i < 3; i++)
		CU_ASSERT_PTR_NULL(memmem(export, length, secret.secrets + 32 * i, 32));
	wallet_free(wallet);
}

const struct unit_test unit_tests[] = {
	{"a_wallet_signs_and_agrees", a_wallet_signs_and_agrees},
	{"a_former_key_serves_for_its_time", a_former_key_serves_for_its_time},
	{"a_rotation_does_not_take_a_key_in_use", a_rotation_does_not_take_a_key_in_use},
	{"a_passphrase_locks_and_opens", a_passphrase_locks_and_opens},
	{"a_passphrase_can_change_and_go", a_passphrase_can_change_and_go},
	{"impossible_passphrases_are_refused", impossible_passphrases_are_refused},
	{"nonces_are_never_used_again", nonces_are_never_used_again},
	{"a_locked_file_is_as_documented", a_locked_file_is_as_documented},
	{"wallets_equal_python", wallets_equal_python},
	{"an_export_has_no_secret", an_export_has_no_secret},
	{NULL, NULL},
};
