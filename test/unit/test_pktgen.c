/* What judges pktgen's frames: it must see every flipped bit, every loss, every reordering, and
 * nothing where all is well. And the hosts' ARP, and the search for the rate without loss. */
#include "unit.h"

#include <string.h>

#include "arp.h"
#include "drivers/port/bench_frame.h"
#include "search.h"
#include "stamp.h"
#include "tally.h"

const char *const unit_suite = "pktgen";

#define FLOWS 5
#define RUN   3
#define LANE  0

static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};

/* The frame of a place and round; returns its length. */
static uint32_t
make_frame(uint8_t *bytes, uint8_t protocol, uint16_t length, uint32_t place, uint32_t round)
{
	struct bench_flows flows = {.endpoint_address = 0x0a000002,
		.endpoint_hosts = FLOWS,
		.endpoints = FLOWS,
		.endpoint_port = 1024,
		.remote_address = 0xc6120001,
		.remote_port = 9,
		.remotes = 1,
		.protocol = protocol};
	struct bench_descriptor descriptor = bench_flow_descriptor(&flows, place);
	struct stamp stamp =
		stamp_make(RUN, LANE, place, round, (uint16_t)(length - ETHERNET_HEADER_BYTES));
	struct bench_headers headers;

	memset(bytes, 0, length);
	descriptor.frame_bytes = length;
	bench_headers_prepare(&headers, mac, mac, false);
	bench_frame_write(bytes, &headers, &descriptor, checksum_sum(&stamp, sizeof(stamp)));
	memcpy(bytes + bench_header_bytes(protocol), &stamp, sizeof(stamp));
	return length;
}

static enum verdict
judge(struct tally *tally, uint32_t place, uint32_t round)
{
	uint8_t bytes[128];
	uint32_t length = make_frame(bytes, IPV4_PROTOCOL_UDP, 80, place, round);

	return tally_frame(tally, bytes, length, NULL, NULL);
}

static void
whole_frames_are_right(void)
{
	static const uint8_t protocols[] = {
		IPV4_PROTOCOL_UDP, IPV4_PROTOCOL_TCP, IPV4_PROTOCOL_ICMP};
	static const uint16_t lengths[] = {70, 71, 99, 1514};
	struct tally tally;

	CU_ASSERT_EQUAL_FATAL(tally_open(&tally, LANE, FLOWS), 0);
	tally_begin(&tally, RUN);
	for (uint32_t round = 0; round < 12; round++)
		for (uint32_t place = 0; place < FLOWS; place++) {
			uint8_t bytes[1536];
			uint32_t length = make_frame(
				bytes, protocols[round % 3], lengths[round / 3], place, round);

			CU_ASSERT_EQUAL(
				tally_frame(&tally, bytes, length, NULL, NULL), VERDICT_RIGHT);
		}
	CU_ASSERT_EQUAL(tally.verdicts[VERDICT_RIGHT], 12 * FLOWS);
	CU_ASSERT_EQUAL(tally.gaps, 0);
	tally_close(&tally);
}

/* Every single bit from the IPv4 header on, except in what no checksum covers. */
static void
each_flipped_bit_is_seen(void)
{
	static const uint8_t protocols[] = {
		IPV4_PROTOCOL_UDP, IPV4_PROTOCOL_TCP, IPV4_PROTOCOL_ICMP};
	struct tally tally;

	CU_ASSERT_EQUAL_FATAL(tally_open(&tally, LANE, FLOWS), 0);
	tally_begin(&tally, RUN);
	for (unsigned int i = 0; i < 3; i++)
		for (unsigned int bit = ETHERNET_HEADER_BYTES * 8; bit < 96 * 8; bit++) {
			uint8_t bytes[128];
			uint32_t length = make_frame(bytes, protocols[i], 96, 2, 0);
			enum verdict verdict;

			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			verdict = tally_frame(&tally, bytes, length, NULL, NULL);
			/* A flip in the stamp's mark makes it a stranger's frame, no more. */
			if (verdict == VERDICT_FOREIGN) {
				CU_ASSERT_EQUAL(
					(bit / 8 - bench_header_bytes(protocols[i])) / 2, 0);
			} else {
				CU_ASSERT_EQUAL(verdict, VERDICT_DAMAGED);
			}
		}
	CU_ASSERT_EQUAL(tally.verdicts[VERDICT_RIGHT], 0);
	tally_close(&tally);
}

static void
loss_leaves_a_gap(void)
{
	struct tally tally;

	CU_ASSERT_EQUAL_FATAL(tally_open(&tally, LANE, FLOWS), 0);
	tally_begin(&tally, RUN);
	CU_ASSERT_EQUAL(judge(&tally, 1, 0), VERDICT_RIGHT);
	CU_ASSERT_EQUAL(judge(&tally, 2, 0), VERDICT_RIGHT);
	CU_ASSERT_EQUAL(judge(&tally, 1, 3), VERDICT_RIGHT);
	CU_ASSERT_EQUAL(tally.gaps, 2);
	CU_ASSERT_EQUAL(tally_arrived(&tally), 3);
	tally_close(&tally);
}

static void
reordering_and_copies_are_late(void)
{
	struct tally tally;

	CU_ASSERT_EQUAL_FATAL(tally_open(&tally, LANE, FLOWS), 0);
	tally_begin(&tally, RUN);
	CU_ASSERT_EQUAL(judge(&tally, 0, 0), VERDICT_RIGHT);
	CU_ASSERT_EQUAL(judge(&tally, 0, 2), VERDICT_RIGHT);
	CU_ASSERT_EQUAL(judge(&tally, 0, 1), VERDICT_LATE);
	CU_ASSERT_EQUAL(judge(&tally, 0, 2), VERDICT_LATE);
	CU_ASSERT_EQUAL(judge(&tally, 0, 3), VERDICT_RIGHT);
	/* Between flows there is no order. */
	CU_ASSERT_EQUAL(judge(&tally, 4, 0), VERDICT_RIGHT);
	CU_ASSERT_EQUAL(judge(&tally, 3, 0), VERDICT_RIGHT);
	CU_ASSERT_EQUAL(tally.verdicts[VERDICT_LATE], 2);
	tally_close(&tally);
}

static bool
refuse_place_two(void *opaque, const struct frame *frame, uint32_t place)
{
	(void)opaque;
	CU_ASSERT_EQUAL(frame->source, 0x0a000002 + place);
	return place != 2;
}

static void
strangers_are_told_apart(void)
{
	static const uint8_t somebody[64] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x86, 0xdd};
	uint8_t bytes[128];
	struct tally tally;
	uint32_t length;

	CU_ASSERT_EQUAL_FATAL(tally_open(&tally, LANE, FLOWS), 0);
	tally_begin(&tally, RUN);
	CU_ASSERT_EQUAL(tally_frame(&tally, somebody, 64, NULL, NULL), VERDICT_FOREIGN);
	CU_ASSERT_EQUAL(tally_frame(&tally, somebody, 3, NULL, NULL), VERDICT_FOREIGN);
	length = make_frame(bytes, IPV4_PROTOCOL_UDP, 80, 2, 0);
	CU_ASSERT_EQUAL(
		tally_frame(&tally, bytes, length, refuse_place_two, NULL), VERDICT_MISROUTED);
	length = make_frame(bytes, IPV4_PROTOCOL_UDP, 80, 3, 0);
	CU_ASSERT_EQUAL(tally_frame(&tally, bytes, length, refuse_place_two, NULL), VERDICT_RIGHT);
	/* A cut frame is ours, and damaged. */
	CU_ASSERT_EQUAL(tally_frame(&tally, bytes, length - 1, NULL, NULL), VERDICT_DAMAGED);
	tally_begin(&tally, RUN + 1);
	CU_ASSERT_EQUAL(judge(&tally, 0, 0), VERDICT_STALE);
	tally_close(&tally);
}

static void
hosts_answer_arp(void)
{
	struct arp_hosts hosts = {.mac = {2, 0, 0, 0, 0, 0x55},
		.range_count = 2,
		.ranges = {{0x0a0000fe, 1}, {0x0a000102, 3}},
		.gateway = 0x0a000001};
	struct arp_hosts gateway = {
		.mac = {2, 0, 0, 0, 0, 0x77}, .range_count = 1, .ranges = {{0x0a000001, 1}}};
	static const struct {
		uint32_t address;
		bool ours;
	} rows[] = {{0x0a0000fe, true}, {0x0a000101, false}, {0x0a000102, true}, {0x0a000104, true},
		{0x0a000105, false}};
	uint8_t frame[ARP_FRAME_BYTES];

	/* The gateway hears the hosts' question and answers; they learn from the answer. */
	arp_ask(&hosts, frame);
	CU_ASSERT_TRUE(arp_is(frame, sizeof(frame)));
	CU_ASSERT_FALSE(arp_is(frame, sizeof(frame) - 1));
	CU_ASSERT_TRUE(arp_handle(&gateway, frame, sizeof(frame)));
	CU_ASSERT_EQUAL(memcmp(frame, hosts.mac, 6), 0);
	CU_ASSERT_FALSE(arp_handle(&hosts, frame, sizeof(frame)));
	CU_ASSERT_TRUE(hosts.gateway_known);
	CU_ASSERT_EQUAL(memcmp(hosts.gateway_mac, gateway.mac, 6), 0);
	/* And they answer for their own addresses only. */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		gateway.gateway = rows[i].address;
		gateway.gateway_known = false;
		arp_ask(&gateway, frame);
		CU_ASSERT_EQUAL(arp_handle(&hosts, frame, sizeof(frame)), rows[i].ours);
		arp_handle(&gateway, frame, sizeof(frame));
		CU_ASSERT_EQUAL(gateway.gateway_known, rows[i].ours);
	}
	CU_ASSERT_EQUAL(hosts.answered, 3);
}

/* A device that forwards `limit` packets a second from a generator that can send `most`. */
struct device {
	double limit, most;
};

static struct search_trial
forward(void *opaque, uint64_t rate)
{
	const struct device *device = opaque;
	double sent = rate == 0 || (double)rate > device->most ? device->most : (double)rate;

	return (struct search_trial){
		sent, sent > device->limit ? (sent - device->limit) / sent : 0};
}

static void
search_finds_the_limit(void)
{
	static const struct device devices[] = {
		{1e6, 2e6}, {1.9e6, 2e6}, {3e6, 2e6}, {20e3, 40e6}, {12.3e6, 30e6}};
	static const double tolerated[] = {0, 0.05};

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		for (size_t t = 0; t < 2; t++) {
			struct device device = devices[i];
			double limit = device.limit / (1 - tolerated[t]), rate;
			unsigned int trials;

			if (limit > device.most)
				limit = device.most;
			rate = search_rate(forward, &device, tolerated[t], &trials);
			CU_ASSERT_TRUE(rate <= limit * 1.0001);
			CU_ASSERT_TRUE(rate >= limit * 0.97);
			CU_ASSERT_TRUE(trials <= 14);
		}
	/* Nothing comes through at all. */
	struct device dead = {0, 1e6};
	CU_ASSERT_EQUAL(search_rate(forward, &dead, 0, NULL), 0);
}

const struct unit_test unit_tests[] = {
	{"whole_frames_are_right", whole_frames_are_right},
	{"each_flipped_bit_is_seen", each_flipped_bit_is_seen},
	{"loss_leaves_a_gap", loss_leaves_a_gap},
	{"reordering_and_copies_are_late", reordering_and_copies_are_late},
	{"strangers_are_told_apart", strangers_are_told_apart},
	{"hosts_answer_arp", hosts_answer_arp},
	{"search_finds_the_limit", search_finds_the_limit},
	{NULL, NULL},
};
