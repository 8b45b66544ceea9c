/* A NAT over ordinary memory for unit tests: one pool, limits lifted unless the test sets them. */
#ifndef NAT_FIXTURE_H
#define NAT_FIXTURE_H

#include "nat/claim.h"
#include "nat/nat.h"

struct nat_fixture {
	struct nat_pools pools;
	struct nat_table table;
	struct nat nat;
	size_t table_bytes;
};

/* The pool: private and public prefix as text, no quota, no load limit. */
void nat_fixture_pool(
	struct nat_fixture *fixture, const char *private_prefix, const char *public_prefix);

/* Table and NAT for fixture->pools. Ends the test program when there is no memory. */
void nat_fixture_open(struct nat_fixture *fixture, unsigned int shard_count);

/* The pool as the open NAT has it: a test changes its limits between two commands, not beside
 * threads. */
struct nat_pool *nat_fixture_live_pool(struct nat_fixture *fixture);

/* Builds the NAT again over the same table, as a restarted gateway does. */
void nat_fixture_reopen(
	struct nat_fixture *fixture, unsigned int shard_count, uint32_t *restored, uint32_t *freed);
void nat_fixture_close(struct nat_fixture *fixture);

/* Claims for one endpoint; the slot, or NAT_SLOT_NONE with the reason in `result` (may be NULL). */
uint32_t nat_fixture_claim(struct nat_fixture *fixture, enum nat_protocol protocol,
	uint32_t address, uint16_t port, uint32_t now_seconds, enum nat_claim_result *result);

/* Frees a slot as the ager, its owner and a grace period would. */
void nat_fixture_free(struct nat_fixture *fixture, uint32_t slot);

enum nat_state nat_fixture_state(const struct nat_fixture *fixture, uint32_t slot);

/* Sums over all addresses, protocols and hosts; both 0 when nothing has leaked. */
uint64_t nat_fixture_used(const struct nat_fixture *fixture);
uint64_t nat_fixture_host_mappings(const struct nat_fixture *fixture);

/* Entries in all shards' indexes. */
uint64_t nat_fixture_indexed(const struct nat_fixture *fixture);

/* Candidate `index` in vrf 0. */
uint16_t fixture_candidate(uint32_t address, uint16_t port, unsigned int index);

/* The first private port from `from` on whose candidate 0 is usable, or not. */
uint16_t fixture_port(uint32_t address, uint16_t from, bool usable);

/* Reproducible random numbers: xorshift64*. */
static inline uint64_t
fixture_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

#endif
