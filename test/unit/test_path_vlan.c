/* 802.1Q subinterfaces: two inside subnets on one port, one of them tagged. */
#include "unit.h"

#include "gateway_lab.h"

const char *const unit_suite = "path_vlan";

static const char subinterfaces[] =
	"interfaces:\n"
	"  - {name: lan, driver: ring, device: lan, side: inside, addresses: [10.0.0.254/24]}\n"
	"  - {name: lan20, driver: ring, device: lan, side: inside, vlan: 20,\n"
	"     addresses: [10.20.0.1/24]}\n"
	"  - {name: wan, driver: ring, device: wan, side: outside, addresses: [198.51.100.1/24]}\n"
	"pools:\n"
	"  - {name: edge, private: [10.0.0.0/24, 10.20.0.0/24], public: [198.51.100.16/31]}\n";

static struct gateway_lab *
open_lab(unsigned int workers)
{
	struct gateway_lab *lab = gateway_lab_open(workers, subinterfaces);

	gateway_lab_resolve(lab);
	gateway_lab_send(lab, LAN, "arp-ask 10.20.0.1 from 10.20.0.5 vlan 20");
	gateway_lab_run(lab);
	return lab;
}

/* Sends one frame and expects one. */
static void
passes(struct gateway_lab *lab, enum lab_side from, const char *frame, enum lab_side to,
	const char *expected)
{
	gateway_lab_send(lab, from, frame);
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, to), expected);
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, LAN), "");
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, WAN), "");
}

static void
arp_is_answered_with_the_tag(void)
{
	struct gateway_lab *lab = open_lab(1);

	CU_ASSERT_STRING_EQUAL(
		gateway_lab_receive(lab, LAN), "arp-answer 10.20.0.1 to 10.20.0.5 vlan 20");
	gateway_lab_close(lab);
}

/* The tag goes at the NAT and comes back; 10.20.0.5:40000 hashes to 14157 (Python's hashlib). */
static void
tagged_hosts_are_translated(void)
{
	for (unsigned int workers = 1; workers <= 3; workers++) {
		struct gateway_lab *lab = open_lab(workers);

		gateway_lab_discard(lab);
		passes(lab, LAN, "udp 10.20.0.5:40000 > 203.0.113.9:53 vlan 20", WAN,
			"udp 198.51.100.17:14157 > 203.0.113.9:53 ttl 63");
		passes(lab, WAN, "udp 203.0.113.9:53 > 198.51.100.17:14157", LAN,
			"udp 203.0.113.9:53 > 10.20.0.5:40000 ttl 63 vlan 20");
		gateway_lab_close(lab);
	}
}

static void
subnets_of_one_port_reach_each_other(void)
{
	struct gateway_lab *lab = open_lab(1);

	gateway_lab_discard(lab);
	passes(lab, LAN, "udp 10.0.0.1:1 > 10.20.0.5:2", LAN,
		"udp 10.0.0.1:1 > 10.20.0.5:2 ttl 63 vlan 20");
	passes(lab, LAN, "udp 10.20.0.5:2 > 10.0.0.1:1 vlan 20", LAN,
		"udp 10.20.0.5:2 > 10.0.0.1:1 ttl 63");
	gateway_lab_close(lab);
}

/* An address counts only behind its own tag. */
static void
sources_belong_to_their_tag(void)
{
	struct gateway_lab *lab = open_lab(1);

	gateway_lab_discard(lab);
	passes(lab, LAN, "udp 10.20.0.5:40000 > 203.0.113.9:53", WAN, "");
	passes(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 vlan 20", WAN, "");
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_SPOOFED), 2);
	passes(lab, LAN, "udp 10.20.0.5:40000 > 203.0.113.9:53 vlan 21", WAN, "");
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_VLAN), 1);
	gateway_lab_close(lab);
}

const struct unit_test unit_tests[] = {
	{"arp_is_answered_with_the_tag", arp_is_answered_with_the_tag},
	{"tagged_hosts_are_translated", tagged_hosts_are_translated},
	{"subnets_of_one_port_reach_each_other", subnets_of_one_port_reach_each_other},
	{"sources_belong_to_their_tag", sources_belong_to_their_tag},
	{NULL, NULL},
};
