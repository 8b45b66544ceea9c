/* lib/nat: what a table file of before becomes under other pools. */
#include "unit.h"

#include "pool_list.h"

const char *const unit_suite = "pool_restart";

static struct pool_bed bed;

/* What four endpoints and one static mapping become under other pools. */
static const char *const hosts[] = {"10.0.0.1", "10.0.0.200", "10.1.0.1", "10.1.0.200"};
#define HOSTS (sizeof(hosts) / sizeof(hosts[0]))

static void
make_mappings(uint32_t addresses[HOSTS])
{
	const struct nat_endpoint server = {0x0a000002, 80, NAT_TCP, 0}; /* paired with the other */
	uint32_t slot;

	for (unsigned int i = 0; i < HOSTS; i++)
		addresses[i] =
			nat_slot_address(&bed.nat, pool_bed_claim(&bed, hosts[i], 40000, 5, NULL));
	CU_ASSERT_EQUAL(nat_reserve(&bed.nat, &server, 0xc6336401, 8080, 5, &slot), 0);
	CU_ASSERT_EQUAL(nat_publish(&bed.nat, slot), 0);
}

/* Mappings that are found still lie on the address that they had. */
static unsigned int
found_in_place(const uint32_t addresses[HOSTS])
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < HOSTS; i++) {
		struct nat_endpoint endpoint = {.port = 40000, .protocol = NAT_UDP};
		uint32_t slot;

		ipv4_parse(hosts[i], &endpoint.address);
		slot = nat_find(&bed.nat, &endpoint);
		if (slot == NAT_SLOT_NONE)
			continue;
		found++;
		CU_ASSERT_EQUAL(nat_slot_address(&bed.nat, slot), addresses[i]);
	}
	return found;
}

static void
a_restart_keeps_what_fits(void)
{
	static const struct {
		const char *after;
		unsigned int kept, kept_static;
	} rows[] = {
		{POOL_A ";" POOL_B, 4, 1},
		{POOL_B ";" POOL_A, 4, 1},
		{"x 10.0.0.0/24 198.51.100.0/31;" POOL_B, 4, 1},
		{POOL_C ";" POOL_B ";" POOL_A, 4, 1},
		{POOL_A, 2, 1},
		{POOL_C ";" POOL_B, 2, 0},
		/* More addresses: 10.0.0.200 is paired with the fourth now. */
		{"a 10.0.0.0/24 198.51.100.0/30;" POOL_B, 3, 1},
		/* Fewer hosts: 10.0.0.200 is nobody's. */
		{"a 10.0.0.0/25 198.51.100.0/31;" POOL_B, 3, 1},
		/* Fewer addresses: what was on the second has no place. */
		{"a 10.0.0.0/24 198.51.100.0/32;" POOL_B, 3, 0},
		/* Cut in two pools, as the pairing was. */
		{"l 10.0.0.0/25 198.51.100.0/32; h 10.0.0.128/25 198.51.100.1/32;" POOL_B, 4, 0},
		/* Each has the other's addresses. */
		{"a 10.0.0.0/24 192.0.2.0/31; b 10.1.0.0/24 198.51.100.0/31", 0, 0},
		{POOL_C, 0, 0},
		{"", 0, 0},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned int kept = rows[i].kept + rows[i].kept_static;
		uint32_t addresses[HOSTS];

		pool_bed_open(&bed, POOL_A ";" POOL_B, 2);
		make_mappings(addresses);
		pool_bed_reopen(&bed, rows[i].after, 3);
		CU_ASSERT_TRUE(bed.file.reused);
		CU_ASSERT_EQUAL(bed.restored.kept, kept);
		CU_ASSERT_EQUAL(bed.restored.freed, 0);
		CU_ASSERT_EQUAL(
			bed.restored.discarded + bed.file.mappings_discarded, HOSTS + 1 - kept);
		CU_ASSERT_EQUAL(found_in_place(addresses), rows[i].kept);
		CU_ASSERT_EQUAL(pool_bed_used(&bed), kept);
		CU_ASSERT_EQUAL(pool_bed_host_mappings(&bed), kept);
		CU_ASSERT_EQUAL(pool_bed_indexed(&bed), kept);
		pool_bed_reopen(&bed, rows[i].after, 1);
		CU_ASSERT_EQUAL(bed.restored.kept, kept);
		CU_ASSERT_EQUAL(bed.restored.discarded + bed.file.mappings_discarded, 0);
		/* What comes back finds nothing of before. */
		pool_bed_reopen(&bed, POOL_A ";" POOL_B, 1);
		CU_ASSERT_TRUE(bed.restored.kept <= kept);
		CU_ASSERT_EQUAL(pool_bed_used(&bed), bed.restored.kept);
		pool_bed_close(&bed);
	}
}

/* A process died between two steps, or something wrote where it should not. */
static void
a_damaged_entry_is_an_empty_place(void)
{
	uint32_t addresses[HOSTS];

	pool_bed_open(&bed, POOL_A ";" POOL_B, 1);
	make_mappings(addresses);
	bed.file.entries[0] ^= UINT64_C(1) << 40;
	pool_bed_reopen(&bed, POOL_A ";" POOL_B, 1);
	CU_ASSERT_TRUE(bed.file.reused);
	CU_ASSERT_EQUAL(bed.restored.kept, 4);
	CU_ASSERT_EQUAL(found_in_place(addresses), 3);
	CU_ASSERT_EQUAL(pool_list_place(bed.nat.pools, "198.51.100.0"), 0);
	for (uint32_t slot = 0; slot < NAT_PLACE_SLOTS; slot++)
		CU_ASSERT_EQUAL(bed.nat.table.words[slot], 0);
	pool_bed_close(&bed);
}

const struct unit_test unit_tests[] = {
	{"a_restart_keeps_what_fits", a_restart_keeps_what_fits},
	{"a_damaged_entry_is_an_empty_place", a_damaged_entry_is_an_empty_place},
	{NULL, NULL},
};
