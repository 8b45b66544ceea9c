/* lib/nat/age on an injected clock: timers, quarantine, coming back, the order of a batch, leaks.
 * The owner is played by the test: it may answer at once or keep the ager waiting. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nat/age.h"
#include "nat_fixture.h"

const char *const unit_suite = "age";

#define HOST_1 0x0a000001u /* 10.0.0.1 */

static const struct nat_age_timers timers = {
	.udp_idle_seconds = 300,
	.icmp_idle_seconds = 60,
	.tcp_transitory_seconds = 240,
	.quarantine_seconds = 120,
};

static struct nat_fixture fixture;
static struct nat_ager ager;

/* The owner worker and the grace period. */
static struct {
	bool queue_full, slow; /* refuse requests; leave them lying */
	bool grace_open;       /* a reader is still inside */
	const uint32_t *slots;
	unsigned int count, unlinked; /* of the last request; slots out of the index since */
	char order[64];               /* what was called, a letter each: u U g G */
} owner;

static void
note(char letter)
{
	size_t length = strlen(owner.order);

	if (length < sizeof(owner.order) - 1)
		owner.order[length] = letter;
}

static bool
owner_unlink(void *opaque, const uint32_t *slots, unsigned int count)
{
	note('u');
	if (owner.queue_full)
		return false;
	owner.slots = slots;
	owner.count = count;
	return true;
}

static bool
owner_unlinked(void *opaque)
{
	if (owner.slow)
		return false;
	for (unsigned int i = 0; i < owner.count; i++)
		owner.unlinked += nat_unlink_closing(&fixture.nat, owner.slots[i]);
	owner.count = 0;
	note('U');
	return true;
}

static void
owner_grace_begin(void *opaque)
{
	note('g');
}

static bool
owner_grace_over(void *opaque)
{
	if (owner.grace_open)
		return false;
	note('G');
	return true;
}

static const struct nat_age_ops ops = {
	.unlink = owner_unlink,
	.unlinked = owner_unlinked,
	.grace_begin = owner_grace_begin,
	.grace_over = owner_grace_over,
};

static void
begin(void)
{
	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	nat_fixture_open(&fixture, 2);
	memset(&owner, 0, sizeof(owner));
	nat_ager_init(&ager, &fixture.nat, &timers, &ops, NULL);
}

static void
walk(uint32_t now_seconds)
{
	nat_ager_step(&ager, now_seconds, UINT32_MAX);
}

static enum nat_state
state_after_walk(uint32_t slot, uint32_t now_seconds)
{
	walk(now_seconds);
	return nat_fixture_state(&fixture, slot);
}

/* What a mapping is at the ends of its timers. It is made at second 1000; `out_at` and `in_at` are
 * its last packets, 0 = none since. */
static void
timers_of_the_protocols(void)
{
	static const struct {
		enum nat_protocol protocol;
		uint32_t out_at, in_at, now;
		enum nat_state state;
	} rows[] = {
		{NAT_UDP, 0, 0, 1299, NAT_ACTIVE},
		{NAT_UDP, 0, 0, 1300, NAT_QUARANTINE},
		{NAT_UDP, 1200, 0, 1499, NAT_ACTIVE},
		{NAT_UDP, 1200, 0, 1500, NAT_QUARANTINE},
		{NAT_UDP, 0, 1299, 1300, NAT_QUARANTINE}, /* RFC 4787 REQ-6: outbound refresh */
		{NAT_ICMP, 0, 0, 1059, NAT_ACTIVE},
		{NAT_ICMP, 0, 0, 1060, NAT_QUARANTINE},
		{NAT_ICMP, 0, 1059, 1060, NAT_QUARANTINE},
		{NAT_TCP, 0, 0, 1239, NAT_ACTIVE},
		{NAT_TCP, 0, 0, 1240, NAT_QUARANTINE},
		{NAT_TCP, 0, 1100, 1339, NAT_ACTIVE}, /* either direction */
		{NAT_TCP, 0, 1100, 1340, NAT_QUARANTINE},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t slot;

		begin();
		slot = nat_fixture_claim(&fixture, rows[i].protocol, HOST_1, 40000, 1000, NULL);
		if (rows[i].out_at != 0)
			fixture.table.out[slot].last_seen_seconds = (uint16_t)rows[i].out_at;
		if (rows[i].in_at != 0)
			fixture.table.in[slot].last_seen_seconds = (uint16_t)rows[i].in_at;
		CU_ASSERT_EQUAL(state_after_walk(slot, rows[i].now), rows[i].state);
		nat_fixture_close(&fixture);
	}
}

static void
a_tcp_mapping_lives_while_a_flow_does(void)
{
	uint64_t *live = calloc(3 * 65536 / 64, sizeof(uint64_t));
	uint32_t slot;

	begin();
	slot = nat_fixture_claim(&fixture, NAT_TCP, HOST_1, 40000, 0, NULL);
	live[slot / 64] |= UINT64_C(1) << slot % 64;
	ager.live_slots = live;
	CU_ASSERT_EQUAL(state_after_walk(slot, 7000), NAT_ACTIVE);
	CU_ASSERT_EQUAL(state_after_walk(slot, 50000), NAT_ACTIVE);
	live[slot / 64] = 0;
	CU_ASSERT_EQUAL(state_after_walk(slot, 50001), NAT_QUARANTINE);
	nat_fixture_close(&fixture);
	free(live);
}

static void
a_registered_mapping_never_idles_out(void)
{
	struct nat_claim claim = {
		.endpoint = {HOST_1, 40000, NAT_UDP, 0}, .mapping_class = NAT_REGISTERED};

	begin();
	nat_claim(&fixture.nat, &claim, 0);
	for (uint32_t now = 0; now < 200000; now += 7000)
		CU_ASSERT_EQUAL(state_after_walk(claim.slot, now), NAT_ACTIVE);
	nat_fixture_close(&fixture);
}

static void
a_timer_longer_than_stamps_still_ends(void)
{
	uint32_t slot;

	begin();
	ager.timers.udp_idle_seconds = 86400;
	slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	CU_ASSERT_EQUAL(state_after_walk(slot, STAMP_AGE_MAX_SECONDS - 1), NAT_ACTIVE);
	CU_ASSERT_EQUAL(state_after_walk(slot, STAMP_AGE_MAX_SECONDS), NAT_QUARANTINE);
	nat_fixture_close(&fixture);
}

static void
the_whole_way_to_free(void)
{
	const struct nat_endpoint endpoint = {HOST_1, 40000, NAT_UDP, 0};
	uint32_t slot;

	begin();
	slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	CU_ASSERT_EQUAL(state_after_walk(slot, 310), NAT_QUARANTINE);
	CU_ASSERT_EQUAL(nat_find(&fixture.nat, &endpoint), slot); /* still indexed */
	CU_ASSERT_EQUAL(state_after_walk(slot, 429), NAT_QUARANTINE);
	CU_ASSERT_EQUAL(state_after_walk(slot, 430), NAT_FREE);
	CU_ASSERT_STRING_EQUAL(owner.order, "uUgG");
	CU_ASSERT_EQUAL(nat_find(&fixture.nat, &endpoint), NAT_SLOT_NONE);
	CU_ASSERT_EQUAL(nat_word_generation(nat_word_load(&fixture.table, slot)), 1);
	CU_ASSERT_EQUAL(ager.quarantined, 1);
	CU_ASSERT_EQUAL(ager.released, 1);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 0);
	CU_ASSERT_EQUAL(nat_fixture_host_mappings(&fixture), 0);
	nat_fixture_close(&fixture);
}

/* Nothing happens before its turn, however long the owner, the ring or a reader takes. */
static void
a_batch_waits_for_owner_and_grace(void)
{
	uint32_t slot;

	begin();
	slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	walk(300);
	owner.queue_full = true;
	CU_ASSERT_EQUAL(state_after_walk(slot, 420), NAT_CLOSING);
	CU_ASSERT_STRING_EQUAL(owner.order, "u");
	owner.queue_full = false;
	owner.slow = true;
	CU_ASSERT_EQUAL(state_after_walk(slot, 421), NAT_CLOSING);
	CU_ASSERT_STRING_EQUAL(owner.order, "uu");
	CU_ASSERT_EQUAL(owner.unlinked, 0);
	owner.slow = false;
	owner.grace_open = true;
	CU_ASSERT_EQUAL(state_after_walk(slot, 422), NAT_CLOSING);
	CU_ASSERT_STRING_EQUAL(owner.order, "uuUg");
	CU_ASSERT_EQUAL(owner.unlinked, 1);
	CU_ASSERT_EQUAL(state_after_walk(slot, 423), NAT_CLOSING);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 1);
	owner.grace_open = false;
	CU_ASSERT_EQUAL(state_after_walk(slot, 424), NAT_FREE);
	CU_ASSERT_STRING_EQUAL(owner.order, "uuUgG");
	nat_fixture_close(&fixture);
}

static void
coming_back_in_quarantine(void)
{
	uint32_t slot;

	begin();
	slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	CU_ASSERT_EQUAL(state_after_walk(slot, 300), NAT_QUARANTINE);
	CU_ASSERT_EQUAL(nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 350, NULL), slot);
	CU_ASSERT_EQUAL(state_after_walk(slot, 649), NAT_ACTIVE);
	CU_ASSERT_EQUAL(state_after_walk(slot, 650), NAT_QUARANTINE);
	CU_ASSERT_EQUAL(state_after_walk(slot, 769), NAT_QUARANTINE);
	CU_ASSERT_STRING_EQUAL(owner.order, "");
	nat_fixture_close(&fixture);
}

/* The endpoint sends again after the ager asked its owner to unlink it, before the owner did. */
static void
coming_back_while_closing(void)
{
	const struct nat_endpoint endpoint = {HOST_1, 40000, NAT_UDP, 0};
	uint32_t slot;

	begin();
	slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	walk(300);
	owner.slow = true;
	CU_ASSERT_EQUAL(state_after_walk(slot, 420), NAT_CLOSING);
	CU_ASSERT_EQUAL(nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 421, NULL), slot);
	owner.slow = false;
	CU_ASSERT_EQUAL(state_after_walk(slot, 422), NAT_ACTIVE);
	CU_ASSERT_EQUAL(owner.unlinked, 0);
	CU_ASSERT_EQUAL(ager.returned, 1);
	CU_ASSERT_EQUAL(ager.released, 0);
	CU_ASSERT_EQUAL(nat_find(&fixture.nat, &endpoint), slot);
	nat_fixture_close(&fixture);
}

/* After the owner has unlinked it, it is too late: the endpoint gets the next candidate. */
static void
coming_back_too_late(void)
{
	uint32_t slot, next;

	begin();
	slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	walk(300);
	owner.grace_open = true;
	walk(420);
	next = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 421, NULL);
	CU_ASSERT_NOT_EQUAL(next, slot);
	CU_ASSERT_NOT_EQUAL(next, NAT_SLOT_NONE);
	owner.grace_open = false;
	CU_ASSERT_EQUAL(state_after_walk(slot, 422), NAT_FREE);
	CU_ASSERT_EQUAL(nat_fixture_state(&fixture, next), NAT_ACTIVE);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 1);
	nat_fixture_close(&fixture);
}

/* A worker that had read ACTIVE sends while the ager decides: the next walk sees its stamp. */
static void
a_packet_on_its_way_keeps_the_mapping(void)
{
	uint32_t slot;

	begin();
	slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	CU_ASSERT_EQUAL(state_after_walk(slot, 300), NAT_QUARANTINE);
	fixture.table.out[slot].last_seen_seconds = 300;
	CU_ASSERT_EQUAL(state_after_walk(slot, 301), NAT_ACTIVE);
	CU_ASSERT_EQUAL(state_after_walk(slot, 599), NAT_ACTIVE);
	CU_ASSERT_EQUAL(state_after_walk(slot, 600), NAT_QUARANTINE);
	nat_fixture_close(&fixture);
}

/* A worker's second begins before the ager's: the mapping is fresh, not 18 hours old. */
static void
a_stamp_ahead_of_the_ager_is_fresh(void)
{
	uint32_t slot;

	begin();
	slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 501, NULL);
	CU_ASSERT_EQUAL(state_after_walk(slot, 500), NAT_ACTIVE);
	nat_fixture_close(&fixture);
}

/* More slots are due than a batch holds: none is passed over, one grace period each batch. */
static void
many_slots_take_several_batches(void)
{
	const uint32_t count = 3 * NAT_AGE_BATCH + 100;
	unsigned int graces = 0;

	begin();
	for (uint32_t i = 0; i < count; i++)
		nat_fixture_claim(
			&fixture, NAT_UDP, HOST_1 + i % 200, (uint16_t)(5000 + i), 0, NULL);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), count);
	walk(300);
	owner.grace_open = true;
	walk(420);
	CU_ASSERT_EQUAL(owner.unlinked, NAT_AGE_BATCH);
	CU_ASSERT_EQUAL(ager.batch_count, NAT_AGE_BATCH);
	walk(421);
	CU_ASSERT_EQUAL(owner.unlinked, NAT_AGE_BATCH);
	owner.grace_open = false;
	for (unsigned int i = 0; i < 3; i++)
		walk(422);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 0);
	CU_ASSERT_EQUAL(ager.released, count);
	for (const char *at = owner.order; *at != '\0'; at++)
		graces += *at == 'g';
	CU_ASSERT_EQUAL(graces, 4);
	nat_fixture_close(&fixture);
}

static void
a_step_keeps_to_its_budget(void)
{
	uint32_t steps = 0;

	begin();
	nat_fixture_claim(&fixture, NAT_ICMP, HOST_1, 40000, 0, NULL);
	while (ager.turns == 0) {
		CU_ASSERT_TRUE(nat_ager_step(&ager, 100, 1000) <= 1000);
		steps++;
	}
	CU_ASSERT_EQUAL(steps, (fixture.table.slot_count + 999) / 1000);
	CU_ASSERT_EQUAL(ager.quarantined, 1);
	CU_ASSERT_EQUAL(nat_ager_step(&ager, 100, UINT32_MAX), fixture.table.slot_count);
	nat_fixture_close(&fixture);
}

/* Endpoints come, idle, and go for ever; every tenth comes back on the way. */
static void
churned_mappings_leave_nothing(void)
{
	const uint64_t wanted = getenv("BINFM_TEST_FULL") != NULL ? 10000000 : 1000000;
	uint64_t churned = 0, random = 42;
	uint32_t now = 0;

	begin();
	while (churned < wanted) {
		now += 40;
		for (unsigned int i = 0; i < 4000; i++) {
			uint64_t number = fixture_random(&random);

			nat_fixture_claim(&fixture, NAT_UDP, HOST_1 + (uint32_t)(number % 250),
				(uint16_t)(number >> 32), now, NULL);
			if (i % 10 == 0)
				nat_fixture_claim(&fixture, NAT_UDP,
					HOST_1 + (uint32_t)(number % 250), (uint16_t)(number >> 32),
					now, NULL);
		}
		walk(now);
		churned = fixture.nat.shards[0].created + fixture.nat.shards[1].created;
	}
	CU_ASSERT_TRUE(ager.released > wanted * 9 / 10);
	now += 300;
	walk(now);
	now += 120;
	walk(now);
	CU_ASSERT_EQUAL(ager.released, churned);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 0);
	CU_ASSERT_EQUAL(nat_fixture_host_mappings(&fixture), 0);
	CU_ASSERT_EQUAL(nat_fixture_indexed(&fixture), 0);
	CU_ASSERT_EQUAL(fixture.nat.shards[0].refused_index, 0);
	printf("    %lu mappings churned, at most %u ports at once\n", churned, 4000 * 11);
	nat_fixture_close(&fixture);
}

const struct unit_test unit_tests[] = {
	{"timers_of_the_protocols", timers_of_the_protocols},
	{"a_tcp_mapping_lives_while_a_flow_does", a_tcp_mapping_lives_while_a_flow_does},
	{"a_registered_mapping_never_idles_out", a_registered_mapping_never_idles_out},
	{"a_timer_longer_than_stamps_still_ends", a_timer_longer_than_stamps_still_ends},
	{"the_whole_way_to_free", the_whole_way_to_free},
	{"a_batch_waits_for_owner_and_grace", a_batch_waits_for_owner_and_grace},
	{"coming_back_in_quarantine", coming_back_in_quarantine},
	{"coming_back_while_closing", coming_back_while_closing},
	{"coming_back_too_late", coming_back_too_late},
	{"a_packet_on_its_way_keeps_the_mapping", a_packet_on_its_way_keeps_the_mapping},
	{"a_stamp_ahead_of_the_ager_is_fresh", a_stamp_ahead_of_the_ager_is_fresh},
	{"many_slots_take_several_batches", many_slots_take_several_batches},
	{"a_step_keeps_to_its_budget", a_step_keeps_to_its_budget},
	{"churned_mappings_leave_nothing", churned_mappings_leave_nothing},
	{NULL, NULL},
};
