/* See age.h. */
#include "flow/age.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Slots whose bits are copied and cleared together: one public address and protocol. */
#define BLOCK_SLOTS 65536u
#define BLOCK_WORDS (BLOCK_SLOTS / 64)
#define BLOCK_BYTES (BLOCK_WORDS * sizeof(uint64_t))

static uint32_t
block_count(const struct flow_ager *ager)
{
	return (uint32_t)(((uint64_t)ager->slot_count + BLOCK_SLOTS - 1) / BLOCK_SLOTS);
}

static void
set_live(const struct flow_ager *ager, uint64_t *bitmap, bool *blocks, uint32_t slot)
{
	if (slot >= ager->slot_count)
		return;
	bitmap[slot / 64] |= UINT64_C(1) << slot % 64;
	blocks[slot / BLOCK_SLOTS] = true;
}

static bool
in_use(const struct flow_line *line)
{
	return __atomic_load_n(&line->key.live, __ATOMIC_ACQUIRE) != 0;
}

int
flow_ager_init(struct flow_ager *ager, struct flow_pool *pool, uint32_t slot_count,
	const struct flow_timers *timers, const struct flow_age_ops *ops, void *opaque)
{
	*ager = (struct flow_ager){
		.pool = pool,
		.timers = *timers,
		.ops = ops,
		.opaque = opaque,
		.slot_count = slot_count,
	};
	/* Large, and untouched for the most part: calloc() takes it as it is touched. */
	ager->live_slots = calloc(block_count(ager), BLOCK_BYTES);
	ager->next_live_slots = calloc(block_count(ager), BLOCK_BYTES);
	ager->live_blocks = calloc(block_count(ager), sizeof(bool));
	ager->next_live_blocks = calloc(block_count(ager), sizeof(bool));
	if (ager->live_slots == NULL || ager->next_live_slots == NULL ||
		ager->live_blocks == NULL || ager->next_live_blocks == NULL) {
		flow_ager_free(ager);
		return -ENOMEM;
	}
	for (uint32_t number = 0; number < pool->arrays.count; number++) {
		const struct flow_line *line = &pool->arrays.out[number];

		if (in_use(line) && flow_key_is_tcp(&line->key))
			set_live(ager, ager->live_slots, ager->live_blocks, line->key.slot);
	}
	return 0;
}

void
flow_ager_free(struct flow_ager *ager)
{
	free(ager->live_slots);
	free(ager->next_live_slots);
	free(ager->live_blocks);
	free(ager->next_live_blocks);
	ager->live_slots = ager->next_live_slots = NULL;
	ager->live_blocks = ager->next_live_blocks = NULL;
}

static bool
tcp_idle(const struct flow_ager *ager, uint32_t number, uint32_t now_seconds)
{
	const struct flow_line *out = &ager->pool->arrays.out[number];
	const struct flow_line *in = &ager->pool->arrays.in[number];
	uint32_t limit_seconds = flow_tcp_idle_seconds(&ager->pressed,
		__atomic_load_n(&out->tcp_flags, __ATOMIC_RELAXED),
		__atomic_load_n(&in->tcp_flags, __ATOMIC_RELAXED));

	limit_seconds = stamp_limit_seconds(limit_seconds);
	return stamp_age_seconds(&out->last_seen_seconds, now_seconds) >= limit_seconds &&
	       stamp_age_seconds(&in->last_seen_seconds, now_seconds) >= limit_seconds;
}

static bool
permission_idle(const struct flow_ager *ager, uint32_t number, int protocol, uint32_t now_seconds)
{
	const struct flow_line *out = &ager->pool->arrays.out[number];
	uint32_t limit_seconds =
		protocol == 2 ? ager->timers.icmp_idle_seconds : ager->timers.udp_idle_seconds;

	return stamp_age_seconds(&out->last_seen_seconds, now_seconds) >=
	       stamp_limit_seconds(limit_seconds);
}

/* False when the record is idle but the batch cannot take it now. */
static bool
age_record(struct flow_ager *ager, uint32_t number, uint32_t now_seconds)
{
	const struct flow_key *key = &ager->pool->arrays.out[number].key;
	int protocol = ager->ops->protocol_of(ager->opaque, key->slot, key->generation);
	bool idle;

	if (protocol < 0)
		idle = true;
	else if (flow_key_is_tcp(key))
		idle = tcp_idle(ager, number, now_seconds);
	else
		idle = permission_idle(ager, number, protocol, now_seconds);
	if (!idle) {
		if (flow_key_is_tcp(key))
			set_live(ager, ager->next_live_slots, ager->next_live_blocks, key->slot);
		return true;
	}
	if (ager->phase != FLOW_AGE_COLLECT || ager->batch_count == FLOW_AGE_BATCH)
		return false;
	ager->batch[ager->batch_count++] = number;
	return true;
}

/* Takes the batch as far as its owners are. */
static void
move_batch(struct flow_ager *ager)
{
	const struct flow_age_ops *ops = ager->ops;

	if (ager->phase == FLOW_AGE_UNLINK &&
		ops->unlink(ager->opaque, ager->batch, ager->batch_count))
		ager->phase = FLOW_AGE_UNLINKING;
	if (ager->phase == FLOW_AGE_UNLINKING && ops->unlinked(ager->opaque)) {
		ops->grace_begin(ager->opaque);
		ager->phase = FLOW_AGE_GRACE;
	}
	if (ager->phase == FLOW_AGE_GRACE && ops->grace_over(ager->opaque))
		ager->phase = FLOW_AGE_RELEASE;
	if (ager->phase == FLOW_AGE_RELEASE &&
		ops->release(ager->opaque, ager->batch, ager->batch_count))
		ager->phase = FLOW_AGE_RELEASING;
	if (ager->phase == FLOW_AGE_RELEASING && ops->unlinked(ager->opaque)) {
		ager->expired += ager->batch_count;
		ager->batch_count = 0;
		ager->phase = FLOW_AGE_COLLECT;
	}
}

/* Hands the batch over; whether the ager is free to collect the next. */
static bool
finish_batch(struct flow_ager *ager)
{
	if (ager->phase == FLOW_AGE_COLLECT && ager->batch_count > 0)
		ager->phase = FLOW_AGE_UNLINK;
	move_batch(ager);
	return ager->phase == FLOW_AGE_COLLECT;
}

static void
end_turn(struct flow_ager *ager)
{
	for (uint32_t block = 0; block < block_count(ager); block++) {
		uint64_t *live = ager->live_slots + (size_t)block * BLOCK_WORDS;
		uint64_t *next = ager->next_live_slots + (size_t)block * BLOCK_WORDS;

		if (ager->live_blocks[block] || ager->next_live_blocks[block])
			memcpy(live, next, BLOCK_BYTES);
		if (ager->next_live_blocks[block])
			memset(next, 0, BLOCK_BYTES);
		ager->live_blocks[block] = ager->next_live_blocks[block];
		ager->next_live_blocks[block] = false;
	}
	ager->next_number = 0;
	ager->turns++;
}

/* How long a connection that is not established may be idle now. */
static uint32_t
transitory_seconds(const struct flow_ager *ager)
{
	uint32_t seconds = ager->timers.tcp_transitory_seconds;
	uint64_t count = ager->pool->arrays.count, used = 0, pressed;

	for (unsigned int i = 0; i < ager->pool->shard_count; i++)
		used += counter_read(&ager->pool->shards[i].record_count);
	if (used <= count / 2 || seconds <= FLOW_PRESSED_SECONDS)
		return seconds;
	pressed = used < count ? seconds * (count - used) * 2 / count : 0;
	return pressed > FLOW_PRESSED_SECONDS ? (uint32_t)pressed : FLOW_PRESSED_SECONDS;
}

uint32_t
flow_ager_step(struct flow_ager *ager, uint32_t now_seconds, uint32_t budget)
{
	const uint32_t count = ager->pool->arrays.count;
	uint32_t looked = 0;

	ager->pressed = ager->timers;
	ager->pressed.tcp_transitory_seconds = transitory_seconds(ager);
	move_batch(ager);
	while (looked < budget && looked < count) {
		uint32_t number = ager->next_number;

		/* Owners that answer at once let the walk go on past a full batch. */
		if (in_use(&ager->pool->arrays.out[number]) &&
			!age_record(ager, number, now_seconds) &&
			(!finish_batch(ager) || !age_record(ager, number, now_seconds)))
			break;
		ager->next_number++;
		looked++;
		if (ager->next_number == count) {
			finish_batch(ager);
			end_turn(ager);
		}
	}
	return looked;
}
