/* What links do to packets: narrow ones, padded frames, next hops that are not known yet, wrong
 * sides. And what workers do to each other: marks that received buffers carry from former lives. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "frames.h"
#include "path_rows.h"

const char *const unit_suite = "path_links";

#define NARROW 600

/* Sends bytes as they are. */
static void
send_bytes(struct gateway_lab *lab, enum lab_side from, const uint8_t *bytes, unsigned int length,
	uint32_t mark)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(lab->gateway.packet_pool);
	struct port *peer = &lab->peers[from];

	CU_ASSERT_PTR_NOT_NULL_FATAL(packet);
	memcpy(rte_pktmbuf_append(packet, (uint16_t)length), bytes, length);
	packet->hash.fdir.hi = mark;
	lab->next_queue = (uint16_t)((lab->next_queue + 1) % peer->tx_queues);
	CU_ASSERT_EQUAL_FATAL(peer->tx(peer, lab->next_queue, &packet, 1), 1);
}

static unsigned int
write_from(const struct gateway_lab *lab, enum lab_side from, uint32_t sender, const char *frame,
	uint8_t bytes[FRAMES_BYTES])
{
	uint8_t mac[6];

	frames_mac(sender, mac);
	return frames_write(frame, lab->gateway.ports[from].mac, mac, bytes);
}

/* What came out of a side, put together: fragments in order, each of at most NARROW bytes, none of
 * them empty, all headers whole. Writes the frame as it was; returns its length and how many
 * fragments there were. */
static unsigned int
reassemble(struct gateway_lab *lab, enum lab_side side, uint8_t *frame, unsigned int *fragments)
{
	struct port *peer = &lab->peers[side];
	struct rte_mbuf *packet;
	unsigned int at = 0, header = 0;
	bool more = true;

	*fragments = 0;
	for (uint16_t queue = 0; queue < peer->rx_queues; queue++)
		while (peer->rx(peer, queue, &packet, 1) == 1) {
			const uint8_t *bytes = rte_pktmbuf_mtod(packet, const uint8_t *);
			const uint8_t *l3 = bytes + ETHERNET_HEADER_BYTES;
			unsigned int field = load_be16(l3 + IPV4_OFFSET_FRAGMENT);
			unsigned int total = load_be16(l3 + IPV4_OFFSET_TOTAL_LENGTH);

			if (load_be16(bytes + 12) != ETHERTYPE_IPV4) {
				rte_pktmbuf_free(packet);
				continue;
			}
			header = (l3[0] & 15u) * 4;
			CU_ASSERT_EQUAL(checksum_of(l3, header), 0);
			CU_ASSERT_TRUE(total <= NARROW && total > header);
			CU_ASSERT_EQUAL(packet->data_len, total + ETHERNET_HEADER_BYTES);
			CU_ASSERT_TRUE_FATAL(more);
			if (at == 0) {
				memcpy(frame, bytes, ETHERNET_HEADER_BYTES + header);
				at = ETHERNET_HEADER_BYTES + header;
			}
			CU_ASSERT_EQUAL((field & IPV4_FRAGMENT_OFFSET) * 8,
				at - ETHERNET_HEADER_BYTES -
					(frame[ETHERNET_HEADER_BYTES] & 15u) * 4);
			memcpy(frame + at, l3 + header, total - header);
			at += total - header;
			more = (field & IPV4_FRAGMENT_MF) != 0;
			(*fragments)++;
			rte_pktmbuf_free(packet);
		}
	CU_ASSERT_FALSE(more);
	return at;
}

/* The frame that fragments make, as text. */
static const char *
whole(uint8_t *frame, unsigned int length)
{
	static char text[FRAMES_TEXT];
	uint8_t *l3 = frame + ETHERNET_HEADER_BYTES;
	unsigned int header = (l3[0] & 15u) * 4;
	uint16_t checksum;

	store_be16(l3 + IPV4_OFFSET_TOTAL_LENGTH, (uint16_t)(length - ETHERNET_HEADER_BYTES));
	store_be16(l3 + IPV4_OFFSET_FRAGMENT, 0);
	memset(l3 + IPV4_OFFSET_CHECKSUM, 0, 2);
	checksum = checksum_of(l3, header);
	memcpy(l3 + IPV4_OFFSET_CHECKSUM, &checksum, 2);
	return frames_describe(frame, length, text);
}

/* RFC 791, section 3.2. The link to the world is narrower than that of the hosts. */
static void
packets_without_df_are_cut(void)
{
	static const struct {
		const char *sent, *received;
		unsigned int fragments;
	} rows[] = {
		{"udp 10.0.0.1:40000 > 203.0.113.9:53 data 572",
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 data 572", 1},
		{"udp 10.0.0.1:40000 > 203.0.113.9:53 data 573",
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 data 573", 2},
		{"udp 10.0.0.1:40000 > 203.0.113.9:53 data 1472",
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 data 1472", 3},
		{"udp 10.0.0.1:40000 > 203.0.113.9:53 data 8000",
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 data 8000", 14},
		{"echo 10.0.0.1 > 203.0.113.9 id 7 data 1001",
			"echo 198.51.100.16 > 203.0.113.9 id 32256 ttl 63 data 1001", 2},
	};
	static uint8_t frame[65536];

	for (unsigned int workers = 1; workers <= 2; workers++) {
		struct gateway_lab *lab = gateway_lab_open(workers, "");

		gateway_lab_resolve(lab);
		lab->gateway.view->interfaces[WAN].mtu_bytes = NARROW;
		for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			unsigned int fragments, length;

			gateway_lab_send(lab, LAN, rows[i].sent);
			gateway_lab_run(lab);
			length = reassemble(lab, WAN, frame, &fragments);
			CU_ASSERT_EQUAL(fragments, rows[i].fragments);
			CU_ASSERT_STRING_EQUAL(whole(frame, length), rows[i].received);
		}
		gateway_lab_close(lab);
	}
}

static void
fragments_wait_for_their_next_hop(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	static uint8_t frame[65536];
	unsigned int fragments, length;

	lab->gateway.view->interfaces[WAN].mtu_bytes = NARROW;
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 data 1472");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(
		gateway_lab_receive(lab, WAN), "arp-ask 198.51.100.254 from 198.51.100.1");
	gateway_lab_send(lab, WAN, "arp-answer 198.51.100.254 to 198.51.100.1");
	gateway_lab_run(lab);
	length = reassemble(lab, WAN, frame, &fragments);
	CU_ASSERT_EQUAL(fragments, 3);
	CU_ASSERT_STRING_EQUAL(
		whole(frame, length), "udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 data 1472");
	gateway_lab_close(lab);
}

/* The last buffer is gone in the middle of a packet: nothing is sent, nothing is lost. */
static void
fragments_without_buffers_leave_nothing(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	struct rte_mempool *pool = lab->gateway.packet_pool;
	static void *taken[8192];
	unsigned int count;

	gateway_lab_resolve(lab);
	lab->gateway.view->interfaces[WAN].mtu_bytes = NARROW;
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 data 1472");
	count = rte_mempool_avail_count(pool) - 2; /* of the three that it takes */
	CU_ASSERT_EQUAL_FATAL(rte_mempool_get_bulk(pool, taken, count), 0);
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, WAN), "");
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_TOO_BIG), 1);
	rte_mempool_put_bulk(pool, taken, count);
	gateway_lab_close(lab);
}

/* RFC 791: some options belong to every fragment, the others to the first. */
static void
options_go_where_they_belong(void)
{
	/* No operation, security (copied), record route (not copied), end. */
	static const uint8_t options[] = {
		1, 130, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 7, 7, 4, 0, 0, 0, 0, 0};
	struct gateway_lab *lab = gateway_lab_open(1, "");
	uint8_t bytes[FRAMES_BYTES + sizeof(options)], plain[FRAMES_BYTES];
	uint8_t *l3 = bytes + ETHERNET_HEADER_BYTES;
	unsigned int length = write_from(
		lab, LAN, 0x0a000001, "udp 10.0.0.1:40000 > 203.0.113.9:53 data 1000", plain);
	struct rte_mbuf *packets[4];
	uint16_t checksum;

	gateway_lab_resolve(lab);
	lab->gateway.view->interfaces[WAN].mtu_bytes = NARROW;
	memcpy(bytes, plain, ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES);
	memcpy(l3 + IPV4_HEADER_BYTES, options, sizeof(options));
	memcpy(l3 + 40, plain + 34, length - 34);
	l3[0] = 0x4a;
	length += sizeof(options);
	store_be16(l3 + IPV4_OFFSET_TOTAL_LENGTH, (uint16_t)(length - ETHERNET_HEADER_BYTES));
	memset(l3 + IPV4_OFFSET_CHECKSUM, 0, 2);
	checksum = checksum_of(l3, 40);
	memcpy(l3 + IPV4_OFFSET_CHECKSUM, &checksum, 2);
	send_bytes(lab, LAN, bytes, length, 0);
	gateway_lab_run(lab);
	CU_ASSERT_EQUAL_FATAL(lab->peers[WAN].rx(&lab->peers[WAN], 0, packets, 4), 2);
	l3 = rte_pktmbuf_mtod_offset(packets[0], uint8_t *, ETHERNET_HEADER_BYTES);
	CU_ASSERT_EQUAL(l3[0], 0x4a);
	CU_ASSERT_EQUAL(memcmp(l3 + 20, options, sizeof(options)), 0);
	l3 = rte_pktmbuf_mtod_offset(packets[1], uint8_t *, ETHERNET_HEADER_BYTES);
	CU_ASSERT_EQUAL(l3[0], 0x48);
	CU_ASSERT_EQUAL(memcmp(l3 + 20, options + 1, 11), 0);
	CU_ASSERT_EQUAL(l3[31], 0);
	CU_ASSERT_EQUAL(checksum_of(l3, 32), 0);
	rte_pktmbuf_free_bulk(packets, 2);
	gateway_lab_close(lab);
}

/* A frame is as long as its packet says: what stood behind stays here. */
static void
padding_is_not_passed_on(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	uint8_t bytes[FRAMES_BYTES];
	unsigned int length = write_from(
		lab, LAN, 0x0a000001, "udp 10.0.0.1:40000 > 203.0.113.9:53 data 2", bytes);

	gateway_lab_resolve(lab);
	memcpy(bytes + length, "somebody else's secret", 22);
	send_bytes(lab, LAN, bytes, length + 22, 0);
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, WAN),
		"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 data 2");
	gateway_lab_close(lab);
}

/* The world's 198.51.200.9 lies in the same /16 as our pool, and the way there is not known yet. */
static void
nothing_leaves_untranslated_while_the_router_is_unknown(void)
{
	static const struct path_row rows[] = {
		{LAN, "udp 10.0.0.1:40000 > 198.51.200.9:53", WAN,
			"arp-ask 198.51.100.254 from 198.51.100.1", DROP_NONE},
		{WAN, "arp-answer 198.51.100.254 to 198.51.100.1", WAN,
			"udp 198.51.100.16:49300 > 198.51.200.9:53 ttl 63", DROP_NONE},
	};

	path_rows_run(rows, 2, "", false);
}

/* Half of the hosts' subnet is said to lie in the world: a mapping must not take packets there. */
static void
nothing_comes_in_to_go_out_again(void)
{
	static const struct path_row rows[] = {
		{WAN, "udp 203.0.113.9:53 > 198.51.100.16:5000", WAN,
			"icmp host-unreachable 198.51.100.1 > 203.0.113.9 ttl 64 "
			"( udp 203.0.113.9:53 > 198.51.100.16:5000 ttl 64 )",
			DROP_NO_ROUTE},
	};

	PATH_ROWS_RUN(rows,
		"routes:\n"
		"  - {prefix: 0.0.0.0/0, via: 198.51.100.254}\n"
		"  - {prefix: 10.0.0.64/26, via: 198.51.100.254}\n"
		"statics:\n"
		"  - {protocol: udp, private: 10.0.0.77:53, public: 198.51.100.16:5000}\n");
}

/* Subnets behind a router inside are inside, by their routes alone. */
static void
routes_inside_are_not_translated(void)
{
	static const struct path_row rows[] = {
		/* wrong-mac: it goes to the router, 10.0.0.2. */
		{LAN, "udp 10.0.0.1:40000 > 172.16.3.4:53", LAN,
			"udp 10.0.0.1:40000 > 172.16.3.4:53 ttl 63 wrong-mac", DROP_NONE},
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63", DROP_NONE},
	};

	PATH_ROWS_RUN(rows, "routes:\n"
			    "  - {prefix: 0.0.0.0/0, via: 198.51.100.254}\n"
			    "  - {prefix: 172.16.0.0/12, via: 10.0.0.2}\n"
			    "  - {prefix: 172.20.0.0/16, via: 10.0.0.2}\n");
}

/* RFC 1812, 5.3.4: a frame for everybody on the link is forwarded by nobody. */
static void
frames_to_groups_are_not_forwarded(void)
{
	static const struct path_row rows[] = {
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 eth[0]=ffffffffffff", WAN, NULL,
			DROP_MULTICAST},
		{LAN, "udp 10.0.0.1:40000 > 10.0.0.2:53 eth[0]=ffffffffffff", WAN, NULL,
			DROP_MULTICAST},
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 ttl 1 eth[0]=01005e000001", WAN, NULL,
			DROP_MULTICAST},
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63", DROP_NONE},
		{WAN, "udp 203.0.113.9:53 > 198.51.100.16:49300 eth[0]=ffffffffffff", WAN, NULL,
			DROP_MULTICAST},
	};

	PATH_ROWS_RUN(rows, "");
}

/* Routing daemons and large pings work by the kernel interface; the same for others is dropped. */
static void
other_protocols_for_the_gateway_go_to_the_kernel(void)
{
	static const struct {
		const char *frame;
		enum drop_reason reason; /* 0 = to the kernel */
	} rows[] = {
		{"udp 10.0.0.1:1 > 10.0.0.254:2 ip[6]=2000", DROP_NONE},
		{"udp 10.0.0.1:1 > 10.0.0.254:2 ip[9]=59", DROP_NONE},
		{"udp 10.0.0.1:1 > 224.0.0.5:2 ip[9]=59 eth[0]=01005e000005", DROP_NONE},
		{"echo 10.0.0.1 > 10.0.0.254 id 1 l4[0]=05", DROP_NONE},
		{"udp 10.0.0.1:1 > 203.0.113.9:2 ip[6]=2000", DROP_FRAGMENT},
		{"udp 10.0.0.1:1 > 203.0.113.9:2 ip[9]=59", DROP_PROTOCOL},
		{"udp 192.0.2.1:1 > 10.0.0.254:2 ip[6]=2000", DROP_FRAGMENT},
		{"udp 10.0.0.254:1 > 10.0.0.254:2 ip[6]=2000", DROP_FRAGMENT},
		{"udp 10.0.0.1:1 > 10.0.0.254:2 ip[6]=2000 eth[0]=020000000009", DROP_FRAGMENT},
		{"udp 10.0.0.1:1 > 10.0.0.254:2 vlan 7 ip[6]=2000", DROP_FRAGMENT},
	};
	struct gateway_lab *lab = gateway_lab_open(1, "");
	struct worker *worker = lab->gateway.path.workers[0];

	gateway_lab_resolve(lab);
	lab->gateway.view->interfaces[LAN].has_kernel = true;
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t punted = worker->punted, dropped = worker->drops[rows[i].reason];
		bool to_kernel = rows[i].reason == DROP_NONE;

		gateway_lab_send(lab, LAN, rows[i].frame);
		gateway_lab_run(lab);
		CU_ASSERT_EQUAL(worker->punted - punted, to_kernel ? 1 : 0);
		CU_ASSERT_EQUAL(worker->drops[rows[i].reason] - dropped, to_kernel ? 0 : 1);
		if (worker->punted - punted != (to_kernel ? 1 : 0))
			printf("    %s\n", rows[i].frame);
	}
	gateway_lab_close(lab);
}

/* Buffers come back with what the last packet left in them. */
static void
received_buffers_carry_no_mark(void)
{
	char extra[2048], frame[100], expected[100];
	uint8_t bytes[FRAMES_BYTES];

	snprintf(extra, sizeof(extra), "statics:\n");
	for (unsigned int i = 0; i < 16; i++)
		snprintf(extra + strlen(extra), sizeof(extra) - strlen(extra),
			"  - {protocol: tcp, private: \"10.0.0.1:%u\", "
			"public: \"198.51.100.16:%u\"}\n",
			80 + i, 8080 + i);
	for (unsigned int workers = 1; workers <= 3; workers++) {
		struct gateway_lab *lab = gateway_lab_open(workers, extra);

		gateway_lab_resolve(lab);
		for (unsigned int i = 0; i < 16; i++) {
			snprintf(frame, sizeof(frame),
				"tcp 203.0.113.9:4000 > 198.51.100.16:%u syn data 0", 8080 + i);
			snprintf(expected, sizeof(expected),
				"tcp 203.0.113.9:4000 > 10.0.0.1:%u syn ttl 63 data 0", 80 + i);
			send_bytes(lab, WAN, bytes, write_from(lab, WAN, 0xc63364fe, frame, bytes),
				HANDOFF_CREATED);
			gateway_lab_run(lab);
			CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, LAN), expected);
		}
		gateway_lab_close(lab);
	}
}

/* Pings to the gateway itself, faster than control reads them: ARP still gets through. */
static void
floods_for_the_gateway_leave_room_for_arp(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	struct worker *worker = lab->gateway.path.workers[0];

	gateway_lab_resolve(lab);
	lab->gateway.view->interfaces[LAN].has_kernel = true;
	for (unsigned int i = 0; i < 2000; i++) {
		gateway_lab_send(lab, LAN, "echo 10.0.0.1 > 10.0.0.254 id 1");
		worker_turn(worker);
	}
	CU_ASSERT_TRUE(rte_ring_count(lab->gateway.path.punt) <= PATH_RING_PACKETS / 4);
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_RING_FULL), 2000 - PATH_RING_PACKETS / 4);
	gateway_lab_send(lab, LAN, "arp-ask 10.0.0.254 from 10.0.0.1");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, LAN), "arp-answer 10.0.0.254 to 10.0.0.1");
	gateway_lab_close(lab);
}

const struct unit_test unit_tests[] = {
	{"packets_without_df_are_cut", packets_without_df_are_cut},
	{"fragments_wait_for_their_next_hop", fragments_wait_for_their_next_hop},
	{"fragments_without_buffers_leave_nothing", fragments_without_buffers_leave_nothing},
	{"options_go_where_they_belong", options_go_where_they_belong},
	{"padding_is_not_passed_on", padding_is_not_passed_on},
	{"nothing_leaves_untranslated_while_the_router_is_unknown",
		nothing_leaves_untranslated_while_the_router_is_unknown},
	{"nothing_comes_in_to_go_out_again", nothing_comes_in_to_go_out_again},
	{"routes_inside_are_not_translated", routes_inside_are_not_translated},
	{"frames_to_groups_are_not_forwarded", frames_to_groups_are_not_forwarded},
	{"other_protocols_for_the_gateway_go_to_the_kernel",
		other_protocols_for_the_gateway_go_to_the_kernel},
	{"received_buffers_carry_no_mark", received_buffers_carry_no_mark},
	{"floods_for_the_gateway_leave_room_for_arp", floods_for_the_gateway_leave_room_for_arp},
	{NULL, NULL},
};
