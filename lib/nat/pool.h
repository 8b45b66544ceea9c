/* Pools: which private hosts share which public addresses.
 *
 * A pool's private prefixes, in order, form one line of hosts; its public addresses another; the
 * first is cut evenly over the second (nat.md "Paired address, strict"). So the public address of a
 * host is arithmetic: a peer, a DHCP option and the gateway agree without asking, and allocation
 * never walks to another address.
 *
 * Places. The port table has a place for each public address, numbered from 0: its address index,
 * which is part of every slot's number. An address keeps its place, and a pool's hosts keep their
 * positions, for as long as the pool lives, whatever comes and goes beside it
 * (docs/decisions/live-pools.md). So places are in no order and may have holes between them.
 *
 * Life cycle. A pool set is immutable once built, and read by every thread. A change is a new set,
 * built over the former one and published in its place (nat_exchange_pools(), nat/nat.h). A pool
 * that is to go is DRAINING, or CLOSING, until no mapping is left; the next set is without it. The
 * counters beside the set are atomic and change only when a mapping is made or freed.
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

enum nat_pool_state {
	NAT_POOL_ACTIVE,
	NAT_POOL_DRAINING, /* makes no mappings; those that are there go on until they idle out */
	NAT_POOL_CLOSING,  /* the ager closes those too, idle or not */
};

struct nat_pool {
	char name[32];
	enum nat_pool_mode mode;
	enum nat_pool_state state;
	unsigned int private_count, public_count;
	struct ipv4_prefix private_prefixes[NAT_PREFIXES_MAX];
	struct ipv4_prefix public_prefixes[NAT_PREFIXES_MAX];
	double alarm_load, refuse_load; /* of the usable ports of one address and protocol */
	uint32_t mappings_per_host;     /* 0 = no quota */

	/* Filled by nat_pools_build() and its kin. */
	uint32_t host_count, first_host;      /* positions of its hosts */
	uint32_t address_count, first_public; /* its public addresses, in nat_pools.places */
};

#define NAT_NO_POOL 0xff

struct nat_pools {
	unsigned int count;
	struct nat_pool pool[NAT_POOLS_MAX];
	uint32_t host_count, address_count;    /* of all pools */
	uint32_t place_limit;                  /* above all places in use */
	uint16_t places[NAT_ADDRESSES_MAX];    /* of each pool's public addresses, in their order */
	uint32_t addresses[NAT_ADDRESSES_MAX]; /* by place, host order; 0 = not in use */
	uint8_t pool_of[NAT_ADDRESSES_MAX];    /* by place; NAT_NO_POOL = not in use */
};

/* Where a private host belongs. */
struct nat_pairing {
	const struct nat_pool *pool;
	uint32_t host;          /* its position, below NAT_HOSTS_MAX */
	uint32_t address_index; /* the place of its public address */
};

/* Checks sizes and overlaps and gives places and positions, from 0 up. The caller has filled the
 * upper part of each pool. Returns 0 or -EINVAL/-E2BIG with a fault. */
int nat_pools_build(struct nat_pools *pools, struct fault *fault);

/* The same beside a set that is in use: addresses that `former` has keep their places, and pools
 * that it has (the name says which) their hosts' positions; new ones get what is free. Besides the
 * above, -EEXIST when a pool that stays has other private prefixes than before. */
int nat_pools_rebuild(struct nat_pools *pools, const struct nat_pools *former, struct fault *fault);

/* The same over the places of an earlier process: `addresses` by place, 0 = not in use. */
int nat_pools_build_over(
	struct nat_pools *pools, const uint32_t addresses[NAT_ADDRESSES_MAX], struct fault *fault);

/* The pool of that name, or NULL. */
const struct nat_pool *nat_pools_named(const struct nat_pools *pools, const char *name);

/* Returns whether `private_address` belongs to a pool, and where. */
bool nat_pools_pair(
	const struct nat_pools *pools, uint32_t private_address, struct nat_pairing *pairing);

/* The private address at a position in the line of all pools' hosts; 0 when there is none. */
uint32_t nat_pools_host_address(const struct nat_pools *pools, uint32_t host);

/* The index (place) of a public address, or UINT32_MAX. */
uint32_t nat_pools_find_public(const struct nat_pools *pools, uint32_t public_address);

/* The number of a public address among all pools' in their order, an index into `places`; or
 * UINT32_MAX. */
uint32_t nat_pools_public_number(const struct nat_pools *pools, uint32_t public_address);

/* The pool that a public address index belongs to, or NULL. */
const struct nat_pool *nat_pools_of_address(const struct nat_pools *pools, uint32_t address_index);

/* The place of the pool's public address number `number`, in 0..address_count-1. */
static inline uint32_t
nat_pool_place(const struct nat_pools *pools, const struct nat_pool *pool, uint32_t number)
{
	return pools->places[pool->first_public + number];
}

/* The least place in use that is not below `place`; place_limit when there is none. */
static inline uint32_t
nat_pools_next_place(const struct nat_pools *pools, uint32_t place)
{
	while (place < pools->place_limit && pools->addresses[place] == 0)
		place++;
	return place < pools->place_limit ? place : pools->place_limit;
}

#endif
