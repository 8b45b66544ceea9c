/* See nat.h. */
#include "nat/nat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nat/claim_steps.h"

/* Every shard must be able to hold more than its even share of all slots. */
#define SHARD_SLACK_PERCENT 125

const char *
nat_protocol_name(enum nat_protocol protocol)
{
	static const char *const names[] = {"udp", "tcp", "icmp"};

	return protocol < NAT_PROTOCOLS ? names[protocol] : "unknown";
}

const char *
nat_state_name(enum nat_state state)
{
	static const char *const names[] = {
		"free", "claiming", "active", "quarantine", "closing", "blocked"};

	return state < NAT_STATES ? names[state] : "unknown";
}

const char *nat_class_name(enum nat_class class)
{
	return class == NAT_REGISTERED ? "registered" : "ephemeral";
}

/* For all pools that there can ever be: memory is taken when a page is first touched. */
#define LOADS_BYTES ((size_t)NAT_ADDRESSES_MAX * NAT_PROTOCOLS * sizeof(struct nat_load))
#define HOSTS_BYTES ((size_t)NAT_HOSTS_MAX * sizeof(uint32_t))

static int
open_shards(struct nat *nat, uint64_t entries, bool huge)
{
	if (nat->shard_count > 1)
		entries = entries * SHARD_SLACK_PERCENT / 100 / nat->shard_count;
	for (unsigned int i = 0; i < nat->shard_count; i++) {
		int result = tag_index_init(&nat->shards[i].index, (uint32_t)entries, huge);

		if (result != 0)
			return result;
	}
	return 0;
}

static void
free_word(struct nat *nat, uint32_t slot, uint64_t word)
{
	nat->table.words[slot] = (word + 1) & NAT_WORD_GENERATION_MASK;
}

/* Whether the pools as they are now could have made the mapping: an ephemeral one lies on its
 * endpoint's paired address, a static one on an address of its pool. */
static bool
belongs(const struct nat *nat, uint32_t slot, uint64_t word)
{
	uint32_t place = nat_slot_address_index(slot);
	struct nat_pairing pairing;

	if (!nat_pools_pair(nat->pools, nat_word_address(word), &pairing))
		return false;
	return nat_word_class(word) == NAT_REGISTERED
		       ? pairing.pool == nat_pools_of_address(nat->pools, place)
		       : pairing.address_index == place;
}

/* Takes over one word of an earlier process. Nothing was published for CLAIMING, and whoever was
 * to finish CLOSING is gone: both are free now, as is a word that cannot be indexed or contradicts
 * its place. */
static void
restore_word(struct nat *nat, uint32_t slot, struct nat_restored *restored)
{
	uint64_t word = nat->table.words[slot];
	struct tag_index *index;
	unsigned int owner;

	switch (nat_word_state(word)) {
	case NAT_ACTIVE:
	case NAT_QUARANTINE:
		break;
	case NAT_FREE:
		return;
	default:
		free_word(nat, slot, word);
		restored->freed++;
		return;
	}
	if (!belongs(nat, slot, word)) {
		free_word(nat, slot, word);
		restored->discarded++;
		return;
	}
	owner = nat_owner(nat->shard_count, nat_word_address(word), nat_word_port(word));
	index = &nat->shards[owner].index;
	if (nat_word_protocol(word) != nat_slot_protocol(slot) ||
		tag_index_insert(
			index, tag_index_hash(index, word & NAT_WORD_IDENTITY_MASK), slot)) {
		free_word(nat, slot, word);
		restored->freed++;
		return;
	}
	nat->loads[slot >> 16].used++;
	nat_count_host(nat, slot, word, 1);
	restored->kept++;
}

static void
restore(struct nat *nat, struct nat_restored *restored)
{
	const struct nat_pools *pools = nat->pools;

	for (uint32_t place = nat_pools_next_place(pools, 0); place < pools->place_limit;
		place = nat_pools_next_place(pools, place + 1)) {
		uint32_t first = nat_slot(place, NAT_UDP, 0);

		for (uint32_t slot = first; slot < first + NAT_PLACE_SLOTS; slot++)
			restore_word(nat, slot, restored);
	}
}

/* The table reaches as far as the pools do. */
static void
set_reach(struct nat *nat, const struct nat_pools *pools)
{
	nat->table.address_count = pools->place_limit;
	nat->table.slot_count = pools->place_limit * NAT_PLACE_SLOTS;
}

int
nat_open(struct nat *nat, const struct nat_table *table, const struct nat_pools *pools,
	unsigned int shard_count, uint32_t mappings_max, bool huge, struct nat_restored *restored,
	struct fault *fault)
{
	struct nat_restored found = {0};
	struct nat_pools *own;

	memset(nat, 0, sizeof(*nat));
	if (shard_count == 0 || shard_count > NAT_SHARDS_MAX)
		return fault_set(fault, EINVAL, "bad-workers", NULL,
			"Correct the number of workers", "%u workers, but a NAT has 1 to %u",
			shard_count, NAT_SHARDS_MAX);
	nat->table = *table;
	nat->shard_count = shard_count;
	nat->quarantine_seconds = 120;
	for (unsigned int vrf = 0; vrf < NAT_VRFS; vrf++)
		nat->salts[vrf] = h16_salt(vrf);
	if (mappings_max == 0)
		mappings_max = pools->address_count * NAT_PLACE_SLOTS;
	nat->mappings_max = mappings_max;
	own = malloc(sizeof(*own));
	nat->pools = own;
	nat->loads = memory_reserve(LOADS_BYTES, 0);
	nat->host_mappings = memory_reserve(HOSTS_BYTES, 0);
	if (own == NULL || nat->loads == NULL || nat->host_mappings == NULL ||
		open_shards(nat, mappings_max, huge) != 0) {
		nat_close(nat);
		return fault_set(fault, ENOMEM, "no-memory", NULL,
			"Use fewer public addresses, lower limits.mappings, or give the machine "
			"more memory",
			"no memory for the index of %u mappings", mappings_max);
	}
	*own = *pools;
	set_reach(nat, own);
	restore(nat, &found);
	if (restored != NULL)
		*restored = found;
	return 0;
}

void
nat_close(struct nat *nat)
{
	for (unsigned int i = 0; i < nat->shard_count; i++)
		tag_index_free(&nat->shards[i].index);
	memory_release(nat->loads, LOADS_BYTES);
	memory_release(nat->host_mappings, HOSTS_BYTES);
	free((void *)(uintptr_t)nat->pools);
	nat->loads = NULL;
	nat->host_mappings = NULL;
	nat->pools = NULL;
}

struct nat_pools *
nat_exchange_pools(struct nat *nat, struct nat_pools *pools)
{
	const struct nat_pools *former = nat->pools;

	set_reach(nat, pools);
	__atomic_store_n(&nat->pools, pools, __ATOMIC_RELEASE);
	return (struct nat_pools *)(uintptr_t)former;
}

bool
nat_pool_is_empty(const struct nat *nat, const struct nat_pools *pools, const struct nat_pool *pool)
{
	for (uint32_t i = 0; i < pool->address_count; i++) {
		uint32_t table = nat_slot(nat_pool_place(pools, pool, i), NAT_UDP, 0) >> 16;

		for (unsigned int protocol = 0; protocol < NAT_PROTOCOLS; protocol++)
			if (__atomic_load_n(&nat->loads[table + protocol].used, __ATOMIC_ACQUIRE) !=
				0)
				return false;
	}
	return true;
}

uint32_t
nat_find(const struct nat *nat, const struct nat_endpoint *endpoint)
{
	unsigned int owner = nat_owner(nat->shard_count, endpoint->address, endpoint->port);
	const struct tag_index *index = &nat->shards[owner].index;
	uint64_t identity = nat_endpoint_identity(endpoint);
	uint64_t hash = tag_index_hash(index, identity);
	const struct tag_bucket *bucket = tag_index_bucket(index, hash);

	for (; bucket != NULL; bucket = tag_index_next(index, bucket)) {
		uint32_t match = tag_bucket_match(bucket, tag_index_tag(hash));

		for (; match != 0; match &= match - 1) {
			uint32_t slot = tag_bucket_value(bucket, match);

			if ((nat_word_load(&nat->table, slot) & NAT_WORD_IDENTITY_MASK) == identity)
				return slot;
		}
	}
	return NAT_SLOT_NONE;
}

int
nat_slot_generation(const struct nat *nat, uint32_t slot)
{
	uint64_t word;

	if (slot >= nat->table.slot_count)
		return -1;
	word = nat_word_load(&nat->table, slot);
	switch (nat_word_state(word)) {
	case NAT_ACTIVE:
	case NAT_QUARANTINE:
	case NAT_CLOSING:
		return (int)nat_word_generation(word);
	default:
		return -1;
	}
}

unsigned int
nat_slot_h16_index(const struct nat *nat, uint32_t slot, uint64_t word)
{
	const struct h16_salt *salt = &nat->salts[nat_word_vrf(word)];
	struct nat_pairing pairing;

	if (!nat_pools_pair(nat_pools_now(nat), nat_word_address(word), &pairing) ||
		pairing.address_index != nat_slot_address_index(slot))
		return H16_INDEXES;
	for (unsigned int i = 0; i < H16_INDEXES; i++)
		if (h16_candidate(salt, nat_word_address(word), nat_word_port(word), i) ==
			nat_slot_port(slot))
			return i;
	return H16_INDEXES;
}
