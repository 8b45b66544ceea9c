/* Making a mapping: finding the port, claiming it, publishing it.
 *
 * The port is the candidate of least index that is usable and free (h16/h16.h). One compare-and-swap
 * claims it, so creation needs no lock and any worker gets the same answer. The search is bounded by
 * H16_INDEXES probes; a refusal has a reason and is counted.
 *
 * Threads: nat_claim() and nat_claim_burst() on the worker that owns the endpoint (nat_owner());
 * the control thread before the workers start. No system call, no allocation, no lock.
 */
#ifndef NAT_CLAIM_H
#define NAT_CLAIM_H

#include "nat/nat.h"

enum nat_claim_result {
	NAT_CLAIMED,       /* a new mapping, or one that was there already */
	NAT_REFUSED_POOL,  /* the address belongs to no pool */
	NAT_REFUSED_LOAD,  /* the address's load is above the pool's refuse_load */
	NAT_REFUSED_QUOTA, /* the host has its quota of mappings */
	NAT_REFUSED_PORTS, /* none of the candidates is free */
	NAT_REFUSED_INDEX, /* the outbound index is full */
};

struct nat_claim {
	struct nat_endpoint endpoint;
	enum nat_class mapping_class;
	uint32_t remote_address; /* first remote, host order; 0 for a reservation */
	uint16_t remote_port;
	enum nat_claim_result result; /* out */
	uint32_t slot;                /* out: the mapping, when NAT_CLAIMED */
};

/* Finds or makes the mapping of one endpoint. */
void nat_claim(struct nat *nat, struct nat_claim *claim, uint32_t now_seconds);

/* The same for up to NAT_CLAIM_BURST endpoints: first hashes all and prefetches their words, then
 * claims, so that the cache misses overlap. */
#define NAT_CLAIM_BURST 64
void nat_claim_burst(struct nat *nat, struct nat_claim *claims, unsigned int count,
	uint32_t now_seconds);

/* Reserves a given public port for an endpoint (a static port forward or a withheld port). Control
 * thread: the word is left CLAIMING and must be linked by the owner with nat_publish(). Returns 0,
 * -EADDRINUSE when another endpoint holds it, -EINVAL when the address is no pool's. */
int nat_reserve(struct nat *nat, const struct nat_endpoint *endpoint, uint32_t public_address,
	uint16_t public_port, uint32_t now_seconds, uint32_t *slot);

/* Puts a claimed slot into the owner's index and makes it ACTIVE. Owner only. Returns 0; -EEXIST when
 * the endpoint has another mapping, -ENOSPC when the index is full: the claim is freed then. */
int nat_publish(struct nat *nat, uint32_t slot);

/* Takes a slot out of the owner's index. Owner only. Returns whether it was there. */
bool nat_unlink(struct nat *nat, uint32_t slot);

/* Gives a slot back: state FREE, generation + 1, counters adjusted. The slot must be out of the
 * index and unseen by readers (a grace period after nat_unlink), in state CLAIMING or CLOSING. */
void nat_release(struct nat *nat, uint32_t slot);

const char *nat_claim_result_text(enum nat_claim_result result);

#endif
