/* See flow.h. */
#include "flow/flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A shard must hold more than its even share: endpoints spread by hash, not evenly. */
#define SHARD_SLACK_PERCENT 125

/* The ager, which walks all numbers, trusts an out line whose `live` it has seen: so that is the
 * last byte written, and the first to go. */
static void
set_live(struct flow_line *line, uint8_t live)
{
	__atomic_store_n(&line->key.live, live, __ATOMIC_RELEASE);
}

static void
clear_record(struct flow_pool *pool, uint32_t number)
{
	set_live(&pool->arrays.out[number], 0);
	set_live(&pool->arrays.in[number], 0);
}

/* One record more or less (-1) for the host of a record. */
static void
count_host(struct flow_pool *pool, unsigned int owner, uint32_t number, int change)
{
	uint32_t host = pool->arrays.out[number].host;

	if (host < pool->host_count)
		pool->shards[owner].host_records[host] += (uint32_t)change;
}

/* Takes over a record of an earlier process if it and its mapping are whole. A record that was
 * unlinked but not yet released when the process died may stand beside its successor: the index
 * takes one of them. */
static bool
restore_record(struct flow_pool *pool, uint32_t number, const struct flow_restore *restore)
{
	const struct flow_key *key = &pool->arrays.out[number].key;
	struct flow_shard *shard;
	unsigned int owner;
	uint64_t hash;

	if (memcmp(key, &pool->arrays.in[number].key, sizeof(*key)) != 0 || key->live != 1 ||
		key->crc != flow_key_crc(key) ||
		restore->generation_of(restore->opaque, key->slot) != key->generation)
		return false;
	owner = restore->owner_of(restore->opaque, key->slot);
	shard = &pool->shards[owner];
	hash = flow_hash(shard, key->slot, key->remote_address, key->remote_port);
	if (flow_find(shard, pool->arrays.out, hash, key->slot, key->generation,
		    key->remote_address, key->remote_port) != FLOW_NONE ||
		tag_index_insert(&shard->index, hash, number) != 0)
		return false;
	pool->arrays.out[number].shard = pool->arrays.in[number].shard = (uint8_t)owner;
	pool->arrays.out[number].host = pool->host_count != 0
						? restore->host_of(restore->opaque, key->slot)
						: FLOW_HOST_NONE;
	count_host(pool, owner, number, 1);
	shard->record_count++;
	return true;
}

/* At least something: nothing cannot be reserved. */
static size_t
host_bytes(const struct flow_pool *pool)
{
	return ((size_t)pool->host_count + 1) * sizeof(uint32_t);
}

static int
open_shard(struct flow_pool *pool, struct flow_shard *shard, bool huge)
{
	uint64_t entries = pool->arrays.count;

	if (pool->shard_count > 1)
		entries = entries * SHARD_SLACK_PERCENT / 100 / pool->shard_count;
	/* A record freed by another part of the pool may come back here, so each stack can take
	 * all. */
	shard->free_numbers = calloc(pool->arrays.count, sizeof(uint32_t));
	shard->host_records = memory_reserve(host_bytes(pool), 0);
	if (shard->free_numbers == NULL || shard->host_records == NULL)
		return -ENOMEM;
	return tag_index_init(&shard->index, (uint32_t)entries, huge);
}

int
flow_open(struct flow_pool *pool, const struct flow_arrays *arrays, unsigned int shard_count,
	bool huge, struct flow_restore *restore, struct fault *fault)
{
	memset(pool, 0, sizeof(*pool));
	pool->arrays = *arrays;
	pool->shard_count = shard_count;
	pool->host_count = restore->host_count;
	for (unsigned int i = 0; i < shard_count; i++) {
		if (open_shard(pool, &pool->shards[i], huge) == 0)
			continue;
		flow_close(pool);
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Lower limits.flows",
			"no memory for the index of %u flow records", arrays->count);
	}
	restore->restored = restore->dropped = 0;
	/* From the highest number down, so that the stacks give the lowest first. */
	for (uint32_t number = arrays->count; number-- > 0;) {
		struct flow_shard *shard = &pool->shards[number % shard_count];

		if (arrays->out[number].key.live != 0 || arrays->in[number].key.live != 0) {
			if (restore_record(pool, number, restore)) {
				restore->restored++;
				continue;
			}
			restore->dropped++;
			clear_record(pool, number);
		}
		shard->free_numbers[shard->free_count++] = number;
	}
	return 0;
}

void
flow_close(struct flow_pool *pool)
{
	for (unsigned int i = 0; i < pool->shard_count; i++) {
		tag_index_free(&pool->shards[i].index);
		free(pool->shards[i].free_numbers);
		memory_release(pool->shards[i].host_records, host_bytes(pool));
	}
	memset(pool->shards, 0, sizeof(pool->shards));
}

/* All but `live`. */
static void
fill_line(struct flow_line *line, const struct flow_key *key, unsigned int owner, uint32_t host,
	uint32_t now_seconds)
{
	line->key.slot = key->slot;
	line->key.remote_address = key->remote_address;
	line->key.remote_port = key->remote_port;
	line->key.generation = key->generation;
	line->key.crc = flow_key_crc(key);
	line->counters = 0;
	line->last_seen_seconds = (uint16_t)now_seconds;
	line->tcp_flags = 0;
	line->shard = (uint8_t)owner;
	line->host = host;
	memset(line->reserved_for_keys, 0, sizeof(line->reserved_for_keys));
}

bool
flow_host_is_greedy(const struct flow_pool *pool, unsigned int owner, uint32_t host)
{
	const struct flow_shard *shard = &pool->shards[owner];

	return host < pool->host_count &&
	       shard->host_records[host] >= shard->free_count / FLOW_HOST_SHARE;
}

uint32_t
flow_create(struct flow_pool *pool, unsigned int owner, uint32_t host, uint32_t slot,
	unsigned int generation, uint32_t remote_address, uint16_t remote_port,
	uint32_t now_seconds)
{
	struct flow_shard *shard = &pool->shards[owner];
	struct flow_key key = {
		.slot = slot,
		.remote_address = remote_address,
		.remote_port = remote_port,
		.generation = (uint8_t)generation,
		.live = 1,
	};
	uint64_t hash = flow_hash(shard, slot, remote_address, remote_port);
	uint32_t number;

	if (shard->free_count == 0 || flow_host_is_greedy(pool, owner, host)) {
		counter_add(&shard->refused, 1);
		return FLOW_NONE;
	}
	number = shard->free_numbers[shard->free_count - 1];
	fill_line(&pool->arrays.in[number], &key, owner, host, now_seconds);
	fill_line(&pool->arrays.out[number], &key, owner, host, now_seconds);
	if (tag_index_insert(&shard->index, hash, number) != 0) {
		counter_add(&shard->refused, 1);
		return FLOW_NONE;
	}
	set_live(&pool->arrays.in[number], 1);
	set_live(&pool->arrays.out[number], 1);
	shard->free_count--;
	count_host(pool, owner, number, 1);
	counter_add(&shard->record_count, 1);
	counter_add(&shard->created, 1);
	return number;
}

bool
flow_unlink(struct flow_pool *pool, unsigned int owner, uint32_t number)
{
	struct flow_shard *shard = &pool->shards[owner];
	const struct flow_key *key = &pool->arrays.out[number].key;

	return tag_index_remove(&shard->index,
		flow_hash(shard, key->slot, key->remote_address, key->remote_port), number);
}

void
flow_release(struct flow_pool *pool, unsigned int owner, uint32_t number)
{
	struct flow_shard *shard = &pool->shards[owner];

	clear_record(pool, number);
	shard->free_numbers[shard->free_count++] = number;
	count_host(pool, owner, number, -1);
	counter_add(&shard->record_count, UINT64_MAX); /* one less */
}

struct flow_totals
flow_totals(const struct flow_pool *pool)
{
	struct flow_totals totals = {0};

	for (unsigned int i = 0; i < pool->shard_count; i++) {
		totals.records += counter_read(&pool->shards[i].record_count);
		totals.created += counter_read(&pool->shards[i].created);
		totals.refused += counter_read(&pool->shards[i].refused);
	}
	totals.records_free = pool->arrays.count - totals.records;
	return totals;
}
