/* See explain.h. */
#include "nat/explain.h"

#include <string.h>

static enum nat_explain_reason
reason_of(uint64_t word, uint64_t identity)
{
	switch (nat_word_state(word)) {
	case NAT_FREE:
		return NAT_EXPLAIN_FREE;
	case NAT_BLOCKED:
		return NAT_EXPLAIN_BLOCKED;
	default:
		break;
	}
	if ((word & NAT_WORD_IDENTITY_MASK) == identity)
		return NAT_EXPLAIN_OWN;
	return nat_word_state(word) == NAT_QUARANTINE ? NAT_EXPLAIN_QUARANTINE : NAT_EXPLAIN_HELD;
}

static void
explain_candidate(const struct nat *nat, const struct nat_endpoint *endpoint,
	const struct nat_pairing *pairing, unsigned int index, uint32_t now_seconds,
	struct nat_explain_candidate *candidate)
{
	uint32_t slot;

	candidate->port =
		h16_candidate(&nat->salts[endpoint->vrf], endpoint->address, endpoint->port, index);
	candidate->looked_at = index == 0 || pairing->pool->mode != NAT_POOL_PURE;
	slot = nat_slot(pairing->address_index, endpoint->protocol, candidate->port);
	candidate->word = nat_word_load(&nat->table, slot);
	candidate->reason = reason_of(candidate->word, nat_endpoint_identity(endpoint));
	if (candidate->reason == NAT_EXPLAIN_FREE &&
		!nat_port_usable(endpoint->protocol, candidate->port))
		candidate->reason = NAT_EXPLAIN_BELOW_1024;
	if (candidate->reason == NAT_EXPLAIN_QUARANTINE)
		candidate->quarantine_seconds =
			nat_hot_age_seconds(&nat->table.in[slot], now_seconds);
}

/* What nat_claim() would answer, in its order. */
static enum nat_claim_result
decide(const struct nat_explain_forward *explained)
{
	if (explained->slot != NAT_SLOT_NONE)
		return NAT_CLAIMED;
	if (explained->pairing.pool->state != NAT_POOL_ACTIVE)
		return NAT_REFUSED_DRAIN;
	if (explained->load_refuses)
		return NAT_REFUSED_LOAD;
	if (explained->quota_refuses)
		return NAT_REFUSED_QUOTA;
	return explained->chosen < H16_INDEXES ? NAT_CLAIMED : NAT_REFUSED_PORTS;
}

void
nat_explain_forward(const struct nat *nat, const struct nat_endpoint *endpoint,
	uint32_t now_seconds, struct nat_explain_forward *explained)
{
	struct nat_pairing *pairing = &explained->pairing;
	uint32_t table;

	memset(explained, 0, sizeof(*explained));
	explained->result = NAT_REFUSED_POOL;
	explained->slot = nat_find(nat, endpoint);
	explained->chosen = H16_INDEXES;
	explained->paired = nat_pools_pair(nat->pools, endpoint->address, pairing);
	if (!explained->paired)
		return;
	table = nat_slot(pairing->address_index, endpoint->protocol, 0) >> 16;
	explained->public_address = nat->pools->addresses[pairing->address_index];
	explained->used = __atomic_load_n(&nat->loads[table].used, __ATOMIC_RELAXED);
	explained->usable = nat_usable_ports(endpoint->protocol);
	explained->load_refuses = nat_load_refuses(nat, pairing->pool, table);
	explained->host_mappings =
		__atomic_load_n(&nat->host_mappings[pairing->host], __ATOMIC_RELAXED);
	explained->quota_refuses = pairing->pool->mappings_per_host != 0 &&
				   explained->host_mappings >= pairing->pool->mappings_per_host;
	for (unsigned int i = 0; i < H16_INDEXES; i++) {
		struct nat_explain_candidate *candidate = &explained->candidates[i];

		explain_candidate(nat, endpoint, pairing, i, now_seconds, candidate);
		if (explained->chosen == H16_INDEXES && explained->slot == NAT_SLOT_NONE &&
			candidate->looked_at && candidate->reason == NAT_EXPLAIN_FREE)
			explained->chosen = i;
	}
	if (explained->slot != NAT_SLOT_NONE)
		explained->chosen = nat_slot_h16_index(
			nat, explained->slot, nat_word_load(&nat->table, explained->slot));
	explained->result = decide(explained);
}

/* The hosts whose position * addresses / hosts is this address, the pool's number `address`: from
 * ceil(a * h / n) on. */
static void
paired_hosts(const struct nat_pool *pool, uint64_t address, struct nat_explain_reverse *explained)
{
	uint64_t hosts = pool->host_count, addresses = pool->address_count;
	uint32_t first = (uint32_t)((address * hosts + addresses - 1) / addresses);
	uint32_t beyond = (uint32_t)(((address + 1) * hosts + addresses - 1) / addresses);

	explained->host_first = pool->first_host + first;
	explained->host_count = beyond - first;
}

/* All ports of one host at one index. False when the rows are full. */
static bool
try_host(const struct nat *nat, uint32_t address, unsigned int index,
	struct nat_explain_reverse *explained)
{
	const uint16_t public_port = nat_slot_port(explained->slot);
	const bool in_use = nat_word_state(explained->word) != NAT_FREE &&
			    nat_word_state(explained->word) != NAT_BLOCKED;

	for (uint32_t port = 0; port < NAT_PORTS; port++) {
		struct nat_explain_endpoint *row;

		if (h16_candidate(&nat->salts[0], address, (uint16_t)port, index) != public_port)
			continue;
		if (explained->endpoint_count == NAT_EXPLAIN_ENDPOINTS)
			return false;
		row = &explained->endpoints[explained->endpoint_count++];
		row->address = address;
		row->port = (uint16_t)port;
		row->index = (uint8_t)index;
		row->holds = in_use && (explained->word & NAT_WORD_IDENTITY_MASK) ==
					       nat_identity(0, nat_slot_protocol(explained->slot),
						       address, (uint16_t)port);
	}
	return true;
}

static void
try_all(const struct nat *nat, struct nat_explain_reverse *explained)
{
	uint64_t trials = 0;

	for (unsigned int index = 0; index < H16_INDEXES; index++) {
		if (explained->pool->mode == NAT_POOL_PURE && index > 0)
			return;
		for (uint32_t i = 0; i < explained->host_count; i++) {
			uint32_t address =
				nat_pools_host_address(nat->pools, explained->host_first + i);

			trials += NAT_PORTS;
			if (trials > NAT_EXPLAIN_TRIALS ||
				!try_host(nat, address, index, explained)) {
				explained->cut = true;
				return;
			}
		}
	}
}

void
nat_explain_reverse(const struct nat *nat, enum nat_protocol protocol, uint32_t public_address,
	uint16_t public_port, uint32_t only_host, struct nat_explain_reverse *explained)
{
	uint32_t address_index = nat_pools_find_public(nat->pools, public_address);
	struct nat_pairing pairing;

	memset(explained, 0, sizeof(*explained));
	explained->slot = NAT_SLOT_NONE;
	if (address_index == UINT32_MAX)
		return;
	explained->slot = nat_slot(address_index, protocol, public_port);
	explained->pool = nat_pools_of_address(nat->pools, address_index);
	explained->word = nat_word_load(&nat->table, explained->slot);
	explained->index = nat_slot_h16_index(nat, explained->slot, explained->word);
	paired_hosts(explained->pool,
		nat_pools_public_number(nat->pools, public_address) - explained->pool->first_public,
		explained);
	if (only_host != 0) {
		if (!nat_pools_pair(nat->pools, only_host, &pairing) ||
			pairing.address_index != address_index)
			return;
		explained->host_first = pairing.host;
		explained->host_count = 1;
	}
	if (nat_port_usable(protocol, public_port))
		try_all(nat, explained);
}

const char *
nat_explain_reason_text(enum nat_explain_reason reason)
{
	static const char *const texts[] = {
		"free",
		"the endpoint's own",
		"below 1024",
		"held",
		"in quarantine",
		"blocked",
	};

	return reason <= NAT_EXPLAIN_BLOCKED ? texts[reason] : "unknown";
}
