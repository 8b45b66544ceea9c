/* lib/base: addresses, numbers, faults. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/fault.h"
#include "base/ipv4.h"
#include "base/utf8.h"

const char *const unit_suite = "base";

static void
addresses_parse_in_one_form(void)
{
	static const struct {
		const char *text;
		int result;
		uint32_t address;
	} rows[] = {
		{"0.0.0.0", 0, 0},
		{"10.0.0.1", 0, 0x0a000001},
		{"255.255.255.255", 0, 0xffffffff},
		{"256.0.0.1", -EINVAL, 0},
		{"10.0.0", -EINVAL, 0},
		{"10.0.0.1 ", -EINVAL, 0},
		{"010.0.0.1", -EINVAL, 0},
		{"10..0.1", -EINVAL, 0},
		{"", -EINVAL, 0},
		{"10.0.0.-1", -EINVAL, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t address = 0;

		CU_ASSERT_EQUAL(ipv4_parse(rows[i].text, &address), rows[i].result);
		CU_ASSERT_EQUAL(address, rows[i].address);
	}
}

static void
prefixes_refuse_host_bits_unless_asked(void)
{
	struct ipv4_prefix prefix;
	char text[PREFIX_TEXT_BYTES];

	CU_ASSERT_EQUAL(ipv4_prefix_parse("10.1.0.0/16", false, &prefix), 0);
	CU_ASSERT_STRING_EQUAL(ipv4_prefix_text(prefix, text), "10.1.0.0/16");
	CU_ASSERT_EQUAL(ipv4_prefix_parse("10.1.0.1/16", false, &prefix), -EINVAL);
	CU_ASSERT_EQUAL(ipv4_prefix_parse("10.1.0.1/16", true, &prefix), 0);
	CU_ASSERT_TRUE(ipv4_prefix_contains(prefix, 0x0a01ffff));
	CU_ASSERT_FALSE(ipv4_prefix_contains(prefix, 0x0a02ffff));
	CU_ASSERT_EQUAL(ipv4_prefix_parse("0.0.0.0/0", false, &prefix), 0);
	CU_ASSERT_TRUE(ipv4_prefix_contains(prefix, 0xffffffff));
	CU_ASSERT_EQUAL(ipv4_prefix_parse("10.0.0.0/33", false, &prefix), -EINVAL);
}

static void
numbers_stay_within_bounds(void)
{
	uint64_t number = 7;

	CU_ASSERT_EQUAL(number_parse("18446744073709551615", UINT64_MAX, &number), 0);
	CU_ASSERT_EQUAL(number, UINT64_MAX);
	CU_ASSERT_EQUAL(number_parse("18446744073709551616", UINT64_MAX, &number), -EINVAL);
	CU_ASSERT_EQUAL(number_parse("65536", 65535, &number), -EINVAL);
	CU_ASSERT_EQUAL(number_parse("9", 5, &number), -EINVAL);
	CU_ASSERT_EQUAL(number_parse("0x10", 65535, &number), -EINVAL);
	CU_ASSERT_EQUAL(number, UINT64_MAX);
}

static void
endpoints_round_trip(void)
{
	struct ipv4_endpoint endpoint;
	char text[ENDPOINT_TEXT_BYTES];

	CU_ASSERT_EQUAL(ipv4_endpoint_parse("255.255.255.255:65535", &endpoint), 0);
	CU_ASSERT_STRING_EQUAL(ipv4_endpoint_text(endpoint, text), "255.255.255.255:65535");
	CU_ASSERT_EQUAL(ipv4_endpoint_parse("10.0.0.1:65536", &endpoint), -EINVAL);
	CU_ASSERT_EQUAL(ipv4_endpoint_parse("10.0.0.1", &endpoint), -EINVAL);
}

static void
faults_say_what_value_and_remedy(void)
{
	struct fault fault;
	char text[512];

	CU_ASSERT_EQUAL(
		fault_set(&fault, ENODEV, "no-such-interface", "eth9",
			"Create it or correct the name", "interface %s does not exist", "lan0"),
		-ENODEV);
	CU_ASSERT_STRING_EQUAL(fault_text(&fault, text, sizeof(text)),
		"interface lan0 does not exist: eth9. Create it or correct the name");
	CU_ASSERT_EQUAL(fault_set(NULL, EIO, "x", NULL, NULL, "y"), -EIO);
}

static void
characters_are_told_from_other_bytes(void)
{
	static const struct {
		const char *bytes;
		size_t left, length;
	} rows[] = {
		{"a", 1, 1},
		{"", 1, 1}, /* NUL is a character */
		{"\xc3\xa4", 2, 2},
		{"\xc3\xa4", 1, 0}, /* cut */
		{"\xe2\x82\xac", 3, 3},
		{"\xf0\x9f\x98\x80", 4, 4},
		{"\x80", 1, 0},
		{"\xc0\x80", 2, 0},         /* overlong NUL */
		{"\xe0\x9f\xbf", 3, 0},     /* overlong */
		{"\xed\xa0\x80", 3, 0},     /* surrogate */
		{"\xf4\x90\x80\x80", 4, 0}, /* above U+10FFFF */
		{"\xff", 1, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CU_ASSERT_EQUAL(utf8_bytes(rows[i].bytes, rows[i].left), rows[i].length);
}

const struct unit_test unit_tests[] = {
	{"characters_are_told_from_other_bytes", characters_are_told_from_other_bytes},
	{"addresses_parse_in_one_form", addresses_parse_in_one_form},
	{"prefixes_refuse_host_bits_unless_asked", prefixes_refuse_host_bits_unless_asked},
	{"numbers_stay_within_bounds", numbers_stay_within_bounds},
	{"endpoints_round_trip", endpoints_round_trip},
	{"faults_say_what_value_and_remedy", faults_say_what_value_and_remedy},
	{NULL, NULL},
};
