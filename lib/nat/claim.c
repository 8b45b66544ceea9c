/* Claiming: see claim.h. The order of steps is what readers on other cores rely on:
 *
 *   1. claim the word (state CLAIMING): the port is ours, its identity visible;
 *   2. fill the hot records: nobody reads them while the state is CLAIMING;
 *   3. insert into the owner's index: only the owner writes there, so nobody can have come first;
 *   4. release store of ACTIVE: from here inbound packets pass.
 */
#include "nat/claim.h"

#include "nat/claim_steps.h"

static bool
take_quota(struct nat *nat, const struct nat_pairing *pairing)
{
	uint32_t *mappings = &nat->host_mappings[pairing->host];
	uint32_t quota = pairing->pool->mappings_per_host;
	uint32_t before = __atomic_fetch_add(mappings, 1, __ATOMIC_RELAXED);

	if (quota == 0 || before < quota)
		return true;
	__atomic_fetch_sub(mappings, 1, __ATOMIC_RELAXED);
	return false;
}

/* The endpoint has an active mapping; a registration lifts its class. */
static bool
lift_class(struct nat *nat, uint32_t slot, uint64_t *word, enum nat_class class)
{
	uint64_t lifted = *word | (uint64_t) class << NAT_WORD_CLASS_SHIFT;

	return *word == lifted || nat_word_swap(&nat->table, slot, word, lifted);
}

/* The endpoint has a slot already: an active one, or its own quarantined or closing one, which it
 * takes back, in the class that it asks for now; not in a pool that drains. False when it needs
 * another. */
static bool
reuse(struct nat *nat, struct nat_shard *shard, uint32_t slot, const struct nat_claim *claim,
	bool draining, uint32_t now_seconds)
{
	uint64_t identity = nat_endpoint_identity(&claim->endpoint);
	uint64_t word = nat_word_load(&nat->table, slot);

	while ((word & NAT_WORD_IDENTITY_MASK) == identity) {
		uint64_t active = nat_word_with_state(word & ~NAT_WORD_CLASS_MASK, NAT_ACTIVE) |
				  (uint64_t)claim->mapping_class << NAT_WORD_CLASS_SHIFT;

		switch (nat_word_state(word)) {
		case NAT_ACTIVE:
			if (lift_class(nat, slot, &word, claim->mapping_class))
				return true;
			continue;
		case NAT_CLOSING:
			/* A static mapping that the operator removed must not live on by traffic:
			 * its port may be no candidate of the endpoint's. */
			if (nat_word_class(word) == NAT_REGISTERED) {
				nat_unlink(nat, slot);
				return false;
			}
			break;
		case NAT_QUARANTINE:
			break;
		default:
			return false;
		}
		if (draining)
			return false;
		/* Safe before the swap: nobody forwards inbound by a slot that is not active. */
		nat_fill_records(nat, slot, claim, now_seconds);
		if (nat_word_swap(&nat->table, slot, &word, active)) {
			counter_add(&shard->reclaimed, 1);
			return true;
		}
	}
	return false;
}

/* Walks the candidates; returns the index at which `*slot` was claimed, or H16_INDEXES. `first` is
 * candidate 0, which the caller has computed already. */
static unsigned int
probe(struct nat *nat, const struct nat_claim *claim, const struct nat_pairing *pairing,
	uint16_t first, uint32_t *slot)
{
	const struct nat_endpoint *endpoint = &claim->endpoint;
	const struct h16_salt *salt = &nat->salts[endpoint->vrf];
	unsigned int indexes = pairing->pool->mode == NAT_POOL_PURE ? 1 : H16_INDEXES;
	uint64_t identity = nat_endpoint_identity(endpoint);

	for (unsigned int i = 0; i < indexes; i++) {
		uint16_t port =
			i == 0 ? first : h16_candidate(salt, endpoint->address, endpoint->port, i);

		*slot = nat_slot(pairing->address_index, endpoint->protocol, port);
		if (nat_port_usable(endpoint->protocol, port) &&
			nat_claim_word(nat, *slot, identity, claim->mapping_class))
			return i;
	}
	return H16_INDEXES;
}

static enum nat_claim_result
make(struct nat *nat, struct nat_shard *shard, struct nat_claim *claim,
	const struct nat_pairing *pairing, uint16_t first, uint32_t now_seconds)
{
	uint32_t table = nat_slot(pairing->address_index, claim->endpoint.protocol, 0) >> 16;
	unsigned int index;
	uint32_t slot;

	if (claim->mapping_class == NAT_EPHEMERAL && nat_load_refuses(nat, pairing->pool, table)) {
		counter_add(&shard->refused_load, 1);
		return NAT_REFUSED_LOAD;
	}
	if (!take_quota(nat, pairing)) {
		counter_add(&shard->refused_quota, 1);
		return NAT_REFUSED_QUOTA;
	}
	index = probe(nat, claim, pairing, first, &slot);
	if (index == H16_INDEXES) {
		__atomic_fetch_sub(&nat->host_mappings[pairing->host], 1, __ATOMIC_RELAXED);
		counter_add(&shard->refused_ports, 1);
		return NAT_REFUSED_PORTS;
	}
	__atomic_fetch_add(&nat->loads[table].used, 1, __ATOMIC_RELAXED);
	nat_fill_records(nat, slot, claim, now_seconds);
	if (nat_link_and_activate(nat, shard, slot) != 0) {
		nat_release(nat, slot);
		counter_add(&shard->refused_index, 1);
		return NAT_REFUSED_INDEX;
	}
	counter_add(&shard->created, 1);
	counter_add(&shard->probe_histogram[index], 1);
	claim->slot = slot;
	return NAT_CLAIMED;
}

static void
claim_one(struct nat *nat, struct nat_claim *claim, const struct nat_pairing *pairing,
	uint16_t first, uint32_t now_seconds)
{
	const struct nat_endpoint *endpoint = &claim->endpoint;
	struct nat_shard *shard = nat_shard_of(nat, endpoint->address, endpoint->port);
	bool draining = pairing->pool->state != NAT_POOL_ACTIVE;

	claim->slot = nat_find(nat, endpoint);
	if (claim->slot != NAT_SLOT_NONE &&
		reuse(nat, shard, claim->slot, claim, draining, now_seconds)) {
		claim->result = NAT_CLAIMED;
		return;
	}
	claim->slot = NAT_SLOT_NONE;
	if (draining) {
		claim->result = NAT_REFUSED_DRAIN;
		counter_add(&shard->refused_drain, 1);
		return;
	}
	claim->result = make(nat, shard, claim, pairing, first, now_seconds);
}

static void
refuse_pool(struct nat *nat, struct nat_claim *claim)
{
	const struct nat_endpoint *endpoint = &claim->endpoint;

	claim->slot = NAT_SLOT_NONE;
	claim->result = NAT_REFUSED_POOL;
	counter_add(&nat_shard_of(nat, endpoint->address, endpoint->port)->refused_pool, 1);
}

void
nat_claim_burst(struct nat *nat, struct nat_claim *claims, unsigned int count, uint32_t now_seconds)
{
	const struct nat_pools *pools = nat_pools_now(nat);
	struct nat_pairing pairings[NAT_CLAIM_BURST];
	uint16_t first[NAT_CLAIM_BURST];

	for (unsigned int i = 0; i < count; i++) {
		const struct nat_endpoint *endpoint = &claims[i].endpoint;
		uint32_t slot;

		pairings[i].pool = NULL;
		if (!nat_pools_pair(pools, endpoint->address, &pairings[i]))
			continue;
		first[i] = h16_candidate(
			&nat->salts[endpoint->vrf], endpoint->address, endpoint->port, 0);
		slot = nat_slot(pairings[i].address_index, endpoint->protocol, first[i]);
		__builtin_prefetch(&nat->table.words[slot], 1);
		__builtin_prefetch(&nat->table.out[slot], 1);
		__builtin_prefetch(&nat->table.in[slot], 1);
		__builtin_prefetch(&nat->host_mappings[pairings[i].host], 1);
	}
	for (unsigned int i = 0; i < count; i++) {
		if (pairings[i].pool != NULL)
			claim_one(nat, &claims[i], &pairings[i], first[i], now_seconds);
		else
			refuse_pool(nat, &claims[i]);
	}
}

void
nat_claim(struct nat *nat, struct nat_claim *claim, uint32_t now_seconds)
{
	nat_claim_burst(nat, claim, 1, now_seconds);
}

const char *
nat_claim_result_text(enum nat_claim_result result)
{
	static const char *const texts[] = {
		"the mapping exists",
		"the address belongs to no pool",
		"the public address is too loaded for new mappings",
		"the host has used its quota of mappings",
		"none of the candidate ports is free",
		"the outbound index is full",
		"the pool is being drained and makes no new mappings",
	};

	return result <= NAT_REFUSED_DRAIN ? texts[result] : "unknown";
}
