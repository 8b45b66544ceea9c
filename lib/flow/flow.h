/* The flow pool of one gateway: shards, look-up, creation, removal.
 *
 * Life cycle. Each worker owns a part of the pool (its shard: free numbers and an index); it alone
 * creates records there, for mappings whose outbound direction it owns. Any worker may look up.
 * Removal: the ager finds a record idle -> the owner unlinks it from the index -> one grace period
 * -> the owner returns its number to the free list. No lock; readers that still hold the number
 * within the grace period see an unchanged key.
 *
 * Shares. One host that opens connections to ever new remotes (a scan, a flood of SYNs) could take
 * all records, and nobody else had any for minutes. So a host may hold at most as many records of a
 * shard as FLOW_HOST_SHARE-th of those that are still free: alone it gets a ninth of the shard, and
 * ten greedy hosts leave almost a third to those that hold few (a dynamic threshold: Choudhury and
 * Hahne, IEEE/ACM Transactions on Networking 6(2), 1998). Against many, flow/age.h helps.
 *
 * Time is an argument, in seconds of the boot clock.
 */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "base/counter.h"
#include "base/fault.h"
#include "base/tag_index.h"
#include "flow/record.h"

#define FLOW_SHARDS_MAX 16
#define FLOW_HOST_SHARE 8
#define FLOW_HOST_NONE  UINT32_MAX /* counts in nobody's share */

struct flow_shard {
	struct tag_index index;
	uint32_t *free_numbers; /* a stack */
	uint32_t free_count;
	uint32_t *host_records; /* how many each host holds here; owner only */
	uint64_t record_count;  /* records in this shard; read as the counters below */

	/* Written by the owner, read by the control thread (base/counter.h). */
	uint64_t created;
	uint64_t refused; /* the shard was full, or the host's share */
} __attribute__((aligned(64)));

struct flow_pool {
	struct flow_arrays arrays;
	unsigned int shard_count;
	uint32_t host_count;
	struct flow_shard shards[FLOW_SHARDS_MAX];
};

/* `generation_of(opaque, slot)` answers the generation of a live mapping or -1, also for slots that
 * do not exist (nat_slot_generation(), nat/nat.h): records of an earlier process whose mapping is
 * gone, whose CRC is wrong or which are there twice are dropped and counted. `owner_of` answers the
 * worker that owns the slot's outbound direction; `host_of` whose share its records count in, a
 * number below `host_count` or FLOW_HOST_NONE. With host_count 0 there are no shares. */
struct flow_restore {
	int (*generation_of)(void *opaque, uint32_t slot);
	unsigned int (*owner_of)(void *opaque, uint32_t slot);
	uint32_t (*host_of)(void *opaque, uint32_t slot);
	uint32_t host_count;
	void *opaque;
	uint32_t restored, dropped; /* out */
};

int flow_open(struct flow_pool *pool, const struct flow_arrays *arrays, unsigned int shard_count,
	bool huge, struct flow_restore *restore, struct fault *fault);
void flow_close(struct flow_pool *pool);

/* Mixes (slot, remote) for the shard's index. */
static inline uint64_t
flow_hash(const struct flow_shard *shard, uint32_t slot, uint32_t remote_address,
	uint16_t remote_port)
{
	uint64_t key = ((uint64_t)remote_address << 32 | slot) ^
		       (uint64_t)remote_port * UINT64_C(0x9e3779b97f4a7c15);

	return tag_index_hash(&shard->index, key);
}

/* Looks up in the shard of the slot's outbound owner. `lines` is the array that the caller's
 * direction owns: pool->arrays.out or .in. `generation` is the mapping's (nat_word_generation()): a
 * record of an endpoint that had the port before is not found, so its remotes get no way in.
 * FLOW_NONE when absent. Any thread. */
static inline uint32_t
flow_find(const struct flow_shard *shard, const struct flow_line *lines, uint64_t hash,
	uint32_t slot, unsigned int generation, uint32_t remote_address, uint16_t remote_port)
{
	const struct tag_bucket *bucket = tag_index_bucket(&shard->index, hash);

	for (; bucket != NULL; bucket = tag_index_next(&shard->index, bucket)) {
		uint32_t match = tag_bucket_match(bucket, tag_index_tag(hash));

		for (; match != 0; match &= match - 1) {
			uint32_t number = tag_bucket_value(bucket, match);
			const struct flow_key *key = &lines[number].key;

			if (key->slot == slot && key->remote_address == remote_address &&
				key->remote_port == remote_port && key->generation == generation)
				return number;
		}
	}
	return FLOW_NONE;
}

/* Makes a record that counts in the share of `host` (or FLOW_HOST_NONE); FLOW_NONE when the shard
 * is full or the host holds its share. Owner only; the caller knows it is absent. */
uint32_t flow_create(struct flow_pool *pool, unsigned int owner, uint32_t host, uint32_t slot,
	unsigned int generation, uint32_t remote_address, uint16_t remote_port,
	uint32_t now_seconds);

/* Whether a host holds all that it may now. Owner only. */
bool flow_host_is_greedy(const struct flow_pool *pool, unsigned int owner, uint32_t host);

/* Takes a record out of its shard's index. Owner only: the worker that the line's `shard` names.
 * The mapping's word does not tell, once the port belongs to another endpoint. */
bool flow_unlink(struct flow_pool *pool, unsigned int owner, uint32_t number);

/* Returns an unlinked record's number, one grace period later. Owner only. */
void flow_release(struct flow_pool *pool, unsigned int owner, uint32_t number);

/* Sums over all shards, for operators. Any thread. */
struct flow_totals {
	uint64_t records, records_free, created, refused;
};

struct flow_totals flow_totals(const struct flow_pool *pool);

#endif
