/* Neighbours under stress: scans of silent addresses, full tables, liars, next hops that die. The
 * laboratory's table has 64 entries, and 10.1.0.0/24 lies on the same link as 10.0.0.0/24. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "control/neighbour.h"
#include "frames.h"
#include "path_rows.h"

const char *const unit_suite = "neighbour";

#define TICK_MS 1000

static void
scan(struct gateway_lab *lab, const char *source, unsigned int first, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		char frame[80];

		snprintf(frame, sizeof(frame), "udp %s:4000 > 10.1.0.%u:9", source, first + i);
		gateway_lab_send(lab, LAN, frame);
		gateway_lab_run(lab);
		gateway_lab_discard(lab);
	}
}

static unsigned int
entries(const struct gateway_lab *lab)
{
	unsigned int count = 0;
	uint32_t cursor = 0;

	while (neighbour_next(lab->gateway.neighbours, &cursor) != NULL)
		count++;
	return count;
}

/* Sends a frame whose sender has another Ethernet address than frames_mac() says. */
static void
send_as(struct gateway_lab *lab, enum lab_side from, uint32_t who, const char *frame)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(lab->gateway.packet_pool);
	struct port *peer = &lab->peers[from];
	uint8_t bytes[FRAMES_BYTES], mac[6];
	unsigned int length;

	CU_ASSERT_PTR_NOT_NULL_FATAL(packet);
	frames_mac(who, mac);
	length = frames_write(frame, lab->gateway.ports[from].mac, mac, bytes);
	memcpy(rte_pktmbuf_append(packet, (uint16_t)length), bytes, length);
	CU_ASSERT_EQUAL_FATAL(peer->tx(peer, 0, &packet, 1), 1);
	gateway_lab_run(lab);
}

/* Lets time pass for neighbours that nobody answers. */
static void
pass(struct gateway_lab *lab, uint64_t *now_ms, unsigned int ticks)
{
	for (unsigned int i = 0; i < ticks; i++) {
		*now_ms += TICK_MS;
		neighbour_tick(&lab->gateway, *now_ms);
		gateway_lab_run(lab);
	}
}

static void
a_scan_forgets_nobody_who_answered(void)
{
	static const struct path_row rows[] = {
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63", DROP_NONE},
		{WAN, "udp 203.0.113.9:53 > 198.51.100.16:49300", LAN,
			"udp 203.0.113.9:53 > 10.0.0.1:40000 ttl 63", DROP_NONE},
		{LAN, "udp 10.0.0.1:40000 > 10.0.0.200:53", LAN,
			"udp 10.0.0.1:40000 > 10.0.0.200:53 ttl 63", DROP_NONE},
	};
	struct gateway_lab *lab = gateway_lab_open(1, "");

	gateway_lab_resolve(lab);
	scan(lab, "10.0.0.1", 1, 250);
	CU_ASSERT_TRUE(entries(lab) <= 64);
	path_rows_send(lab, rows, 3);
	gateway_lab_close(lab);
}

/* 10.0.0.2 meets a new host while 10.0.0.1 scans. */
static void
a_scan_keeps_nobody_from_meeting(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");

	gateway_lab_resolve(lab);
	scan(lab, "10.0.0.1", 1, 200);
	gateway_lab_send(lab, LAN, "udp 10.0.0.2:4000 > 10.0.0.3:9");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, LAN), "arp-ask 10.0.0.3 from 10.0.0.254");
	scan(lab, "10.0.0.1", 201, 40);
	gateway_lab_send(lab, LAN, "arp-answer 10.0.0.3 to 10.0.0.254");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(
		gateway_lab_receive(lab, LAN), "udp 10.0.0.2:4000 > 10.0.0.3:9 ttl 63");
	gateway_lab_close(lab);
}

/* One source makes us ask so often a second, and no more (two seconds may be touched). */
static void
a_scan_makes_us_ask_in_measure(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	uint64_t before;

	gateway_lab_resolve(lab);
	before = lab->gateway.counters.arp_asked;
	for (unsigned int i = 0; i < 4; i++)
		scan(lab, "10.0.0.1", 1, 250);
	CU_ASSERT_TRUE(lab->gateway.counters.arp_asked - before <= 256);
	gateway_lab_close(lab);
}

/* Packets wait in bounded number; the table is larger here, so that entries are not the bound. */
static void
a_scan_holds_few_buffers(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	unsigned int held, before;

	lab->gateway.neighbours =
		(neighbour_table_free(lab->gateway.neighbours), neighbour_table_new(1024));
	lab->gateway.view->neighbours = neighbour_words(lab->gateway.neighbours);
	before = rte_mempool_avail_count(lab->gateway.packet_pool);
	for (unsigned int host = 1; host < 8; host++)
		for (unsigned int again = 0; again < 8; again++) {
			char source[16];

			snprintf(source, sizeof(source), "10.0.0.%u", host);
			scan(lab, source, 1 + 30 * (host - 1), 30);
		}
	held = before - rte_mempool_avail_count(lab->gateway.packet_pool);
	CU_ASSERT_TRUE(held > 0);
	CU_ASSERT_TRUE(held <= 512);
	gateway_lab_close(lab);
}

/* An address behind a router, or of ours, is nobody's on the link to claim. */
static void
far_addresses_are_not_learned(void)
{
	struct gateway_lab *lab =
		gateway_lab_open(1, "routes:\n"
				    "  - {prefix: 0.0.0.0/0, via: 198.51.100.254}\n"
				    "  - {prefix: 10.1.0.0/24, via: 10.0.0.2}\n");
	unsigned int before;

	gateway_lab_resolve(lab);
	before = entries(lab);
	gateway_lab_send(lab, LAN, "arp-ask 10.0.0.254 from 10.1.0.5");
	gateway_lab_send(lab, LAN, "arp-ask 10.0.0.254 from 10.0.0.255");
	gateway_lab_send(lab, WAN, "arp-ask 198.51.100.1 from 198.51.100.255");
	gateway_lab_run(lab);
	gateway_lab_discard(lab);
	CU_ASSERT_EQUAL(entries(lab), before);
	/* It still goes to the router. */
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:4000 > 10.1.0.5:9");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(
		gateway_lab_receive(lab, LAN), "udp 10.0.0.1:4000 > 10.1.0.5:9 ttl 63 wrong-mac");
	gateway_lab_close(lab);
}

/* A standby router took over and tells: RFC 826's merge. */
static void
a_known_neighbour_may_move(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");

	gateway_lab_resolve(lab);
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(
		gateway_lab_receive(lab, WAN), "udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63");
	send_as(lab, WAN, 0xc63364fd, "arp-ask 198.51.100.254 from 198.51.100.254");
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, WAN),
		"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 wrong-mac");
	/* Nobody learns a stranger from that. */
	send_as(lab, LAN, 0x0a000003, "arp-ask 10.0.0.3 from 10.0.0.3");
	CU_ASSERT_EQUAL(entries(lab), 4);
	gateway_lab_close(lab);
}

/* Packets to the next hop itself need no detour by control. */
static void
the_router_itself_is_reached_directly(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	uint64_t before;

	gateway_lab_resolve(lab);
	before = lab->gateway.path.workers[0]->punted;
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 198.51.100.254:53");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, WAN),
		"udp 198.51.100.16:49300 > 198.51.100.254:53 ttl 63");
	CU_ASSERT_EQUAL(lab->gateway.path.workers[0]->punted, before);
	gateway_lab_close(lab);
}

/* The router falls silent: its packets are dropped by workers, not queued at control; it is asked
 * on, and serves again when it is back. */
static void
a_router_dies_and_comes_back(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	uint64_t now_ms = gateway_now_ms(), punted;

	gateway_lab_resolve(lab);
	now_ms += 31000; /* time to confirm: three questions without an answer */
	pass(lab, &now_ms, 6);
	gateway_lab_discard(lab);
	punted = lab->gateway.path.workers[0]->punted;
	for (unsigned int i = 0; i < 100; i++)
		gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53");
	gateway_lab_run(lab);
	CU_ASSERT_EQUAL(lab->gateway.path.workers[0]->punted, punted);
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_NEIGHBOUR_DEAD), 100);
	/* The host is told, in its own words (RFC 1812, 5.2.7.1). */
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, LAN),
		"icmp host-unreachable 10.0.0.254 > 10.0.0.1 ttl 64 "
		"( udp 10.0.0.1:40000 > 203.0.113.9:53 ttl 64 )");
	gateway_lab_discard(lab);
	pass(lab, &now_ms, 4);
	CU_ASSERT_STRING_EQUAL(
		gateway_lab_receive(lab, WAN), "arp-ask 198.51.100.254 from 198.51.100.1");
	gateway_lab_discard(lab);
	gateway_lab_send(lab, WAN, "arp-answer 198.51.100.254 to 198.51.100.1");
	gateway_lab_send(lab, LAN, "arp-ask 10.0.0.254 from 10.0.0.1");
	gateway_lab_run(lab);
	gateway_lab_discard(lab);
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(
		gateway_lab_receive(lab, WAN), "udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63");
	gateway_lab_close(lab);
}

/* A number that a worker may still hold in its burst is not given to another neighbour. */
static void
numbers_rest_for_a_grace_period(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	struct rte_rcu_qsbr *grace = lab->gateway.path.grace;
	char frame[80];

	gateway_lab_resolve(lab);
	rte_rcu_qsbr_thread_register(grace, 0);
	rte_rcu_qsbr_thread_online(grace, 0);
	/* More talkers than entries and resting numbers, while the worker stands in one burst. */
	for (unsigned int i = 1; i < 250; i++) {
		snprintf(frame, sizeof(frame), "arp-ask 10.0.0.254 from 10.1.0.%u", i);
		gateway_lab_send(lab, LAN, frame);
		gateway_lab_run(lab);
		gateway_lab_discard(lab);
	}
	CU_ASSERT_TRUE(entries(lab) < 64);
	rte_rcu_qsbr_quiescent(grace, 0);
	gateway_lab_send(lab, LAN, "arp-ask 10.0.0.254 from 10.1.0.250");
	gateway_lab_run(lab);
	gateway_lab_discard(lab);
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:4000 > 10.1.0.250:9");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(
		gateway_lab_receive(lab, LAN), "udp 10.0.0.1:4000 > 10.1.0.250:9 ttl 63");
	rte_rcu_qsbr_thread_offline(grace, 0);
	rte_rcu_qsbr_thread_unregister(grace, 0);
	gateway_lab_close(lab);
}

const struct unit_test unit_tests[] = {
	{"a_scan_forgets_nobody_who_answered", a_scan_forgets_nobody_who_answered},
	{"a_scan_keeps_nobody_from_meeting", a_scan_keeps_nobody_from_meeting},
	{"a_scan_makes_us_ask_in_measure", a_scan_makes_us_ask_in_measure},
	{"a_scan_holds_few_buffers", a_scan_holds_few_buffers},
	{"far_addresses_are_not_learned", far_addresses_are_not_learned},
	{"a_known_neighbour_may_move", a_known_neighbour_may_move},
	{"the_router_itself_is_reached_directly", the_router_itself_is_reached_directly},
	{"a_router_dies_and_comes_back", a_router_dies_and_comes_back},
	{"numbers_rest_for_a_grace_period", numbers_rest_for_a_grace_period},
	{NULL, NULL},
};
