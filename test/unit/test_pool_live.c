/* lib/nat: pools that come and go: places, draining, closing, restarts under other pools, and all
 * of it beside workers. The thread sanitizer must be silent: see test_nat_race.c. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nat/age.h"
#include "pool_list.h"

const char *const unit_suite = "pool_live";

static struct pool_bed bed;

static uint32_t
first_host(const struct nat_pools *pools, const char *name)
{
	return nat_pools_named(pools, name)->first_host;
}

/* Every step is built beside the one before. */
static void
addresses_keep_their_places(void)
{
	static const struct {
		const char *pools, *address;
		uint32_t place;
	} rows[] = {
		{POOL_A ";" POOL_B, "198.51.100.1", 1},
		{POOL_A ";" POOL_B, "192.0.2.1", 3},
		{POOL_A ";" POOL_B ";" POOL_C, "203.0.113.0", 4},
		{POOL_C ";" POOL_B ";" POOL_A, "198.51.100.0", 0},
		{POOL_C ";" POOL_B ";" POOL_A, "203.0.113.0", 4},
		{POOL_C ";" POOL_A, "203.0.113.0", 4},
		{POOL_C ";" POOL_A, "192.0.2.0", UINT32_MAX},
		/* What B left, and then what is behind C. */
		{POOL_C ";" POOL_A "; d 10.3.0.0/24 192.0.2.64/30", "192.0.2.64", 2},
		{POOL_C ";" POOL_A "; d 10.3.0.0/24 192.0.2.64/30", "192.0.2.65", 3},
		{POOL_C ";" POOL_A "; d 10.3.0.0/24 192.0.2.64/30", "192.0.2.66", 5},
		{POOL_C ";" POOL_A "; d 10.3.0.0/24 192.0.2.64/30", "192.0.2.67", 6},
		/* The same addresses in another pool. */
		{"e 10.4.0.0/24 192.0.2.64/30", "192.0.2.66", 5},
	};
	struct nat_pools *pools = calloc(1, sizeof(*pools)), *next;
	struct fault fault;

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		next = pool_list_beside(pools, rows[i].pools, &fault);
		CU_ASSERT_PTR_NOT_NULL_FATAL(next);
		free(pools);
		pools = next;
		CU_ASSERT_EQUAL(pool_list_place(pools, rows[i].address), rows[i].place);
		for (uint32_t place = nat_pools_next_place(pools, 0); place < pools->place_limit;
			place = nat_pools_next_place(pools, place + 1)) {
			CU_ASSERT_EQUAL(
				nat_pools_find_public(pools, pools->addresses[place]), place);
			CU_ASSERT_PTR_NOT_NULL(nat_pools_of_address(pools, place));
		}
	}
	CU_ASSERT_EQUAL(pools->place_limit, 7);
	CU_ASSERT_EQUAL(nat_pools_next_place(pools, 0), 2);
	CU_ASSERT_PTR_NULL(nat_pools_of_address(pools, 0));
	free(pools);
}

static void
hosts_keep_their_positions(void)
{
	struct nat_pools *none = calloc(1, sizeof(*none)), *two, *one, *three;
	struct fault fault;

	two = pool_list_beside(none, POOL_A ";" POOL_B, &fault);
	CU_ASSERT_PTR_NOT_NULL_FATAL(two);
	CU_ASSERT_EQUAL(first_host(two, "a"), 0);
	CU_ASSERT_EQUAL(first_host(two, "b"), 256);
	one = pool_list_beside(two, POOL_B, &fault);
	CU_ASSERT_PTR_NOT_NULL_FATAL(one);
	CU_ASSERT_EQUAL(first_host(one, "b"), 256);
	/* A larger one does not fit before B, a smaller one does. */
	three = pool_list_beside(
		one, "l 10.8.0.0/23 203.0.113.8/32; s 10.9.0.0/25 203.0.113.9/32;" POOL_B, &fault);
	CU_ASSERT_PTR_NOT_NULL_FATAL(three);
	CU_ASSERT_EQUAL(first_host(three, "l"), 512);
	CU_ASSERT_EQUAL(first_host(three, "s"), 0);
	CU_ASSERT_EQUAL(first_host(three, "b"), 256);
	CU_ASSERT_PTR_NULL(pool_list_beside(one, "b 10.1.0.0/25 192.0.2.0/31", &fault));
	CU_ASSERT_STRING_EQUAL(fault.code, "pool-differs");
	CU_ASSERT_PTR_NULL(pool_list_beside(
		one, "x 11.0.0.0/9 192.0.2.64/32; y 12.0.0.0/9 192.0.2.65/32;" POOL_B, &fault));
	CU_ASSERT_STRING_EQUAL(fault.code, "too-many-hosts");
	free(none);
	free(one);
	free(two);
	free(three);
}

/* Enough hosts are free between the pools that stay, but not in one piece. */
static void
scattered_hosts_are_named(void)
{
	struct nat_pools *none = calloc(1, sizeof(*none)), *before, *pools;
	struct fault fault = {0};

	before = pool_list_beside(none,
		"x 11.0.0.0/10 192.0.2.1/32; y 12.0.0.0/16 192.0.2.2/32; z 13.0.0.0/10 "
		"192.0.2.3/32",
		&fault);
	CU_ASSERT_PTR_NOT_NULL_FATAL(before);
	CU_ASSERT_PTR_NULL(pool_list_beside(before,
		"y 12.0.0.0/16 192.0.2.2/32; w 14.0.0.0/9 192.0.2.4/32; z 13.0.0.0/10 192.0.2.3/32",
		&fault));
	CU_ASSERT_STRING_EQUAL(fault.code, "hosts-scattered");
	pools = pool_list_beside(
		before, "y 12.0.0.0/16 192.0.2.2/32; w 14.0.0.0/9 192.0.2.4/32", &fault);
	CU_ASSERT_PTR_NOT_NULL(pools);
	free(none);
	free(before);
	free(pools);
}

static void
a_draining_pool_makes_no_mappings(void)
{
	enum nat_claim_result result;
	uint32_t active, idle, word_slot;
	uint64_t word;

	pool_bed_open(&bed, POOL_A ";" POOL_B, 1);
	active = pool_bed_claim(&bed, "10.0.0.1", 40000, 5, NULL);
	idle = pool_bed_claim(&bed, "10.0.0.1", 40001, 5, NULL);
	word = nat_word_load(&bed.nat.table, idle);
	CU_ASSERT_TRUE(nat_word_swap(
		&bed.nat.table, idle, &word, nat_word_with_state(word, NAT_QUARANTINE)));
	pool_bed_set_state(&bed, "a", NAT_POOL_DRAINING);
	/* What is there goes on; what idled out, or is new, does not. */
	CU_ASSERT_EQUAL(pool_bed_claim(&bed, "10.0.0.1", 40000, 6, &result), active);
	CU_ASSERT_EQUAL(result, NAT_CLAIMED);
	CU_ASSERT_EQUAL(pool_bed_claim(&bed, "10.0.0.1", 40001, 6, &result), NAT_SLOT_NONE);
	CU_ASSERT_EQUAL(result, NAT_REFUSED_DRAIN);
	CU_ASSERT_EQUAL(pool_bed_claim(&bed, "10.0.0.1", 40002, 6, &result), NAT_SLOT_NONE);
	CU_ASSERT_EQUAL(result, NAT_REFUSED_DRAIN);
	CU_ASSERT_EQUAL(bed.nat.shards[0].refused_drain, 2);
	CU_ASSERT_EQUAL(nat_reserve(&bed.nat, &(struct nat_endpoint){0x0a000001, 80, NAT_TCP, 0},
				0xc6336400, 8080, 6, &word_slot),
		-ESHUTDOWN);
	CU_ASSERT_NOT_EQUAL(pool_bed_claim(&bed, "10.1.0.1", 40000, 6, &result), NAT_SLOT_NONE);
	CU_ASSERT_FALSE(
		nat_pool_is_empty(&bed.nat, bed.nat.pools, nat_pools_named(bed.nat.pools, "a")));
	CU_ASSERT_EQUAL(pool_bed_used(&bed), 3);
	CU_ASSERT_EQUAL(pool_bed_host_mappings(&bed), 3);
	pool_bed_close(&bed);
}

/* Owners that answer at once. */
static bool
unlink_at_once(void *opaque, const uint32_t *slots, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		nat_unlink_closing(opaque, slots[i]);
	return true;
}

static bool
yes(void *opaque)
{
	return true;
}

static void
nothing(void *opaque)
{
}

static const struct nat_age_ops at_once = {unlink_at_once, yes, nothing, yes};
static const struct nat_age_timers slow_timers = {300, 60, 240, 120};

/* More mappings than a batch holds, both classes, quarantined ones too; the other pool stays. */
static void
a_closing_pool_is_emptied_by_the_ager(void)
{
	struct nat_ager ager;
	uint32_t slot;

	pool_bed_open(&bed, POOL_A ";" POOL_B, 2);
	for (uint16_t port = 2000; port < 5000; port++) {
		pool_bed_claim(&bed, "10.0.0.1", port, 5, NULL);
		pool_bed_claim(&bed, "10.1.0.1", port, 5, NULL);
	}
	CU_ASSERT_EQUAL(nat_reserve(&bed.nat, &(struct nat_endpoint){0x0a000002, 80, NAT_TCP, 0},
				0xc6336401, 80, 6, &slot),
		0);
	CU_ASSERT_EQUAL(nat_publish(&bed.nat, slot), 0);
	CU_ASSERT_EQUAL(pool_bed_used(&bed), 6001);
	nat_ager_init(&ager, &bed.nat, &slow_timers, &at_once, &bed.nat);
	nat_ager_step(&ager, 10, UINT32_MAX);
	CU_ASSERT_EQUAL(pool_bed_used(&bed), 6001);
	pool_bed_set_state(&bed, "a", NAT_POOL_CLOSING);
	nat_ager_step(&ager, 10, UINT32_MAX);
	nat_ager_step(&ager, 10, UINT32_MAX);
	CU_ASSERT_EQUAL(ager.closed, 3001);
	CU_ASSERT_EQUAL(ager.released, 3001);
	CU_ASSERT_EQUAL(pool_bed_used(&bed), 3000);
	CU_ASSERT_EQUAL(pool_bed_host_mappings(&bed), 3000);
	CU_ASSERT_EQUAL(pool_bed_indexed(&bed), 3000);
	CU_ASSERT_TRUE(
		nat_pool_is_empty(&bed.nat, bed.nat.pools, nat_pools_named(bed.nat.pools, "a")));
	/* It goes, and the ager walks over the hole that it leaves. */
	CU_ASSERT_EQUAL(pool_bed_change(&bed, POOL_B), 0);
	CU_ASSERT_EQUAL(bed.nat.table.address_count, 4);
	CU_ASSERT_EQUAL(nat_ager_step(&ager, 10, UINT32_MAX), 2 * NAT_PLACE_SLOTS);
	CU_ASSERT_EQUAL(nat_ager_step(&ager, 310, UINT32_MAX), 2 * NAT_PLACE_SLOTS);
	CU_ASSERT_EQUAL(ager.quarantined, 3000);
	pool_bed_close(&bed);
}

static uint64_t
pages_kib(void)
{
	struct stat status;

	CU_ASSERT_EQUAL(fstat(bed.file.descriptor, &status), 0);
	return (uint64_t)status.st_blocks / 2;
}

static void
places_are_clean_and_pages_come_and_go(void)
{
	uint64_t alone, both;
	uint32_t first, slot, after;

	pool_bed_open(&bed, POOL_A, 1);
	alone = pages_kib();
	CU_ASSERT_EQUAL(pool_bed_change(&bed, POOL_A ";" POOL_B), 0);
	both = pages_kib();
	CU_ASSERT_TRUE(both >= alone + 2 * 7680);
	first = nat_slot(pool_list_place(bed.nat.pools, "192.0.2.0"), NAT_UDP, 0);
	slot = pool_bed_claim(&bed, "10.1.0.1", 40000, 5, NULL);
	CU_ASSERT_EQUAL(nat_slot_address_index(slot), 2);
	nat_unlink(&bed.nat, slot);
	/* Whatever was in it. */
	memset(&bed.nat.table.words[first], 0xff, 2 * NAT_PLACE_SLOTS * sizeof(uint64_t));
	CU_ASSERT_EQUAL(pool_bed_change(&bed, POOL_A), 0);
	CU_ASSERT_TRUE(pages_kib() < alone + 64);
	/* A place that is out of use reads as free. */
	for (after = first; after < first + 2 * NAT_PLACE_SLOTS; after += 511)
		CU_ASSERT_EQUAL(nat_word_state(bed.file.table.words[after]), NAT_FREE);
	CU_ASSERT_EQUAL(pool_bed_change(&bed, POOL_A ";" POOL_B), 0);
	for (after = first; after < first + 2 * NAT_PLACE_SLOTS; after++)
		if (bed.nat.table.words[after] != 0)
			break;
	CU_ASSERT_EQUAL(after, first + 2 * NAT_PLACE_SLOTS);
	CU_ASSERT_TRUE(pages_kib() <= both + 64);
	pool_bed_close(&bed);
}

/* A private hugetlbfs with room for one address; whoever adds another is told. 77: cannot be tried.
 */
static int
use_too_few_huge_pages(void)
{
	struct table_file file;
	struct nat_pools pools, *more;
	char directory[] = "/tmp/binfm-pools-XXXXXX";
	struct fault fault = {0};

	if (mkdtemp(directory) == NULL || unshare(CLONE_NEWNS) != 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("none", directory, "hugetlbfs", 0, "pagesize=2M,size=12M") != 0) {
		rmdir(directory);
		return 77;
	}
	pool_list(&pools, POOL_C);
	if (nat_pools_build(&pools, &fault) != 0 ||
		table_file_open(&file, directory, "test", &pools, 65536, &fault) != 0)
		return strcmp(fault.code, "no-huge-pages") == 0 ? 77 : 1;
	file.table.words[7] = 5;
	more = pool_list_beside(&pools, POOL_C ";" POOL_A, &fault);
	if (more == NULL || table_file_use(&file, more, &fault) != -ENOSPC ||
		strcmp(fault.code, "no-huge-pages") != 0 ||
		strcmp(fault.value, "8 wanted, 1 free") != 0)
		return 2;
	if (file.addresses[1] != 0 || file.entries[1] != 0 || file.table.words[7] != 5 ||
		file.table.words[NAT_PLACE_SLOTS + 7] != 0)
		return 3;
	free(more);
	table_file_close(&file);
	umount(directory);
	rmdir(directory);
	return 0;
}

static void
too_few_pages_change_nothing(void)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0)
		_exit(use_too_few_huge_pages());
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		printf("skip pool_live::too_few_pages_change_nothing: needs root and six free huge "
		       "pages of 2 MiB\n");
	else
		CU_ASSERT_EQUAL(status, 0);
}

const struct unit_test unit_tests[] = {
	{"addresses_keep_their_places", addresses_keep_their_places},
	{"hosts_keep_their_positions", hosts_keep_their_positions},
	{"scattered_hosts_are_named", scattered_hosts_are_named},
	{"a_draining_pool_makes_no_mappings", a_draining_pool_makes_no_mappings},
	{"a_closing_pool_is_emptied_by_the_ager", a_closing_pool_is_emptied_by_the_ager},
	{"places_are_clean_and_pages_come_and_go", places_are_clean_and_pages_come_and_go},
	{"too_few_pages_change_nothing", too_few_pages_change_nothing},
	{NULL, NULL},
};
