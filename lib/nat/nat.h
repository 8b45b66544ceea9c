/* The NAT's state in one process: table, pools, outbound index, counters.
 *
 * Synchronisation. Words of the table change by compare-and-swap. Each worker owns one shard of the
 * outbound index and is its only writer; the owner of an endpoint is nat_owner(). Hot records have
 * one writer each (nat/table.h). Counters that quotas and loads need are atomic and change only
 * when a mapping is made or freed, never per packet. The pools are one pointer to an immutable set,
 * which the control thread exchanges: readers load it once for what belongs together (a burst, a
 * claim) and hold it until their next quiescent state. Everything else is immutable after
 * nat_open(), the table's counts of addresses and slots excepted, which follow the pools and are
 * the control thread's.
 *
 * Time is an argument: seconds of the boot clock, which a restart of the program does not disturb.
 */
#ifndef NAT_NAT_H
#define NAT_NAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/counter.h"
#include "base/tag_index.h"
#include "h16/h16.h"
#include "nat/pool.h"
#include "nat/table.h"

#define NAT_SHARDS_MAX 16

struct nat_shard {
	struct tag_index index; /* endpoint -> slot */

	/* Written by the owner, read by the control thread (base/counter.h). */
	uint64_t created;   /* mappings made */
	uint64_t reclaimed; /* endpoints that came back to their quarantined port */
	uint64_t refused_pool, refused_load, refused_quota, refused_ports, refused_index;
	uint64_t refused_drain;
	uint64_t probe_histogram[H16_INDEXES]; /* created, by index */
} __attribute__((aligned(64)));

/* One (public address, protocol). */
struct nat_load {
	uint32_t used; /* ports that are not free, in whatever state */
} __attribute__((aligned(64)));

struct nat {
	struct nat_table table;
	const struct nat_pools *pools; /* control thread; others: nat_pools_now() */
	unsigned int shard_count;      /* workers */
	struct nat_shard shards[NAT_SHARDS_MAX];
	struct nat_load *loads;  /* by slot >> 16 */
	uint32_t *host_mappings; /* by host position; mappings on its pool that are not yet free */
	struct h16_salt salts[NAT_VRFS];
	uint32_t mappings_max;       /* what the indexes were made for */
	uint32_t quarantine_seconds; /* what the ager goes by, for explanations */
};

/* A private endpoint; `port` is the identifier for NAT_ICMP. Host order. */
struct nat_endpoint {
	uint32_t address;
	uint16_t port;
	enum nat_protocol protocol;
	unsigned int vrf;
};

static inline uint64_t
nat_endpoint_identity(const struct nat_endpoint *endpoint)
{
	return nat_identity(endpoint->vrf, endpoint->protocol, endpoint->address, endpoint->port);
}

/* The pools as they are now; any thread, until its next quiescent state. */
static inline const struct nat_pools *
nat_pools_now(const struct nat *nat)
{
	return __atomic_load_n(&nat->pools, __ATOMIC_ACQUIRE);
}

/* What nat_open() found in the table. */
struct nat_restored {
	uint32_t kept;      /* mappings taken over */
	uint32_t freed;     /* words that nobody finishes any more, or that contradict themselves */
	uint32_t discarded; /* mappings whose private address is paired with the place no more */
};

/* Builds indexes and counters over `table` and `pools` (already built; copied). The indexes get
 * room for `mappings_max` mappings together, 0 = for every port of the pools. Words left by an
 * earlier process are taken over: CLAIMING and CLOSING ones are freed, mappings that the pools
 * would not make any more too, the rest is indexed; `restored` (may be NULL) tells. BLOCKED ports
 * become free: whoever still wants them blocked says so again. `shard_count` is 1..NAT_SHARDS_MAX.
 * 0, or -EINVAL/-ENOMEM with a fault. */
int nat_open(struct nat *nat, const struct nat_table *table, const struct nat_pools *pools,
	unsigned int shard_count, uint32_t mappings_max, bool huge, struct nat_restored *restored,
	struct fault *fault);

/* Publishes another set of pools, made by nat_pools_rebuild() over nat->pools; the table has memory
 * for all its places, and places that are new have only free words. `pools` is malloc'ed and
 * belongs to `nat` from now on. Returns the former set, for free() after a grace period. Control
 * thread. */
struct nat_pools *nat_exchange_pools(struct nat *nat, struct nat_pools *pools);

/* Whether a pool has no mapping left, nor a blocked port. Final once no worker uses a set in which
 * the pool is NAT_POOL_ACTIVE. Any thread. */
bool nat_pool_is_empty(
	const struct nat *nat, const struct nat_pools *pools, const struct nat_pool *pool);

void nat_close(struct nat *nat);

/* Which worker owns the outbound direction of an endpoint, or the inbound direction of a public
 * address and port: never a function of the remote, so one worker sees all of it. */
static inline unsigned int
nat_owner(unsigned int worker_count, uint32_t address, uint16_t port)
{
	uint64_t mixed = ((uint64_t)address << 16 | port) * UINT64_C(0x9e3779b97f4a7c15);

	return (unsigned int)((mixed >> 32) * worker_count >> 32);
}

/* Looks an endpoint up; NAT_SLOT_NONE when the index does not have it. Any thread. */
uint32_t nat_find(const struct nat *nat, const struct nat_endpoint *endpoint);

/* The ports of one table that can be used, which loads are shares of. */
static inline uint32_t
nat_usable_ports(enum nat_protocol protocol)
{
	return protocol == NAT_ICMP ? NAT_PORTS : NAT_PORTS - NAT_PORT_LOWEST;
}

/* Whether a table (slot >> 16) is so full that its pool refuses new ephemeral mappings. */
static inline bool
nat_load_refuses(const struct nat *nat, const struct nat_pool *pool, uint32_t table)
{
	uint32_t used = __atomic_load_n(&nat->loads[table].used, __ATOMIC_RELAXED);
	enum nat_protocol protocol = (enum nat_protocol)(table % NAT_PROTOCOLS);

	return used >= (uint32_t)(pool->refuse_load * nat_usable_ports(protocol));
}

static inline bool
nat_port_usable(enum nat_protocol protocol, uint16_t port)
{
	return protocol == NAT_ICMP || port >= NAT_PORT_LOWEST;
}

/* Public address of a slot, host order. */
static inline uint32_t
nat_slot_address(const struct nat *nat, uint32_t slot)
{
	return nat_pools_now(nat)->addresses[nat_slot_address_index(slot)];
}

/* Which mapping a slot carries, for what outlives it in other tables (flow records): its
 * generation, or -1 when the slot carries none now or does not exist. Any thread. */
int nat_slot_generation(const struct nat *nat, uint32_t slot);

/* The index i at which the endpoint of `word` found the port of `slot`; H16_INDEXES when the port
 * is none of its candidates, or not on its paired address (a static port forward). */
unsigned int nat_slot_h16_index(const struct nat *nat, uint32_t slot, uint64_t word);

#endif
