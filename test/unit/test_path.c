/* The packet path, end to end: what a host, the world and a protocol book expect of a NAT. Public
 * ports are H16's, computed by Python's hashlib: 10.0.0.1:40000 -> 49300, :5000 -> 47561,
 * :4000 -> 58889, :40001 -> 39222, identifier 7 -> 32256; 10.0.0.2:40000 -> 54225, :5060 -> 40825;
 * 10.0.0.200:4000 -> 4088. */
#include "unit.h"

#include "path_rows.h"

const char *const unit_suite = "path";

/* RFC 4787: endpoint-independent mapping (REQ-1), address-dependent filtering (REQ-8). */
static void
udp_goes_out_by_h16_and_answers_come_back(void)
{
	static const struct path_row rows[] = {
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63"},
		{WAN, "udp 203.0.113.9:53 > 198.51.100.16:49300", LAN,
			"udp 203.0.113.9:53 > 10.0.0.1:40000 ttl 63"},
		/* The filter knows addresses, not ports. */
		{WAN, "udp 203.0.113.9:99 > 198.51.100.16:49300", LAN,
			"udp 203.0.113.9:99 > 10.0.0.1:40000 ttl 63"},
		{WAN, "udp 203.0.113.77:53 > 198.51.100.16:49300", WAN, NULL, DROP_FILTERED},
		/* The same port to another remote, which may then answer. */
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.77:53", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.77:53 ttl 63"},
		{WAN, "udp 203.0.113.77:53 > 198.51.100.16:49300", LAN,
			"udp 203.0.113.77:53 > 10.0.0.1:40000 ttl 63"},
		{WAN, "udp 203.0.113.9:53 > 198.51.100.16:49300", LAN,
			"udp 203.0.113.9:53 > 10.0.0.1:40000 ttl 63"},
		/* Another host, another half of the pool: paired addresses. */
		{LAN, "udp 10.0.0.2:40000 > 203.0.113.9:53", WAN,
			"udp 198.51.100.16:54225 > 203.0.113.9:53 ttl 63"},
		{LAN, "udp 10.0.0.200:4000 > 203.0.113.9:53", WAN,
			"udp 198.51.100.17:4088 > 203.0.113.9:53 ttl 63"},
		/* Nobody holds this port, or not on this address. */
		{WAN, "udp 203.0.113.9:53 > 198.51.100.16:49301", WAN, NULL, DROP_NO_MAPPING},
		{WAN, "udp 203.0.113.9:53 > 198.51.100.17:49300", WAN, NULL, DROP_NO_MAPPING},
	};

	PATH_ROWS_RUN(rows, "");
}

static void
payloads_and_checksums_survive(void)
{
	static const struct path_row rows[] = {
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 data 0", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 data 0"},
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 data 1", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 data 1"},
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 data 1472", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 data 1472"},
		/* RFC 768: zero says that the sender computed none; it stays. */
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 no-checksum", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 no-checksum"},
		{WAN, "udp 203.0.113.9:53 > 198.51.100.16:49300 no-checksum", LAN,
			"udp 203.0.113.9:53 > 10.0.0.1:40000 ttl 63 no-checksum"},
		/* A wrong checksum stays wrong: the receiver must find out (RFC 1624). */
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 l4[6]=1234", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 wrong-checksum"},
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 df", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 df"},
	};

	PATH_ROWS_RUN(rows, "");
}

/* RFC 5382: a connection, its end, resets, and what comes unasked. */
static void
tcp_connections_open_carry_and_close(void)
{
	static const struct path_row rows[] = {
		{LAN, "tcp 10.0.0.1:4000 > 203.0.113.9:80 syn data 0", WAN,
			"tcp 198.51.100.16:58889 > 203.0.113.9:80 syn ttl 63 data 0"},
		{WAN, "tcp 203.0.113.9:80 > 198.51.100.16:58889 syn+ack data 0", LAN,
			"tcp 203.0.113.9:80 > 10.0.0.1:4000 syn+ack ttl 63 data 0"},
		{LAN, "tcp 10.0.0.1:4000 > 203.0.113.9:80 ack data 0", WAN,
			"tcp 198.51.100.16:58889 > 203.0.113.9:80 ack ttl 63 data 0"},
		{LAN, "tcp 10.0.0.1:4000 > 203.0.113.9:80 psh+ack data 100", WAN,
			"tcp 198.51.100.16:58889 > 203.0.113.9:80 psh+ack ttl 63 data 100"},
		{WAN, "tcp 203.0.113.9:80 > 198.51.100.16:58889 psh+ack data 1000", LAN,
			"tcp 203.0.113.9:80 > 10.0.0.1:4000 psh+ack ttl 63 data 1000"},
		/* A second connection from the same port: the same public port. */
		{LAN, "tcp 10.0.0.1:4000 > 203.0.113.10:443 syn data 0", WAN,
			"tcp 198.51.100.16:58889 > 203.0.113.10:443 syn ttl 63 data 0"},
		{WAN, "tcp 203.0.113.10:443 > 198.51.100.16:58889 rst+ack data 0", LAN,
			"tcp 203.0.113.10:443 > 10.0.0.1:4000 rst+ack ttl 63 data 0"},
		/* The end, half by half. */
		{LAN, "tcp 10.0.0.1:4000 > 203.0.113.9:80 fin+ack data 0", WAN,
			"tcp 198.51.100.16:58889 > 203.0.113.9:80 fin+ack ttl 63 data 0"},
		{WAN, "tcp 203.0.113.9:80 > 198.51.100.16:58889 fin+ack data 0", LAN,
			"tcp 203.0.113.9:80 > 10.0.0.1:4000 fin+ack ttl 63 data 0"},
		{LAN, "tcp 10.0.0.1:4000 > 203.0.113.9:80 ack data 0", WAN,
			"tcp 198.51.100.16:58889 > 203.0.113.9:80 ack ttl 63 data 0"},
		/* Reopened at once from the same port. */
		{LAN, "tcp 10.0.0.1:4000 > 203.0.113.9:80 syn data 0", WAN,
			"tcp 198.51.100.16:58889 > 203.0.113.9:80 syn ttl 63 data 0"},
		/* Nobody was asked. */
		{WAN, "tcp 203.0.113.77:80 > 198.51.100.16:58889 syn data 0", WAN, NULL,
			DROP_FILTERED},
		{WAN, "tcp 203.0.113.9:80 > 198.51.100.16:58890 syn data 0", WAN, NULL,
			DROP_NO_MAPPING},
		/* A reset about nothing makes no mapping. */
		{LAN, "tcp 10.0.0.1:5000 > 203.0.113.9:80 rst data 0", WAN, NULL, DROP_TCP_STRAY},
	};

	PATH_ROWS_RUN(rows, "");
}

/* RFC 5382 REQ-2: simultaneous open; the world's SYN meets the host's. */
static void
tcp_opens_from_both_ends(void)
{
	static const struct path_row rows[] = {
		{LAN, "tcp 10.0.0.1:4000 > 203.0.113.9:80 syn data 0", WAN,
			"tcp 198.51.100.16:58889 > 203.0.113.9:80 syn ttl 63 data 0"},
		{WAN, "tcp 203.0.113.9:80 > 198.51.100.16:58889 syn data 0", LAN,
			"tcp 203.0.113.9:80 > 10.0.0.1:4000 syn ttl 63 data 0"},
		{LAN, "tcp 10.0.0.1:4000 > 203.0.113.9:80 syn+ack data 0", WAN,
			"tcp 198.51.100.16:58889 > 203.0.113.9:80 syn+ack ttl 63 data 0"},
		/* Another port of a host that was contacted: a new connection, inward. */
		{WAN, "tcp 203.0.113.9:8080 > 198.51.100.16:58889 syn data 0", LAN,
			"tcp 203.0.113.9:8080 > 10.0.0.1:4000 syn ttl 63 data 0"},
		{LAN, "tcp 10.0.0.1:4000 > 203.0.113.9:8080 syn+ack data 0", WAN,
			"tcp 198.51.100.16:58889 > 203.0.113.9:8080 syn+ack ttl 63 data 0"},
	};

	PATH_ROWS_RUN(rows, "");
}

/* RFC 5508 REQ-1: identifiers are mapped, all 65536 of them usable. */
static void
ping_is_mapped_by_its_identifier(void)
{
	static const struct path_row rows[] = {
		{LAN, "echo 10.0.0.1 > 203.0.113.9 id 7", WAN,
			"echo 198.51.100.16 > 203.0.113.9 id 32256 ttl 63"},
		{WAN, "echo-reply 203.0.113.9 > 198.51.100.16 id 32256", LAN,
			"echo-reply 203.0.113.9 > 10.0.0.1 id 7 ttl 63"},
		{WAN, "echo-reply 203.0.113.9 > 198.51.100.16 id 7", WAN, NULL, DROP_NO_MAPPING},
		{WAN, "echo-reply 203.0.113.77 > 198.51.100.16 id 32256", WAN, NULL, DROP_FILTERED},
	};

	PATH_ROWS_RUN(rows, "");
}

/* A server inside, by configuration: any remote reaches it, before any traffic. */
static void
static_mappings_let_the_world_in(void)
{
	static const char extra[] =
		"statics:\n"
		"  - {protocol: tcp, private: 10.0.0.2:80, public: 198.51.100.16:8080}\n"
		"  - {protocol: udp, private: 10.0.0.2:5060, public: 198.51.100.16:0}\n";
	static const struct path_row rows[] = {
		{WAN, "tcp 203.0.113.9:1111 > 198.51.100.16:8080 syn data 0", LAN,
			"tcp 203.0.113.9:1111 > 10.0.0.2:80 syn ttl 63 data 0"},
		{LAN, "tcp 10.0.0.2:80 > 203.0.113.9:1111 syn+ack data 0", WAN,
			"tcp 198.51.100.16:8080 > 203.0.113.9:1111 syn+ack ttl 63 data 0"},
		{WAN, "tcp 203.0.113.9:1111 > 198.51.100.16:8080 ack data 20", LAN,
			"tcp 203.0.113.9:1111 > 10.0.0.2:80 ack ttl 63 data 20"},
		{WAN, "udp 203.0.113.9:5060 > 198.51.100.16:40825", LAN,
			"udp 203.0.113.9:5060 > 10.0.0.2:5060 ttl 63"},
		{WAN, "udp 203.0.113.77:5060 > 198.51.100.16:40825", LAN,
			"udp 203.0.113.77:5060 > 10.0.0.2:5060 ttl 63"},
		{LAN, "udp 10.0.0.2:5060 > 203.0.113.77:5060", WAN,
			"udp 198.51.100.16:40825 > 203.0.113.77:5060 ttl 63"},
	};

	PATH_ROWS_RUN(rows, extra);
}

const struct unit_test unit_tests[] = {
	{"udp_goes_out_by_h16_and_answers_come_back", udp_goes_out_by_h16_and_answers_come_back},
	{"payloads_and_checksums_survive", payloads_and_checksums_survive},
	{"tcp_connections_open_carry_and_close", tcp_connections_open_carry_and_close},
	{"tcp_opens_from_both_ends", tcp_opens_from_both_ends},
	{"ping_is_mapped_by_its_identifier", ping_is_mapped_by_its_identifier},
	{"static_mappings_let_the_world_in", static_mappings_let_the_world_in},
	{NULL, NULL},
};
