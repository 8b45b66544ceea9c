/* The bench port's generator: a stream holds exactly the flows asked, its frames are right, and the
 * port plays them, answers ARP, turns round and gives back every buffer. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_mbuf.h>

#include "drivers/port/bench.h"
#include "drivers/port/bench_frame.h"
#include "port_lab.h"

const char *const unit_suite = "bench";

static const struct bench_flows few = {
	.endpoint_address = 0x0a000002,
	.endpoint_hosts = 7,
	.endpoints = 40,
	.endpoint_port = 1024,
	.remote_address = 0xc6120001,
	.remote_port = 53,
	.remotes = 3,
	.protocol = IPV4_PROTOCOL_UDP,
};

/* Counts how often the stream holds each flow of `few`; CUnit hears of any other. */
static void
count_flows(const struct bench_descriptor *stream, uint32_t count, unsigned int seen[40][3])
{
	memset(seen, 0, sizeof(unsigned int[40][3]));
	for (uint32_t i = 0; i < count; i++) {
		uint32_t host = __builtin_bswap32(stream[i].source) - few.endpoint_address;
		uint32_t round = __builtin_bswap16(stream[i].source_port) - few.endpoint_port;
		uint32_t endpoint = round * few.endpoint_hosts + host;
		uint32_t remote = __builtin_bswap32(stream[i].destination) - few.remote_address;

		CU_ASSERT_TRUE(host < few.endpoint_hosts);
		CU_ASSERT_EQUAL(__builtin_bswap16(stream[i].destination_port), few.remote_port);
		if (endpoint < 40 && remote < 3)
			seen[endpoint][remote]++;
		else
			CU_FAIL("a flow that was not asked for");
	}
}

static void
stream_holds_each_flow_once(void)
{
	struct bench_descriptor stream[120], again[120];
	unsigned int seen[40][3];

	CU_ASSERT_EQUAL_FATAL(bench_flows_count(&few), 120);
	bench_stream_fill(stream, &few);
	for (unsigned int turn = 0; turn < 2; turn++) {
		count_flows(stream, 120, seen);
		for (unsigned int e = 0; e < 40; e++)
			for (unsigned int r = 0; r < 3; r++)
				CU_ASSERT_EQUAL(seen[e][r], 1);
		bench_stream_shuffle(stream, 120, 16);
	}
	/* The order is another than before, and the seed decides it. */
	bench_stream_fill(again, &few);
	CU_ASSERT_NOT_EQUAL(memcmp(stream, again, sizeof(stream)), 0);
	bench_stream_shuffle(again, 120, 16);
	bench_stream_shuffle(again, 120, 16);
	bench_stream_fill(stream, &few);
	bench_stream_shuffle(stream, 120, 16);
	bench_stream_shuffle(stream, 120, 16);
	CU_ASSERT_EQUAL(memcmp(stream, again, sizeof(stream)), 0);
	bench_stream_shuffle(again, 120, 17);
	CU_ASSERT_NOT_EQUAL(memcmp(stream, again, sizeof(stream)), 0);
}

static void
flows_that_run_over_are_refused(void)
{
	static const struct {
		uint32_t hosts, endpoints, remotes, endpoint_address, remote_address;
		uint16_t endpoint_port;
		int result;
	} rows[] = {
		{1, 1, 1, 0x0a000001, 0xc6120001, 1, 0},
		{1, 65535, 1, 0x0a000001, 0xc6120001, 1, 0},
		{1, 65536, 1, 0x0a000001, 0xc6120001, 1, -EINVAL},
		{2, 65536, 1, 0x0a000001, 0xc6120001, 1024, 0},
		{1, 1, 1, 0x0a000001, 0xc6120001, 0, -EINVAL},
		{0, 1, 1, 0x0a000001, 0xc6120001, 1024, -EINVAL},
		{1, 0, 1, 0x0a000001, 0xc6120001, 1024, -EINVAL},
		{1, 1, 0, 0x0a000001, 0xc6120001, 1024, -EINVAL},
		{256, 1, 1, 0xffffff00, 0xc6120001, 1024, 0},
		{257, 1, 1, 0xffffff00, 0xc6120001, 1024, -EINVAL},
		{1, 1, 2, 0x0a000001, 0xffffffff, 1024, -EINVAL},
		{1 << 16, 1 << 16, 1 << 16, 0x0a000000, 0x64000000, 1024, -EINVAL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench_flows flows = {
			.endpoint_address = rows[i].endpoint_address,
			.endpoint_hosts = rows[i].hosts,
			.endpoints = rows[i].endpoints,
			.endpoint_port = rows[i].endpoint_port,
			.remote_address = rows[i].remote_address,
			.remotes = rows[i].remotes,
			.remote_port = 53,
			.protocol = IPV4_PROTOCOL_UDP,
		};
		struct fault fault;

		CU_ASSERT_EQUAL(bench_flows_check(&flows, &fault), rows[i].result);
	}
}

static void
imix_has_its_proportions(void)
{
	struct bench_descriptor stream[1200];
	unsigned int small = 0, middle = 0, large = 0;

	memset(stream, 0, sizeof(stream));
	bench_stream_set_imix(stream, 1200);
	for (unsigned int i = 0; i < 1200; i++) {
		small += stream[i].frame_bytes == 60;
		middle += stream[i].frame_bytes == 590;
		large += stream[i].frame_bytes == 1514;
	}
	CU_ASSERT_EQUAL(small, 700);
	CU_ASSERT_EQUAL(middle, 400);
	CU_ASSERT_EQUAL(large, 100);
}

/* The transport checksum over all bytes, as a host would verify it: 0 when it is right. */
static uint16_t
transport_rest(const uint8_t *bytes, const struct frame *frame)
{
	const uint8_t *l3 = bytes + frame->l3_offset;
	unsigned int length = frame->l3_bytes - IPV4_HEADER_BYTES;
	uint64_t sum = checksum_sum(bytes + frame->l4_offset, length);

	if (frame->kind != FRAME_ICMP_QUERY)
		sum += checksum_sum(l3 + IPV4_OFFSET_SOURCE, 8) +
		       __builtin_bswap16(l3[IPV4_OFFSET_PROTOCOL]) +
		       __builtin_bswap16((uint16_t)length);
	return (uint16_t)~checksum_fold(sum);
}

static void
frames_are_right(void)
{
	static const struct {
		uint8_t protocol;
		uint8_t kind;
		uint16_t bytes;
	} rows[] = {
		{IPV4_PROTOCOL_UDP, FRAME_UDP, 60},
		{IPV4_PROTOCOL_UDP, FRAME_UDP, 1514},
		{IPV4_PROTOCOL_TCP, FRAME_TCP, 60},
		{IPV4_PROTOCOL_TCP, FRAME_TCP, 594},
		{IPV4_PROTOCOL_ICMP, FRAME_ICMP_QUERY, 98},
	};
	struct bench_headers headers;

	bench_headers_prepare(&headers, bench_peer_mac, bench_peer_mac, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bench_flows flows = few;
		uint8_t bytes[2048];

		flows.protocol = rows[i].protocol;
		for (uint32_t number = 0; number < bench_flows_count(&flows); number++) {
			struct bench_descriptor flow = bench_flow_descriptor(&flows, number);
			struct frame frame = {0};

			memset(bytes, (int)number, sizeof(bytes));
			flow.frame_bytes = rows[i].bytes;
			/* The payload is what lies behind the 64 bytes that are written. */
			uint64_t sum = rows[i].bytes > BENCH_HEADER_BYTES
					       ? checksum_sum(bytes + BENCH_HEADER_BYTES,
							 rows[i].bytes - BENCH_HEADER_BYTES)
					       : 0;
			bench_frame_write(bytes, &headers, &flow, sum);
			CU_ASSERT_EQUAL(frame_parse(bytes, rows[i].bytes, &frame), DROP_NONE);
			CU_ASSERT_EQUAL(frame.kind, rows[i].kind);
			CU_ASSERT_EQUAL(frame.source, __builtin_bswap32(flow.source));
			CU_ASSERT_EQUAL(frame.destination, __builtin_bswap32(flow.destination));
			CU_ASSERT_EQUAL(frame.source_port, __builtin_bswap16(flow.source_port));
			CU_ASSERT_EQUAL(frame.l3_bytes, rows[i].bytes - ETHERNET_HEADER_BYTES);
			CU_ASSERT_EQUAL(transport_rest(bytes, &frame), 0);
		}
	}
}

static void
port_plays_its_flows_and_ends(void)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("lan0", "bench", "10.0.0.2-198.18.0.1",
		"endpoints=40,hosts=7,remotes=3,packets=120,bytes=100", pool);
	struct rte_mbuf *packets[32];
	struct bench_descriptor received[120];
	struct port_counters counters;
	unsigned int count = 0, seen[40][3];
	struct port port;

	if (!lab_open(&request, &port))
		return;
	for (uint16_t burst; (burst = port.rx(&port, 0, packets, 32)) != 0;) {
		for (unsigned int i = 0; i < burst && count < 120; i++, count++) {
			struct frame frame = {0};

			CU_ASSERT_EQUAL(frame_parse(rte_pktmbuf_mtod(packets[i], uint8_t *),
						packets[i]->data_len, &frame),
				DROP_NONE);
			CU_ASSERT_EQUAL(packets[i]->pkt_len, 100);
			received[count] = (struct bench_descriptor){
				.source = __builtin_bswap32(frame.source),
				.destination = __builtin_bswap32(frame.destination),
				.source_port = __builtin_bswap16(frame.source_port),
				.destination_port = __builtin_bswap16(53),
			};
			CU_ASSERT_EQUAL(frame.destination_port, 9);
		}
		CU_ASSERT_EQUAL(port.tx(&port, 0, packets, burst), burst);
	}
	CU_ASSERT_EQUAL_FATAL(count, 120);
	count_flows(received, 120, seen);
	for (unsigned int e = 0; e < 40; e++)
		for (unsigned int r = 0; r < 3; r++)
			CU_ASSERT_EQUAL(seen[e][r], 1);
	CU_ASSERT_EQUAL(port.driver->counters(&port, &counters), 0);
	CU_ASSERT_EQUAL(counters.rx_packets, 120);
	CU_ASSERT_EQUAL(counters.rx_bytes, 12000);
	CU_ASSERT_EQUAL(counters.tx_packets, 120);
	lab_close(&port);
	lab_pool_check(pool);
}

static void
port_answers_arp(void)
{
	/* Who has 10.0.0.9? Tell 10.0.0.1, who is at 02:00:00:00:00:01. */
	static const uint8_t asked[42] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8,
		6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0,
		0, 9};
	static const uint8_t answer[42] = {2, 0, 0, 0, 0, 1, 2, 'b', 'e', 'n', 'c', 'h', 8, 6, 0, 1,
		8, 0, 6, 4, 0, 2, 2, 'b', 'e', 'n', 'c', 'h', 10, 0, 0, 9, 2, 0, 0, 0, 0, 1, 10, 0,
		0, 1};
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("wan0", "bench", "sink", "", pool);
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool), *received = NULL;
	struct port port;

	CU_ASSERT_PTR_NOT_NULL_FATAL(packet);
	if (!lab_open(&request, &port))
		return;
	memcpy(rte_pktmbuf_append(packet, sizeof(asked)), asked, sizeof(asked));
	CU_ASSERT_EQUAL(port.tx(&port, 0, &packet, 1), 1);
	CU_ASSERT_EQUAL(port.rx(&port, 0, &received, 1), 1);
	CU_ASSERT_EQUAL(memcmp(rte_pktmbuf_mtod(received, void *), answer, sizeof(answer)), 0);
	rte_pktmbuf_free(received);
	/* An announcement is not a question: the sender's address is the one asked for. */
	packet = rte_pktmbuf_alloc(pool);
	memcpy(rte_pktmbuf_append(packet, sizeof(asked)), asked, sizeof(asked));
	memcpy(rte_pktmbuf_mtod_offset(packet, uint8_t *, 28), asked + 38, 4);
	CU_ASSERT_EQUAL(port.tx(&port, 0, &packet, 1), 1);
	CU_ASSERT_EQUAL(port.rx(&port, 0, &received, 1), 0);
	/* Anything else is swallowed. */
	packet = rte_pktmbuf_alloc(pool);
	memset(rte_pktmbuf_append(packet, 60), 0, 60);
	CU_ASSERT_EQUAL(port.tx(&port, 0, &packet, 1), 1);
	CU_ASSERT_EQUAL(port.rx(&port, 0, &received, 1), 0);
	lab_close(&port);
	lab_pool_check(pool);
}

static void
echo_turns_packets_round(void)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("wan0", "bench", "echo", "", pool);
	struct bench_descriptor flow = bench_flow_descriptor(&few, 5);
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool), *received = NULL;
	struct bench_headers headers;
	struct frame frame = {0};
	struct port port;

	CU_ASSERT_PTR_NOT_NULL_FATAL(packet);
	if (!lab_open(&request, &port))
		return;
	flow.frame_bytes = 64;
	bench_headers_prepare(&headers, port.mac, bench_peer_mac, false);
	bench_frame_write((uint8_t *)rte_pktmbuf_append(packet, 64), &headers, &flow, 0);
	CU_ASSERT_EQUAL(port.tx(&port, 0, &packet, 1), 1);
	CU_ASSERT_EQUAL_FATAL(port.rx(&port, 0, &received, 1), 1);
	CU_ASSERT_EQUAL(frame_parse(rte_pktmbuf_mtod(received, uint8_t *), 64, &frame), DROP_NONE);
	CU_ASSERT_EQUAL(frame.source, __builtin_bswap32(flow.destination));
	CU_ASSERT_EQUAL(frame.destination, __builtin_bswap32(flow.source));
	CU_ASSERT_EQUAL(frame.source_port, 53);
	CU_ASSERT_EQUAL(frame.destination_port, __builtin_bswap16(flow.source_port));
	CU_ASSERT_EQUAL(transport_rest(rte_pktmbuf_mtod(received, uint8_t *), &frame), 0);
	CU_ASSERT_EQUAL(memcmp(rte_pktmbuf_mtod(received, uint8_t *), port.mac, 6), 0);
	rte_pktmbuf_free(received);
	lab_close(&port);
	lab_pool_check(pool);
}

static void
wrong_requests_are_refused(void)
{
	static const struct {
		const char *device, *options, *code;
	} rows[] = {
		{"", "", "bad-device"},
		{"10.0.0.2", "", "bad-device"},
		{"10.0.0.2-", "", "bad-device"},
		{"10.0.0.2-300.0.0.1", "", "bad-device"},
		{"100.100.100.100.100-10.0.0.1", "", "bad-device"},
		{"sink", "colour=red", "unknown-option"},
		{"10.0.0.2-198.18.0.1", "endpoints=0", "bad-option-value"},
		{"10.0.0.2-198.18.0.1", "bytes=59", "bad-option-value"},
		{"10.0.0.2-198.18.0.1", "bytes=1515", "frames-too-large"},
		{"10.0.0.2-198.18.0.1", "protocol=sctp", "bad-option-value"},
		{"10.0.0.2-198.18.0.1", "endpoints=70000", "bad-flows"},
		{"10.0.0.2-198.18.0.1", "endpoints=60000,remotes=60000", "bad-flows"},
	};
	const struct port_driver *driver = port_driver_find("bench");

	CU_ASSERT_PTR_NOT_NULL_FATAL(driver);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct port_request request =
			lab_request("lan0", "bench", rows[i].device, rows[i].options, NULL);
		struct fault fault;
		struct port port;

		CU_ASSERT_TRUE(driver->check(&request, &fault) < 0);
		CU_ASSERT_STRING_EQUAL(fault.code, rows[i].code);
		CU_ASSERT_TRUE(driver->open(&request, &port, &fault) < 0);
	}
}

const struct unit_test unit_tests[] = {
	{"stream_holds_each_flow_once", stream_holds_each_flow_once},
	{"flows_that_run_over_are_refused", flows_that_run_over_are_refused},
	{"imix_has_its_proportions", imix_has_its_proportions},
	{"frames_are_right", frames_are_right},
	{"port_plays_its_flows_and_ends", port_plays_its_flows_and_ends},
	{"port_answers_arp", port_answers_arp},
	{"echo_turns_packets_round", echo_turns_packets_round},
	{"wrong_requests_are_refused", wrong_requests_are_refused},
	{NULL, NULL},
};
