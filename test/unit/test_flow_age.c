/* lib/flow/age on an injected clock: idle times, the bitmap of live slots, the order of a batch. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "flow/age.h"

const char *const unit_suite = "flow_age";

#define COUNT  4096u
#define REMOTE 0xcb007107u /* 203.0.113.7 */
#define SLOT   49300u
#define SLOTS  65536u

static const struct flow_timers timers = {
	.tcp_established_seconds = 7440,
	.tcp_transitory_seconds = 240,
	.udp_idle_seconds = 300,
	.icmp_idle_seconds = 60,
};

static struct flow_arrays arrays;
static struct flow_pool pool;
static struct flow_ager ager;

/* The owner worker, the grace period, and the mapping that the records belong to. */
static struct {
	bool slow, grace_open;
	bool releasing; /* what the request at hand is */
	const uint32_t *numbers;
	unsigned int count;
	int protocol; /* -1 = the mapping is gone */
	char order[64];
} owner;

static void
note(char letter)
{
	size_t length = strlen(owner.order);

	if (length < sizeof(owner.order) - 1)
		owner.order[length] = letter;
}

static bool
ask(const uint32_t *numbers, unsigned int count, bool releasing)
{
	owner.numbers = numbers;
	owner.count = count;
	owner.releasing = releasing;
	note(releasing ? 'r' : 'u');
	return true;
}

static bool
owner_unlink(void *opaque, const uint32_t *numbers, unsigned int count)
{
	return ask(numbers, count, false);
}

static bool
owner_release(void *opaque, const uint32_t *numbers, unsigned int count)
{
	return ask(numbers, count, true);
}

static bool
owner_done(void *opaque)
{
	if (owner.slow)
		return false;
	for (unsigned int i = 0; i < owner.count; i++) {
		uint32_t number = owner.numbers[i];

		if (owner.releasing)
			flow_release(&pool, arrays.out[number].shard, number);
		else
			CU_ASSERT_TRUE(flow_unlink(&pool, arrays.out[number].shard, number));
	}
	owner.count = 0;
	note(owner.releasing ? 'R' : 'U');
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
	if (!owner.grace_open)
		note('G');
	return !owner.grace_open;
}

static int
protocol_of(void *opaque, uint32_t slot, unsigned int generation)
{
	return owner.protocol;
}

static const struct flow_age_ops ops = {
	.unlink = owner_unlink,
	.release = owner_release,
	.unlinked = owner_done,
	.grace_begin = owner_grace_begin,
	.grace_over = owner_grace_over,
	.protocol_of = protocol_of,
};

static int
no_generation(void *opaque, uint32_t slot)
{
	return -1;
}

static unsigned int
no_owner(void *opaque, uint32_t slot)
{
	return 0;
}

static void
begin(int protocol)
{
	struct flow_restore restore = {.generation_of = no_generation, .owner_of = no_owner};
	struct fault fault;

	arrays.count = COUNT;
	arrays.out = aligned_alloc(64, COUNT * sizeof(struct flow_line));
	arrays.in = aligned_alloc(64, COUNT * sizeof(struct flow_line));
	memset(arrays.out, 0, COUNT * sizeof(struct flow_line));
	memset(arrays.in, 0, COUNT * sizeof(struct flow_line));
	memset(&owner, 0, sizeof(owner));
	owner.protocol = protocol;
	CU_ASSERT_EQUAL_FATAL(flow_open(&pool, &arrays, 1, false, &restore, &fault), 0);
	CU_ASSERT_EQUAL_FATAL(flow_ager_init(&ager, &pool, SLOTS, &timers, &ops, NULL), 0);
}

static void
end(void)
{
	flow_ager_free(&ager);
	flow_close(&pool);
	free(arrays.out);
	free(arrays.in);
}

static uint32_t
create(uint16_t remote_port)
{
	return flow_create(&pool, 0, FLOW_HOST_NONE, SLOT, 0, REMOTE, remote_port, 1000);
}

static uint64_t
records_after_walk(uint32_t now_seconds)
{
	flow_ager_step(&ager, now_seconds, UINT32_MAX);
	return pool.shards[0].record_count;
}

static bool
live(uint32_t slot)
{
	return (ager.live_slots[slot / 64] >> slot % 64 & 1) != 0;
}

/* A record made at second 1000 with a packet each way at `out_at` and `in_at`. */
static void
idle_times(void)
{
	enum { UDP, TCP, ICMP };
	static const struct {
		int protocol;
		uint16_t port;
		uint8_t out_flags, in_flags;
		uint32_t out_at, in_at, last_second;
	} rows[] = {
		{UDP, 0, 0, 0, 1000, 1000, 1299},
		{UDP, 0, 0, 0, 1000, 1200, 1299}, /* outbound refresh only */
		{ICMP, 0, 0, 0, 1000, 1000, 1059}, {TCP, 443, FLOW_TCP_SYN, 0, 1000, 1000, 1239},
		{TCP, 443, FLOW_TCP_ACK, FLOW_TCP_ACK, 1000, 1000, 8439},
		{TCP, 443, FLOW_TCP_ACK, FLOW_TCP_ACK, 1000, 1200, 8639}, /* either direction */
		{TCP, 443, FLOW_TCP_ACK, FLOW_TCP_ACK, 1200, 1000, 8639},
		{TCP, 443, FLOW_TCP_ACK, FLOW_TCP_ACK | FLOW_TCP_RST, 1000, 1000, 1239},
		{-1, 443, FLOW_TCP_ACK, FLOW_TCP_ACK, 1000, 1000, 999}, /* no mapping: at once */
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t number;

		begin(rows[i].protocol);
		number = create(rows[i].port);
		arrays.out[number].tcp_flags = rows[i].out_flags;
		arrays.in[number].tcp_flags = rows[i].in_flags;
		arrays.out[number].last_seen_seconds = (uint16_t)rows[i].out_at;
		arrays.in[number].last_seen_seconds = (uint16_t)rows[i].in_at;
		if (rows[i].last_second >= 1000)
			CU_ASSERT_EQUAL(records_after_walk(rows[i].last_second), 1);
		CU_ASSERT_EQUAL(records_after_walk(rows[i].last_second + 1), 0);
		CU_ASSERT_EQUAL(ager.expired, 1);
		CU_ASSERT_STRING_EQUAL(owner.order, "uUgGrR");
		end();
	}
}

/* A flood of SYNs: the fuller the pool, the sooner they go; connections that carry data stay. */
static void
unanswered_connections_give_way_under_pressure(void)
{
	static const struct {
		unsigned int share_percent;
		uint32_t seconds;
	} rows[] = {{10, 240}, {49, 240}, {75, 120}, {90, 48}, {99, 15}, {100, 15}};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned int count = COUNT * rows[i].share_percent / 100;
		uint32_t established;

		begin(1);
		established = create(1);
		arrays.out[established].tcp_flags = FLOW_TCP_SYN | FLOW_TCP_ACK;
		arrays.in[established].tcp_flags = FLOW_TCP_SYN | FLOW_TCP_ACK;
		for (unsigned int k = 1; k < count; k++)
			arrays.out[create((uint16_t)(k + 1))].tcp_flags = FLOW_TCP_SYN;
		CU_ASSERT_EQUAL(records_after_walk(1000 + rows[i].seconds - 1), count);
		CU_ASSERT_EQUAL(records_after_walk(1000 + rows[i].seconds + 1), 1);
		CU_ASSERT_NOT_EQUAL(arrays.out[established].key.live, 0);
		end();
	}
}

static void
live_slots_are_those_of_tcp_records(void)
{
	begin(1);
	create(443);
	CU_ASSERT_FALSE(live(SLOT)); /* the walk has not seen it yet */
	records_after_walk(1001);
	CU_ASSERT_TRUE(live(SLOT));
	CU_ASSERT_FALSE(live(SLOT + 1));
	records_after_walk(1239);
	CU_ASSERT_TRUE(live(SLOT));
	records_after_walk(1240);
	CU_ASSERT_FALSE(live(SLOT));
	end();
	begin(0);
	create(0);
	records_after_walk(1001);
	CU_ASSERT_FALSE(live(SLOT)); /* a permission keeps no mapping */
	end();
}

/* After a restart no mapping may be thought dead before the first walk is over. */
static void
live_slots_are_known_at_start(void)
{
	begin(1);
	create(443);
	flow_ager_free(&ager);
	CU_ASSERT_EQUAL_FATAL(flow_ager_init(&ager, &pool, SLOTS, &timers, &ops, NULL), 0);
	CU_ASSERT_TRUE(live(SLOT));
	flow_ager_step(&ager, 1001, COUNT / 2);
	CU_ASSERT_TRUE(live(SLOT));
	end();
}

/* A number goes back to its owner once, however long anything takes. */
static void
a_batch_waits_for_owner_and_grace(void)
{
	begin(0);
	create(0);
	owner.slow = true;
	CU_ASSERT_EQUAL(records_after_walk(1300), 1);
	CU_ASSERT_STRING_EQUAL(owner.order, "u");
	CU_ASSERT_EQUAL(records_after_walk(1301), 1);
	owner.slow = false;
	owner.grace_open = true;
	CU_ASSERT_EQUAL(records_after_walk(1302), 1);
	CU_ASSERT_STRING_EQUAL(owner.order, "uUg");
	owner.grace_open = false;
	owner.slow = true;
	CU_ASSERT_EQUAL(records_after_walk(1303), 1);
	CU_ASSERT_STRING_EQUAL(owner.order, "uUgGr");
	CU_ASSERT_EQUAL(records_after_walk(1304), 1);
	owner.slow = false;
	CU_ASSERT_EQUAL(records_after_walk(1305), 0);
	CU_ASSERT_STRING_EQUAL(owner.order, "uUgGrR");
	CU_ASSERT_EQUAL(pool.shards[0].free_count, COUNT);
	CU_ASSERT_EQUAL(pool.shards[0].index.entry_count, 0);
	end();
}

static void
many_records_take_several_batches(void)
{
	begin(1);
	for (uint32_t i = 0; i < COUNT; i++)
		CU_ASSERT_NOT_EQUAL(create((uint16_t)(i + 1)), FLOW_NONE);
	CU_ASSERT_EQUAL(create(60000), FLOW_NONE);
	owner.grace_open = true;
	CU_ASSERT_EQUAL(records_after_walk(1240), COUNT);
	CU_ASSERT_EQUAL(ager.batch_count, FLOW_AGE_BATCH);
	owner.grace_open = false;
	for (unsigned int i = 0; i < 4; i++)
		records_after_walk(1241);
	CU_ASSERT_EQUAL(pool.shards[0].record_count, 0);
	CU_ASSERT_EQUAL(ager.expired, COUNT);
	CU_ASSERT_EQUAL(pool.shards[0].free_count, COUNT);
	CU_ASSERT_EQUAL(pool.shards[0].index.entry_count, 0);
	end();
}

const struct unit_test unit_tests[] = {
	{"idle_times", idle_times},
	{"unanswered_connections_give_way_under_pressure",
		unanswered_connections_give_way_under_pressure},
	{"live_slots_are_those_of_tcp_records", live_slots_are_those_of_tcp_records},
	{"live_slots_are_known_at_start", live_slots_are_known_at_start},
	{"a_batch_waits_for_owner_and_grace", a_batch_waits_for_owner_and_grace},
	{"many_records_take_several_batches", many_records_take_several_batches},
	{NULL, NULL},
};
