/* drivers/port, what is pure: options, claims, checksums, spreading. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include <rte_ip.h>

#include "base/bytes.h"
#include "drivers/port/checksum.h"
#include "drivers/port/claims.h"
#include "drivers/port/options.h"
#include "drivers/port/spread.h"

const char *const unit_suite = "port";

static void
options_are_parsed_or_refused(void)
{
	static const char *const colours[] = {"red", "green", NULL};
	static const struct option_row keys[] = {
		{.key = "count", .type = OPTION_NUMBER, .standard = 7, .minimum = 2, .maximum = 99},
		{.key = "wait", .type = OPTION_FLAG, .standard = 1},
		{.key = "colour", .type = OPTION_CHOICE, .choices = colours},
	};
	static const struct {
		const char *text;
		const char *code; /* NULL = accepted */
		const char *value;
		uint64_t values[3];
	} rows[] = {
		{"", NULL, NULL, {7, 1, 0}},
		{"count=2", NULL, NULL, {2, 1, 0}},
		{"colour=green,wait=no,count=99", NULL, NULL, {99, 0, 1}},
		{"count=1", "bad-option-value", "1", {0}},
		{"count=100", "bad-option-value", "100", {0}},
		{"count=-3", "bad-option-value", "-3", {0}},
		{"count=99999999999999999999", "bad-option-value", "99999999999999999999", {0}},
		{"wait=maybe", "bad-option-value", "maybe", {0}},
		{"colour=blue", "bad-option-value", "blue", {0}},
		{"wait=yes,wait=yes", "duplicate-option", "wait", {0}},
		{"size=3", "unknown-option", "size", {0}},
		{"Count=3", "unknown-option", "Count", {0}},
		{"count", "bad-options", "count", {0}},
		{"count=", "bad-options", "count=", {0}},
		{"=3", "bad-options", "=3", {0}},
		{",", "bad-options", "", {0}},
		{"count=3,", "bad-options", "", {0}},
		{"count=3,,wait=no", "bad-options", "", {0}},
		{" count=3", "unknown-option", " count", {0}},
		{"count=3=4", "bad-option-value", "3=4", {0}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t values[3];
		struct fault fault = {0};
		int error = options_parse(rows[i].text, keys, 3, values, &fault);

		CU_ASSERT_EQUAL(error, rows[i].code == NULL ? 0 : -EINVAL);
		CU_ASSERT_STRING_EQUAL(fault.code, rows[i].code == NULL ? "" : rows[i].code);
		if (rows[i].code == NULL) {
			CU_ASSERT_EQUAL(memcmp(values, rows[i].values, sizeof(values)), 0);
		} else {
			CU_ASSERT_STRING_EQUAL(fault.value, rows[i].value);
			CU_ASSERT_NOT_EQUAL(fault.remedy[0], '\0');
		}
	}
}

static void
unknown_options_name_the_known_ones(void)
{
	static const struct option_row keys[] = {
		{.key = "frames", .type = OPTION_NUMBER, .maximum = 9},
		{.key = "wait", .type = OPTION_FLAG},
	};
	uint64_t values[2];
	struct fault fault;
	char longest[200];

	options_parse("x=1", keys, 2, values, &fault);
	CU_ASSERT_PTR_NOT_NULL(strstr(fault.remedy, "frames, wait"));
	CU_ASSERT_EQUAL(options_parse("x=1", NULL, 0, NULL, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "unknown-option");
	/* Longer than any word: refused, not cut. */
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	CU_ASSERT_EQUAL(options_parse(longest, keys, 2, values, &fault), -EINVAL);
	memcpy(longest, "frames=", 7);
	CU_ASSERT_EQUAL(options_parse(longest, keys, 2, values, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "bad-options");
}

static void
claims_are_exclusive(void)
{
	struct fault fault;

	CU_ASSERT_EQUAL(claim_take("interface x", "lan0", &fault), 0);
	CU_ASSERT_EQUAL(claim_take("interface xy", "lan1", &fault), 0);
	CU_ASSERT_EQUAL(claim_take("interface x", "lan2", &fault), -EBUSY);
	CU_ASSERT_STRING_EQUAL(fault.code, "device-in-use");
	CU_ASSERT_PTR_NOT_NULL(strstr(fault.what, "lan0"));
	CU_ASSERT_TRUE(claim_begins("interface x"));
	claim_release("interface x");
	claim_release("interface x");
	CU_ASSERT_EQUAL(claim_take("interface x", "lan2", &fault), 0);
	claim_release("interface x");
	claim_release("interface xy");
	CU_ASSERT_FALSE(claim_begins("interface"));
}

#define FRAME_MOST 128

/* Ethernet, `tags` 802.1Q tags, IPv4, TCP or UDP with `payload` bytes; returns the offset of the
 * IPv4 header, and the frame's length in `length`. The checksum is right. */
static uint32_t
build_frame(uint8_t *frame, int tags, uint8_t protocol, uint32_t payload, uint32_t *length)
{
	uint32_t offset = 12, header = protocol == IPPROTO_TCP ? 20 : 8;
	struct rte_ipv4_hdr *ip;
	uint16_t sum;

	for (uint32_t i = 0; i < FRAME_MOST; i++)
		frame[i] = (uint8_t)(i * 37 + 11);
	for (int i = 0; i < tags; i++, offset += 4)
		store_be16(frame + offset, 0x8100);
	store_be16(frame + offset, 0x0800);
	offset += 2;
	memcpy(frame + offset,
		(const uint8_t[]){0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, protocol, 0, 0, 10, 0, 0, 1,
			192, 0, 2, 1},
		20);
	store_be16(frame + offset + 2, (uint16_t)(20 + header + payload));
	if (protocol == IPPROTO_UDP)
		store_be16(frame + offset + 24, (uint16_t)(header + payload));
	ip = (void *)(frame + offset);
	store_be16(frame + offset + 20 + (protocol == IPPROTO_TCP ? 16 : 6), 0);
	sum = rte_ipv4_udptcp_cksum(ip, frame + offset + 20);
	memcpy(frame + offset + 20 + (protocol == IPPROTO_TCP ? 16 : 6), &sum, 2);
	*length = offset + 20 + header + payload;
	return offset;
}

static void
unfinished_checksums_are_completed(void)
{
	for (int tags = 0; tags <= 2; tags++) {
		for (uint32_t payload = 0; payload < 20; payload++) {
			static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP};

			for (int p = 0; p < 2; p++) {
				uint8_t frame[FRAME_MOST], right[FRAME_MOST];
				uint32_t length, offset = build_frame(right, tags, protocols[p],
							 payload, &length);
				uint16_t pseudo = rte_ipv4_phdr_cksum((void *)(right + offset), 0);

				memcpy(frame, right, sizeof(frame));
				CU_ASSERT_FALSE(checksum_complete(frame, length));
				CU_ASSERT_EQUAL(memcmp(frame, right, sizeof(frame)), 0);
				memcpy(frame + offset + 20 + (p == 0 ? 16 : 6), &pseudo, 2);
				CU_ASSERT_TRUE(checksum_complete(frame, length));
				CU_ASSERT_EQUAL(memcmp(frame, right, sizeof(frame)), 0);
			}
		}
	}
}

static void
other_packets_keep_their_checksum(void)
{
	static const struct {
		const char *what;
		uint32_t at;   /* from the IPv4 header */
		uint8_t value; /* put there after the field was made unfinished */
		int cut;       /* bytes missing at the end */
	} rows[] = {
		{"more fragments", 6, 0x20, 0},
		{"a later fragment", 7, 0x01, 0},
		{"version 6", 0, 0x65, 0},
		{"header of 16 bytes", 0, 0x44, 0},
		{"options beyond the packet", 0, 0x4f, 0},
		{"GRE", 9, 47, 0},
		{"total length beyond the frame", 2, 0x7f, 0},
		{"total length below the header", 3, 19, 0},
		{"a cut frame", 8, 64, 1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t frame[FRAME_MOST], before[FRAME_MOST];
		uint32_t length, offset = build_frame(frame, 1, IPPROTO_UDP, 10, &length);
		uint16_t pseudo = rte_ipv4_phdr_cksum((void *)(frame + offset), 0);

		memcpy(frame + offset + 26, &pseudo, 2);
		frame[offset + rows[i].at] = rows[i].value;
		memcpy(before, frame, sizeof(frame));
		CU_ASSERT_FALSE(checksum_complete(frame, length - (uint32_t)rows[i].cut));
		CU_ASSERT_EQUAL(memcmp(frame, before, sizeof(frame)), 0);
	}
	/* A UDP checksum of zero is no checksum, and a wrong one stays wrong. */
	uint8_t frame[FRAME_MOST];
	uint32_t length, offset = build_frame(frame, 0, IPPROTO_UDP, 10, &length);
	store_be16(frame + offset + 26, 0);
	CU_ASSERT_FALSE(checksum_complete(frame, length));
	store_be16(frame + offset + 26, 0x1234);
	CU_ASSERT_FALSE(checksum_complete(frame, length));
	/* Every cut is safe to look at. */
	for (uint32_t cut = 0; cut < length; cut++)
		CU_ASSERT_FALSE(checksum_complete(frame, cut));
}

static void
spreading_prefers_the_owners_end(void)
{
	const uint64_t kinds =
		RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP;
	const uint64_t source = RTE_ETH_RSS_L3_SRC_ONLY | RTE_ETH_RSS_L4_SRC_ONLY;
	const uint64_t destination = RTE_ETH_RSS_L3_DST_ONLY | RTE_ETH_RSS_L4_DST_ONLY;
	const struct {
		uint64_t offered;
		enum port_side side;
		bool one_end;
		uint64_t chosen;
	} rows[] = {
		{0, PORT_INSIDE, false, 0},
		{RTE_ETH_RSS_IPV6 | source, PORT_INSIDE, false, 0},
		{kinds, PORT_INSIDE, false, kinds},
		{kinds | source, PORT_INSIDE, true, kinds | source},
		{kinds | source, PORT_OUTSIDE, false, kinds},
		{kinds | source | destination, PORT_OUTSIDE, true, kinds | destination},
		{kinds | RTE_ETH_RSS_L3_SRC_ONLY, PORT_INSIDE, false, kinds},
		{RTE_ETH_RSS_IPV4 | source, PORT_INSIDE, false, RTE_ETH_RSS_IPV4},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rte_eth_conf conf = {0};

		CU_ASSERT_EQUAL(
			spread_configure(rows[i].offered, rows[i].side, &conf), rows[i].one_end);
		CU_ASSERT_EQUAL(conf.rx_adv_conf.rss_conf.rss_hf, rows[i].chosen);
		CU_ASSERT_EQUAL(conf.rxmode.mq_mode,
			rows[i].chosen != 0 ? RTE_ETH_MQ_RX_RSS : RTE_ETH_MQ_RX_NONE);
	}
}

const struct unit_test unit_tests[] = {
	{"options_are_parsed_or_refused", options_are_parsed_or_refused},
	{"unknown_options_name_the_known_ones", unknown_options_name_the_known_ones},
	{"claims_are_exclusive", claims_are_exclusive},
	{"unfinished_checksums_are_completed", unfinished_checksums_are_completed},
	{"other_packets_keep_their_checksum", other_packets_keep_their_checksum},
	{"spreading_prefers_the_owners_end", spreading_prefers_the_owners_end},
	{NULL, NULL},
};
