/* lib/wallet/static_key: X25519, ffdhe2048 and ffdhe3072, and values that nobody may use. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <sodium.h>

#include "wallet/classic_dh.h"
#include "wallet/static_key.h"
#include "wallet_vectors.h"

const char *const unit_suite = "wallet_keys";

static const enum static_group groups[] = {STATIC_X25519, STATIC_FFDHE2048, STATIC_FFDHE3072};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static enum static_group
group_named(const char *name)
{
	for (size_t i = 0; i < GROUPS; i++)
		if (strcmp(static_group_name(groups[i]), name) == 0)
			return groups[i];
	CU_FAIL_FATAL("no such group");
	return STATIC_X25519;
}

static void
check_prime(const struct vector *vector)
{
	bool smaller = strcmp(vector->words[1].text, "ffdhe2048") == 0;
	const struct classic_group *group = smaller ? &classic_ffdhe2048 : &classic_ffdhe3072;

	CU_ASSERT_EQUAL_FATAL(vector->words[2].length, group->prime_bytes);
	CU_ASSERT_EQUAL(memcmp(vector->words[2].bytes, group->prime, group->prime_bytes), 0);
}

static void
primes_follow_rfc7919s_formula(void)
{
	CU_ASSERT_EQUAL(vectors_each("prime", check_prime), 2);
}

static void
check_agreement(const struct vector *vector)
{
	const struct vector_word *words = vector->words;
	enum static_group group = group_named(words[1].text);
	uint8_t shared[STATIC_PUBLIC_BYTES_MAX];
	struct static_public key;
	size_t width = static_public_bytes(group);

	CU_ASSERT_EQUAL_FATAL(words[2].length, static_secret_bytes(group));
	CU_ASSERT_EQUAL_FATAL(words[3].length, width);
	CU_ASSERT_EQUAL(static_public_of(group, words[2].bytes, &key), 0);
	CU_ASSERT_EQUAL(key.group, group);
	CU_ASSERT_EQUAL(memcmp(key.bytes, words[3].bytes, width), 0);
	CU_ASSERT_EQUAL(static_agree(group, words[2].bytes, words[4].bytes, width, shared), 0);
	CU_ASSERT_EQUAL(memcmp(shared, words[5].bytes, width), 0);
}

static void
agreements_equal_python(void)
{
	CU_ASSERT_EQUAL(vectors_each("agree", check_agreement), 36);
}

/* RFC 7748, section 5.2: the second vector, whose u-coordinate has its unused bit set. */
static void
x25519_known_answer(void)
{
	uint8_t secret[32], peer[32], expected[32], shared[32];

	sodium_hex2bin(secret, 32,
		"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d", 64, NULL, NULL,
		NULL);
	sodium_hex2bin(peer, 32, "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
		64, NULL, NULL, NULL);
	sodium_hex2bin(expected, 32,
		"95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957", 64, NULL, NULL,
		NULL);
	CU_ASSERT_EQUAL(static_agree(STATIC_X25519, secret, peer, 32, shared), 0);
	CU_ASSERT_EQUAL(memcmp(shared, expected, sizeof(shared)), 0);
}

static void
both_sides_agree(void)
{
	for (size_t i = 0; i < GROUPS; i++) {
		uint8_t one[STATIC_SECRET_BYTES_MAX], other[STATIC_SECRET_BYTES_MAX];
		uint8_t here[STATIC_PUBLIC_BYTES_MAX], there[STATIC_PUBLIC_BYTES_MAX];
		size_t width = static_public_bytes(groups[i]);
		struct static_public key, peer;

		static_secret_make(groups[i], one);
		static_secret_make(groups[i], other);
		CU_ASSERT_NOT_EQUAL(memcmp(one, other, static_secret_bytes(groups[i])), 0);
		CU_ASSERT_EQUAL(static_public_of(groups[i], one, &key), 0);
		CU_ASSERT_EQUAL(static_public_of(groups[i], other, &peer), 0);
		CU_ASSERT_EQUAL(static_public_check(groups[i], key.bytes, width), 0);
		CU_ASSERT_EQUAL(static_agree(groups[i], one, peer.bytes, width, here), 0);
		CU_ASSERT_EQUAL(static_agree(groups[i], other, key.bytes, width, there), 0);
		CU_ASSERT_EQUAL(memcmp(here, there, width), 0);
	}
}

/* A peer's value that must be refused, by the check and by the agreement, with nothing shared. */
static void
expect_refused(enum static_group group, const uint8_t *value, size_t length)
{
	uint8_t secret[STATIC_SECRET_BYTES_MAX], shared[STATIC_PUBLIC_BYTES_MAX];

	static_secret_make(group, secret);
	memset(shared, 0xa5, sizeof(shared));
	CU_ASSERT_EQUAL(static_public_check(group, value, length), -EINVAL);
	CU_ASSERT_EQUAL(static_agree(group, secret, value, length, shared), -EINVAL);
	CU_ASSERT_TRUE(sodium_is_zero(shared, static_public_bytes(group)));
}

/* value = q + difference */
static void
near_prime(const struct classic_group *group, int difference, uint8_t *value)
{
	memcpy(value, group->prime, group->prime_bytes);
	for (int carry = difference, i = (int)group->prime_bytes - 1; carry != 0 && i >= 0; i--) {
		int sum = value[i] + carry;

		value[i] = (uint8_t)sum;
		carry = sum > 255 ? 1 : sum < 0 ? -1 : 0;
	}
}

static void
values_out_of_range_are_refused(void)
{
	static const struct {
		enum static_group number;
		const struct classic_group *group;
	} rows[] = {{STATIC_FFDHE2048, &classic_ffdhe2048}, {STATIC_FFDHE3072, &classic_ffdhe3072}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t width = rows[i].group->prime_bytes;
		uint8_t value[STATIC_PUBLIC_BYTES_MAX] = {0};

		expect_refused(rows[i].number, value, width); /* 0 */
		value[width - 1] = 1;
		expect_refused(rows[i].number, value, width);
		for (int difference = -1; difference <= 2; difference++) { /* q - 1, q, ... */
			near_prime(rows[i].group, difference, value);
			expect_refused(rows[i].number, value, width);
		}
		memset(value, 0xff, width);
		expect_refused(rows[i].number, value, width);
		near_prime(rows[i].group, -2, value);
		CU_ASSERT_EQUAL(static_public_check(rows[i].number, value, width), 0);
	}
}

/* q - 2 = -2 is in range, but no square: its powers would tell the secret's lowest bit. */
static void
values_outside_the_subgroup_are_refused(void)
{
	uint8_t secret[STATIC_SECRET_BYTES_MAX] = {0}, value[STATIC_PUBLIC_BYTES_MAX];
	uint8_t shared[STATIC_PUBLIC_BYTES_MAX];

	secret[31] = 3;
	near_prime(&classic_ffdhe2048, -2, value);
	CU_ASSERT_EQUAL(static_agree(STATIC_FFDHE2048, secret, value, 256, shared), -EINVAL);
	CU_ASSERT_TRUE(sodium_is_zero(shared, 256));
	CU_ASSERT_EQUAL(ERR_peek_error(), 0); /* nothing is left for TLS to stumble over */
	memset(value, 0, sizeof(value));
	value[255] = 4;
	CU_ASSERT_EQUAL(static_agree(STATIC_FFDHE2048, secret, value, 256, shared), 0);
	CU_ASSERT_EQUAL(shared[255], 64); /* 4^3, with all the zeros in front of it */
	CU_ASSERT_TRUE(sodium_is_zero(shared, 255));
}

static void
other_lengths_are_refused(void)
{
	uint8_t value[STATIC_PUBLIC_BYTES_MAX + 1];

	memset(value, 3, sizeof(value));
	for (size_t i = 0; i < GROUPS; i++) {
		size_t width = static_public_bytes(groups[i]);

		CU_ASSERT_EQUAL(static_public_check(groups[i], value, width), 0);
		expect_refused(groups[i], value, width - 1);
		expect_refused(groups[i], value, width + 1);
		expect_refused(groups[i], value, 0);
	}
}

static void
x25519_points_of_small_order_are_refused(void)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	uint8_t point[32];

	for (size_t i = 0; i < 2 * sizeof(points) / sizeof(points[0]); i++) {
		sodium_hex2bin(point, sizeof(point), points[i / 2], 64, NULL, NULL, NULL);
		point[31] |= (uint8_t)(i % 2 << 7); /* X25519 does not look at this bit */
		expect_refused(STATIC_X25519, point, sizeof(point));
	}
}

/* A published key has one form: below 2^255 - 19. */
static void
x25519_keys_are_canonical(void)
{
	uint8_t key[32];

	memset(key, 0xff, sizeof(key));
	key[31] = 0x7f;
	for (unsigned int low = 0; low <= 0xff; low++) {
		key[0] = (uint8_t)low;
		CU_ASSERT_EQUAL(static_public_check(STATIC_X25519, key, sizeof(key)),
			low < 0xec ? 0 : -EINVAL);
	}
	key[0] = 9;
	key[31] = 0xff;
	CU_ASSERT_EQUAL(static_public_check(STATIC_X25519, key, sizeof(key)), -EINVAL);
}

static void
a_secret_exponent_is_at_least_two(void)
{
	uint8_t secret[STATIC_SECRET_BYTES_MAX] = {0};
	struct static_public key;

	CU_ASSERT_EQUAL(static_public_of(STATIC_FFDHE2048, secret, &key), -EINVAL);
	secret[31] = 1;
	CU_ASSERT_EQUAL(static_public_of(STATIC_FFDHE2048, secret, &key), -EINVAL);
	secret[31] = 2;
	CU_ASSERT_EQUAL(static_public_of(STATIC_FFDHE2048, secret, &key), 0);
	CU_ASSERT_EQUAL(key.bytes[255], 4);
}

static void
only_three_groups_are_known(void)
{
	unsigned int known = 0;

	for (unsigned int number = 0; number <= 0xffff; number++)
		known += static_group_known(number);
	CU_ASSERT_EQUAL(known, 3);
	CU_ASSERT_TRUE(
		static_group_known(29) && static_group_known(256) && static_group_known(257));
}

const struct unit_test unit_tests[] = {
	{"primes_follow_rfc7919s_formula", primes_follow_rfc7919s_formula},
	{"agreements_equal_python", agreements_equal_python},
	{"x25519_known_answer", x25519_known_answer},
	{"both_sides_agree", both_sides_agree},
	{"values_out_of_range_are_refused", values_out_of_range_are_refused},
	{"values_outside_the_subgroup_are_refused", values_outside_the_subgroup_are_refused},
	{"other_lengths_are_refused", other_lengths_are_refused},
	{"x25519_points_of_small_order_are_refused", x25519_points_of_small_order_are_refused},
	{"x25519_keys_are_canonical", x25519_keys_are_canonical},
	{"a_secret_exponent_is_at_least_two", a_secret_exponent_is_at_least_two},
	{"only_three_groups_are_known", only_three_groups_are_known},
	{NULL, NULL},
};
