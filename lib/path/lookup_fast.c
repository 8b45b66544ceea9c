/* Stage lookup: the mapping of each packet, and its flow record where one is needed.
 *
 * Each loop over the burst touches what the loop before prefetched, so the cache misses of up to 64
 * packets overlap. A miss is not handled here: the packet keeps NAT_SLOT_NONE (or a slot whose flow
 * is missing) and the slow path is told how many there are.
 *
 * Inbound needs no search for the mapping: the destination port is the slot. */
#include "path/stages.h"

#include <rte_prefetch.h>

static inline void
touch_hot(struct nat_hot *hot, uint32_t bytes, uint32_t now_seconds)
{
	hot->counters += NAT_COUNTER_PACKET + bytes;
	/* A store only when the second changes keeps the line's other words quiet. */
	if (hot->last_seen_seconds != (uint16_t)now_seconds)
		hot->last_seen_seconds = (uint16_t)now_seconds;
}

static inline void
touch_flow(struct flow_line *line, uint32_t bytes, uint8_t tcp_flags, uint32_t now_seconds)
{
	line->counters += NAT_COUNTER_PACKET + bytes;
	if (line->last_seen_seconds != (uint16_t)now_seconds)
		line->last_seen_seconds = (uint16_t)now_seconds;
	line->tcp_flags = flow_tcp_gather(line->tcp_flags, tcp_flags);
}

static inline bool
is_endpoint(uint64_t word, uint64_t identity)
{
	return ((word ^ identity) & NAT_WORD_IDENTITY_MASK) == 0;
}

/* The rest of a look-up whose first candidate was another endpoint's: further tags, then the
 * overflow buckets. */
static __attribute__((noinline)) uint32_t
search_further(const struct nat *nat, const struct tag_index *index, uint64_t hash,
	uint64_t identity, uint64_t *word)
{
	const struct tag_bucket *bucket = tag_index_bucket(index, hash);

	for (; bucket != NULL; bucket = tag_index_next(index, bucket)) {
		uint32_t match = tag_bucket_match(bucket, tag_index_tag(hash));

		for (; match != 0; match &= match - 1) {
			uint32_t slot = tag_bucket_value(bucket, match);

			*word = nat_word_load(&nat->table, slot);
			if (is_endpoint(*word, identity) && nat_word_state(*word) == NAT_ACTIVE)
				return slot;
		}
	}
	return NAT_SLOT_NONE;
}

/* A TCP packet always has a flow record; others only towards a further remote. */
static inline bool
needs_flow(const struct frame *frame, const struct nat_hot *hot, uint32_t remote)
{
	return frame->kind == FRAME_TCP || hot->remote_address != remote;
}

static inline uint16_t
flow_port(const struct frame *frame, uint16_t remote_port)
{
	return frame->kind == FRAME_TCP ? remote_port : 0;
}

/* Finds the flow records of the packets at `places`: prefetches buckets, then lines, then looks at
 * them. A packet whose record is not there becomes a miss; returns how many. */
static unsigned int
find_flows(struct worker *worker, struct path_burst *burst, const uint8_t *places,
	unsigned int count, bool outbound)
{
	struct flow_pool *pool = worker->path->flows;
	struct flow_line *lines = outbound ? pool->arrays.out : pool->arrays.in;
	const struct flow_shard *shards[PATH_BURST];
	unsigned int misses = 0;

	for (unsigned int k = 0; k < count; k++) {
		unsigned int i = places[k];
		const struct frame *frame = &burst->frames[i];
		unsigned int owner = outbound ? worker->number
					      : nat_owner(worker->path->worker_count,
							nat_word_address(burst->words[i]),
							nat_word_port(burst->words[i]));

		shards[k] = &pool->shards[owner];
		burst->hashes[i] = flow_hash(shards[k], burst->slots[i],
			outbound ? frame->destination : frame->source,
			flow_port(frame, outbound ? frame->destination_port : frame->source_port));
		rte_prefetch0(tag_index_bucket(&shards[k]->index, burst->hashes[i]));
	}
	for (unsigned int k = 0; k < count; k++) {
		uint64_t hash = burst->hashes[places[k]];
		const struct tag_bucket *bucket = tag_index_bucket(&shards[k]->index, hash);
		uint32_t match = tag_bucket_match(bucket, tag_index_tag(hash));

		if (match != 0)
			rte_prefetch0(&lines[tag_bucket_value(bucket, match)]);
	}
	for (unsigned int k = 0; k < count; k++) {
		unsigned int i = places[k];
		const struct frame *frame = &burst->frames[i];
		uint32_t number = flow_find(shards[k], lines, burst->hashes[i], burst->slots[i],
			nat_word_generation(burst->words[i]),
			outbound ? frame->destination : frame->source,
			flow_port(frame, outbound ? frame->destination_port : frame->source_port));

		burst->flows[i] = number;
		if (number == FLOW_NONE) {
			burst->slots[i] = NAT_SLOT_NONE;
			misses++;
			continue;
		}
		touch_flow(&lines[number], frame->l3_bytes, frame->tcp_flags, worker->now_seconds);
	}
	return misses;
}

unsigned int
stage_lookup_out(struct worker *worker, struct path_burst *burst)
{
	const struct nat *nat = worker->path->nat;
	const struct tag_index *index = &nat->shards[worker->number].index;
	uint8_t flow_places[PATH_BURST];
	unsigned int count = burst->count, flow_count = 0, misses = 0;

	for (unsigned int i = 0; i < count; i++) {
		const struct frame *frame = &burst->frames[i];

		burst->words[i] = nat_identity(
			0, (enum nat_protocol)frame->kind, frame->source, frame->source_port);
		burst->hashes[i] = tag_index_hash(index, burst->words[i]);
		rte_prefetch0(tag_index_bucket(index, burst->hashes[i]));
	}
	for (unsigned int i = 0; i < count; i++) {
		const struct tag_bucket *bucket = tag_index_bucket(index, burst->hashes[i]);
		uint32_t match = tag_bucket_match(bucket, tag_index_tag(burst->hashes[i]));

		burst->slots[i] = NAT_SLOT_NONE;
		if (likely(match != 0)) {
			burst->slots[i] = tag_bucket_value(bucket, match);
			rte_prefetch0(&nat->table.words[burst->slots[i]]);
			rte_prefetch0(&nat->table.out[burst->slots[i]]);
		}
	}
	for (unsigned int i = 0; i < count; i++) {
		const struct frame *frame = &burst->frames[i];
		uint64_t identity = burst->words[i], word = 0;
		uint32_t slot = burst->slots[i];
		struct nat_hot *hot;

		if (likely(slot != NAT_SLOT_NONE))
			word = nat_word_load(&nat->table, slot);
		if (unlikely(slot == NAT_SLOT_NONE || !is_endpoint(word, identity) ||
			     nat_word_state(word) != NAT_ACTIVE)) {
			slot = search_further(nat, index, burst->hashes[i], identity, &word);
			burst->slots[i] = slot;
			if (slot == NAT_SLOT_NONE) {
				misses++;
				continue;
			}
		}
		burst->words[i] = word;
		burst->flows[i] = FLOW_NONE;
		hot = &nat->table.out[slot];
		touch_hot(hot, frame->l3_bytes, worker->now_seconds);
		if (needs_flow(frame, hot, frame->destination))
			flow_places[flow_count++] = (uint8_t)i;
	}
	if (flow_count != 0)
		misses += find_flows(worker, burst, flow_places, flow_count, true);
	return misses;
}

unsigned int
stage_lookup_in(struct worker *worker, struct path_burst *burst)
{
	const struct nat *nat = worker->path->nat;
	uint8_t flow_places[PATH_BURST];
	unsigned int count = burst->count, flow_count = 0, misses = 0;

	for (unsigned int i = 0; i < count; i++) {
		rte_prefetch0(&nat->table.words[burst->slots[i]]);
		rte_prefetch0(&nat->table.in[burst->slots[i]]);
	}
	for (unsigned int i = 0; i < count; i++) {
		const struct frame *frame = &burst->frames[i];
		uint32_t slot = burst->slots[i];
		uint64_t word = nat_word_load(&nat->table, slot);
		struct nat_hot *hot = &nat->table.in[slot];

		burst->words[i] = word;
		burst->flows[i] = FLOW_NONE;
		if (unlikely(nat_word_state(word) != NAT_ACTIVE)) {
			misses++;
			burst->slots[i] = NAT_SLOT_NONE;
			continue;
		}
		if (needs_flow(frame, hot, frame->source) &&
			(frame->kind == FRAME_TCP || nat_word_class(word) == NAT_EPHEMERAL))
			flow_places[flow_count++] = (uint8_t)i;
		else
			touch_hot(hot, frame->l3_bytes, worker->now_seconds);
	}
	if (flow_count != 0)
		misses += find_flows(worker, burst, flow_places, flow_count, false);
	for (unsigned int k = 0; k < flow_count; k++) {
		unsigned int i = flow_places[k];

		if (burst->flows[i] != FLOW_NONE)
			touch_hot(&nat->table.in[burst->slots[i]], burst->frames[i].l3_bytes,
				worker->now_seconds);
	}
	return misses;
}
