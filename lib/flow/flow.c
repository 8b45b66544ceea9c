/* See flow.h. */
#include "flow/flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A shard must hold more than its even share: endpoints spread by hash, not evenly. */
#define SHARD_SLACK_PERCENT 125

static void
clear_record(struct flow_pool *pool, uint32_t number)
{
	memset(&pool->arrays.out[number], 0, sizeof(struct flow_line));
	memset(&pool->arrays.in[number], 0, sizeof(struct flow_line));
}

/* Takes over a record of an earlier process if it and its mapping are whole. */
static bool
restore_record(struct flow_pool *pool, uint32_t number, const struct flow_restore *restore)
{
	const struct flow_key *key = &pool->arrays.out[number].key;
	struct flow_shard *shard;
	unsigned int owner;

	if (memcmp(key, &pool->arrays.in[number].key, sizeof(*key)) != 0 ||
		key->crc != flow_key_crc(key) ||
		restore->generation_of(restore->opaque, key->slot) != key->generation)
		return false;
	owner = restore->owner_of(restore->opaque, key->slot);
	shard = &pool->shards[owner];
	if (tag_index_insert(&shard->index,
		    flow_hash(shard, key->slot, key->remote_address, key->remote_port), number) != 0)
		return false;
	pool->arrays.out[number].shard = pool->arrays.in[number].shard = (uint8_t)owner;
	shard->record_count++;
	return true;
}

static int
open_shard(struct flow_pool *pool, struct flow_shard *shard, bool huge)
{
	uint64_t entries = pool->arrays.count;

	if (pool->shard_count > 1)
		entries = entries * SHARD_SLACK_PERCENT / 100 / pool->shard_count;
	/* A record freed by another part of the pool may come back here, so each stack can take all. */
	shard->free_numbers = calloc(pool->arrays.count, sizeof(uint32_t));
	if (shard->free_numbers == NULL)
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
	}
	memset(pool->shards, 0, sizeof(pool->shards));
}

uint32_t
flow_create(struct flow_pool *pool, unsigned int owner, uint32_t slot, unsigned int generation,
	uint32_t remote_address, uint16_t remote_port, uint32_t now_seconds)
{
	struct flow_shard *shard = &pool->shards[owner];
	struct flow_line line = {
		.key = {.slot = slot,
			.remote_address = remote_address,
			.remote_port = remote_port,
			.generation = (uint8_t)generation,
			.live = 1},
		.last_seen_seconds = (uint16_t)now_seconds,
		.shard = (uint8_t)owner,
	};
	uint32_t number;

	if (shard->free_count == 0) {
		shard->refused++;
		return FLOW_NONE;
	}
	number = shard->free_numbers[shard->free_count - 1];
	line.key.crc = flow_key_crc(&line.key);
	pool->arrays.out[number] = line;
	pool->arrays.in[number] = line;
	if (tag_index_insert(&shard->index, flow_hash(shard, slot, remote_address, remote_port),
		    number) != 0) {
		clear_record(pool, number);
		shard->refused++;
		return FLOW_NONE;
	}
	shard->free_count--;
	shard->record_count++;
	shard->created++;
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
	shard->record_count--;
}
