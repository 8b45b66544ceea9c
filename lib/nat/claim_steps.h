/* The steps that claiming by traffic (claim.c) and static mappings (reserve.c) share; claim.c tells
 * their order. Internal to lib/nat. Threads: as their callers in claim.h. */
#ifndef NAT_CLAIM_STEPS_H
#define NAT_CLAIM_STEPS_H

#include "nat/claim.h"

static inline struct nat_shard *
nat_shard_of(struct nat *nat, uint32_t address, uint16_t port)
{
	return &nat->shards[nat_owner(nat->shard_count, address, port)];
}

/* FREE -> CLAIMING with the endpoint's identity; false when the port is not free. */
bool nat_claim_word(struct nat *nat, uint32_t slot, uint64_t identity, enum nat_class class);

/* Adds `change` to the count of the host that has the mapping of `word` at `slot`; a static mapping
 * on another pool's address counts for nobody. So a pool whose places are empty has empty counts.
 */
void nat_count_host(struct nat *nat, uint32_t slot, uint64_t word, int change);

/* Begins both hot records anew: counters 0, first remote, last seen now. */
void nat_fill_records(
	struct nat *nat, uint32_t slot, const struct nat_claim *claim, uint32_t now_seconds);

/* Makes a CLAIMING slot the endpoint's mapping: into the index, ACTIVE. Owner only. Returns 0, or
 * -ENOSPC when the index is full. */
int nat_link_and_activate(struct nat *nat, struct nat_shard *shard, uint32_t slot);

#endif
