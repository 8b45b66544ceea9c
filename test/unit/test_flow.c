/* lib/flow: records, what a crash leaves of them, TCP states from flags, ageing. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/age.h"
#include "flow/flow.h"

const char *const unit_suite = "flow";

#define COUNT  256u
#define REMOTE 0xcb007107u /* 203.0.113.7 */
#define SLOTS  65536u

static struct flow_arrays arrays;
static struct flow_pool pool;
static struct flow_restore restore;
static int generations[SLOTS]; /* of the mappings that the test pretends; -1 = none */

static int
generation_of(void *opaque, uint32_t slot)
{
	return slot < SLOTS ? generations[slot] : -1;
}

static unsigned int
owner_of(void *opaque, uint32_t slot)
{
	return slot % pool.shard_count;
}

/* Slots 0 to 999 are the first host's, and so on. */
static uint32_t
host_of(void *opaque, uint32_t slot)
{
	return slot / 1000;
}

static void
open_pool(unsigned int shard_count)
{
	struct fault fault;

	restore = (struct flow_restore){.generation_of = generation_of,
		.owner_of = owner_of,
		.host_of = host_of,
		.host_count = 60};
	CU_ASSERT_EQUAL_FATAL(flow_open(&pool, &arrays, shard_count, false, &restore, &fault), 0);
}

static void
begin(unsigned int shard_count)
{
	arrays.count = COUNT;
	arrays.out = aligned_alloc(64, COUNT * sizeof(struct flow_line));
	arrays.in = aligned_alloc(64, COUNT * sizeof(struct flow_line));
	memset(arrays.out, 0, COUNT * sizeof(struct flow_line));
	memset(arrays.in, 0, COUNT * sizeof(struct flow_line));
	memset(generations, 0, sizeof(generations));
	open_pool(shard_count);
}

static void
end(void)
{
	flow_close(&pool);
	free(arrays.out);
	free(arrays.in);
}

static uint32_t
find(uint32_t slot, unsigned int generation, uint32_t address, uint16_t port)
{
	const struct flow_shard *shard = &pool.shards[owner_of(NULL, slot)];
	uint64_t hash = flow_hash(shard, slot, address, port);
	uint32_t out = flow_find(shard, arrays.out, hash, slot, generation, address, port);

	/* Both directions see the same. */
	CU_ASSERT_EQUAL(flow_find(shard, arrays.in, hash, slot, generation, address, port), out);
	return out;
}

static uint32_t
create(uint32_t slot, unsigned int generation, uint32_t address, uint16_t port,
	uint32_t now_seconds)
{
	return flow_create(&pool, owner_of(NULL, slot), FLOW_HOST_NONE, slot, generation, address,
		port, now_seconds);
}

static void
records_are_found_by_their_whole_key(void)
{
	uint32_t number;

	begin(2);
	number = create(49300, 3, REMOTE, 443, 7);
	CU_ASSERT_NOT_EQUAL(number, FLOW_NONE);
	CU_ASSERT_EQUAL(find(49300, 3, REMOTE, 443), number);
	CU_ASSERT_EQUAL(find(49300, 3, REMOTE, 444), FLOW_NONE);
	CU_ASSERT_EQUAL(find(49300, 3, REMOTE + 1, 443), FLOW_NONE);
	CU_ASSERT_EQUAL(find(49301, 3, REMOTE, 443), FLOW_NONE);
	/* Who had the port before, had these remotes: the next one has not. */
	CU_ASSERT_EQUAL(find(49300, 4, REMOTE, 443), FLOW_NONE);
	CU_ASSERT_EQUAL(arrays.out[number].last_seen_seconds, 7);
	CU_ASSERT_EQUAL(arrays.out[number].shard, owner_of(NULL, 49300));
	CU_ASSERT_TRUE(flow_unlink(&pool, 0, number));
	CU_ASSERT_EQUAL(find(49300, 3, REMOTE, 443), FLOW_NONE);
	CU_ASSERT_FALSE(flow_unlink(&pool, 0, number));
	flow_release(&pool, 0, number);
	end();
}

static void
a_full_shard_refuses_until_a_release(void)
{
	uint32_t last = FLOW_NONE, made = 0, number;

	begin(2);
	while ((number = create(0, 0, REMOTE + made, 443, 0)) != FLOW_NONE) {
		made++;
		last = number;
	}
	CU_ASSERT_EQUAL(made, COUNT / 2);
	CU_ASSERT_EQUAL(pool.shards[0].refused, 1);
	CU_ASSERT_EQUAL(flow_totals(&pool).records, COUNT / 2);
	CU_ASSERT_EQUAL(flow_totals(&pool).records_free, COUNT / 2);
	CU_ASSERT_EQUAL(flow_totals(&pool).refused, 1);
	CU_ASSERT_NOT_EQUAL(create(1, 0, REMOTE, 443, 0), FLOW_NONE); /* the other shard's own */
	CU_ASSERT_TRUE(flow_unlink(&pool, 0, last));
	CU_ASSERT_EQUAL(create(0, 0, REMOTE, 1, 0), FLOW_NONE); /* the grace period */
	flow_release(&pool, 0, last);
	CU_ASSERT_EQUAL(create(0, 0, REMOTE, 1, 0), last);
	end();
}

static void
tear_crc(uint32_t number)
{
	arrays.out[number].key.remote_address ^= 0x100;
	arrays.in[number].key.remote_address ^= 0x100;
}

static void
tear_half(uint32_t number)
{
	memset(&arrays.in[number], 0, sizeof(arrays.in[number]));
}

static void
tear_before_live(uint32_t number)
{
	arrays.out[number].key.live = 0; /* the last byte that creation writes */
}

static void
tear_live(uint32_t number)
{
	arrays.out[number].key.live = arrays.in[number].key.live = 2;
}

static void
take_mapping(uint32_t number)
{
	generations[arrays.out[number].key.slot] = -1;
}

static void
give_mapping_away(uint32_t number)
{
	generations[arrays.out[number].key.slot]++;
}

static void
leave_whole(uint32_t number)
{
}

/* What a dead process may leave: whole records come back, torn and orphaned ones do not. */
static void
a_restart_takes_whole_records(void)
{
	static const struct {
		void (*harm)(uint32_t number);
		uint32_t restored, dropped;
	} rows[] = {
		{leave_whole, 1, 0},
		{tear_crc, 0, 1},
		{tear_half, 0, 1},
		{tear_before_live, 0, 1},
		{tear_live, 0, 1},
		{take_mapping, 0, 1},
		{give_mapping_away, 0, 1},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t number, made = 0;

		begin(1);
		number = create(49300, 0, REMOTE, 443, 0);
		rows[i].harm(number);
		flow_close(&pool);
		open_pool(3); /* another number of workers */
		CU_ASSERT_EQUAL(restore.restored, rows[i].restored);
		CU_ASSERT_EQUAL(restore.dropped, rows[i].dropped);
		CU_ASSERT_EQUAL(find(49300, 0, REMOTE, 443), rows[i].restored ? number : FLOW_NONE);
		if (rows[i].restored)
			CU_ASSERT_EQUAL(arrays.out[number].shard, owner_of(NULL, 49300));
		/* No number is lost. */
		for (uint32_t slot = 0; slot < 3; slot++)
			while (create(slot, 0, REMOTE + made, 1, 0) != FLOW_NONE)
				made++;
		CU_ASSERT_EQUAL(made, COUNT - rows[i].restored);
		end();
	}
}

/* A record that was unlinked and not yet released stands beside its successor. */
static void
a_restart_takes_one_of_two_alike(void)
{
	uint32_t first, second;

	begin(1);
	first = create(49300, 0, REMOTE, 443, 0);
	CU_ASSERT_TRUE(flow_unlink(&pool, 0, first));
	second = create(49300, 0, REMOTE, 443, 5);
	CU_ASSERT_NOT_EQUAL(first, second);
	flow_close(&pool);
	open_pool(1);
	CU_ASSERT_EQUAL(restore.restored, 1);
	CU_ASSERT_EQUAL(restore.dropped, 1);
	CU_ASSERT_EQUAL(pool.shards[0].index.entry_count, 1);
	end();
}

/* Segments as a protocol person writes them: > from inside, < from outside. */
struct segment {
	char direction;
	uint8_t flags;
};

#define SYN     FLOW_TCP_SYN
#define SYN_ACK (FLOW_TCP_SYN | FLOW_TCP_ACK)
#define ACK     FLOW_TCP_ACK
#define FIN     (FLOW_TCP_FIN | FLOW_TCP_ACK)
#define RST     FLOW_TCP_RST
#define RST_ACK (FLOW_TCP_RST | FLOW_TCP_ACK)
#define PSH     (0x08 | FLOW_TCP_ACK)

static void
tcp_states_follow_from_flags(void)
{
	static const struct {
		const char *what;
		bool established; /* 7440 s, else 240 s */
		struct segment segments[10];
	} rows[] = {
		{"SYN alone", false, {{'>', SYN}}},
		{"SYN answered", false, {{'>', SYN}, {'<', SYN_ACK}}},
		{"handshake", true, {{'>', SYN}, {'<', SYN_ACK}, {'>', ACK}}},
		{"handshake from outside", true, {{'<', SYN}, {'>', SYN_ACK}, {'<', ACK}}},
		{"simultaneous open", true,
			{{'>', SYN}, {'<', SYN}, {'>', SYN_ACK}, {'<', SYN_ACK}}},
		{"data", true, {{'>', SYN}, {'<', SYN_ACK}, {'>', PSH}, {'<', PSH}}},
		{"taken over in the middle, one side seen", false, {{'>', PSH}}},
		{"taken over in the middle, both sides seen", true, {{'>', PSH}, {'<', ACK}}},
		{"refused", false, {{'>', SYN}, {'<', RST_ACK}}},
		{"half closed", true, {{'>', SYN}, {'<', SYN_ACK}, {'>', ACK}, {'>', FIN}}},
		{"half closed, data the other way", true,
			{{'>', SYN}, {'<', SYN_ACK}, {'>', FIN}, {'<', PSH}, {'>', ACK}}},
		{"closed", false, {{'>', SYN}, {'<', SYN_ACK}, {'>', FIN}, {'<', FIN}, {'>', ACK}}},
		{"reset from outside", false, {{'>', SYN}, {'<', SYN_ACK}, {'>', ACK}, {'<', RST}}},
		{"reset from inside", false, {{'>', SYN}, {'<', SYN_ACK}, {'>', ACK}, {'>', RST}}},
		{"reset, stragglers", false,
			{{'>', SYN}, {'<', SYN_ACK}, {'>', ACK}, {'<', RST}, {'>', PSH}}},
		{"ports reused after close", true,
			{{'>', SYN}, {'<', SYN_ACK}, {'>', FIN}, {'<', FIN}, {'>', ACK}, {'>', SYN},
				{'<', SYN_ACK}, {'>', ACK}}},
		{"ports reused after close, not yet answered", false,
			{{'>', SYN}, {'<', SYN_ACK}, {'>', FIN}, {'<', FIN}, {'>', ACK},
				{'>', SYN}}},
		{"ports reused after a reset from outside", true,
			{{'>', SYN}, {'<', SYN_ACK}, {'>', ACK}, {'<', RST}, {'>', SYN},
				{'<', SYN_ACK}, {'>', ACK}}},
		{"ports reused after a reset from inside", true,
			{{'>', SYN}, {'<', SYN_ACK}, {'>', ACK}, {'>', RST}, {'>', SYN},
				{'<', SYN_ACK}, {'>', ACK}}},
	};
	const struct flow_timers timers = {
		.tcp_established_seconds = 7440, .tcp_transitory_seconds = 240};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t out = 0, in = 0;
		uint32_t seconds;

		for (const struct segment *at = rows[i].segments; at->direction != 0; at++) {
			uint8_t *seen = at->direction == '>' ? &out : &in;

			*seen = flow_tcp_gather(*seen, at->flags);
		}
		seconds = flow_tcp_idle_seconds(&timers, out, in);
		if (seconds != (rows[i].established ? 7440 : 240)) {
			printf("    %s: %u s\n", rows[i].what, seconds);
			CU_FAIL("a TCP state is wrong");
		}
	}
}

/* As many records as the host gets, to ever new remotes. */
static unsigned int
take_all(uint32_t host)
{
	unsigned int count = 0;

	while (flow_create(&pool, owner_of(NULL, host * 1000), host, host * 1000, 0, REMOTE + count,
		       80, 1000) != FLOW_NONE)
		count++;
	return count;
}

static void
greedy_hosts_leave_room_for_others(void)
{
	begin(1);
	/* Alone, a host gets a ninth: as many as an eighth of what is left. */
	CU_ASSERT_EQUAL(take_all(0), COUNT / 9);
	CU_ASSERT_TRUE(flow_host_is_greedy(&pool, 0, 0));
	CU_ASSERT_EQUAL(create(500, 0, REMOTE, 99, 1000) == FLOW_NONE, false);
	for (uint32_t host = 1; host < 10; host++)
		CU_ASSERT_TRUE(take_all(host) > 0);
	CU_ASSERT_TRUE(pool.shards[0].free_count > COUNT / 4);
	/* Who has none can still begin. */
	for (uint32_t host = 30; host < 34; host++)
		CU_ASSERT_NOT_EQUAL(
			flow_create(&pool, 0, host, host * 1000, 0, REMOTE, 80, 1000), FLOW_NONE);
	CU_ASSERT_EQUAL(flow_create(&pool, 0, 0, 0, 0, REMOTE + 1000, 80, 1000), FLOW_NONE);
	end();
}

static void
shares_come_back_and_survive_a_restart(void)
{
	unsigned int most;

	begin(2);
	most = take_all(0);
	CU_ASSERT_TRUE(most > 0);
	CU_ASSERT_TRUE(flow_unlink(&pool, 0, 0));
	flow_release(&pool, 0, 0);
	CU_ASSERT_EQUAL(take_all(0), 1);
	flow_close(&pool);
	open_pool(2);
	CU_ASSERT_EQUAL(restore.restored, most);
	CU_ASSERT_TRUE(flow_host_is_greedy(&pool, 0, 0));
	CU_ASSERT_EQUAL(take_all(0), 0);
	for (uint32_t number = 0; number < COUNT; number++)
		if (arrays.out[number].key.live != 0) {
			flow_unlink(&pool, 0, number);
			flow_release(&pool, 0, number);
		}
	CU_ASSERT_EQUAL(take_all(0), most);
	end();
}

const struct unit_test unit_tests[] = {
	{"records_are_found_by_their_whole_key", records_are_found_by_their_whole_key},
	{"a_full_shard_refuses_until_a_release", a_full_shard_refuses_until_a_release},
	{"greedy_hosts_leave_room_for_others", greedy_hosts_leave_room_for_others},
	{"shares_come_back_and_survive_a_restart", shares_come_back_and_survive_a_restart},
	{"a_restart_takes_whole_records", a_restart_takes_whole_records},
	{"a_restart_takes_one_of_two_alike", a_restart_takes_one_of_two_alike},
	{"tcp_states_follow_from_flags", tcp_states_follow_from_flags},
	{NULL, NULL},
};
