/* See claim_steps.h and claim.h. */
#include "nat/claim_steps.h"

#include "nat/claim.h"

bool
nat_claim_word(struct nat *nat, uint32_t slot, uint64_t identity, enum nat_class class)
{
	uint64_t word = nat_word_load(&nat->table, slot);
	uint64_t claimed;

	if (nat_word_state(word) != NAT_FREE)
		return false;
	claimed = identity | (uint64_t)NAT_CLAIMING << NAT_WORD_STATE_SHIFT |
		  (uint64_t) class << NAT_WORD_CLASS_SHIFT | (word & NAT_WORD_GENERATION_MASK);
	return nat_word_swap(&nat->table, slot, &word, claimed);
}

void
nat_count_host(struct nat *nat, uint32_t slot, uint64_t word, int change)
{
	const struct nat_pools *pools = nat_pools_now(nat);
	struct nat_pairing pairing;

	if (nat_pools_pair(pools, nat_word_address(word), &pairing) &&
		pairing.pool == nat_pools_of_address(pools, nat_slot_address_index(slot)))
		__atomic_fetch_add(
			&nat->host_mappings[pairing.host], (uint32_t)change, __ATOMIC_RELAXED);
}

/* Field by field and atomic, because operators' commands look at records at any time. */
static void
fill_record(struct nat_hot *hot, const struct nat_claim *claim, uint32_t now_seconds)
{
	__atomic_store_n(&hot->counters, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&hot->remote_address, claim->remote_address, __ATOMIC_RELAXED);
	__atomic_store_n(&hot->remote_port, claim->remote_port, __ATOMIC_RELAXED);
	__atomic_store_n(&hot->last_seen_seconds, (uint16_t)now_seconds, __ATOMIC_RELAXED);
}

void
nat_fill_records(
	struct nat *nat, uint32_t slot, const struct nat_claim *claim, uint32_t now_seconds)
{
	fill_record(&nat->table.out[slot], claim, now_seconds);
	fill_record(&nat->table.in[slot], claim, now_seconds);
}

int
nat_link_and_activate(struct nat *nat, struct nat_shard *shard, uint32_t slot)
{
	uint64_t word = nat_word_load(&nat->table, slot);
	uint64_t hash = tag_index_hash(&shard->index, word & NAT_WORD_IDENTITY_MASK);
	int result = tag_index_insert(&shard->index, hash, slot);

	if (result == 0)
		__atomic_store_n(&nat->table.words[slot], nat_word_with_state(word, NAT_ACTIVE),
			__ATOMIC_RELEASE);
	return result;
}

bool
nat_unlink_closing(struct nat *nat, uint32_t slot)
{
	if (nat_word_state(nat_word_load(&nat->table, slot)) != NAT_CLOSING)
		return false;
	nat_unlink(nat, slot);
	return true;
}

bool
nat_unlink(struct nat *nat, uint32_t slot)
{
	uint64_t word = nat_word_load(&nat->table, slot);
	struct tag_index *index =
		&nat_shard_of(nat, nat_word_address(word), nat_word_port(word))->index;

	return tag_index_remove(index, tag_index_hash(index, word & NAT_WORD_IDENTITY_MASK), slot);
}

void
nat_release(struct nat *nat, uint32_t slot)
{
	uint64_t word = nat_word_load(&nat->table, slot);

	nat_count_host(nat, slot, word, -1);
	__atomic_store_n(
		&nat->table.words[slot], (word + 1) & NAT_WORD_GENERATION_MASK, __ATOMIC_RELEASE);
	/* Last: a pool whose loads are 0 may go, and its memory with it. */
	__atomic_fetch_sub(&nat->loads[slot >> 16].used, 1, __ATOMIC_RELEASE);
}
