/* Static mappings and withheld ports: see claim.h. */
#include <errno.h>

#include "nat/claim_steps.h"

/* Whether the endpoint holds the slot already; it is ACTIVE and REGISTERED then. */
static bool
reserved_already(struct nat *nat, uint32_t slot, uint64_t identity)
{
	uint64_t word = nat_word_load(&nat->table, slot);

	while ((word & NAT_WORD_IDENTITY_MASK) == identity) {
		enum nat_state state = nat_word_state(word);
		uint64_t wanted = nat_word_with_state(word, NAT_ACTIVE) | NAT_WORD_CLASS_MASK;

		if (state != NAT_ACTIVE && state != NAT_QUARANTINE)
			return false;
		if (word == wanted || nat_word_swap(&nat->table, slot, &word, wanted))
			return true;
	}
	return false;
}

int
nat_reserve(struct nat *nat, const struct nat_endpoint *endpoint, uint32_t public_address,
	uint16_t public_port, uint32_t now_seconds, uint32_t *slot)
{
	const struct nat_claim claim = {.endpoint = *endpoint, .mapping_class = NAT_REGISTERED};
	uint32_t address_index = nat_pools_find_public(nat->pools, public_address);
	uint64_t identity = nat_endpoint_identity(endpoint);

	if (address_index == UINT32_MAX)
		return -EINVAL;
	if (nat_pools_of_address(nat->pools, address_index)->state != NAT_POOL_ACTIVE)
		return -ESHUTDOWN;
	*slot = nat_slot(address_index, endpoint->protocol, public_port);
	if (!nat_claim_word(nat, *slot, identity, NAT_REGISTERED))
		return reserved_already(nat, *slot, identity) ? -EALREADY : -EADDRINUSE;
	nat_count_host(nat, *slot, identity, 1);
	__atomic_fetch_add(&nat->loads[*slot >> 16].used, 1, __ATOMIC_RELAXED);
	nat_fill_records(nat, *slot, &claim, now_seconds);
	return 0;
}

int
nat_publish(struct nat *nat, uint32_t slot)
{
	uint64_t word = nat_word_load(&nat->table, slot);
	struct nat_endpoint endpoint = {nat_word_address(word), nat_word_port(word),
		nat_word_protocol(word), nat_word_vrf(word)};
	int result = -EEXIST;

	if (nat_find(nat, &endpoint) == NAT_SLOT_NONE)
		result = nat_link_and_activate(
			nat, nat_shard_of(nat, endpoint.address, endpoint.port), slot);
	if (result != 0)
		nat_release(nat, slot);
	return result;
}

bool
nat_retire(struct nat *nat, uint32_t slot, unsigned int generation)
{
	uint64_t word = nat_word_load(&nat->table, slot);

	while (nat_word_generation(word) == generation &&
		(nat_word_state(word) == NAT_ACTIVE || nat_word_state(word) == NAT_QUARANTINE))
		if (nat_word_swap(&nat->table, slot, &word, nat_word_with_state(word, NAT_CLOSING)))
			return true;
	return false;
}

static int
swap_state(struct nat *nat, enum nat_protocol protocol, uint32_t public_address,
	uint16_t public_port, enum nat_state from, enum nat_state to)
{
	uint32_t address_index = nat_pools_find_public(nat->pools, public_address);
	uint32_t slot;
	uint64_t word;

	if (address_index == UINT32_MAX)
		return -EINVAL;
	slot = nat_slot(address_index, protocol, public_port);
	word = nat_word_load(&nat->table, slot);
	if (nat_word_state(word) != from ||
		!nat_word_swap(&nat->table, slot, &word, nat_word_with_state(word, to)))
		return -EADDRINUSE;
	__atomic_fetch_add(
		&nat->loads[slot >> 16].used, to == NAT_BLOCKED ? 1 : -1, __ATOMIC_RELAXED);
	return 0;
}

int
nat_block(
	struct nat *nat, enum nat_protocol protocol, uint32_t public_address, uint16_t public_port)
{
	return swap_state(nat, protocol, public_address, public_port, NAT_FREE, NAT_BLOCKED);
}

int
nat_unblock(
	struct nat *nat, enum nat_protocol protocol, uint32_t public_address, uint16_t public_port)
{
	return swap_state(nat, protocol, public_address, public_port, NAT_BLOCKED, NAT_FREE);
}
