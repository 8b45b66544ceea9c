/* lib/base/sha256 and lib/h16: known vectors, both implementations, a million results. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "h16/h16.h"

const char *const unit_suite = "h16";

/* FIPS 180-4 examples and the empty message. */
static void
sha256_known_answers(void)
{
	static const struct {
		const char *message;
		uint32_t first, last;
	} rows[] = {
		{"", 0xe3b0c442, 0x7852b855},
		{"abc", 0xba7816bf, 0xf20015ad},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t length = strlen(rows[i].message);
		struct sha256_digest digest = sha256_short_portable(rows[i].message, length);

		CU_ASSERT_EQUAL(digest.words[0], rows[i].first);
		CU_ASSERT_EQUAL(digest.words[7], rows[i].last);
		if (sha256_has_shani()) {
			struct sha256_digest fast = sha256_short_shani(rows[i].message, length);

			CU_ASSERT_EQUAL(memcmp(&digest, &fast, sizeof(digest)), 0);
		}
	}
}

static void
sha_instructions_equal_portable_code(void)
{
	uint8_t message[SHA256_SHORT_BYTES];

	if (!sha256_has_shani()) {
		printf("skip h16::sha_instructions_equal_portable_code: no SHA instructions "
		       "here\n");
		return;
	}
	srandom(7);
	for (int round = 0; round < 20000; round++) {
		size_t length = (size_t)random() % (SHA256_SHORT_BYTES + 1);

		for (size_t i = 0; i < length; i++)
			message[i] = (uint8_t)random();
		struct sha256_digest slow = sha256_short_portable(message, length);
		struct sha256_digest fast = sha256_short_shani(message, length);

		if (memcmp(&slow, &fast, sizeof(slow)) != 0) {
			CU_FAIL("the two implementations differ");
			return;
		}
	}
}

static void
contract_vector(void)
{
	struct h16_salt none = h16_salt(0);

	CU_ASSERT_EQUAL(none.length, 0);
	CU_ASSERT_EQUAL(h16_candidate(&none, 0x0a000001, 40000, 0), 49300);
}

/* The generator of the comparison below: xorshift64, simple enough to be written twice. */
static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* A million random (vrf, address, port, index) against Python's hashlib, bit for bit. The program
 * in test/vec computes the same sequence and answers with one 16-bit result each. */
static void
a_million_results_equal_hashlib(void)
{
	const char *command = "/usr/bin/python3 " TEST_VEC_DIRECTORY "/h16_hashlib.py 1000000 2026";
	uint64_t state = 2026;
	unsigned int compared = 0, different = 0;
	uint8_t bytes[2];
	FILE *python = popen(command, "r");

	CU_ASSERT_PTR_NOT_NULL_FATAL(python);
	sha256_init();
	while (fread(bytes, 2, 1, python) == 1) {
		uint64_t one = next_random(&state), two = next_random(&state);
		struct h16_salt salt = h16_salt((one >> 60) & 1 ? (uint32_t)(two >> 56) : 0);
		uint16_t ours = h16_candidate(
			&salt, (uint32_t)one, (uint16_t)two, (unsigned int)(two >> 16) & 15);

		compared++;
		different += ours != (uint16_t)(bytes[0] << 8 | bytes[1]);
	}
	CU_ASSERT_EQUAL(pclose(python), 0);
	CU_ASSERT_EQUAL(compared, 1000000);
	CU_ASSERT_EQUAL(different, 0);
}

const struct unit_test unit_tests[] = {
	{"sha256_known_answers", sha256_known_answers},
	{"sha_instructions_equal_portable_code", sha_instructions_equal_portable_code},
	{"contract_vector", contract_vector},
	{"a_million_results_equal_hashlib", a_million_results_equal_hashlib},
	{NULL, NULL},
};
