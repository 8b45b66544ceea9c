/* Pools: which private hosts share which public addresses.
 *
 * A pool's private prefixes, in order, form one line of hosts; its public addresses another; the
 * first is cut evenly over the second (nat.md "Paired address, strict"). So the public address of a
 * host is arithmetic: a peer, a DHCP option and the gateway agree without asking, and allocation
 * never walks to another address.
 *
 * A pool set is immutable once built, and read by every thread; the counters beside it are atomic
 * and change only when a mapping is made or freed.
 */
#ifndef NAT_POOL_H
#define NAT_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/ipv4.h"

#define NAT_POOLS_MAX     16
#define NAT_PREFIXES_MAX  8
#define NAT_HOSTS_MAX     (1u << 24) /* private addresses of all pools */
#define NAT_ADDRESSES_MAX 4096u      /* public addresses of all pools */

enum nat_pool_mode {
	NAT_POOL_H16,  /* indexes 0..15 */
	NAT_POOL_PURE, /* index 0 only, for reproduction of the paper */
};

struct nat_pool {
	char name[32];
	enum nat_pool_mode mode;
	unsigned int private_count, public_count;
	struct ipv4_prefix private_prefixes[NAT_PREFIXES_MAX];
	struct ipv4_prefix public_prefixes[NAT_PREFIXES_MAX];
	double alarm_load, refuse_load; /* of the usable ports of one address and protocol */
	uint32_t mappings_per_host;     /* 0 = no quota */

	/* Filled by nat_pools_build(). */
	uint32_t host_count, first_host;       /* position in the line of all pools' hosts */
	uint32_t address_count, first_address; /* position among all public addresses */
};

struct nat_pools {
	unsigned int count;
	struct nat_pool pool[NAT_POOLS_MAX];
	uint32_t host_count, address_count;    /* of all pools */
	uint32_t addresses[NAT_ADDRESSES_MAX]; /* public addresses, host order, by index */
};

/* Where a private host belongs. */
struct nat_pairing {
	const struct nat_pool *pool;
	uint32_t host;          /* 0..host_count-1, over all pools */
	uint32_t address_index; /* its public address */
};

/* Computes the positions and checks sizes and overlaps. The caller has filled the upper part of
 * each pool. Returns 0 or -EINVAL/-E2BIG with a fault. */
int nat_pools_build(struct nat_pools *pools, struct fault *fault);

/* Returns whether `private_address` belongs to a pool, and where. */
bool nat_pools_pair(
	const struct nat_pools *pools, uint32_t private_address, struct nat_pairing *pairing);

/* The private address at a position in the line of all pools' hosts; 0 when there is none. */
uint32_t nat_pools_host_address(const struct nat_pools *pools, uint32_t host);

/* The index of a public address, or UINT32_MAX. */
uint32_t nat_pools_find_public(const struct nat_pools *pools, uint32_t public_address);

/* The pool that a public address index belongs to. */
const struct nat_pool *nat_pools_of_address(const struct nat_pools *pools, uint32_t address_index);

#endif
