/* lib/nat: the life of mappings: quarantine, generations, static ones, exhaustion, take-over. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>

#include "nat_fixture.h"

const char *const unit_suite = "nat_life";

#define HOST_1 0x0a000001u /* 10.0.0.1 */

static struct nat_fixture fixture;

static void
set_state(uint32_t slot, enum nat_state state)
{
	uint64_t word = nat_word_load(&fixture.table, slot);

	CU_ASSERT_TRUE(
		nat_word_swap(&fixture.table, slot, &word, nat_word_with_state(word, state)));
}

/* The same endpoint takes its own port back, before any lower index that freed meanwhile; others
 * may not have it. */
static void
quarantine_and_closing_belong_to_their_endpoint(void)
{
	static const enum nat_state states[] = {NAT_QUARANTINE, NAT_CLOSING};
	uint16_t port = fixture_port(HOST_1, 2000, true), other = 1024;
	uint32_t second, slot, host = HOST_1 + 1;

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	nat_fixture_open(&fixture, 1);
	nat_block(&fixture.nat, NAT_UDP, 0xc6336401, fixture_candidate(HOST_1, port, 0));
	second = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, port, 0, NULL);
	nat_unblock(&fixture.nat, NAT_UDP, 0xc6336401, fixture_candidate(HOST_1, port, 0));
	/* Another host's port whose first candidate is the same: it must not get it. */
	while (fixture_candidate(host, other, 0) != nat_slot_port(second))
		host += ++other == 0;
	CU_ASSERT_TRUE_FATAL(host < HOST_1 + 250);
	for (unsigned int i = 0; i < 2; i++) {
		unsigned int generation =
			nat_word_generation(nat_word_load(&fixture.table, second));

		set_state(second, states[i]);
		slot = nat_fixture_claim(&fixture, NAT_UDP, host, other, 0, NULL);
		CU_ASSERT_NOT_EQUAL(slot, second);
		nat_fixture_free(&fixture, slot);
		CU_ASSERT_EQUAL(
			nat_fixture_claim(&fixture, NAT_UDP, HOST_1, port, 9, NULL), second);
		CU_ASSERT_EQUAL(nat_fixture_state(&fixture, second), NAT_ACTIVE);
		CU_ASSERT_EQUAL(
			nat_word_generation(nat_word_load(&fixture.table, second)), generation);
		CU_ASSERT_EQUAL(nat_hot_age_seconds(&fixture.table.out[second], 9), 0);
	}
	CU_ASSERT_EQUAL(fixture.nat.shards[0].reclaimed, 2);
	nat_fixture_free(&fixture, second);
	CU_ASSERT_EQUAL(nat_fixture_claim(&fixture, NAT_UDP, host, other, 0, NULL), second);
	nat_fixture_close(&fixture);
}

static void
generation_counts_the_owners_of_a_port(void)
{
	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	nat_fixture_open(&fixture, 1);
	CU_ASSERT_EQUAL(nat_slot_generation(&fixture.nat, 49300), -1);
	for (unsigned int i = 0; i < 20; i++) {
		uint32_t slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, i, NULL);

		CU_ASSERT_EQUAL(slot, 49300);
		CU_ASSERT_EQUAL(nat_slot_generation(&fixture.nat, slot), (int)(i % 16));
		nat_fixture_free(&fixture, slot);
		CU_ASSERT_EQUAL(nat_slot_generation(&fixture.nat, slot), -1);
	}
	CU_ASSERT_EQUAL(nat_slot_generation(&fixture.nat, fixture.table.slot_count), -1);
	nat_fixture_close(&fixture);
}

static void
a_registration_lifts_an_ephemeral_mapping(void)
{
	struct nat_claim claim = {
		.endpoint = {HOST_1, 40000, NAT_UDP, 0}, .mapping_class = NAT_REGISTERED};
	uint32_t slot;

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	nat_fixture_open(&fixture, 1);
	slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	CU_ASSERT_EQUAL(nat_word_class(nat_word_load(&fixture.table, slot)), NAT_EPHEMERAL);
	nat_claim(&fixture.nat, &claim, 0);
	CU_ASSERT_EQUAL(claim.slot, slot);
	CU_ASSERT_EQUAL(nat_word_class(nat_word_load(&fixture.table, slot)), NAT_REGISTERED);
	/* Traffic does not lower it again. */
	nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	CU_ASSERT_EQUAL(nat_word_class(nat_word_load(&fixture.table, slot)), NAT_REGISTERED);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 1);
	nat_fixture_close(&fixture);
}

static void
static_mappings_come_and_go(void)
{
	const struct nat_endpoint server = {HOST_1, 80, NAT_TCP, 0};
	const struct nat_endpoint other = {HOST_1 + 1, 80, NAT_TCP, 0};
	uint32_t slot, second, traffic;

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.0/31");
	nat_fixture_open(&fixture, 2);
	CU_ASSERT_EQUAL(nat_reserve(&fixture.nat, &server, 0xc6336402, 443, 0, &slot), -EINVAL);
	/* Below 1024, and on an address that is not the host's paired one. */
	CU_ASSERT_EQUAL(nat_reserve(&fixture.nat, &server, 0xc6336401, 443, 0, &slot), 0);
	CU_ASSERT_EQUAL(nat_fixture_state(&fixture, slot), NAT_CLAIMING);
	CU_ASSERT_EQUAL(nat_find(&fixture.nat, &server), NAT_SLOT_NONE);
	CU_ASSERT_EQUAL(
		nat_reserve(&fixture.nat, &other, 0xc6336401, 443, 0, &second), -EADDRINUSE);
	CU_ASSERT_EQUAL(nat_publish(&fixture.nat, slot), 0);
	CU_ASSERT_EQUAL(nat_find(&fixture.nat, &server), slot);
	CU_ASSERT_EQUAL(nat_slot_h16_index(&fixture.nat, slot, nat_word_load(&fixture.table, slot)),
		H16_INDEXES);
	CU_ASSERT_EQUAL(nat_fixture_claim(&fixture, NAT_TCP, HOST_1, 80, 0, NULL), slot);
	CU_ASSERT_EQUAL(nat_reserve(&fixture.nat, &server, 0xc6336401, 443, 0, &second), -EALREADY);
	/* A second mapping of one endpoint is refused by its owner, and leaves nothing. */
	CU_ASSERT_EQUAL(nat_reserve(&fixture.nat, &server, 0xc6336401, 444, 0, &second), 0);
	CU_ASSERT_EQUAL(nat_publish(&fixture.nat, second), -EEXIST);
	CU_ASSERT_EQUAL(nat_fixture_state(&fixture, second), NAT_FREE);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 1);

	/* Removed; the server sends before its owner has unlinked it: a fresh, computed port. */
	CU_ASSERT_FALSE(nat_retire(&fixture.nat, slot, 1)); /* another one was meant */
	CU_ASSERT_TRUE(nat_retire(&fixture.nat, slot, 0));
	CU_ASSERT_FALSE(nat_retire(&fixture.nat, slot, 0));
	CU_ASSERT_EQUAL(
		nat_reserve(&fixture.nat, &server, 0xc6336401, 443, 0, &second), -EADDRINUSE);
	traffic = nat_fixture_claim(&fixture, NAT_TCP, HOST_1, 80, 0, NULL);
	CU_ASSERT_EQUAL(traffic, nat_slot(0, NAT_TCP, fixture_candidate(HOST_1, 80, 0)));
	CU_ASSERT_TRUE(nat_unlink_closing(&fixture.nat, slot));
	CU_ASSERT_EQUAL(nat_find(&fixture.nat, &server), traffic);
	nat_release(&fixture.nat, slot);
	nat_fixture_free(&fixture, traffic);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 0);
	CU_ASSERT_EQUAL(nat_fixture_host_mappings(&fixture), 0);
	CU_ASSERT_EQUAL(nat_fixture_indexed(&fixture), 0);
	nat_fixture_close(&fixture);
}

static void
a_reservation_keeps_the_ephemeral_port_it_names(void)
{
	const struct nat_endpoint endpoint = {HOST_1, 40000, NAT_UDP, 0};
	uint32_t slot, reserved;

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	nat_fixture_open(&fixture, 1);
	slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	set_state(slot, NAT_QUARANTINE);
	CU_ASSERT_EQUAL(
		nat_reserve(&fixture.nat, &endpoint, 0xc6336401, 49300, 0, &reserved), -EALREADY);
	CU_ASSERT_EQUAL(reserved, slot);
	CU_ASSERT_EQUAL(nat_fixture_state(&fixture, slot), NAT_ACTIVE);
	CU_ASSERT_EQUAL(nat_word_class(nat_word_load(&fixture.table, slot)), NAT_REGISTERED);
	nat_fixture_close(&fixture);
}

/* One host, one address, one protocol: 48,000 mappings run, none leaks. */
static void
forty_eight_thousand_mappings_on_one_address(void)
{
	uint32_t made = 0, found = 0, freed = 0;
	enum nat_claim_result result;

	nat_fixture_pool(&fixture, "10.0.0.1/32", "198.51.100.1/32");
	nat_fixture_open(&fixture, 2);
	for (uint32_t port = 1; port < NAT_PORTS && made < 48000; port++) {
		nat_fixture_claim(&fixture, NAT_UDP, HOST_1, (uint16_t)port, 0, &result);
		made += result == NAT_CLAIMED;
	}
	CU_ASSERT_EQUAL(made, 48000);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 48000);
	CU_ASSERT_EQUAL(nat_fixture_indexed(&fixture), 48000);
	CU_ASSERT_EQUAL(nat_fixture_host_mappings(&fixture), 48000);
	for (uint32_t slot = 0; slot < NAT_PORTS; slot++) {
		uint64_t word = nat_word_load(&fixture.table, slot);
		struct nat_endpoint endpoint = {nat_word_address(word), nat_word_port(word),
			nat_word_protocol(word), nat_word_vrf(word)};

		if (nat_word_state(word) != NAT_ACTIVE)
			continue;
		found += nat_find(&fixture.nat, &endpoint) == slot;
		nat_fixture_free(&fixture, slot);
		freed++;
	}
	CU_ASSERT_EQUAL(found, 48000);
	CU_ASSERT_EQUAL(freed, 48000);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 0);
	CU_ASSERT_EQUAL(nat_fixture_indexed(&fixture), 0);
	CU_ASSERT_EQUAL(nat_fixture_host_mappings(&fixture), 0);
	nat_fixture_close(&fixture);
}

/* Down to the last of 64512 ports, with as many endpoints as it takes, and back. */
static void
every_port_of_an_address_can_be_taken(void)
{
	const uint32_t all = nat_usable_ports(NAT_UDP);
	uint32_t endpoint = 0, taken = 0;
	enum nat_claim_result result;

	nat_fixture_pool(&fixture, "10.0.0.0/20", "198.51.100.1/32");
	nat_fixture_open(&fixture, 2);
	for (; taken < all && endpoint < (1u << 28); endpoint++) {
		nat_fixture_claim(&fixture, NAT_UDP, 0x0a000000 + (endpoint & 4095),
			(uint16_t)(endpoint >> 12), 0, &result);
		taken += result == NAT_CLAIMED;
	}
	printf("    the last of %u ports went to endpoint %u\n", all, endpoint);
	CU_ASSERT_EQUAL(taken, all);
	CU_ASSERT_EQUAL(fixture.nat.loads[NAT_UDP].used, all);
	nat_fixture_claim(&fixture, NAT_UDP, 0x0a000000 + (endpoint & 4095),
		(uint16_t)(endpoint >> 12), 0, &result);
	CU_ASSERT_EQUAL(result, NAT_REFUSED_PORTS);
	for (uint32_t slot = 0; slot < NAT_PORTS; slot++) {
		CU_ASSERT_EQUAL(nat_fixture_state(&fixture, slot),
			slot < NAT_PORT_LOWEST ? NAT_FREE : NAT_ACTIVE);
		if (slot >= NAT_PORT_LOWEST)
			nat_fixture_free(&fixture, slot);
	}
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 0);
	CU_ASSERT_EQUAL(nat_fixture_indexed(&fixture), 0);
	CU_ASSERT_EQUAL(nat_fixture_host_mappings(&fixture), 0);
	nat_fixture_close(&fixture);
}

/* A new process over an old table: active and quarantined words are indexed again, half-made and
 * half-gone ones are free, whatever the number of workers. */
static void
a_restart_takes_the_table_over(void)
{
	const struct nat_endpoint half = {HOST_1, 80, NAT_TCP, 0};
	uint32_t active, quarantined, closing, claiming, restored, freed;
	const struct nat_endpoint endpoint = {HOST_1, 40001, NAT_UDP, 0};

	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	nat_fixture_open(&fixture, 1);
	active = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	quarantined = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40001, 0, NULL);
	closing = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40002, 0, NULL);
	set_state(quarantined, NAT_QUARANTINE);
	set_state(closing, NAT_CLOSING);
	CU_ASSERT_EQUAL(nat_reserve(&fixture.nat, &half, 0xc6336401, 8080, 0, &claiming), 0);
	CU_ASSERT_EQUAL(nat_block(&fixture.nat, NAT_UDP, 0xc6336401, 1025), 0);
	/* A word that contradicts its place: a UDP endpoint in the TCP table. */
	fixture.table.words[nat_slot(0, NAT_TCP, 5000)] = fixture.table.words[active];
	nat_fixture_reopen(&fixture, 3, &restored, &freed);
	CU_ASSERT_EQUAL(restored, 2);
	CU_ASSERT_EQUAL(freed, 4);
	CU_ASSERT_EQUAL(nat_fixture_state(&fixture, claiming), NAT_FREE);
	CU_ASSERT_EQUAL(nat_fixture_state(&fixture, closing), NAT_FREE);
	CU_ASSERT_EQUAL(nat_find(&fixture.nat, &endpoint), quarantined);
	CU_ASSERT_EQUAL(nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL), active);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 2);
	CU_ASSERT_EQUAL(nat_fixture_host_mappings(&fixture), 2);
	nat_fixture_free(&fixture, active);
	nat_fixture_free(&fixture, quarantined);
	CU_ASSERT_EQUAL(nat_fixture_indexed(&fixture), 0);
	nat_fixture_close(&fixture);
}

const struct unit_test unit_tests[] = {
	{"quarantine_and_closing_belong_to_their_endpoint",
		quarantine_and_closing_belong_to_their_endpoint},
	{"generation_counts_the_owners_of_a_port", generation_counts_the_owners_of_a_port},
	{"a_registration_lifts_an_ephemeral_mapping", a_registration_lifts_an_ephemeral_mapping},
	{"static_mappings_come_and_go", static_mappings_come_and_go},
	{"a_reservation_keeps_the_ephemeral_port_it_names",
		a_reservation_keeps_the_ephemeral_port_it_names},
	{"forty_eight_thousand_mappings_on_one_address",
		forty_eight_thousand_mappings_on_one_address},
	{"every_port_of_an_address_can_be_taken", every_port_of_an_address_can_be_taken},
	{"a_restart_takes_the_table_over", a_restart_takes_the_table_over},
	{NULL, NULL},
};
