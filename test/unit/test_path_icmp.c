/* ICMP errors through the NAT and from it: RFC 5508, RFC 1812 section 4.3. The quoted packet is
 * translated back with the outer one, and every checksum is right afterwards. Ports: see
 * test_path.c. */
#include "unit.h"

#include "path_rows.h"

const char *const unit_suite = "path_icmp";

/* RFC 5508 REQ-3, REQ-5: somebody in the world refuses what a host sent. */
static void
errors_from_the_world_reach_the_host(void)
{
	static const struct path_row rows[] = {
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63"},
		{WAN,
			"icmp port-unreachable 203.0.113.9 > 198.51.100.16 "
			"( udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 50 )",
			LAN,
			"icmp port-unreachable 203.0.113.9 > 10.0.0.1 ttl 63 "
			"( udp 10.0.0.1:40000 > 203.0.113.9:53 ttl 50 )"},
		/* A router on the way, with the least that RFC 792 quotes: 8 bytes of UDP. */
		{WAN,
			"icmp ttl-exceeded 192.0.2.1 > 198.51.100.16 "
			"( udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 1 quoted 28 )",
			LAN,
			"icmp ttl-exceeded 192.0.2.1 > 10.0.0.1 ttl 63 "
			"( udp 10.0.0.1:40000 > 203.0.113.9:53 ttl 1 quoted 28 )"},
		{WAN,
			"icmp too-big 192.0.2.1 > 198.51.100.16 mtu 1280 "
			"( udp 198.51.100.16:49300 > 203.0.113.9:53 data 1400 df quoted 548 )",
			LAN,
			"icmp too-big 192.0.2.1 > 10.0.0.1 ttl 63 mtu 1280 "
			"( udp 10.0.0.1:40000 > 203.0.113.9:53 ttl 64 data 1400 df quoted 548 )"},
		/* Without a checksum inside, none is invented. */
		{WAN,
			"icmp port-unreachable 203.0.113.9 > 198.51.100.16 "
			"( udp 198.51.100.16:49300 > 203.0.113.9:53 no-checksum )",
			LAN,
			"icmp port-unreachable 203.0.113.9 > 10.0.0.1 ttl 63 "
			"( udp 10.0.0.1:40000 > 203.0.113.9:53 ttl 64 no-checksum )"},
		/* TCP, whole and cut behind 8 bytes. */
		{LAN, "tcp 10.0.0.1:4000 > 203.0.113.9:80 syn data 0", WAN,
			"tcp 198.51.100.16:58889 > 203.0.113.9:80 syn ttl 63 data 0"},
		{WAN,
			"icmp host-unreachable 192.0.2.1 > 198.51.100.16 "
			"( tcp 198.51.100.16:58889 > 203.0.113.9:80 syn data 0 )",
			LAN,
			"icmp host-unreachable 192.0.2.1 > 10.0.0.1 ttl 63 "
			"( tcp 10.0.0.1:4000 > 203.0.113.9:80 syn ttl 64 data 0 )"},
		{WAN,
			"icmp host-unreachable 192.0.2.1 > 198.51.100.16 "
			"( tcp 198.51.100.16:58889 > 203.0.113.9:80 syn data 0 quoted 28 )",
			LAN,
			"icmp host-unreachable 192.0.2.1 > 10.0.0.1 ttl 63 "
			"( tcp 10.0.0.1:4000 > 203.0.113.9:80 ttl 64 quoted 28 )"},
		/* A ping. */
		{LAN, "echo 10.0.0.1 > 203.0.113.9 id 7", WAN,
			"echo 198.51.100.16 > 203.0.113.9 id 32256 ttl 63"},
		{WAN,
			"icmp ttl-exceeded 192.0.2.1 > 198.51.100.16 "
			"( echo 198.51.100.16 > 203.0.113.9 id 32256 ttl 1 )",
			LAN,
			"icmp ttl-exceeded 192.0.2.1 > 10.0.0.1 ttl 63 "
			"( echo 10.0.0.1 > 203.0.113.9 id 7 ttl 1 )"},
	};

	PATH_ROWS_RUN(rows, "");
}

/* RFC 5508 REQ-4, REQ-5: a host refuses what came in through its mapping. */
static void
errors_from_a_host_reach_the_world(void)
{
	static const struct path_row rows[] = {
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63"},
		{LAN,
			"icmp port-unreachable 10.0.0.1 > 203.0.113.9 "
			"( udp 203.0.113.9:53 > 10.0.0.1:40000 ttl 60 )",
			WAN,
			"icmp port-unreachable 198.51.100.16 > 203.0.113.9 ttl 63 "
			"( udp 203.0.113.9:53 > 198.51.100.16:49300 ttl 60 )"},
		{LAN,
			"icmp port-unreachable 10.0.0.1 > 203.0.113.9 "
			"( udp 203.0.113.9:53 > 10.0.0.1:40000 ttl 60 quoted 28 )",
			WAN,
			"icmp port-unreachable 198.51.100.16 > 203.0.113.9 ttl 63 "
			"( udp 203.0.113.9:53 > 198.51.100.16:49300 ttl 60 quoted 28 )"},
		/* The error must come from the host that it is about. */
		{LAN,
			"icmp port-unreachable 10.0.0.2 > 203.0.113.9 "
			"( udp 203.0.113.9:53 > 10.0.0.1:40000 )",
			WAN, NULL, DROP_ICMP_INNER},
		/* And about a mapping that there is. */
		{LAN,
			"icmp port-unreachable 10.0.0.1 > 203.0.113.9 "
			"( udp 203.0.113.9:53 > 10.0.0.1:40001 )",
			WAN, NULL, DROP_ICMP_INNER},
	};

	PATH_ROWS_RUN(rows, "");
}

static void
errors_that_quote_nothing_of_ours_are_dropped(void)
{
	static const struct path_row rows[] = {
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63"},
		{WAN,
			"icmp port-unreachable 203.0.113.9 > 198.51.100.16 "
			"( udp 198.51.100.16:49301 > 203.0.113.9:53 )",
			LAN, NULL, DROP_NO_MAPPING},
		/* The quoted source must be the address that the error goes to. */
		{WAN,
			"icmp port-unreachable 203.0.113.9 > 198.51.100.17 "
			"( udp 198.51.100.16:49300 > 203.0.113.9:53 )",
			LAN, NULL, DROP_ICMP_INNER},
		{WAN,
			"icmp port-unreachable 203.0.113.9 > 198.51.100.16 "
			"( udp 192.0.2.9:49300 > 203.0.113.9:53 )",
			LAN, NULL, DROP_ICMP_INNER},
		/* Cut before the ports. */
		{WAN,
			"icmp port-unreachable 203.0.113.9 > 198.51.100.16 "
			"( udp 198.51.100.16:49300 > 203.0.113.9:53 quoted 27 )",
			LAN, NULL, DROP_ICMP_INNER},
		/* An error about an error has no mapping. */
		{WAN,
			"icmp port-unreachable 203.0.113.9 > 198.51.100.16 "
			"( echo 198.51.100.16 > 203.0.113.9 id 7 l4[0]=0b )",
			LAN, NULL, DROP_ICMP_INNER},
		/* RFC 5508 REQ-3a: a wrong ICMP checksum must not be made right. */
		{WAN,
			"icmp port-unreachable 203.0.113.9 > 198.51.100.16 "
			"( udp 198.51.100.16:49300 > 203.0.113.9:53 ) l4[2]=1234",
			LAN, NULL, DROP_L4_CHECKSUM},
	};

	PATH_ROWS_RUN(rows, "");
}

/* RFC 1812, 4.3 and 5.3.1; the sender learns why, from the address it knows. */
static void
the_gateway_answers_what_it_refuses(void)
{
	static const struct path_row rows[] = {
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:33434 ttl 1", LAN,
			"icmp ttl-exceeded 10.0.0.254 > 10.0.0.1 ttl 64 "
			"( udp 10.0.0.1:40000 > 203.0.113.9:33434 ttl 1 )",
			DROP_TTL},
		{LAN, "echo 10.0.0.1 > 203.0.113.9 id 7 ttl 1", LAN,
			"icmp ttl-exceeded 10.0.0.254 > 10.0.0.1 ttl 64 "
			"( echo 10.0.0.1 > 203.0.113.9 id 7 ttl 1 )",
			DROP_TTL},
		/* No error about an error. */
		{LAN,
			"icmp port-unreachable 10.0.0.1 > 203.0.113.9 ttl 1 "
			"( udp 203.0.113.9:53 > 10.0.0.1:40000 )",
			LAN, NULL, DROP_TTL},
		{WAN, "udp 203.0.113.9:53 > 198.51.100.16:49300 ttl 1", WAN,
			"icmp ttl-exceeded 198.51.100.1 > 203.0.113.9 ttl 64 "
			"( udp 203.0.113.9:53 > 198.51.100.16:49300 ttl 1 )",
			DROP_TTL},
		/* Its subnet is served, but no pool has addresses for it. */
		{LAN, "udp 10.1.0.9:80 > 203.0.113.9:53", LAN,
			"icmp prohibited 10.0.0.254 > 10.1.0.9 ttl 64 "
			"( udp 10.1.0.9:80 > 203.0.113.9:53 ttl 64 )",
			DROP_NAT_POOL},
	};

	PATH_ROWS_RUN(rows, "");
}

/* RFC 1191. The quotation shows the packet as its sender knows it, although the next link was only
 * known when it was translated already. */
static void
too_big_is_told_with_the_mtu(void)
{
	static const struct path_row rows[] = {
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 data 1473 df", LAN,
			"icmp too-big 10.0.0.254 > 10.0.0.1 ttl 64 mtu 1500 "
			"( udp 10.0.0.1:40000 > 203.0.113.9:53 ttl 64 data 1473 df quoted 548 )",
			DROP_TOO_BIG},
		{LAN, "echo 10.0.0.1 > 203.0.113.9 id 7 data 1473 df", LAN,
			"icmp too-big 10.0.0.254 > 10.0.0.1 ttl 64 mtu 1500 "
			"( echo 10.0.0.1 > 203.0.113.9 id 7 ttl 64 data 1473 df quoted 548 )",
			DROP_TOO_BIG},
		/* Inward: the world knows the public endpoint only. */
		{LAN, "tcp 10.0.0.1:4000 > 203.0.113.9:80 syn data 0", WAN,
			"tcp 198.51.100.16:58889 > 203.0.113.9:80 syn ttl 63 data 0"},
		{WAN, "tcp 203.0.113.9:80 > 198.51.100.16:58889 ack data 1461 df", WAN,
			"icmp too-big 198.51.100.1 > 203.0.113.9 ttl 64 mtu 1500 "
			"( tcp 203.0.113.9:80 > 198.51.100.16:58889 ack ttl 64 data 1461 df "
			"quoted 548 )",
			DROP_TOO_BIG},
	};

	PATH_ROWS_RUN(rows, "");
}

static void
no_route_is_told(void)
{
	static const struct path_row rows[] = {
		{LAN, "udp 10.0.0.1:40000 > 192.0.2.5:53", LAN,
			"icmp net-unreachable 10.0.0.254 > 10.0.0.1 ttl 64 "
			"( udp 10.0.0.1:40000 > 192.0.2.5:53 ttl 64 )",
			DROP_NO_ROUTE},
	};

	PATH_ROWS_RUN(rows, "routes: [{prefix: 203.0.113.0/24, via: 198.51.100.254}]\n");
}

/* RFC 1812, 4.3.2.8: a bounded number a second. */
static void
errors_are_limited(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	unsigned int answers = 0;

	gateway_lab_resolve(lab);
	lab->gateway.path.icmp_errors_a_second = 10;
	for (unsigned int i = 0; i < 25; i++)
		gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:33434 ttl 1");
	gateway_lab_run(lab);
	while (gateway_lab_receive(lab, LAN)[0] != '\0')
		answers++;
	CU_ASSERT_EQUAL(answers, 10);
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_TTL), 25);
	lab->now_seconds++;
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:33434 ttl 1");
	gateway_lab_run(lab);
	CU_ASSERT_NOT_EQUAL(gateway_lab_receive(lab, LAN)[0], '\0');
	gateway_lab_close(lab);
}

const struct unit_test unit_tests[] = {
	{"errors_from_the_world_reach_the_host", errors_from_the_world_reach_the_host},
	{"errors_from_a_host_reach_the_world", errors_from_a_host_reach_the_world},
	{"errors_that_quote_nothing_of_ours_are_dropped",
		errors_that_quote_nothing_of_ours_are_dropped},
	{"the_gateway_answers_what_it_refuses", the_gateway_answers_what_it_refuses},
	{"too_big_is_told_with_the_mtu", too_big_is_told_with_the_mtu},
	{"no_route_is_told", no_route_is_told},
	{"errors_are_limited", errors_are_limited},
	{NULL, NULL},
};
