/* lib/nat: pools come and go beside workers that claim. The thread sanitizer must be silent: see
 * test_nat_race.c. */
#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "nat/age.h"
#include "nat_fixture.h"
#include "pool_list.h"

const char *const unit_suite = "pool_race";

static struct pool_bed bed;

/* Workers claim in both pools while B comes, drains or closes, goes, and comes again. */
#define WORKERS 3
#define ROUNDS  12

static struct {
	const uint32_t *slots;
	unsigned int count;
	int pending;
	uint64_t turns;
} __attribute__((aligned(64))) boxes[WORKERS];

static int stop;
static uint32_t clock_seconds;
static uint64_t turns_then[WORKERS];
static unsigned int wrong, made_in_b;

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
		turns_then[i] = __atomic_load_n(&boxes[i].turns, __ATOMIC_ACQUIRE);
}

/* A turn that began after the beginning is over. */
static bool
grace_over(void *opaque)
{
	for (unsigned int i = 0; i < WORKERS; i++)
		if (__atomic_load_n(&boxes[i].turns, __ATOMIC_ACQUIRE) == turns_then[i])
			return false;
	return true;
}

static void
wait_for_grace(void)
{
	grace_begin(NULL);
	while (!grace_over(NULL))
		sched_yield();
}

static void
serve(unsigned int worker)
{
	if (!__atomic_load_n(&boxes[worker].pending, __ATOMIC_ACQUIRE))
		return;
	for (unsigned int i = 0; i < boxes[worker].count; i++) {
		uint32_t slot = boxes[worker].slots[i];
		uint64_t word = nat_word_load(&bed.nat.table, slot);

		if (nat_owner(WORKERS, nat_word_address(word), nat_word_port(word)) == worker)
			nat_unlink_closing(&bed.nat, slot);
	}
	__atomic_store_n(&boxes[worker].pending, 0, __ATOMIC_RELEASE);
}

static void
claim_one(unsigned int worker, uint32_t address, uint16_t port, uint32_t now_seconds)
{
	struct nat_claim claim = {.endpoint = {address, port, NAT_UDP, 0}};
	bool in_a = address >> 16 == 0x0a00;

	if (nat_owner(WORKERS, address, port) != worker)
		return;
	nat_claim(&bed.nat, &claim, now_seconds);
	if (claim.result == NAT_CLAIMED) {
		uint64_t word = nat_word_load(&bed.nat.table, claim.slot);
		uint32_t public = nat_slot_address(&bed.nat, claim.slot);

		/* Until our turn ends the place is what it was. */
		if ((word & NAT_WORD_IDENTITY_MASK) != nat_endpoint_identity(&claim.endpoint) ||
			public >> 16 != (in_a ? 0xc633 : 0xc000))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		if (!in_a)
			__atomic_fetch_add(&made_in_b, 1, __ATOMIC_RELAXED);
	} else if (in_a) {
		__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	}
}

static void *
work(void *number)
{
	unsigned int worker = (unsigned int)(uintptr_t)number;
	uint64_t random = 11 + worker;

	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		uint64_t bits = fixture_random(&random);
		uint32_t now_seconds = __atomic_load_n(&clock_seconds, __ATOMIC_RELAXED);
		uint16_t port = (uint16_t)(4096 + (bits >> 20 & 127));

		claim_one(worker, 0x0a000000 + (uint32_t)(bits & 255), port, now_seconds);
		claim_one(worker, 0x0a010000 + (uint32_t)(bits & 255), port, now_seconds);
		serve(worker);
		__atomic_fetch_add(&boxes[worker].turns, 1, __ATOMIC_RELEASE);
		if (bits % 32 == 0)
			sched_yield();
	}
	return NULL;
}

/* What control does (control/pools.c), without the path. */
static void
exchange(const char *text, enum nat_pool_state state_of_b)
{
	struct nat_pools *pools = pool_list_beside(bed.nat.pools, text, &bed.fault), *former;
	struct nat_pool *b;

	CU_ASSERT_PTR_NOT_NULL_FATAL(pools);
	CU_ASSERT_EQUAL_FATAL(table_file_use(&bed.file, pools, &bed.fault), 0);
	b = (struct nat_pool *)(uintptr_t)nat_pools_named(pools, "b");
	if (b != NULL)
		b->state = state_of_b;
	former = nat_exchange_pools(&bed.nat, pools);
	wait_for_grace();
	free(former);
	table_file_drop(&bed.file, pools);
}

static bool
b_is_empty(void)
{
	return nat_pool_is_empty(&bed.nat, bed.nat.pools, nat_pools_named(bed.nat.pools, "b"));
}

static void
one_round(struct nat_ager *ager, bool closing)
{
	unsigned int before = __atomic_load_n(&made_in_b, __ATOMIC_RELAXED);

	exchange(POOL_A ";" POOL_B, NAT_POOL_ACTIVE);
	while (__atomic_load_n(&made_in_b, __ATOMIC_RELAXED) < before + 200)
		sched_yield();
	exchange(POOL_A ";" POOL_B, closing ? NAT_POOL_CLOSING : NAT_POOL_DRAINING);
	while (!b_is_empty()) {
		nat_ager_step(ager, clock_seconds, UINT32_MAX);
		/* Those that drain have to idle out, and active ones are not claimed again. */
		if (!closing)
			__atomic_fetch_add(&clock_seconds, 1, __ATOMIC_RELAXED);
		sched_yield();
	}
	exchange(POOL_A, NAT_POOL_ACTIVE);
}

/* The workers are gone: what they were asked last is done for them. */
static void
finish_batch(struct nat_ager *ager)
{
	do {
		for (unsigned int i = 0; i < WORKERS; i++) {
			serve(i);
			boxes[i].turns++;
		}
		nat_ager_step(ager, clock_seconds, UINT32_MAX);
	} while (ager->batch_count != 0);
}

static void
pools_come_and_go_beside_workers(void)
{
	static const struct nat_age_ops ops = {post, posted_are_done, grace_begin, grace_over};
	static const struct nat_age_timers timers = {4, 4, 4, 4};
	pthread_t threads[WORKERS];
	struct nat_ager ager;
	uint64_t refused = 0;

	memset(boxes, 0, sizeof(boxes));
	stop = 0;
	clock_seconds = wrong = made_in_b = 0;
	pool_bed_open(&bed, POOL_A, WORKERS);
	nat_ager_init(&ager, &bed.nat, &timers, &ops, NULL);
	for (uintptr_t i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	for (unsigned int round = 0; round < ROUNDS; round++)
		one_round(&ager, round % 2 == 0);
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < WORKERS; i++) {
		pthread_join(threads[i], NULL);
		refused += bed.nat.shards[i].refused_drain;
	}
	finish_batch(&ager);
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_TRUE(refused > 0);
	CU_ASSERT_TRUE(ager.closed >= 200);
	CU_ASSERT_EQUAL(pool_bed_used(&bed), pool_bed_indexed(&bed));
	CU_ASSERT_EQUAL(pool_bed_host_mappings(&bed), pool_bed_used(&bed));
	/* Whatever is left is A's. */
	for (uint32_t host = 256; host < 512; host++)
		CU_ASSERT_EQUAL(bed.nat.host_mappings[host], 0);
	pool_bed_close(&bed);
}

const struct unit_test unit_tests[] = {
	{"pools_come_and_go_beside_workers", pools_come_and_go_beside_workers},
	{NULL, NULL},
};
