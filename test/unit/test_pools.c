/* lib/control/pools over a gateway at work: pools are added, drained, closed and removed at the
 * prompt, and the traffic of the others does not notice. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control/ageing.h"
#include "control/pools.h"
#include "gateway_lab.h"
#include "nat/claim.h"

const char *const unit_suite = "pools";

#define ADD_NEXT   "add nat pool next 10.1.0.0/24 198.51.100.20/31 alarm 40 refuse 60 quota 9"
#define WAIT_TURNS 5000 /* of a millisecond */

static void
json_has(struct gateway_lab *lab, const char *line, const char *piece)
{
	const char *text = gateway_lab_json(lab, line);

	CU_ASSERT_PTR_NOT_NULL(strstr(text, piece));
	if (strstr(text, piece) == NULL)
		printf("    `%s` does not say %s: %s\n", line, piece, text);
}

static bool
says(struct gateway_lab *lab, const char *line, const char *piece)
{
	return strstr(gateway_lab_json(lab, line), piece) != NULL;
}

/* Sends a frame from inside and tells whether it comes out under the public address. */
static bool
goes_out_as(struct gateway_lab *lab, const char *frame, const char *public_address)
{
	const char *out;
	char wanted[40];

	gateway_lab_run(lab);
	gateway_lab_discard(lab);
	gateway_lab_send(lab, LAN, frame);
	gateway_lab_run(lab);
	out = gateway_lab_receive(lab, WAN);
	snprintf(wanted, sizeof(wanted), "udp %s:", public_address);
	if (strncmp(out, wanted, strlen(wanted)) == 0)
		return true;
	printf("    `%s` goes out as \"%s\"\n", frame, out);
	return false;
}

/* The traffic of the pool that stays. */
static void
edge_goes_on(struct gateway_lab *lab)
{
	CU_ASSERT_TRUE(goes_out_as(lab, "udp 10.0.0.1:40000 > 203.0.113.9:53", "198.51.100.16"));
	gateway_lab_discard(lab);
	gateway_lab_send(lab, WAN, "udp 203.0.113.9:53 > 198.51.100.16:49300");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(
		gateway_lab_receive(lab, LAN), "udp 203.0.113.9:53 > 10.0.0.1:40000 ttl 63");
}

/* Control's timers, with workers that run, until `pool` is not there any more. */
static void
wait_until_gone(struct gateway_lab *lab, const char *pool)
{
	unsigned int turn;

	gateway_lab_command(lab, "start");
	for (turn = 0; turn < WAIT_TURNS; turn++) {
		if (nat_pools_named(lab->gateway.nat.pools, pool) == NULL)
			break;
		ageing_step(&lab->gateway, lab->now_seconds);
		pools_step(&lab->gateway);
		usleep(1000);
	}
	CU_ASSERT_TRUE(turn < WAIT_TURNS);
	gateway_lab_command(lab, "stop");
}

static struct gateway_lab *
open_lab(void)
{
	struct gateway_lab *lab = gateway_lab_open(2, "");

	gateway_lab_resolve(lab);
	edge_goes_on(lab);
	return lab;
}

static void
a_pool_is_used_at_once(void)
{
	struct gateway_lab *lab = open_lab();

	gateway_lab_send(lab, LAN, "udp 10.1.0.1:40000 > 203.0.113.9:53");
	gateway_lab_run(lab);
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_NAT_POOL), 1);
	gateway_lab_discard(lab);
	json_has(lab, ADD_NEXT, "\"private\":\"10.1.0.0/24\",\"public\":\"198.51.100.20/31\"");
	/* The link is told. */
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(
		gateway_lab_receive(lab, WAN), "arp-ask 198.51.100.20 from 198.51.100.20");
	CU_ASSERT_STRING_EQUAL(
		gateway_lab_receive(lab, WAN), "arp-ask 198.51.100.21 from 198.51.100.21");
	CU_ASSERT_TRUE(goes_out_as(lab, "udp 10.1.0.1:40000 > 203.0.113.9:53", "198.51.100.20"));
	CU_ASSERT_TRUE(goes_out_as(lab, "udp 10.1.0.200:4000 > 203.0.113.9:53", "198.51.100.21"));
	edge_goes_on(lab);
	/* What the world asks for it, and what nobody sent from it. */
	gateway_lab_discard(lab);
	gateway_lab_send(lab, WAN, "arp-ask 198.51.100.20 from 198.51.100.254");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(
		gateway_lab_receive(lab, WAN), "arp-answer 198.51.100.20 to 198.51.100.254");
	gateway_lab_send(lab, WAN, "udp 203.0.113.9:53 > 198.51.100.21:5000");
	gateway_lab_send(lab, WAN, "udp 198.51.100.21:53 > 198.51.100.16:49300");
	gateway_lab_run(lab);
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_NO_MAPPING), 1);
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_SPOOFED), 1);
	json_has(lab, "show nat pools", "\"alarm_load\":0.4");
	json_has(lab, "show nat pools", "\"mappings_per_host\":9");
	json_has(lab, "show nat host 10.1.0.1", "\"public_address\":\"198.51.100.20\"");
	gateway_lab_close(lab);
}

static void
wrong_pools_change_nothing(void)
{
	static const struct {
		const char *line, *code;
	} rows[] = {
		{"add nat pool edge 10.1.0.0/24 198.51.100.20/31", "pool-exists"},
		{"add nat pool -x 10.1.0.0/24 198.51.100.20/31", "bad-name"},
		{"add nat pool x 10.9.0.0/24 198.51.100.20/31", "not-inside"},
		{"add nat pool x 10.1.0.0/24 198.51.100.16/31", "overlap"},
		{"add nat pool x 10.0.0.0/25 198.51.100.20/31", "overlap"},
		{"add nat pool x 10.1.0.0/24 198.51.100.1/32", "public-conflict"},
		{"add nat pool x 10.1.0.0/24 198.51.100.254/32", "public-conflict"},
		{"add nat pool x 10.1.0.0/31 198.51.100.20/30", "too-many-public"},
		{"add nat pool x 10.1.0.0/24 198.51.100.20/31 alarm 80", "alarm-too-late"},
		{"add nat pool x 10.1.0.0/24 198.51.100.20/31 refuse 101", "bad-argument"},
		{"del nat pool nobody", "no-such-pool"},
		{"del nat pool edge later", "bad-word"},
	};
	struct gateway_lab *lab = open_lab();
	const struct nat_pools *pools = lab->gateway.nat.pools;

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = gateway_lab_json(lab, rows[i].line);

		CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"ok\":false"));
		CU_ASSERT_PTR_NOT_NULL(strstr(text, rows[i].code));
		if (strstr(text, rows[i].code) == NULL)
			printf("    `%s` says %s\n", rows[i].line, text);
		CU_ASSERT_PTR_EQUAL(lab->gateway.nat.pools, pools);
		CU_ASSERT_EQUAL(lab->gateway.config.pool_count, 1);
	}
	edge_goes_on(lab);
	gateway_lab_close(lab);
}

static void
a_pool_drains_until_it_is_empty(void)
{
	struct gateway_lab *lab = open_lab();

	json_has(lab, ADD_NEXT, "\"ok\":true");
	CU_ASSERT_TRUE(goes_out_as(lab, "udp 10.1.0.1:40000 > 203.0.113.9:53", "198.51.100.20"));
	json_has(lab, "del nat pool next", "\"state\":\"draining\"");
	CU_ASSERT_EQUAL(lab->gateway.config.pool_count, 1);
	json_has(lab, "del nat pool next", "\"code\":\"pool-drains\"");
	json_has(lab, "add nat pool next 10.1.0.0/24 198.51.100.20/32", "\"code\":\"pool-exists\"");
	/* The old goes on, the new is refused with a word to the host. */
	CU_ASSERT_TRUE(goes_out_as(lab, "udp 10.1.0.1:40000 > 203.0.113.9:53", "198.51.100.20"));
	gateway_lab_discard(lab);
	gateway_lab_send(lab, LAN, "udp 10.1.0.1:40001 > 203.0.113.9:53");
	gateway_lab_run(lab);
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_NAT_DRAIN), 1);
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, WAN), "");
	edge_goes_on(lab);
	/* Its last mapping idles out; the edge's is refreshed meanwhile. */
	for (unsigned int i = 0; i < 5; i++) {
		lab->now_seconds += 100;
		edge_goes_on(lab);
		if (i == 3)
			CU_ASSERT_TRUE(says(lab, "show nat pools", "\"name\":\"next\""));
		gateway_lab_command(lab, "start");
		ageing_step(&lab->gateway, lab->now_seconds);
		pools_step(&lab->gateway);
		gateway_lab_command(lab, "stop");
	}
	wait_until_gone(lab, "next");
	CU_ASSERT_FALSE(says(lab, "show nat pools", "next"));
	edge_goes_on(lab);
	gateway_lab_send(lab, WAN, "udp 203.0.113.9:53 > 198.51.100.20:5000");
	gateway_lab_run(lab);
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_NOT_FOR_US), 1);
	gateway_lab_send(lab, WAN, "arp-ask 198.51.100.20 from 198.51.100.254");
	gateway_lab_discard(lab);
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, WAN), "");
	gateway_lab_close(lab);
}

/* Whoever drained the wrong one adds it again; also when it is empty, and about to leave. */
static void
a_draining_pool_comes_back(void)
{
	struct gateway_lab *lab = open_lab();

	json_has(lab, ADD_NEXT, "\"ok\":true");
	CU_ASSERT_TRUE(goes_out_as(lab, "udp 10.1.0.1:40000 > 203.0.113.9:53", "198.51.100.20"));
	json_has(lab, "del nat pool next", "\"state\":\"draining\"");
	json_has(lab, ADD_NEXT, "\"ok\":true");
	CU_ASSERT_FALSE(says(lab, "show nat pools", "draining"));
	CU_ASSERT_EQUAL(lab->gateway.config.pool_count, 2);
	CU_ASSERT_TRUE(goes_out_as(lab, "udp 10.1.0.1:40001 > 203.0.113.9:53", "198.51.100.20"));
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_NAT_DRAIN), 0);
	json_has(lab, "del nat pool next now", "\"state\":\"closing\"");
	json_has(lab, ADD_NEXT, "\"code\":\"pool-exists\"");
	wait_until_gone(lab, "next");
	json_has(lab, ADD_NEXT, "\"ok\":true");
	json_has(lab, "del nat pool next", "\"state\":\"draining\"");
	pools_step(&lab->gateway);
	CU_ASSERT_STRING_EQUAL(lab->gateway.pool_removal.name, "next");
	json_has(lab, ADD_NEXT, "\"ok\":true");
	lab->gateway.flow_ager.turns += 10;
	pools_step(&lab->gateway);
	CU_ASSERT_TRUE(goes_out_as(lab, "udp 10.1.0.1:40000 > 203.0.113.9:53", "198.51.100.20"));
	edge_goes_on(lab);
	gateway_lab_close(lab);
}

static void
now_closes_mappings_and_statics(void)
{
	struct gateway_lab *lab = open_lab();
	char frame[80];

	for (unsigned int again = 0; again < 3; again++) {
		json_has(lab, "add nat pool next 10.1.0.0/24 198.51.100.20/31 quota 0",
			"\"ok\":true");
		for (unsigned int port = 2000; port < 2300; port++) {
			snprintf(frame, sizeof(frame), "udp 10.1.0.%u:%u > 203.0.113.9:53",
				port % 250, port);
			gateway_lab_send(lab, LAN, frame);
			gateway_lab_run(lab);
			gateway_lab_discard(lab);
		}
		json_has(lab, "add nat static tcp 10.1.0.2:80 198.51.100.20:8080", "\"ok\":true");
		json_has(lab, "del nat pool next", "\"code\":\"pool-has-statics\"");
		json_has(lab, "show nat pools", "\"mappings\":301");
		json_has(lab, "del nat pool next now", "\"state\":\"closing\"");
		json_has(lab, "show nat statics", "\"statics\":[]");
		wait_until_gone(lab, "next");
		edge_goes_on(lab);
	}
	/* Nothing of it is left, and nothing of the edge's was lost. */
	CU_ASSERT_EQUAL(lab->gateway.nat.pools->address_count, 2);
	CU_ASSERT_EQUAL(lab->gateway.nat_ager.closed, 3 * 301);
	CU_ASSERT_EQUAL(lab->gateway.nat.shards[0].index.entry_count +
				lab->gateway.nat.shards[1].index.entry_count,
		1);
	gateway_lab_close(lab);
}

/* The outside address of a pool is nobody's neighbour, and a neighbour's silence does not unmake
 * it. */
static void
a_neighbour_does_not_take_a_pools_route(void)
{
	struct gateway_lab *lab = open_lab();

	/* 198.51.100.20 is a host on the link, until it is ours. */
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 198.51.100.20:53");
	gateway_lab_run(lab);
	gateway_lab_send(lab, WAN, "arp-answer 198.51.100.20 to 198.51.100.1");
	gateway_lab_run(lab);
	CU_ASSERT_EQUAL(
		path_hop_kind(path_view_route(lab->gateway.view, 0xc6336414)), PATH_HOP_NEIGHBOUR);
	json_has(lab, ADD_NEXT, "\"ok\":true");
	CU_ASSERT_EQUAL(
		path_hop_kind(path_view_route(lab->gateway.view, 0xc6336414)), PATH_HOP_PUBLIC);
	gateway_lab_send(lab, WAN, "arp-answer 198.51.100.20 to 198.51.100.1");
	gateway_lab_run(lab);
	CU_ASSERT_EQUAL(
		path_hop_kind(path_view_route(lab->gateway.view, 0xc6336414)), PATH_HOP_PUBLIC);
	json_has(lab, "del nat pool next now", "\"ok\":true");
	wait_until_gone(lab, "next");
	CU_ASSERT_NOT_EQUAL(
		path_hop_kind(path_view_route(lab->gateway.view, 0xc6336414)), PATH_HOP_PUBLIC);
	gateway_lab_close(lab);
}

static void
apply_makes_the_pools_those_of_a_file(void)
{
	struct gateway_lab *lab = open_lab();
	struct gateway_config wanted = lab->gateway.config;
	struct pools_outcome outcome;
	struct fault fault = {0};

	/* Nothing differs. */
	CU_ASSERT_EQUAL(pools_apply(&lab->gateway, &wanted, &outcome, &fault), 0);
	CU_ASSERT_EQUAL(outcome.added + outcome.changed + outcome.removed + outcome.restart, 0);
	/* A limit, and one more. */
	wanted.pools[0].refuse_load = 0.6;
	wanted.pools[wanted.pool_count] = wanted.pools[0];
	strcpy(wanted.pools[1].name, "next");
	wanted.pools[1].private_prefixes[0] = (struct ipv4_prefix){0x0a010000, 24};
	wanted.pools[1].public_prefixes[0] = (struct ipv4_prefix){0xc6336414, 31};
	wanted.pool_count = 2;
	CU_ASSERT_EQUAL(pools_apply(&lab->gateway, &wanted, &outcome, &fault), 0);
	CU_ASSERT_EQUAL(outcome.added, 1);
	CU_ASSERT_EQUAL(outcome.changed, 1);
	CU_ASSERT_EQUAL(outcome.removed, 0);
	CU_ASSERT_DOUBLE_EQUAL(
		nat_pools_named(lab->gateway.nat.pools, "edge")->refuse_load, 0.6, 0);
	CU_ASSERT_EQUAL(memcmp(lab->gateway.config.pools, wanted.pools, sizeof(wanted.pools)), 0);
	CU_ASSERT_TRUE(goes_out_as(lab, "udp 10.1.0.1:40000 > 203.0.113.9:53", "198.51.100.20"));
	edge_goes_on(lab);
	/* Prefixes of a pool that stays need a restart; one pool goes. */
	wanted.pools[0].public_prefixes[0].address += 8;
	memset(&wanted.pools[1], 0, sizeof(wanted.pools[1]));
	wanted.pool_count = 1;
	CU_ASSERT_EQUAL(pools_apply(&lab->gateway, &wanted, &outcome, &fault), 0);
	CU_ASSERT_EQUAL(outcome.restart, 1);
	CU_ASSERT_EQUAL(outcome.removed, 1);
	CU_ASSERT_EQUAL(outcome.added, 0);
	CU_ASSERT_TRUE(says(lab, "show nat pools", "\"state\":\"draining\""));
	edge_goes_on(lab);
	/* One that cannot be: the fault says why. */
	wanted = lab->gateway.config;
	wanted.pools[1] = wanted.pools[0];
	strcpy(wanted.pools[1].name, "wrong");
	wanted.pools[1].private_prefixes[0] = (struct ipv4_prefix){0x0a010000, 24};
	wanted.pool_count = 2;
	CU_ASSERT_EQUAL(pools_apply(&lab->gateway, &wanted, &outcome, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "overlap");
	CU_ASSERT_EQUAL(lab->gateway.config.pool_count, 1);
	gateway_lab_close(lab);
}

/* A pool that was typed goes with the restart, and its mappings with it; the others stay. */
static void
a_restart_forgets_typed_pools(void)
{
	struct gateway_lab *lab = open_lab();

	json_has(lab, ADD_NEXT, "\"ok\":true");
	CU_ASSERT_TRUE(goes_out_as(lab, "udp 10.1.0.1:40000 > 203.0.113.9:53", "198.51.100.20"));
	lab = gateway_lab_reopen(lab, "");
	CU_ASSERT_EQUAL(lab->gateway.mappings_restored, 1);
	CU_ASSERT_EQUAL(lab->gateway.mappings_discarded, 1);
	gateway_lab_resolve(lab);
	edge_goes_on(lab);
	gateway_lab_close(lab);
}

const struct unit_test unit_tests[] = {
	{"a_pool_is_used_at_once", a_pool_is_used_at_once},
	{"wrong_pools_change_nothing", wrong_pools_change_nothing},
	{"a_pool_drains_until_it_is_empty", a_pool_drains_until_it_is_empty},
	{"a_draining_pool_comes_back", a_draining_pool_comes_back},
	{"now_closes_mappings_and_statics", now_closes_mappings_and_statics},
	{"a_neighbour_does_not_take_a_pools_route", a_neighbour_does_not_take_a_pools_route},
	{"apply_makes_the_pools_those_of_a_file", apply_makes_the_pools_those_of_a_file},
	{"a_restart_forgets_typed_pools", a_restart_forgets_typed_pools},
	{NULL, NULL},
};
