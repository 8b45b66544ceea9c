/* lib/nat with several workers at once, and beside the ager. The thread sanitizer must be silent:
 *
 *     meson setup build-tsan -Db_sanitize=thread -Db_lundef=false -Dbuildtype=debugoptimized
 *     ninja -C build-tsan test/unit/test_nat_race && build-tsan/test/unit/test_nat_race
 */
#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nat/age.h"
#include "nat_fixture.h"

const char *const unit_suite = "nat_race";

#define WORKERS 4
#define HOST_1  0x0a000001u /* 10.0.0.1 */

static struct nat_fixture fixture;
static pthread_barrier_t barrier;
static unsigned int wrong; /* whatever a thread saw that cannot be */
static unsigned int met;   /* mappings of other workers that were found */

static void
see(bool right)
{
	if (!right)
		__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
}

static void
begin(const char *private_prefix, const char *public_prefix)
{
	nat_fixture_pool(&fixture, private_prefix, public_prefix);
	nat_fixture_open(&fixture, WORKERS);
	pthread_barrier_init(&barrier, NULL, WORKERS);
	wrong = met = 0;
}

static void
end(void)
{
	CU_ASSERT_EQUAL(wrong, 0);
	pthread_barrier_destroy(&barrier);
	nat_fixture_close(&fixture);
}

static void
run_workers(void *(*work)(void *number))
{
	pthread_t threads[WORKERS];

	for (uintptr_t i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	for (unsigned int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
}

/* A random endpoint that this worker owns. */
static struct nat_endpoint
own_endpoint(unsigned int worker, uint32_t hosts, uint64_t *random)
{
	struct nat_endpoint endpoint = {.protocol = NAT_UDP};

	do {
		uint64_t number = fixture_random(random);

		endpoint.address = HOST_1 + (uint32_t)(number >> 16) % hosts;
		endpoint.port = (uint16_t)(number >> 48);
	} while (nat_owner(WORKERS, endpoint.address, endpoint.port) != worker);
	return endpoint;
}

static uint64_t
word_identity(uint32_t slot)
{
	return nat_word_load(&fixture.table, slot) & NAT_WORD_IDENTITY_MASK;
}

/* Four workers fill one address up to nine tenths: most candidates are contended. */
static void *
fill_one_address(void *number)
{
	unsigned int worker = (unsigned int)(uintptr_t)number;
	uint64_t random = 1000 + worker;

	pthread_barrier_wait(&barrier);
	while (__atomic_load_n(&fixture.nat.loads[NAT_UDP].used, __ATOMIC_RELAXED) < 58000) {
		struct nat_claim claim = {.endpoint = own_endpoint(worker, 250, &random)};

		nat_claim(&fixture.nat, &claim, 0);
		if (claim.result == NAT_CLAIMED)
			see(word_identity(claim.slot) == nat_endpoint_identity(&claim.endpoint));
	}
	return NULL;
}

static void
no_two_endpoints_share_a_slot(void)
{
	uint64_t created = 0;
	uint32_t active = 0, found = 0;

	begin("10.0.0.0/24", "198.51.100.1/32");
	run_workers(fill_one_address);
	for (unsigned int i = 0; i < WORKERS; i++)
		created += fixture.nat.shards[i].created;
	for (uint32_t slot = 0; slot < NAT_PORTS; slot++) {
		uint64_t word = nat_word_load(&fixture.table, slot);
		struct nat_endpoint endpoint = {
			nat_word_address(word), nat_word_port(word), NAT_UDP, 0};

		if (nat_word_state(word) == NAT_FREE)
			continue;
		active += nat_word_state(word) == NAT_ACTIVE;
		found += nat_find(&fixture.nat, &endpoint) == slot;
		see(nat_slot_h16_index(&fixture.nat, slot, word) < H16_INDEXES);
	}
	CU_ASSERT_TRUE(created >= 58000);
	CU_ASSERT_EQUAL(active, created);
	CU_ASSERT_EQUAL(found, created);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), created);
	CU_ASSERT_EQUAL(nat_fixture_host_mappings(&fixture), created);
	CU_ASSERT_EQUAL(nat_fixture_indexed(&fixture), created);
	end();
}

/* Rounds of claiming and unlinking on each worker's own shard while all workers look up in all
 * shards; the barrier is the grace period. */
#define ROUNDS 30
#define HELD   500

static void *
claim_unlink_find(void *number)
{
	unsigned int worker = (unsigned int)(uintptr_t)number;
	struct nat_claim claims[HELD];

	for (unsigned int round = 0; round < ROUNDS; round++) {
		unsigned int neighbour = (worker + 1) % WORKERS;
		uint64_t own = 77 + round * WORKERS + worker;
		uint64_t others = 77 + round * WORKERS + neighbour; /* what it claims just now */

		for (unsigned int i = 0; i < HELD; i++) {
			struct nat_endpoint other;
			uint32_t slot;

			/* In the first half the other may be late or early; in the second, what it
			 * claimed in the first is there. */
			if (i == HELD / 2) {
				pthread_barrier_wait(&barrier);
				others = 77 + round * WORKERS + neighbour;
			}
			other = own_endpoint(neighbour, 250, &others);
			slot = nat_find(&fixture.nat, &other);

			claims[i] = (struct nat_claim){.endpoint = own_endpoint(worker, 250, &own)};
			nat_claim(&fixture.nat, &claims[i], round);
			see(claims[i].result == NAT_CLAIMED &&
				nat_find(&fixture.nat, &claims[i].endpoint) == claims[i].slot);
			if (slot == NAT_SLOT_NONE)
				continue;
			/* Nothing is released in this half. */
			see(word_identity(slot) == nat_endpoint_identity(&other));
			__atomic_fetch_add(&met, 1, __ATOMIC_RELAXED);
		}
		for (unsigned int i = 0; i < HELD; i++)
			if (nat_retire(&fixture.nat, claims[i].slot,
				    nat_word_generation(
					    nat_word_load(&fixture.table, claims[i].slot))))
				see(nat_unlink_closing(&fixture.nat, claims[i].slot));
		pthread_barrier_wait(&barrier);
		for (unsigned int i = 0; i < HELD; i++)
			if (nat_word_state(nat_word_load(&fixture.table, claims[i].slot)) ==
				NAT_CLOSING)
				nat_release(&fixture.nat, claims[i].slot);
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

static void
shards_change_while_all_look_up(void)
{
	begin("10.0.0.0/24", "198.51.100.1/32");
	run_workers(claim_unlink_find);
	CU_ASSERT_TRUE(met >= (uint64_t)ROUNDS * WORKERS * HELD / 2);
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), 0);
	CU_ASSERT_EQUAL(nat_fixture_host_mappings(&fixture), 0);
	CU_ASSERT_EQUAL(nat_fixture_indexed(&fixture), 0);
	end();
}

/* Workers beside the ager: a mailbox each for its requests, a count of turns for grace periods, and
 * a clock that runs far faster than theirs. */
#define TURNS 400000

static struct {
	const uint32_t *slots; /* request at hand */
	unsigned int count;
	int pending;
	uint64_t turns; /* UINT64_MAX = gone home */
} __attribute__((aligned(64))) boxes[WORKERS];

static uint64_t turns_at_begin[WORKERS];
static uint32_t clock_seconds;

static bool
post(void *opaque, const uint32_t *slots, unsigned int count)
{
	for (unsigned int i = 0; i < WORKERS; i++) {
		boxes[i].slots = slots;
		boxes[i].count = count;
		__atomic_store_n(&boxes[i].pending, 1, __ATOMIC_RELEASE);
	}
	return true;
}

static bool
posted_are_done(void *opaque)
{
	for (unsigned int i = 0; i < WORKERS; i++)
		if (__atomic_load_n(&boxes[i].pending, __ATOMIC_ACQUIRE))
			return false;
	return true;
}

static void
grace_begin(void *opaque)
{
	for (unsigned int i = 0; i < WORKERS; i++)
		turns_at_begin[i] = __atomic_load_n(&boxes[i].turns, __ATOMIC_ACQUIRE);
}

static bool
grace_over(void *opaque)
{
	for (unsigned int i = 0; i < WORKERS; i++) {
		uint64_t turns = __atomic_load_n(&boxes[i].turns, __ATOMIC_ACQUIRE);

		if (turns == turns_at_begin[i] && turns != UINT64_MAX)
			return false;
	}
	return true;
}

static void
serve(unsigned int worker)
{
	if (!__atomic_load_n(&boxes[worker].pending, __ATOMIC_ACQUIRE))
		return;
	for (unsigned int i = 0; i < boxes[worker].count; i++) {
		uint32_t slot = boxes[worker].slots[i];
		uint64_t word = nat_word_load(&fixture.table, slot);

		if (nat_owner(WORKERS, nat_word_address(word), nat_word_port(word)) == worker)
			nat_unlink_closing(&fixture.nat, slot);
	}
	__atomic_store_n(&boxes[worker].pending, 0, __ATOMIC_RELEASE);
}

static void *
work_beside_ager(void *number)
{
	unsigned int worker = (unsigned int)(uintptr_t)number;
	uint64_t random = 5 + worker;

	for (uint64_t turn = 1; turn <= TURNS; turn++) {
		uint32_t now = __atomic_load_n(&clock_seconds, __ATOMIC_RELAXED);
		struct nat_claim claim = {.endpoint = own_endpoint(worker, 2, &random)};

		/* Few ports, so that endpoints come back in every state. */
		claim.endpoint.port &= 0x03ff;
		if (nat_owner(WORKERS, claim.endpoint.address, claim.endpoint.port) == worker) {
			nat_claim(&fixture.nat, &claim, now);
			/* Only we can unlink it, so whatever the ager does, it is ours. */
			see(claim.result == NAT_CLAIMED &&
				word_identity(claim.slot) ==
					nat_endpoint_identity(&claim.endpoint));
		}
		serve(worker);
		__atomic_store_n(&boxes[worker].turns, turn, __ATOMIC_RELEASE);
		if (turn % 64 == 0)
			sched_yield();
	}
	while (__atomic_load_n(&clock_seconds, __ATOMIC_RELAXED) != UINT32_MAX) {
		serve(worker);
		__atomic_fetch_add(&boxes[worker].turns, 1, __ATOMIC_RELEASE);
		sched_yield();
	}
	__atomic_store_n(&boxes[worker].turns, UINT64_MAX, __ATOMIC_RELEASE);
	return NULL;
}

static bool
all_worked(void)
{
	for (unsigned int i = 0; i < WORKERS; i++)
		if (__atomic_load_n(&boxes[i].turns, __ATOMIC_ACQUIRE) < TURNS)
			return false;
	return true;
}

static void
endpoints_come_and_go_beside_the_ager(void)
{
	static const struct nat_age_ops ops = {post, posted_are_done, grace_begin, grace_over};
	static const struct nat_age_timers timers = {2, 2, 2, 2};
	struct nat_ager ager;
	pthread_t threads[WORKERS];
	uint64_t reclaimed = 0, created = 0;
	uint32_t now = 0;

	begin("10.0.0.0/24", "198.51.100.1/32");
	memset(boxes, 0, sizeof(boxes));
	clock_seconds = 0;
	nat_ager_init(&ager, &fixture.nat, &timers, &ops, NULL);
	for (uintptr_t i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, work_beside_ager, (void *)i);
	while (!all_worked() || ager.turns < 50 || nat_fixture_used(&fixture) > 0) {
		__atomic_store_n(&clock_seconds, ++now, __ATOMIC_RELAXED);
		nat_ager_step(&ager, now, NAT_PORTS);
		sched_yield();
	}
	__atomic_store_n(&clock_seconds, UINT32_MAX, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < WORKERS; i++) {
		pthread_join(threads[i], NULL);
		reclaimed += fixture.nat.shards[i].reclaimed;
		created += fixture.nat.shards[i].created;
	}
	printf("    %lu made, %lu taken back, %lu released, %lu returned while closing\n", created,
		reclaimed, ager.released, ager.returned);
	CU_ASSERT_TRUE(created > 0 && reclaimed > 0);
	CU_ASSERT_EQUAL(ager.released, created);
	CU_ASSERT_EQUAL(nat_fixture_host_mappings(&fixture), 0);
	CU_ASSERT_EQUAL(nat_fixture_indexed(&fixture), 0);
	end();
}

const struct unit_test unit_tests[] = {
	{"no_two_endpoints_share_a_slot", no_two_endpoints_share_a_slot},
	{"shards_change_while_all_look_up", shards_change_while_all_look_up},
	{"endpoints_come_and_go_beside_the_ager", endpoints_come_and_go_beside_the_ager},
	{NULL, NULL},
};
