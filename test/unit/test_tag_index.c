/* lib/base/tag_index: what goes in comes out, chains shrink again, readers beside a writer. */
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/tag_index.h"

const char *const unit_suite = "tag_index";

static bool
has(const struct tag_index *index, uint64_t key, uint32_t value)
{
	uint64_t hash = tag_index_hash(index, key);
	const struct tag_bucket *bucket = tag_index_bucket(index, hash);

	for (; bucket != NULL; bucket = tag_index_next(index, bucket)) {
		uint32_t match = tag_bucket_match(bucket, tag_index_tag(hash));

		for (; match != 0; match &= match - 1)
			if (tag_bucket_value(bucket, match) == value)
				return true;
	}
	return false;
}

static void
entries_are_found_until_removed(void)
{
	enum { COUNT = 20000 };
	struct tag_index index;
	unsigned int missing = 0, left = 0;

	CU_ASSERT_EQUAL_FATAL(tag_index_init(&index, COUNT, 0), 0);
	for (uint32_t i = 0; i < COUNT; i++)
		CU_ASSERT_EQUAL(tag_index_insert(&index, tag_index_hash(&index, i), i), 0);
	for (uint32_t i = 0; i < COUNT; i++)
		missing += !has(&index, i, i);
	CU_ASSERT_EQUAL(missing, 0);
	CU_ASSERT_EQUAL(index.entry_count, COUNT);
	for (uint32_t i = 0; i < COUNT; i++)
		CU_ASSERT_TRUE(tag_index_remove(&index, tag_index_hash(&index, i), i));
	for (uint32_t i = 0; i < COUNT; i++)
		left += has(&index, i, i);
	CU_ASSERT_EQUAL(left, 0);
	CU_ASSERT_EQUAL(index.entry_count, 0);
	CU_ASSERT_FALSE(tag_index_remove(&index, tag_index_hash(&index, 1), 1));
	tag_index_free(&index);
}

/* The remotes of a scan, the ports of a host: keys in steps must spread like random ones, whatever
 * the secret, or an index would be full at a fraction of its entries. */
static void
keys_in_steps_spread_for_every_secret(void)
{
	enum { COUNT = 16384, SECRETS = 60, OVERFLOW_PERCENT = 4 };
	static const struct {
		unsigned int shift, stride;
	} rows[] = {{32, 1}, {32, 256}, {32, 65536}, {16, 1}, {16, 65536}, {0, 1}};

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++)
		for (unsigned int secret = 0; secret < SECRETS; secret++) {
			uint64_t key = (uint64_t)0x64400001 << 32 | 12345;
			struct tag_index index;
			unsigned int refused = 0;

			CU_ASSERT_EQUAL_FATAL(tag_index_init(&index, COUNT, 0), 0);
			for (uint32_t i = 0; i < COUNT; i++) {
				refused += tag_index_insert(
						   &index, tag_index_hash(&index, key), i) != 0;
				key += (uint64_t)rows[row].stride << rows[row].shift;
			}
			CU_ASSERT_EQUAL(refused, 0);
			/* Chance fills 2.1 % of the buckets over. */
			CU_ASSERT_TRUE(
				index.overflow_used * 100 < index.primary_count * OVERFLOW_PERCENT);
			tag_index_free(&index);
		}
}

static void
a_full_index_refuses_and_changes_nothing(void)
{
	struct tag_index index;
	uint32_t count = 0;

	CU_ASSERT_EQUAL_FATAL(tag_index_init(&index, 64, 0), 0);
	while (tag_index_insert(&index, tag_index_hash(&index, count), count) == 0)
		count++;
	CU_ASSERT_TRUE(count > 64);
	CU_ASSERT_EQUAL(index.entry_count, count);
	CU_ASSERT_FALSE(has(&index, count, count));
	for (uint32_t i = 0; i < count; i++)
		CU_ASSERT_TRUE(tag_index_remove(&index, tag_index_hash(&index, i), i));
	CU_ASSERT_EQUAL(index.entry_count, 0);
	tag_index_free(&index);
}

/* Scatters consecutive numbers, as endpoints are (splitmix64's last step). */
static uint64_t
scattered(uint64_t number)
{
	number = (number ^ number >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	number = (number ^ number >> 27) * UINT64_C(0x94d049bb133111eb);
	return number ^ number >> 31;
}

/* Steady churn at the planned load, 200 turnovers: overflow buckets must come back, or the area is
 * used up for ever after some dozen. */
static void
churn_does_not_use_up_the_overflow(void)
{
	enum { HELD = 16384 };
	struct tag_index index;
	unsigned int refused = 0, lost = 0;
	uint32_t head = 0;

	CU_ASSERT_EQUAL_FATAL(tag_index_init(&index, HELD, 0), 0);
	for (uint32_t round = 0; round < 200 * HELD; round++) {
		uint64_t hash = tag_index_hash(&index, scattered(round));

		refused += tag_index_insert(&index, hash, round) != 0;
		if (round - head == HELD - 1) {
			hash = tag_index_hash(&index, scattered(head));
			lost += !tag_index_remove(&index, hash, head);
			head++;
		}
	}
	CU_ASSERT_EQUAL(refused, 0);
	CU_ASSERT_EQUAL(lost, 0);
	CU_ASSERT_EQUAL(index.entry_count, HELD - 1);
	tag_index_free(&index);
}

/* A writer that makes chains grow and shrink all the time; readers look for entries that stay. */
enum { STAYING = 64, MOVING = 300 };

struct reading {
	struct tag_index index;
	int stop;
	unsigned int missed;
	uint64_t looked;
};

static void *
read_staying(void *opaque)
{
	struct reading *reading = opaque;
	unsigned int missed = 0;
	uint64_t looked = 0;

	while (!__atomic_load_n(&reading->stop, __ATOMIC_RELAXED)) {
		for (uint32_t i = 0; i < STAYING; i++)
			missed += !has(&reading->index, i, i);
		looked += STAYING;
	}
	__atomic_fetch_add(&reading->missed, missed, __ATOMIC_RELAXED);
	__atomic_fetch_add(&reading->looked, looked, __ATOMIC_RELAXED);
	return NULL;
}

static void
readers_never_miss_what_stays(void)
{
	struct reading reading = {0};
	struct tag_index *index = &reading.index;
	pthread_t readers[2];

	CU_ASSERT_EQUAL_FATAL(tag_index_init(index, 16, 0), 0); /* 5 buckets: long chains */
	for (uint32_t i = 0; i < STAYING; i++)
		CU_ASSERT_EQUAL(tag_index_insert(index, tag_index_hash(index, i), i), 0);
	for (unsigned int i = 0; i < 2; i++)
		pthread_create(&readers[i], NULL, read_staying, &reading);
	for (uint32_t round = 0; round < 2000; round++) {
		for (uint32_t i = 1000; i < 1000 + MOVING; i++)
			CU_ASSERT_EQUAL(tag_index_insert(index, tag_index_hash(index, i), i), 0);
		for (uint32_t i = 1000; i < 1000 + MOVING; i++)
			CU_ASSERT_TRUE(tag_index_remove(index, tag_index_hash(index, i), i));
	}
	__atomic_store_n(&reading.stop, 1, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(readers[i], NULL);
	CU_ASSERT_EQUAL(reading.missed, 0);
	CU_ASSERT_TRUE(reading.looked > 0);
	tag_index_free(index);
}

const struct unit_test unit_tests[] = {
	{"entries_are_found_until_removed", entries_are_found_until_removed},
	{"keys_in_steps_spread_for_every_secret", keys_in_steps_spread_for_every_secret},
	{"a_full_index_refuses_and_changes_nothing", a_full_index_refuses_and_changes_nothing},
	{"churn_does_not_use_up_the_overflow", churn_does_not_use_up_the_overflow},
	{"readers_never_miss_what_stays", readers_never_miss_what_stays},
	{NULL, NULL},
};
