/* lib/wallet: bech32m, Hash_EN, signatures and forgeries. */
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <sodium.h>

#include "wallet/bech32m.h"
#include "wallet/identity.h"
#include "wallet/secret.h"
#include "wallet_vectors.h"

const char *const unit_suite = "wallet";

/* BIP-350, "Test vectors for Bech32m": valid. */
static void
bech32m_takes_what_bip350_takes(void)
{
	static const char *const texts[] = {
		"A1LQFN3A",
		"a1lqfn3a",
		"an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber"
		"11sg7hg6",
		"abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
		"11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll"
		"ll"
		"ludsr8",
		"split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
		"?1v759aa",
	};
	char text[BECH32M_TEXT_MAX + 1];
	struct bech32m content;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CU_ASSERT_EQUAL_FATAL(bech32m_read(texts[i], &content), 0);
		CU_ASSERT_EQUAL(bech32m_write(&content, text, sizeof(text)), 0);
		CU_ASSERT_EQUAL(strcasecmp(text, texts[i]), 0);
	}
	CU_ASSERT_EQUAL(bech32m_read("abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx", &content), 0);
	for (uint8_t i = 0; i < 32; i++)
		CU_ASSERT_EQUAL(content.values[i], 31 - i);
	CU_ASSERT_EQUAL(content.value_count, 32);
}

/* The same place: invalid; and a bech32 text, whose checksum has another constant. */
static void
bech32m_refuses_what_bip350_refuses(void)
{
	static const struct {
		const char *text;
		int error;
	} rows[] = {
		{"\x20"
		 "1xj0phk",
			-EINVAL},
		{"\x7f"
		 "1g6xzxy",
			-EINVAL},
		{"\x80"
		 "1vctc34",
			-EINVAL},
		{"an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumb"
		 "er"
		 "11d6pts4",
			-EINVAL},
		{"qyrz8wqd2c9m", -EINVAL},
		{"1qyrz8wqd2c9m", -EINVAL},
		{"y1b0jsk6g", -EINVAL},
		{"lt1igcx5c0", -EINVAL},
		{"in1muywd", -EINVAL},
		{"mm1crxm3i", -EINVAL},
		{"au1s5cgom", -EINVAL},
		{"M1VUXWEZ", -EBADMSG},
		{"16plkw9", -EINVAL},
		{"1p2gdwpf", -EINVAL},
		{"a1lqFn3a", -EINVAL},
		{"A12UEL5L", -EBADMSG},
		{"", -EINVAL},
	};
	struct bech32m content;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CU_ASSERT_EQUAL(bech32m_read(rows[i].text, &content), rows[i].error);
}

static void
bech32m_writes_only_what_it_reads(void)
{
	struct bech32m content = {.human = "bn", .values = {31, 0, 32}, .value_count = 2};
	char text[BECH32M_TEXT_MAX + 1];

	CU_ASSERT_EQUAL(bech32m_write(&content, text, 12), 0);
	CU_ASSERT_EQUAL(bech32m_write(&content, text, 11), -ENOSPC);
	content.value_count = 3;
	CU_ASSERT_EQUAL(bech32m_write(&content, text, sizeof(text)), -EINVAL);
	content.value_count = BECH32M_VALUES_MAX;
	CU_ASSERT_EQUAL(bech32m_write(&content, text, sizeof(text)), -ENOSPC);
	content.value_count = 0;
	strcpy(content.human, "Bn");
	CU_ASSERT_EQUAL(bech32m_write(&content, text, sizeof(text)), -EINVAL);
	strcpy(content.human, "");
	CU_ASSERT_EQUAL(bech32m_write(&content, text, sizeof(text)), -EINVAL);
}

/* Bits that fill up the last character are zero, and there is no character too many. */
static void
bech32m_has_one_form_for_bytes(void)
{
	static const uint8_t bytes[] = {0xde, 0xad, 0xbe};
	struct bech32m content = {.human = "x"};
	uint8_t back[3];

	CU_ASSERT_EQUAL(bech32m_from_bytes(&content, bytes, sizeof(bytes)), 0);
	CU_ASSERT_EQUAL(content.value_count, 5);
	CU_ASSERT_EQUAL(bech32m_to_bytes(&content, back, sizeof(back)), 0);
	CU_ASSERT_EQUAL(memcmp(back, bytes, sizeof(bytes)), 0);
	CU_ASSERT_EQUAL(bech32m_to_bytes(&content, back, 2), -EINVAL);
	content.values[4] |= 1;
	CU_ASSERT_EQUAL(bech32m_to_bytes(&content, back, sizeof(back)), -EINVAL);
}

/* RFC 8032, section 7.1, the first three keys. */
static void
keys_follow_from_seeds(void)
{
	static const char *const rows[][2] = {
		{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
			"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"},
		{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
			"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"},
		{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
			"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"},
	};
	uint8_t seed[32], expected[32], key[32], secret[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sodium_hex2bin(seed, sizeof(seed), rows[i][0], 64, NULL, NULL, NULL);
		sodium_hex2bin(expected, sizeof(expected), rows[i][1], 64, NULL, NULL, NULL);
		identity_from_seed(seed, key, secret);
		CU_ASSERT_EQUAL(memcmp(key, expected, sizeof(key)), 0);
		CU_ASSERT_EQUAL(identity_key_check(key), 0);
	}
}

static void
check_identity(const struct vector *vector)
{
	const struct vector_word *words = vector->words;
	char text[IDENTITY_HASH_TEXT_BYTES];
	uint8_t key[32], secret[64];
	struct identity_hash hash, read;

	CU_ASSERT_EQUAL_FATAL(words[1].length, 32);
	identity_from_seed(words[1].bytes, key, secret);
	CU_ASSERT_EQUAL(memcmp(key, words[2].bytes, 32), 0);
	identity_hash_of(key, &hash);
	CU_ASSERT_EQUAL(memcmp(hash.bytes, words[3].bytes, IDENTITY_HASH_BYTES), 0);
	CU_ASSERT_STRING_EQUAL(identity_hash_text(&hash, text), words[4].text);
	CU_ASSERT_EQUAL(identity_hash_read(text, &read, NULL), 0);
	CU_ASSERT_EQUAL(memcmp(&hash, &read, sizeof(hash)), 0);
}

static void
identities_equal_python(void)
{
	CU_ASSERT_EQUAL(vectors_each("identity", check_identity), 12);
}

/* Every wrong character of a hash is a typing error, whichever it is and wherever. */
static void
a_mistyped_hash_is_found(void)
{
	static const char letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	char text[IDENTITY_HASH_TEXT_BYTES], wrong[IDENTITY_HASH_TEXT_BYTES];
	struct identity_hash hash = {{1, 2, 3}}, read;
	struct fault fault;

	identity_hash_text(&hash, text);
	for (size_t place = 3; place < strlen(text); place++)
		for (const char *letter = letters; *letter != '\0'; letter++) {
			strcpy(wrong, text);
			wrong[place] = *letter;
			if (*letter == text[place])
				continue;
			CU_ASSERT_EQUAL(identity_hash_read(wrong, &read, &fault), -EBADMSG);
			CU_ASSERT_STRING_EQUAL(fault.code, "hash-mistyped");
			CU_ASSERT_STRING_EQUAL(fault.value, wrong);
		}
}

static void
what_is_no_hash_is_said(void)
{
	/* Another human part; too short; nothing at all. */
	static const char *const texts[] = {
		"?1v759aa", "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx", "", "hello"};
	struct identity_hash hash;
	struct fault fault;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CU_ASSERT_EQUAL(identity_hash_read(texts[i], &hash, &fault), -EINVAL);
		CU_ASSERT_STRING_EQUAL(fault.code, "not-a-hash");
		CU_ASSERT_NOT_EQUAL(fault.remedy[0], '\0');
	}
}

static void
check_signature(const struct vector *vector)
{
	const struct vector_word *words = vector->words;
	enum identity_domain domain = (enum identity_domain)atoi(words[1].text);
	uint8_t key[32], secret[64], signature[64];

	identity_from_seed(words[2].bytes, key, secret);
	CU_ASSERT_EQUAL(
		identity_sign(domain, secret, words[3].bytes, words[3].length, signature), 0);
	CU_ASSERT_EQUAL(memcmp(signature, words[4].bytes, sizeof(signature)), 0);
	CU_ASSERT_EQUAL(wallet_verify(domain, key, words[3].bytes, words[3].length, signature), 0);
}

static void
signatures_equal_python(void)
{
	CU_ASSERT_EQUAL(vectors_each("sign", check_signature), 12);
}

/* For one purpose only, for this message, by this key; every changed bit is found. */
static void
a_signature_is_for_one_domain(void)
{
	uint8_t seed[32] = {7}, key[32], secret[64], signature[64], message[100] = {1, 2, 3};

	identity_from_seed(seed, key, secret);
	for (unsigned int made = 0; made < IDENTITY_DOMAINS; made++) {
		identity_sign(made, secret, message, sizeof(message), signature);
		for (unsigned int read = 0; read < IDENTITY_DOMAINS; read++)
			CU_ASSERT_EQUAL(
				wallet_verify(read, key, message, sizeof(message), signature),
				read == made ? 0 : -EBADMSG);
	}
	identity_sign(IDENTITY_DOMAIN_GRANT, secret, message, sizeof(message), signature);
	for (unsigned int bit = 0; bit < 64 * 8; bit++) {
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CU_ASSERT_EQUAL(wallet_verify(IDENTITY_DOMAIN_GRANT, key, message, sizeof(message),
					signature),
			-EBADMSG);
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CU_ASSERT_EQUAL(
		wallet_verify(IDENTITY_DOMAIN_GRANT, key, message, sizeof(message) - 1, signature),
		-EBADMSG);
	key[0] ^= 1;
	CU_ASSERT_EQUAL(
		wallet_verify(IDENTITY_DOMAIN_GRANT, key, message, sizeof(message), signature),
		-EBADMSG);
}

/* With the message's bytes behind it, no domain's prefix can read as another one's. */
static void
no_prefix_begins_another(void)
{
	for (unsigned int one = 0; one < IDENTITY_DOMAINS; one++)
		for (unsigned int other = 0; other < IDENTITY_DOMAINS; other++) {
			const char *words = identity_domain_words(one);
			const char *others = identity_domain_words(other);

			CU_ASSERT_TRUE(strlen(words) <= 31);
			CU_ASSERT_TRUE(one == other || strcmp(words, others) != 0);
		}
}

static void
a_message_has_a_limit(void)
{
	static uint8_t message[IDENTITY_MESSAGE_MAX + 1];
	uint8_t seed[32] = {7}, key[32], secret[64], signature[64];

	identity_from_seed(seed, key, secret);
	CU_ASSERT_EQUAL(
		identity_sign(IDENTITY_DOMAIN_BLOCK, secret, message, sizeof(message), signature),
		-EMSGSIZE);
	CU_ASSERT_EQUAL(identity_sign(IDENTITY_DOMAIN_BLOCK, secret, message, sizeof(message) - 1,
				signature),
		0);
	CU_ASSERT_EQUAL(
		wallet_verify(IDENTITY_DOMAIN_BLOCK, key, message, sizeof(message) - 1, signature),
		0);
	CU_ASSERT_EQUAL(
		wallet_verify(IDENTITY_DOMAIN_BLOCK, key, message, sizeof(message), signature),
		-EMSGSIZE);
	CU_ASSERT_EQUAL(identity_sign(IDENTITY_DOMAIN_BLOCK, secret, NULL, 0, signature), 0);
	CU_ASSERT_EQUAL(wallet_verify(IDENTITY_DOMAIN_BLOCK, key, NULL, 0, signature), 0);
}

/* S and S + L prove the same equation; only the one below L is a signature. */
static void
a_second_form_of_a_signature_is_refused(void)
{
	static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6,
		0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
	uint8_t seed[32] = {7}, key[32], secret[64], signature[64];
	unsigned int carry = 0;

	identity_from_seed(seed, key, secret);
	identity_sign(IDENTITY_DOMAIN_HEAD, secret, "head", 4, signature);
	for (unsigned int i = 0; i < 32; i++) {
		carry += (unsigned int)signature[32 + i] + order[i];
		signature[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	CU_ASSERT_EQUAL(carry, 0);
	CU_ASSERT_EQUAL(wallet_verify(IDENTITY_DOMAIN_HEAD, key, "head", 4, signature), -EBADMSG);
}

/* The points of small order, and their encodings that are not canonical; each also with the sign
 * bit set. */
static const char *const small_order[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static bool
openssl_accepts(const uint8_t key[32], const char *message, const uint8_t signature[64])
{
	EVP_PKEY *public = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, 32);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	const char *words = identity_domain_words(IDENTITY_DOMAIN_REGISTRATION);
	char whole[128];
	int length = snprintf(whole, sizeof(whole), "%c%s%s", (char)strlen(words), words, message);
	bool accepted =
		public != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, public) == 1 &&
		EVP_DigestVerify(context, signature, 64, (const uint8_t *)whole, (size_t)length) ==
			1;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(public);
	return accepted;
}

/* Nobody has a secret for a small-order key A, yet S B = R + h A holds for R = S B whenever h is a
 * multiple of A's order: for one message in eight at least. OpenSSL takes that for a signature. */
static void
a_forgery_under_a_small_order_key_is_refused(void)
{
	uint8_t key[32], signature[64] = {0}, scalar[32] = {42};
	unsigned int forged = 0;
	char message[32];

	CU_ASSERT_EQUAL_FATAL(crypto_scalarmult_ed25519_base_noclamp(signature, scalar), 0);
	memcpy(signature + 32, scalar, sizeof(scalar));
	for (size_t i = 0; i < 2 * sizeof(small_order) / sizeof(small_order[0]); i++) {
		sodium_hex2bin(key, sizeof(key), small_order[i / 2], 64, NULL, NULL, NULL);
		key[31] |= (uint8_t)(i % 2 << 7);
		CU_ASSERT_EQUAL(identity_key_check(key), -EINVAL);
		for (unsigned int number = 0; number < 64; number++) {
			snprintf(message, sizeof(message), "tx %u", number);
			forged += openssl_accepts(key, message, signature);
			CU_ASSERT_EQUAL(wallet_verify(IDENTITY_DOMAIN_REGISTRATION, key, message,
						strlen(message), signature),
				-EBADMSG);
		}
	}
	CU_ASSERT_TRUE(forged >= 8 * 8); /* else the attack itself was none */
}

/* The same with a small-order R under an honest key, and keys that encode y above the prime. */
static void
non_canonical_points_are_refused(void)
{
	uint8_t seed[32] = {7}, key[32], secret[64], signature[64], wrong[32];

	identity_from_seed(seed, key, secret);
	for (size_t i = 0; i < sizeof(small_order) / sizeof(small_order[0]); i++) {
		identity_sign(IDENTITY_DOMAIN_HEAD, secret, "head", 4, signature);
		sodium_hex2bin(signature, 32, small_order[i], 64, NULL, NULL, NULL);
		CU_ASSERT_EQUAL(
			wallet_verify(IDENTITY_DOMAIN_HEAD, key, "head", 4, signature), -EBADMSG);
	}
	identity_sign(IDENTITY_DOMAIN_HEAD, secret, "head", 4, signature);
	memset(wrong, 0xff, sizeof(wrong));
	for (unsigned int low = 0xed; low <= 0xff; low++) {
		wrong[0] = (uint8_t)low;
		wrong[31] = 0x7f;
		CU_ASSERT_EQUAL(identity_key_check(wrong), -EINVAL);
		CU_ASSERT_EQUAL(
			wallet_verify(IDENTITY_DOMAIN_HEAD, wrong, "head", 4, signature), -EBADMSG);
	}
}

static void
starting(void)
{
	CU_ASSERT_EQUAL_FATAL(wallet_init(), 0);
	CU_ASSERT_EQUAL(wallet_init(), 0);
}

const struct unit_test unit_tests[] = {
	{"starting", starting},
	{"bech32m_takes_what_bip350_takes", bech32m_takes_what_bip350_takes},
	{"bech32m_refuses_what_bip350_refuses", bech32m_refuses_what_bip350_refuses},
	{"bech32m_writes_only_what_it_reads", bech32m_writes_only_what_it_reads},
	{"bech32m_has_one_form_for_bytes", bech32m_has_one_form_for_bytes},
	{"keys_follow_from_seeds", keys_follow_from_seeds},
	{"identities_equal_python", identities_equal_python},
	{"a_mistyped_hash_is_found", a_mistyped_hash_is_found},
	{"what_is_no_hash_is_said", what_is_no_hash_is_said},
	{"signatures_equal_python", signatures_equal_python},
	{"a_signature_is_for_one_domain", a_signature_is_for_one_domain},
	{"no_prefix_begins_another", no_prefix_begins_another},
	{"a_message_has_a_limit", a_message_has_a_limit},
	{"a_second_form_of_a_signature_is_refused", a_second_form_of_a_signature_is_refused},
	{"a_forgery_under_a_small_order_key_is_refused",
		a_forgery_under_a_small_order_key_is_refused},
	{"non_canonical_points_are_refused", non_canonical_points_are_refused},
	{NULL, NULL},
};
