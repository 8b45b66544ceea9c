/* lib/nat: claiming by the H16 contract (nat.md), pairing, quotas, static mappings, take-over. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nat/explain.h"
#include "nat_fixture.h"

const char *const unit_suite = "nat";

#define HOST_1 0x0a000001u /* 10.0.0.1 */

static struct nat_fixture fixture;

static void
contract_vector(void)
{
	static const enum nat_protocol protocols[] = {NAT_UDP, NAT_TCP, NAT_ICMP};

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	nat_fixture_open(&fixture, 1);
	for (unsigned int i = 0; i < 3; i++) {
		uint32_t slot = nat_fixture_claim(&fixture, protocols[i], HOST_1, 40000, 5, NULL);

		CU_ASSERT_EQUAL(slot, nat_slot(0, protocols[i], 49300));
		CU_ASSERT_EQUAL(nat_slot_address(&fixture.nat, slot), 0xc6336401);
		CU_ASSERT_EQUAL(
			nat_slot_h16_index(&fixture.nat, slot, nat_word_load(&fixture.table, slot)),
			0);
	}
	nat_fixture_close(&fixture);
}

static void
the_same_endpoint_keeps_its_mapping(void)
{
	uint32_t slot;

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	nat_fixture_open(&fixture, 2);
	slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 5, NULL);
	CU_ASSERT_EQUAL(nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 90, NULL), slot);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 1);
	CU_ASSERT_EQUAL(nat_hot_age_seconds(&fixture.table.out[slot], 95), 90);
	CU_ASSERT_EQUAL(fixture.table.out[slot].remote_address, 0xcb007107);
	nat_fixture_close(&fixture);
}

/* Candidates in their order: each that is taken or unusable is skipped, never folded. */
static void
probing_takes_the_least_free_index(void)
{
	uint16_t port = fixture_port(HOST_1, 2000, true);

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	nat_fixture_open(&fixture, 1);
	for (unsigned int i = 0; i < H16_INDEXES; i++) {
		uint16_t wanted = fixture_candidate(HOST_1, port, i);
		uint32_t slot;

		if (wanted < NAT_PORT_LOWEST)
			continue;
		slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, port, 0, NULL);
		CU_ASSERT_EQUAL(slot, nat_slot(0, NAT_UDP, wanted));
		nat_fixture_free(&fixture, slot);
		CU_ASSERT_EQUAL(nat_block(&fixture.nat, NAT_UDP, 0xc6336401, wanted), 0);
	}
	CU_ASSERT_EQUAL(fixture.nat.shards[0].probe_histogram[0], 1);
	nat_fixture_close(&fixture);
}

static void
sixteen_taken_candidates_refuse(void)
{
	uint16_t port = fixture_port(HOST_1, 2000, true);
	enum nat_claim_result result;

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	nat_fixture_open(&fixture, 1);
	for (unsigned int i = 0; i < H16_INDEXES; i++)
		nat_block(&fixture.nat, NAT_UDP, 0xc6336401, fixture_candidate(HOST_1, port, i));
	CU_ASSERT_EQUAL(
		nat_fixture_claim(&fixture, NAT_UDP, HOST_1, port, 0, &result), NAT_SLOT_NONE);
	CU_ASSERT_EQUAL(result, NAT_REFUSED_PORTS);
	CU_ASSERT_EQUAL(fixture.nat.shards[0].refused_ports, 1);
	CU_ASSERT_EQUAL(nat_fixture_host_mappings(&fixture), 0);
	CU_ASSERT_EQUAL(
		nat_unblock(&fixture.nat, NAT_UDP, 0xc6336401, fixture_candidate(HOST_1, port, 15)),
		0);
	CU_ASSERT_EQUAL(nat_fixture_claim(&fixture, NAT_UDP, HOST_1, port, 0, &result),
		nat_slot(0, NAT_UDP, fixture_candidate(HOST_1, port, 15)));
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), H16_INDEXES);
	nat_fixture_close(&fixture);
}

static void
ports_below_1024_are_for_icmp_only(void)
{
	uint16_t port = fixture_port(HOST_1, 2000, false);
	uint16_t low = fixture_candidate(HOST_1, port, 0);

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	nat_fixture_open(&fixture, 1);
	CU_ASSERT_TRUE_FATAL(low < NAT_PORT_LOWEST);
	CU_ASSERT_EQUAL(nat_slot_port(nat_fixture_claim(&fixture, NAT_UDP, HOST_1, port, 0, NULL)),
		fixture_candidate(HOST_1, port, 1));
	CU_ASSERT_EQUAL(nat_slot_port(nat_fixture_claim(&fixture, NAT_TCP, HOST_1, port, 0, NULL)),
		fixture_candidate(HOST_1, port, 1));
	CU_ASSERT_EQUAL(
		nat_slot_port(nat_fixture_claim(&fixture, NAT_ICMP, HOST_1, port, 0, NULL)), low);
	nat_fixture_close(&fixture);
}

static void
another_vrf_is_another_endpoint(void)
{
	struct nat_claim claims[2] = {
		{.endpoint = {HOST_1, 40000, NAT_UDP, 0}},
		{.endpoint = {HOST_1, 40000, NAT_UDP, 7}},
	};

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	nat_fixture_open(&fixture, 1);
	nat_claim_burst(&fixture.nat, claims, 2, 0);
	CU_ASSERT_EQUAL(claims[0].result, NAT_CLAIMED);
	CU_ASSERT_EQUAL(claims[1].result, NAT_CLAIMED);
	CU_ASSERT_NOT_EQUAL(claims[0].slot, claims[1].slot);
	CU_ASSERT_EQUAL(nat_find(&fixture.nat, &claims[0].endpoint), claims[0].slot);
	CU_ASSERT_EQUAL(nat_find(&fixture.nat, &claims[1].endpoint), claims[1].slot);
	nat_fixture_close(&fixture);
}

/* Two pools of two prefixes each: 10.0.0.0/30 + 10.1.0.0/30 over three addresses (8 hosts: 3, 3 and
 * 2 each), and 10.2.0.0/24 over four (64 each). */
static void
pairing_is_arithmetic(void)
{
	static const struct {
		const char *private_address, *public_address; /* NULL = in no pool */
	} rows[] = {
		{"10.0.0.0", "198.51.100.0"},
		{"10.0.0.2", "198.51.100.0"},
		{"10.0.0.3", "198.51.100.1"},
		{"10.1.0.0", "198.51.100.1"},
		{"10.1.0.1", "198.51.100.1"},
		{"10.1.0.2", "203.0.113.9"},
		{"10.1.0.3", "203.0.113.9"},
		{"10.2.0.0", "192.0.2.4"},
		{"10.2.0.63", "192.0.2.4"},
		{"10.2.0.64", "192.0.2.5"},
		{"10.2.0.255", "192.0.2.7"},
		{"10.0.0.4", NULL},
		{"10.1.255.255", NULL},
		{"198.51.100.0", NULL},
	};
	struct nat_pools pools = {
		.count = 2,
		.pool =
			{
				{.name = "mixed",
					.private_count = 2,
					.private_prefixes = {{0x0a000000, 30}, {0x0a010000, 30}},
					.public_count = 2,
					.public_prefixes = {{0xc6336400, 31}, {0xcb007109, 32}}},
				{.name = "even",
					.private_count = 1,
					.private_prefixes = {{0x0a020000, 24}},
					.public_count = 1,
					.public_prefixes = {{0xc0000204, 30}}},
			},
	};
	struct fault fault;

	CU_ASSERT_EQUAL_FATAL(nat_pools_build(&pools, &fault), 0);
	CU_ASSERT_EQUAL(pools.host_count, 8 + 256);
	CU_ASSERT_EQUAL(pools.address_count, 7);
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nat_pairing pairing;
		uint32_t private_address, public_address;

		CU_ASSERT_EQUAL(ipv4_parse(rows[i].private_address, &private_address), 0);
		CU_ASSERT_EQUAL(nat_pools_pair(&pools, private_address, &pairing),
			rows[i].public_address != NULL);
		if (rows[i].public_address == NULL)
			continue;
		CU_ASSERT_EQUAL(ipv4_parse(rows[i].public_address, &public_address), 0);
		CU_ASSERT_EQUAL(pools.addresses[pairing.address_index], public_address);
		CU_ASSERT_EQUAL(
			nat_pools_find_public(&pools, public_address), pairing.address_index);
		CU_ASSERT_PTR_EQUAL(
			nat_pools_of_address(&pools, pairing.address_index), pairing.pool);
	}
	CU_ASSERT_EQUAL(nat_pools_find_public(&pools, 0xc0000208), UINT32_MAX);
	CU_ASSERT_PTR_NULL(nat_pools_of_address(&pools, 7));
}

/* Every host of a pool is paired with exactly the address whose range it is listed in. */
static void
ranges_of_hosts_cover_the_pool(void)
{
	static const char *const publics[] = {
		"198.51.100.0/32", "198.51.100.0/31", "198.51.100.0/29"};

	for (unsigned int i = 0; i < 3; i++) {
		uint32_t covered = 0, wrong = 0;

		nat_fixture_pool(&fixture, "10.0.0.0/28", publics[i]);
		fixture.pools.pool[0].private_count = 2; /* 20 hosts do not divide evenly */
		fixture.pools.pool[0].private_prefixes[1] = (struct ipv4_prefix){0x0a000100, 30};
		CU_ASSERT_EQUAL(nat_pools_build(&fixture.pools, NULL), 0);
		nat_fixture_open(&fixture, 1);
		for (uint32_t at = 0; at < fixture.pools.address_count; at++) {
			struct nat_explain_reverse explained;
			struct nat_pairing pairing;

			/* Below 1024: no search, only the range. */
			nat_explain_reverse(
				&fixture.nat, NAT_UDP, 0xc6336400 + at, 1, 0, &explained);
			for (uint32_t host = 0; host < explained.host_count; host++) {
				uint32_t address = nat_pools_host_address(
					&fixture.pools, explained.host_first + host);

				wrong += !nat_pools_pair(&fixture.pools, address, &pairing) ||
					 pairing.address_index != at;
				covered++;
			}
		}
		CU_ASSERT_EQUAL(wrong, 0);
		CU_ASSERT_EQUAL(covered, 20);
		nat_fixture_close(&fixture);
	}
}

static void
wrong_pools_are_refused(void)
{
	static const struct {
		const char *code;
		struct ipv4_prefix private_prefixes[2];
		unsigned int private_count;
		struct ipv4_prefix public_prefix;
	} rows[] = {
		{"bad-pool", {{0x0a000000, 8}, {0x0a010000, 16}}, 2, {0xc6336400, 32}},
		{"bad-pool", {{0x0a000000, 31}}, 1, {0xc6336400, 30}},
		{"bad-pool", {{0}}, 0, {0xc6336400, 30}},
		{"too-many-hosts", {{0x0a000000, 7}}, 1, {0xc6336400, 32}},
		{"too-many-addresses", {{0x0a000000, 8}}, 1, {0xc6330000, 19}},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nat_pools pools = {.count = 1};
		struct fault fault = {0};

		memcpy(pools.pool[0].private_prefixes, rows[i].private_prefixes,
			sizeof(rows[i].private_prefixes));
		pools.pool[0].private_count = rows[i].private_count;
		pools.pool[0].public_prefixes[0] = rows[i].public_prefix;
		pools.pool[0].public_count = 1;
		CU_ASSERT_TRUE(nat_pools_build(&pools, &fault) < 0);
		CU_ASSERT_STRING_EQUAL(fault.code, rows[i].code);
		CU_ASSERT_TRUE(fault.remedy[0] != '\0');
	}
}

static void
quota_counts_both_classes_of_a_host(void)
{
	struct nat_claim registered = {
		.endpoint = {HOST_1, 50000, NAT_UDP, 0}, .mapping_class = NAT_REGISTERED};
	enum nat_claim_result result;
	uint32_t slot = NAT_SLOT_NONE;

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	fixture.pools.pool[0].mappings_per_host = 3;
	nat_fixture_open(&fixture, 1);
	for (uint16_t port = 40000; port < 40003; port++) {
		slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, port, 0, &result);
		CU_ASSERT_EQUAL(result, NAT_CLAIMED);
	}
	CU_ASSERT_EQUAL(
		nat_fixture_claim(&fixture, NAT_TCP, HOST_1, 40003, 0, &result), NAT_SLOT_NONE);
	CU_ASSERT_EQUAL(result, NAT_REFUSED_QUOTA);
	nat_claim(&fixture.nat, &registered, 0);
	CU_ASSERT_EQUAL(registered.result, NAT_REFUSED_QUOTA);
	CU_ASSERT_EQUAL(fixture.nat.shards[0].refused_quota, 2);
	/* A neighbour has its own; what the host has stays usable; a freed port counts no more. */
	nat_fixture_claim(&fixture, NAT_UDP, HOST_1 + 1, 40000, 0, &result);
	CU_ASSERT_EQUAL(result, NAT_CLAIMED);
	nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40002, 0, &result);
	CU_ASSERT_EQUAL(result, NAT_CLAIMED);
	nat_fixture_free(&fixture, slot);
	nat_claim(&fixture.nat, &registered, 0);
	CU_ASSERT_EQUAL(registered.result, NAT_CLAIMED);
	nat_fixture_close(&fixture);
}

static void
load_limit_refuses_ephemeral_ones_only(void)
{
	struct nat_claim registered = {
		.endpoint = {HOST_1, 65000, NAT_UDP, 0}, .mapping_class = NAT_REGISTERED};
	const uint32_t limit = 645; /* 1 % of 64512 ports */
	enum nat_claim_result result = NAT_CLAIMED;
	uint32_t made = 0, slot = NAT_SLOT_NONE;

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	fixture.pools.pool[0].refuse_load = 0.01;
	nat_fixture_open(&fixture, 1);
	for (uint16_t port = 1024; result == NAT_CLAIMED; port++) {
		slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, port, 0, &result);
		made += result == NAT_CLAIMED;
	}
	CU_ASSERT_EQUAL(slot, NAT_SLOT_NONE);
	CU_ASSERT_EQUAL(result, NAT_REFUSED_LOAD);
	CU_ASSERT_EQUAL(made, limit);
	nat_fixture_claim(&fixture, NAT_TCP, HOST_1, 1024, 0, &result);
	CU_ASSERT_EQUAL(result, NAT_CLAIMED); /* each protocol has its own load */
	nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 1024, 0, &result);
	CU_ASSERT_EQUAL(result, NAT_CLAIMED); /* what is there stays */
	nat_claim(&fixture.nat, &registered, 0);
	CU_ASSERT_EQUAL(registered.result, NAT_CLAIMED);
	nat_fixture_close(&fixture);
}

static void
pure_mode_knows_index_0_only(void)
{
	uint16_t port = fixture_port(HOST_1, 2000, true);
	uint16_t low = fixture_port(HOST_1, 2000, false);
	enum nat_claim_result result;

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	fixture.pools.pool[0].mode = NAT_POOL_PURE;
	nat_fixture_open(&fixture, 1);
	CU_ASSERT_EQUAL(nat_fixture_claim(&fixture, NAT_UDP, HOST_1, port, 0, &result),
		nat_slot(0, NAT_UDP, fixture_candidate(HOST_1, port, 0)));
	nat_fixture_claim(&fixture, NAT_UDP, HOST_1, low, 0, &result);
	CU_ASSERT_EQUAL(result, NAT_REFUSED_PORTS);
	nat_block(&fixture.nat, NAT_TCP, 0xc6336401, fixture_candidate(HOST_1, port, 0));
	nat_fixture_claim(&fixture, NAT_TCP, HOST_1, port, 0, &result);
	CU_ASSERT_EQUAL(result, NAT_REFUSED_PORTS);
	nat_fixture_close(&fixture);
}

static void
addresses_outside_all_pools_are_refused(void)
{
	enum nat_claim_result result;

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	nat_fixture_open(&fixture, 1);
	CU_ASSERT_EQUAL(
		nat_fixture_claim(&fixture, NAT_UDP, 0x0a000101, 40000, 0, &result), NAT_SLOT_NONE);
	CU_ASSERT_EQUAL(result, NAT_REFUSED_POOL);
	CU_ASSERT_EQUAL(fixture.nat.shards[0].refused_pool, 1);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 0);
	nat_fixture_close(&fixture);
}

static void
a_worker_count_out_of_bounds_is_refused(void)
{
	struct fault fault = {0};
	struct nat nat;

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	CU_ASSERT_EQUAL(
		nat_open(&nat, &fixture.table, &fixture.pools, 0, false, NULL, NULL, &fault),
		-EINVAL);
	CU_ASSERT_EQUAL(nat_open(&nat, &fixture.table, &fixture.pools, NAT_SHARDS_MAX + 1, false,
				NULL, NULL, &fault),
		-EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "bad-workers");
}

/* A worker's clock is a little ahead of the thread that looks: that is an age of 0, not of 18 h. */
static void
stamps_ahead_of_the_clock_are_fresh(void)
{
	static const struct {
		uint32_t stamp, now, age;
	} rows[] = {
		{100, 100, 0},
		{100, 163, 63},
		{101, 100, 0},
		{1000, 0, 0},
		{65535, 65536, 1},
		{65500, 65600, 100},
		{0, STAMP_AGE_MAX_SECONDS, STAMP_AGE_MAX_SECONDS},
		{0, STAMP_AGE_MAX_SECONDS + 1, 0},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct nat_hot hot = {.last_seen_seconds = (uint16_t)rows[i].stamp};

		CU_ASSERT_EQUAL(nat_hot_age_seconds(&hot, rows[i].now), rows[i].age);
	}
}

const struct unit_test unit_tests[] = {
	{"contract_vector", contract_vector},
	{"the_same_endpoint_keeps_its_mapping", the_same_endpoint_keeps_its_mapping},
	{"probing_takes_the_least_free_index", probing_takes_the_least_free_index},
	{"sixteen_taken_candidates_refuse", sixteen_taken_candidates_refuse},
	{"ports_below_1024_are_for_icmp_only", ports_below_1024_are_for_icmp_only},
	{"another_vrf_is_another_endpoint", another_vrf_is_another_endpoint},
	{"pairing_is_arithmetic", pairing_is_arithmetic},
	{"ranges_of_hosts_cover_the_pool", ranges_of_hosts_cover_the_pool},
	{"wrong_pools_are_refused", wrong_pools_are_refused},
	{"quota_counts_both_classes_of_a_host", quota_counts_both_classes_of_a_host},
	{"load_limit_refuses_ephemeral_ones_only", load_limit_refuses_ephemeral_ones_only},
	{"pure_mode_knows_index_0_only", pure_mode_knows_index_0_only},
	{"addresses_outside_all_pools_are_refused", addresses_outside_all_pools_are_refused},
	{"a_worker_count_out_of_bounds_is_refused", a_worker_count_out_of_bounds_is_refused},
	{"stamps_ahead_of_the_clock_are_fresh", stamps_ahead_of_the_clock_are_fresh},
	{NULL, NULL},
};
