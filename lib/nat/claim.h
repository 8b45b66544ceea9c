/* Making a mapping: finding the port, claiming it, publishing it.
 *
 * The port is the candidate of least index that is usable and free (h16/h16.h). One
 * compare-and-swap claims it, so creation needs no lock and any worker gets the same answer. The
 * search is bounded by H16_INDEXES probes; a refusal has a reason and is counted.
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
	NAT_REFUSED_DRAIN, /* the pool is about to go and makes no new mappings */
};

struct nat_claim {
	struct nat_endpoint endpoint;
	enum nat_class mapping_class;
	uint32_t remote_address; /* first remote, host order; 0 for a reservation */
	uint16_t remote_port;
	enum nat_claim_result result; /* out */
	uint32_t slot;                /* out: the mapping; NAT_SLOT_NONE unless NAT_CLAIMED */
};

/* Finds or makes the mapping of one endpoint. A REGISTERED claim finds an ephemeral mapping too and
 * makes it registered, at the same port. In a pool that drains only an active mapping is found.
 * Both classes count against the host's quota; the load limit is for ephemeral ones. */
void nat_claim(struct nat *nat, struct nat_claim *claim, uint32_t now_seconds);

/* The same for up to NAT_CLAIM_BURST endpoints: first hashes all and prefetches their words, then
 * claims, so that the cache misses overlap. */
#define NAT_CLAIM_BURST 64
void nat_claim_burst(
	struct nat *nat, struct nat_claim *claims, unsigned int count, uint32_t now_seconds);

/* Static mappings. The control thread makes one, in a gateway at work, in three steps:
 *
 *   1. control: nat_reserve(): the word is CLAIMING, nobody else can have the port
 *   2. owner:   nat_publish(): into its index, ACTIVE; the answer goes back to control
 *   3. control: on -EEXIST and -ENOSPC the reservation is gone already; tell the operator
 *
 * and removes one in three:
 *
 *   1. owner:   nat_retire(): ACTIVE -> CLOSING, inbound packets pass no more; and
 *               nat_unlink_closing(): out of its index
 *   2. control: a grace period: no worker holds the slot's number any more
 *   3. control: nat_release(): FREE
 *
 * An endpoint that sends after 1 gets a fresh mapping; it never takes a removed static one back. */

/* Reserves a given public port for an endpoint; ports below NAT_PORT_LOWEST too. Control thread.
 * 0: the word is left CLAIMING, to be linked by the owner with nat_publish(). -EALREADY: this
 * endpoint holds this port (it survived a restart, or is its ephemeral mapping); it is ACTIVE and
 * REGISTERED now and nothing is left to do. -EADDRINUSE: another endpoint holds it, or it is
 * blocked or about to be freed. -ESHUTDOWN: its pool is being drained. -EINVAL: the public address
 * is no pool's. `*slot` is set unless -EINVAL. */
int nat_reserve(struct nat *nat, const struct nat_endpoint *endpoint, uint32_t public_address,
	uint16_t public_port, uint32_t now_seconds, uint32_t *slot);

/* Puts a claimed slot into the owner's index and makes it ACTIVE. Owner only. Returns 0; -EEXIST
 * when the endpoint has another mapping, -ENOSPC when the index is full: the claim is freed then.
 */
int nat_publish(struct nat *nat, uint32_t slot);

/* Begins the end of the mapping of that generation, if it is ACTIVE or QUARANTINE: state CLOSING.
 * Returns whether it was. Owner, or control thread. */
bool nat_retire(struct nat *nat, uint32_t slot, unsigned int generation);

/* Takes a slot that is still CLOSING out of the owner's index; one whose endpoint came back
 * meanwhile is left alone. Owner only: it alone brings endpoints back, so its answer stays true.
 * Returns whether it is out now. */
bool nat_unlink_closing(struct nat *nat, uint32_t slot);

/* Takes a slot out of the owner's index, whatever its state. Owner only. Returns whether it was
 * there. */
bool nat_unlink(struct nat *nat, uint32_t slot);

/* Gives a slot back: state FREE, generation + 1, counters adjusted. The slot must be out of the
 * index and unseen by readers (a grace period after nat_unlink), in state CLAIMING or CLOSING. */
void nat_release(struct nat *nat, uint32_t slot);

/* Withholds a free port from allocation, and gives it back. Control thread. 0; -EADDRINUSE when the
 * port is not free (or not blocked), -EINVAL when the public address is no pool's. */
int nat_block(
	struct nat *nat, enum nat_protocol protocol, uint32_t public_address, uint16_t public_port);
int nat_unblock(
	struct nat *nat, enum nat_protocol protocol, uint32_t public_address, uint16_t public_port);

const char *nat_claim_result_text(enum nat_claim_result result);

#endif
