/* See claim.h. The order of steps is what readers on other cores rely on:
 *
 *   1. claim the word (state CLAIMING): the port is ours, its identity visible;
 *   2. fill the hot records: nobody reads them while the state is CLAIMING;
 *   3. insert into the owner's index: only the owner writes there, so nobody can have come first;
 *   4. release store of ACTIVE: from here inbound packets pass.
 */
#include "nat/claim.h"

#include <errno.h>

static bool
take_quota(struct nat *nat, const struct nat_pairing *pairing, enum nat_class class)
{
	uint16_t *mappings = &nat->host_mappings[pairing->host];
	uint16_t before = __atomic_fetch_add(mappings, 1, __ATOMIC_RELAXED);

	if (before == UINT16_MAX - 256 || (class == NAT_EPHEMERAL &&
		pairing->pool->mappings_per_host != 0 &&
		before >= pairing->pool->mappings_per_host)) {
		__atomic_fetch_sub(mappings, 1, __ATOMIC_RELAXED);
		return false;
	}
	return true;
}

/* Whether a new ephemeral mapping would lift the load above the pool's limit. */
static bool
above_load(const struct nat *nat, const struct nat_pairing *pairing, uint32_t table,
	enum nat_protocol protocol)
{
	uint32_t used = __atomic_load_n(&nat->loads[table].used, __ATOMIC_RELAXED);

	return used >= (uint32_t)(pairing->pool->refuse_load * nat_usable_ports(protocol));
}

static bool
claim_word(struct nat *nat, uint32_t slot, uint64_t identity, enum nat_class class)
{
	uint64_t word = nat_word_load(&nat->table, slot);
	uint64_t claimed;

	if (nat_word_state(word) != NAT_FREE)
		return false;
	claimed = identity | (uint64_t)NAT_CLAIMING << NAT_WORD_STATE_SHIFT |
		(uint64_t)class << NAT_WORD_CLASS_SHIFT | (word & NAT_WORD_GENERATION_MASK);
	return nat_word_swap(&nat->table, slot, &word, claimed);
}

static void
fill_records(struct nat *nat, uint32_t slot, const struct nat_claim *claim, uint32_t now_seconds)
{
	struct nat_hot hot = {
		.remote_address = claim->remote_address,
		.remote_port = claim->remote_port,
		.last_seen_seconds = (uint16_t)now_seconds,
	};

	nat->table.out[slot] = hot;
	nat->table.in[slot] = hot;
}

/* The endpoint has a slot already: an active one, or its own quarantined or closing one, which it
 * takes back. False when the ager has just freed it. */
static bool
reuse(struct nat *nat, struct nat_shard *shard, uint32_t slot, const struct nat_claim *claim,
	uint32_t now_seconds)
{
	uint64_t identity = nat_endpoint_identity(&claim->endpoint);
	uint64_t word = nat_word_load(&nat->table, slot);

	while ((word & NAT_WORD_IDENTITY_MASK) == identity) {
		enum nat_state state = nat_word_state(word);

		if (state == NAT_ACTIVE)
			return true;
		if (state != NAT_QUARANTINE && state != NAT_CLOSING)
			return false;
		/* Safe before the swap: nobody forwards inbound by a slot that is not active. */
		fill_records(nat, slot, claim, now_seconds);
		if (nat_word_swap(&nat->table, slot, &word, nat_word_with_state(word, NAT_ACTIVE))) {
			shard->reclaimed++;
			return true;
		}
	}
	return false;
}

/* Walks the candidates; returns the claimed slot or NAT_SLOT_NONE. `first` is candidate 0, which
 * the caller has computed already. */
static uint32_t
probe(struct nat *nat, struct nat_shard *shard, const struct nat_claim *claim,
	const struct nat_pairing *pairing, uint16_t first)
{
	const struct nat_endpoint *endpoint = &claim->endpoint;
	unsigned int indexes = pairing->pool->mode == NAT_POOL_PURE ? 1 : H16_INDEXES;
	uint64_t identity = nat_endpoint_identity(endpoint);

	for (unsigned int i = 0; i < indexes; i++) {
		uint16_t port = i == 0 ? first
				       : h16_candidate(&nat->salts[endpoint->vrf],
						 endpoint->address, endpoint->port, i);
		uint32_t slot = nat_slot(pairing->address_index, endpoint->protocol, port);

		if (!nat_port_usable(endpoint->protocol, port) ||
			!claim_word(nat, slot, identity, claim->mapping_class))
			continue;
		shard->probe_histogram[i]++;
		return slot;
	}
	return NAT_SLOT_NONE;
}

static enum nat_claim_result
make(struct nat *nat, struct nat_shard *shard, struct nat_claim *claim,
	const struct nat_pairing *pairing, uint16_t first, uint32_t now_seconds)
{
	uint32_t table = nat_slot(pairing->address_index, claim->endpoint.protocol, 0) >> 16;
	uint64_t hash = tag_index_hash(&shard->index, nat_endpoint_identity(&claim->endpoint));
	uint32_t slot;

	if (claim->mapping_class == NAT_EPHEMERAL &&
		above_load(nat, pairing, table, claim->endpoint.protocol)) {
		shard->refused_load++;
		return NAT_REFUSED_LOAD;
	}
	if (!take_quota(nat, pairing, claim->mapping_class)) {
		shard->refused_quota++;
		return NAT_REFUSED_QUOTA;
	}
	slot = probe(nat, shard, claim, pairing, first);
	if (slot == NAT_SLOT_NONE) {
		__atomic_fetch_sub(&nat->host_mappings[pairing->host], 1, __ATOMIC_RELAXED);
		shard->refused_ports++;
		return NAT_REFUSED_PORTS;
	}
	__atomic_fetch_add(&nat->loads[table].used, 1, __ATOMIC_RELAXED);
	fill_records(nat, slot, claim, now_seconds);
	if (tag_index_insert(&shard->index, hash, slot) != 0) {
		nat_release(nat, slot);
		shard->refused_index++;
		return NAT_REFUSED_INDEX;
	}
	__atomic_store_n(&nat->table.words[slot],
		nat_word_with_state(nat->table.words[slot], NAT_ACTIVE), __ATOMIC_RELEASE);
	shard->created++;
	claim->slot = slot;
	return NAT_CLAIMED;
}

static void
claim_one(struct nat *nat, struct nat_claim *claim, const struct nat_pairing *pairing,
	uint16_t first, uint32_t now_seconds)
{
	const struct nat_endpoint *endpoint = &claim->endpoint;
	unsigned int owner = nat_owner(nat->shard_count, endpoint->address, endpoint->port);
	struct nat_shard *shard = &nat->shards[owner];

	claim->slot = nat_find(nat, endpoint);
	if (claim->slot != NAT_SLOT_NONE && reuse(nat, shard, claim->slot, claim, now_seconds))
		claim->result = NAT_CLAIMED;
	else
		claim->result = make(nat, shard, claim, pairing, first, now_seconds);
}

void
nat_claim_burst(struct nat *nat, struct nat_claim *claims, unsigned int count,
	uint32_t now_seconds)
{
	struct nat_pairing pairings[NAT_CLAIM_BURST];
	uint16_t first[NAT_CLAIM_BURST];

	for (unsigned int i = 0; i < count; i++) {
		const struct nat_endpoint *endpoint = &claims[i].endpoint;
		uint32_t slot;

		pairings[i].pool = NULL;
		if (!nat_pools_pair(&nat->pools, endpoint->address, &pairings[i]))
			continue;
		first[i] = h16_candidate(&nat->salts[endpoint->vrf], endpoint->address,
			endpoint->port, 0);
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
			claims[i].result = NAT_REFUSED_POOL;
	}
}

void
nat_claim(struct nat *nat, struct nat_claim *claim, uint32_t now_seconds)
{
	nat_claim_burst(nat, claim, 1, now_seconds);
}

int
nat_reserve(struct nat *nat, const struct nat_endpoint *endpoint, uint32_t public_address,
	uint16_t public_port, uint32_t now_seconds, uint32_t *slot)
{
	const struct nat_claim claim = {.endpoint = *endpoint, .mapping_class = NAT_REGISTERED};
	uint32_t address_index = nat_pools_find_public(&nat->pools, public_address);
	struct nat_pairing pairing;

	if (address_index == UINT32_MAX)
		return -EINVAL;
	*slot = nat_slot(address_index, endpoint->protocol, public_port);
	if (!claim_word(nat, *slot, nat_endpoint_identity(endpoint), NAT_REGISTERED))
		return -EADDRINUSE;
	if (nat_pools_pair(&nat->pools, endpoint->address, &pairing))
		__atomic_fetch_add(&nat->host_mappings[pairing.host], 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&nat->loads[*slot >> 16].used, 1, __ATOMIC_RELAXED);
	fill_records(nat, *slot, &claim, now_seconds);
	return 0;
}

int
nat_publish(struct nat *nat, uint32_t slot)
{
	uint64_t word = nat_word_load(&nat->table, slot);
	struct nat_endpoint endpoint = {nat_word_address(word), nat_word_port(word),
		nat_word_protocol(word), nat_word_vrf(word)};
	unsigned int owner = nat_owner(nat->shard_count, endpoint.address, endpoint.port);
	struct tag_index *index = &nat->shards[owner].index;
	int result = 0;

	if (nat_find(nat, &endpoint) != NAT_SLOT_NONE)
		result = -EEXIST;
	else
		result = tag_index_insert(index,
			tag_index_hash(index, word & NAT_WORD_IDENTITY_MASK), slot);
	if (result != 0) {
		nat_release(nat, slot);
		return result;
	}
	__atomic_store_n(&nat->table.words[slot], nat_word_with_state(word, NAT_ACTIVE),
		__ATOMIC_RELEASE);
	return 0;
}

bool
nat_unlink(struct nat *nat, uint32_t slot)
{
	uint64_t word = nat_word_load(&nat->table, slot);
	unsigned int owner =
		nat_owner(nat->shard_count, nat_word_address(word), nat_word_port(word));
	struct tag_index *index = &nat->shards[owner].index;

	return tag_index_remove(index, tag_index_hash(index, word & NAT_WORD_IDENTITY_MASK), slot);
}

void
nat_release(struct nat *nat, uint32_t slot)
{
	uint64_t word = nat_word_load(&nat->table, slot);
	struct nat_pairing pairing;

	if (nat_pools_pair(&nat->pools, nat_word_address(word), &pairing))
		__atomic_fetch_sub(&nat->host_mappings[pairing.host], 1, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&nat->loads[slot >> 16].used, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&nat->table.words[slot], (word + 1) & NAT_WORD_GENERATION_MASK,
		__ATOMIC_RELEASE);
}

const char *
nat_claim_result_text(enum nat_claim_result result)
{
	static const char *const texts[] = {
		"the mapping exists",
		"the address belongs to no pool",
		"the public address is too loaded for new mappings",
		"the host has used its quota of mappings",
		"all sixteen candidate ports are taken",
		"the outbound index is full",
	};

	return result <= NAT_REFUSED_INDEX ? texts[result] : "unknown";
}
