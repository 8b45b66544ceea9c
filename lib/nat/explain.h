/* Why an endpoint has the public port it has, and who may have a public port: the data behind
 * `explain h16 forward` and `explain h16 reverse`.
 *
 * Both look at a table that is in use; what they say was true at some moment of the call.
 * Threads: any; meant for the control thread. No allocation.
 */
#ifndef NAT_EXPLAIN_H
#define NAT_EXPLAIN_H

#include "nat/claim.h"

enum nat_explain_reason {
	NAT_EXPLAIN_FREE,       /* usable and free */
	NAT_EXPLAIN_OWN,        /* the endpoint's own mapping, in whatever state */
	NAT_EXPLAIN_BELOW_1024, /* skipped, never folded */
	NAT_EXPLAIN_HELD,       /* another endpoint has it */
	NAT_EXPLAIN_QUARANTINE, /* another endpoint had it, and may have it back */
	NAT_EXPLAIN_BLOCKED,    /* the operator withholds it */
};

struct nat_explain_candidate {
	uint16_t port;
	bool looked_at; /* false beyond index 0 of a `pure` pool */
	enum nat_explain_reason reason;
	uint64_t word;               /* the port's, which names holder, state and class */
	uint32_t quarantine_seconds; /* NAT_EXPLAIN_QUARANTINE: for so long */
};

struct nat_explain_forward {
	bool paired; /* false: the address belongs to no pool, and nothing below counts */
	struct nat_pairing pairing;
	uint32_t public_address;
	uint32_t used, usable;  /* ports of the address and protocol */
	bool load_refuses;      /* no new ephemeral mapping on this address now */
	uint32_t host_mappings; /* of the private host, all protocols */
	bool quota_refuses;
	uint32_t slot;       /* the mapping that the endpoint has, or NAT_SLOT_NONE */
	unsigned int chosen; /* index that it has or would get; H16_INDEXES = none of them */
	enum nat_claim_result result; /* what an ephemeral claim would be answered now */
	struct nat_explain_candidate candidates[H16_INDEXES];
};

/* `endpoint->vrf` is below NAT_VRFS. */
void nat_explain_forward(const struct nat *nat, const struct nat_endpoint *endpoint,
	uint32_t now_seconds, struct nat_explain_forward *explained);

/* A private endpoint one of whose candidates is the port. */
struct nat_explain_endpoint {
	uint32_t address;
	uint16_t port;
	uint8_t index;
	bool holds; /* it is the one that has the port */
};

#define NAT_EXPLAIN_ENDPOINTS 64
#define NAT_EXPLAIN_TRIALS    (UINT64_C(1) << 23) /* hashes: some 0.3 s with SHA instructions */

struct nat_explain_reverse {
	uint32_t slot; /* NAT_SLOT_NONE: the address is no pool's, and nothing below counts */
	const struct nat_pool *pool;
	uint64_t word;      /* who has the port now */
	unsigned int index; /* at which index that endpoint has it; H16_INDEXES = static */
	uint32_t host_first, host_count; /* private hosts paired with the address, as positions */
	unsigned int endpoint_count;
	bool cut; /* there are more endpoints than told */
	struct nat_explain_endpoint endpoints[NAT_EXPLAIN_ENDPOINTS];
};

/* Looks for endpoints of vrf 0: index 0 of every host first, because that is where most are, then
 * index 1 and so on, until the rows or the trials are used up. `only_host`, unless it is 0, is the
 * private address to look at alone. */
void nat_explain_reverse(const struct nat *nat, enum nat_protocol protocol, uint32_t public_address,
	uint16_t public_port, uint32_t only_host, struct nat_explain_reverse *explained);

const char *nat_explain_reason_text(enum nat_explain_reason reason);

#endif
