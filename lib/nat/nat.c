/* See nat.h. */
#include "nat/nat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

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

static size_t
loads_bytes(const struct nat *nat)
{
	return (nat->table.slot_count >> 16) * sizeof(struct nat_load);
}

static size_t
host_bytes(const struct nat *nat)
{
	return nat->pools.host_count * sizeof(nat->host_mappings[0]);
}

static int
open_shards(struct nat *nat, bool huge)
{
	uint64_t entries = nat->table.slot_count;

	if (nat->shard_count > 1)
		entries = entries * SHARD_SLACK_PERCENT / 100 / nat->shard_count;
	for (unsigned int i = 0; i < nat->shard_count; i++) {
		int result = tag_index_init(&nat->shards[i].index, (uint32_t)entries, huge);

		if (result != 0)
			return result;
	}
	return 0;
}

/* Accounts for a mapping, as nat_claim would have. */
static void
count_word(struct nat *nat, uint32_t slot, uint64_t word)
{
	struct nat_pairing pairing;

	nat->loads[slot >> 16].used++;
	if (nat_pools_pair(&nat->pools, nat_word_address(word), &pairing))
		nat->host_mappings[pairing.host]++;
}

static void
free_word(struct nat *nat, uint32_t slot, uint64_t word)
{
	nat->table.words[slot] = (word + 1) & NAT_WORD_GENERATION_MASK;
}

/* Takes over one word of an earlier process. Nothing was published for CLAIMING, and whoever was
 * to finish CLOSING is gone: both are free now, as is a word that cannot be indexed or contradicts
 * its place. Returns 1 when restored, 0 when not. */
static int
restore_word(struct nat *nat, uint32_t slot, uint32_t *freed)
{
	uint64_t word = nat->table.words[slot];
	struct tag_index *index;
	unsigned int owner;

	switch (nat_word_state(word)) {
	case NAT_ACTIVE:
	case NAT_QUARANTINE:
		break;
	case NAT_FREE:
		return 0;
	default:
		free_word(nat, slot, word);
		(*freed)++;
		return 0;
	}
	owner = nat_owner(nat->shard_count, nat_word_address(word), nat_word_port(word));
	index = &nat->shards[owner].index;
	if (nat_word_protocol(word) != nat_slot_protocol(slot) ||
		tag_index_insert(
			index, tag_index_hash(index, word & NAT_WORD_IDENTITY_MASK), slot)) {
		free_word(nat, slot, word);
		(*freed)++;
		return 0;
	}
	count_word(nat, slot, word);
	return 1;
}

int
nat_open(struct nat *nat, const struct nat_table *table, const struct nat_pools *pools,
	unsigned int shard_count, bool huge, uint32_t *restored, uint32_t *freed,
	struct fault *fault)
{
	uint32_t kept = 0, dropped = 0;

	memset(nat, 0, sizeof(*nat));
	if (shard_count == 0 || shard_count > NAT_SHARDS_MAX)
		return fault_set(fault, EINVAL, "bad-workers", NULL,
			"Correct the number of workers", "%u workers, but a NAT has 1 to %u",
			shard_count, NAT_SHARDS_MAX);
	nat->table = *table;
	nat->pools = *pools;
	nat->shard_count = shard_count;
	nat->quarantine_seconds = 120;
	for (unsigned int vrf = 0; vrf < NAT_VRFS; vrf++)
		nat->salts[vrf] = h16_salt(vrf);
	nat->loads = memory_reserve(loads_bytes(nat), 0);
	nat->host_mappings = memory_reserve(host_bytes(nat), 0);
	if (nat->loads == NULL || nat->host_mappings == NULL || open_shards(nat, huge) != 0) {
		nat_close(nat);
		return fault_set(fault, ENOMEM, "no-memory", NULL,
			"Use fewer public addresses, or give the machine more memory",
			"no memory for the index of %u ports", table->slot_count);
	}
	for (uint32_t slot = 0; slot < table->slot_count; slot++)
		kept += (uint32_t)restore_word(nat, slot, &dropped);
	if (restored != NULL)
		*restored = kept;
	if (freed != NULL)
		*freed = dropped;
	return 0;
}

void
nat_close(struct nat *nat)
{
	for (unsigned int i = 0; i < nat->shard_count; i++)
		tag_index_free(&nat->shards[i].index);
	memory_release(nat->loads, loads_bytes(nat));
	memory_release(nat->host_mappings, host_bytes(nat));
	nat->loads = NULL;
	nat->host_mappings = NULL;
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

	if (!nat_pools_pair(&nat->pools, nat_word_address(word), &pairing) ||
		pairing.address_index != nat_slot_address_index(slot))
		return H16_INDEXES;
	for (unsigned int i = 0; i < H16_INDEXES; i++)
		if (h16_candidate(salt, nat_word_address(word), nat_word_port(word), i) ==
			nat_slot_port(slot))
			return i;
	return H16_INDEXES;
}
