/* See pools.h.
 *
 * Every change is another set of pools, made beside the one that is published. A pool comes in this
 * order: memory for its places, routes to its addresses, the set that has it; and goes in the
 * opposite one:
 *
 *   the set in which it drains is published; a grace period later no worker makes a mapping in it
 *   the ager takes its mappings, as they idle out or at once
 *   its places are empty; two whole walks of the flow ager later no flow record names one of them
 *   routes, set and, a grace period later, memory go
 *
 * Waiting for a grace period here takes as long as the longest turn of a worker: microseconds. */
#include "control/pools.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "base/log.h"
#include "control/arp.h"
#include "control/routes.h"

#define FLOW_WALKS 2 /* one may be under way that has passed the records already */

_Static_assert(CONFIG_POOLS_MAX == NAT_POOLS_MAX, "every configured pool has a place");
_Static_assert(CONFIG_PREFIXES_MAX == NAT_PREFIXES_MAX, "and all its prefixes");

/* What may change while a pool is in use. */
static void
copy_limits(struct nat_pool *pool, const struct config_pool *config)
{
	pool->mode = config->mode == CONFIG_POOL_PURE ? NAT_POOL_PURE : NAT_POOL_H16;
	pool->alarm_load = config->alarm_load;
	pool->refuse_load = config->refuse_load;
	pool->mappings_per_host = config->mappings_per_host;
}

static void
copy_pool(struct nat_pool *pool, const struct config_pool *config)
{
	memset(pool, 0, sizeof(*pool));
	strlcpy(pool->name, config->name, sizeof(pool->name));
	pool->private_count = config->private_count;
	pool->public_count = config->public_count;
	memcpy(pool->private_prefixes, config->private_prefixes, sizeof(pool->private_prefixes));
	memcpy(pool->public_prefixes, config->public_prefixes, sizeof(pool->public_prefixes));
	copy_limits(pool, config);
}

int
pools_build(const struct gateway_config *config, struct nat_pools *pools, struct fault *fault)
{
	memset(pools, 0, sizeof(*pools));
	pools->count = config->pool_count;
	for (unsigned int i = 0; i < config->pool_count; i++)
		copy_pool(&pools->pool[i], &config->pools[i]);
	return nat_pools_build(pools, fault);
}

/* The published set once more, to be changed. NULL with a fault when there is no memory. */
static struct nat_pools *
copy_set(const struct gateway *gateway, struct fault *fault)
{
	struct nat_pools *pools = malloc(sizeof(*pools));

	if (pools == NULL) {
		fault_set(fault, ENOMEM, "no-memory", NULL, "Free memory and try again",
			"no memory for the pools");
		return NULL;
	}
	*pools = *gateway->nat.pools;
	return pools;
}

/* Returns when no worker uses the former set. */
static void
publish(struct gateway *gateway, struct nat_pools *pools)
{
	struct nat_pools *former = nat_exchange_pools(&gateway->nat, pools);

	rte_rcu_qsbr_synchronize(gateway->path.grace, RTE_QSBR_THRID_INVALID);
	free(former);
}

static struct nat_pool *
find(struct nat_pools *pools, const char *name)
{
	return (struct nat_pool *)(uintptr_t)nat_pools_named(pools, name);
}

static struct config_pool *
find_config(struct gateway_config *config, const char *name)
{
	for (unsigned int i = 0; i < config->pool_count; i++)
		if (strcmp(config->pools[i].name, name) == 0)
			return &config->pools[i];
	return NULL;
}

/* The new pool among those that are wanted, as --check would judge it. */
static int
check_config(const struct gateway *gateway, const struct config_pool *pool, struct fault *fault)
{
	struct gateway_config *config;
	int result;

	if (gateway->config.pool_count == CONFIG_POOLS_MAX)
		return fault_set(fault, E2BIG, "too-many-pools", pool->name, "Join pools",
			"there are %u pools, the most", CONFIG_POOLS_MAX);
	if (nat_pools_named(gateway->nat.pools, pool->name) != NULL)
		return fault_set(fault, EEXIST, "pool-exists", pool->name,
			"Choose another name, or wait until the pool has gone: show nat pools",
			"a pool of that name is there");
	config = malloc(sizeof(*config)); /* large: not on the stack */
	if (config == NULL)
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Free memory and try again",
			"no memory to check the pool");
	*config = gateway->config;
	config->pools[config->pool_count++] = *pool;
	result = gateway_config_check_pools(config, fault);
	free(config);
	return result;
}

void
pools_announce(struct gateway *gateway, const struct nat_pool *pool)
{
	const struct nat_pools *pools = gateway->nat.pools;

	for (unsigned int i = 0; i < gateway->view->interface_count; i++) {
		const struct path_interface *interface = &gateway->view->interfaces[i];

		if (interface->side != PORT_OUTSIDE)
			continue;
		for (uint32_t number = 0; number < pool->address_count; number++) {
			uint32_t address = pools->addresses[nat_pool_place(pools, pool, number)];

			for (unsigned int k = 0; k < interface->address_count; k++)
				if (ipv4_prefix_contains(interface->addresses[k], address))
					arp_announce(gateway, i, address);
		}
	}
}

int
pools_add(struct gateway *gateway, const struct config_pool *config, struct fault *fault)
{
	int result = check_config(gateway, config, fault);
	struct nat_pools *pools;

	if (result != 0)
		return result;
	pools = copy_set(gateway, fault);
	if (pools == NULL)
		return -ENOMEM;
	if (pools->count == NAT_POOLS_MAX) {
		result = fault_set(fault, E2BIG, "too-many-pools", config->name,
			"Wait until a pool has gone: show nat pools",
			"there are %u pools, with those that are being drained", NAT_POOLS_MAX);
		goto failed;
	}
	copy_pool(&pools->pool[pools->count++], config);
	result = nat_pools_rebuild(pools, gateway->nat.pools, fault);
	if (result != 0)
		goto failed;
	result = table_file_use(&gateway->table_file, pools, fault);
	if (result != 0)
		goto failed;
	path_learn_pools(&gateway->path, pools);
	result = routes_follow_pools(gateway, pools, fault);
	if (result != 0) {
		table_file_drop(&gateway->table_file, gateway->nat.pools);
		goto failed;
	}
	publish(gateway, pools);
	gateway->config.pools[gateway->config.pool_count++] = *config;
	pools_announce(gateway, find(pools, config->name));
	log_info("pool %s: added", config->name);
	return 0;
failed:
	free(pools);
	return result;
}

static bool
lies_in(const struct gateway *gateway, const struct gateway_static *entry,
	const struct nat_pool *pool)
{
	return nat_pools_of_address(gateway->nat.pools, nat_slot_address_index(entry->slot)) ==
	       pool;
}

static int
check_statics(const struct gateway *gateway, const struct nat_pool *pool, struct fault *fault)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < gateway->static_count; i++)
		count += lies_in(gateway, &gateway->statics[i], pool);
	if (count == 0)
		return 0;
	return fault_set(fault, EBUSY, "pool-has-statics", pool->name,
		"Remove them (del nat static), or type: del nat pool NAME now",
		"the pool has %u static mappings, which never idle out", count);
}

/* The ager closes their mappings; here they are forgotten. */
static void
forget_statics(struct gateway *gateway, const struct nat_pool *pool)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < gateway->static_count; i++)
		if (!lies_in(gateway, &gateway->statics[i], pool))
			gateway->statics[kept++] = gateway->statics[i];
	gateway->static_count = kept;
}

static void
forget_config(struct gateway_config *config, const char *name)
{
	struct config_pool *pool = find_config(config, name);

	if (pool == NULL)
		return;
	memmove(pool, pool + 1,
		(size_t)(&config->pools[config->pool_count] - (pool + 1)) * sizeof(*pool));
	config->pool_count--;
	/* Comparing configurations looks at bytes. */
	memset(&config->pools[config->pool_count], 0, sizeof(*pool));
}

int
pools_remove(struct gateway *gateway, const char *name, bool now, struct fault *fault)
{
	const struct nat_pool *pool = nat_pools_named(gateway->nat.pools, name);
	struct nat_pools *pools;
	int result = 0;

	if (pool == NULL)
		return fault_set(fault, ENOENT, "no-such-pool", name, "See: show nat pools",
			"there is no such pool");
	if (pool->state == NAT_POOL_CLOSING || (pool->state == NAT_POOL_DRAINING && !now))
		return fault_set(fault, EALREADY, "pool-drains", name,
			"Wait, or type: del nat pool NAME now", "the pool is on its way out");
	if (!now)
		result = check_statics(gateway, pool, fault);
	if (result != 0)
		return result;
	pools = copy_set(gateway, fault);
	if (pools == NULL)
		return -ENOMEM;
	forget_config(&gateway->config, name);
	if (now)
		forget_statics(gateway, pool);
	find(pools, name)->state = now ? NAT_POOL_CLOSING : NAT_POOL_DRAINING;
	publish(gateway, pools);
	log_info("pool %s: %s", nat_pools_named(pools, name)->name,
		now ? "its mappings are being closed" : "is being drained");
	return 0;
}

static bool
same_prefixes(const struct config_pool *one, const struct config_pool *other)
{
	return one->private_count == other->private_count &&
	       one->public_count == other->public_count &&
	       memcmp(one->private_prefixes, other->private_prefixes,
		       sizeof(one->private_prefixes)) == 0 &&
	       memcmp(one->public_prefixes, other->public_prefixes, sizeof(one->public_prefixes)) ==
		       0;
}

static bool
same_limits(const struct config_pool *one, const struct config_pool *other)
{
	return one->mode == other->mode && one->alarm_load == other->alarm_load &&
	       one->refuse_load == other->refuse_load &&
	       one->mappings_per_host == other->mappings_per_host;
}

/* Limits and modes of pools that stay. */
static int
apply_limits(struct gateway *gateway, const struct gateway_config *wanted,
	struct pools_outcome *outcome, struct fault *fault)
{
	struct nat_pools *pools = copy_set(gateway, fault);

	if (pools == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < wanted->pool_count; i++) {
		const struct config_pool *new = &wanted->pools[i];
		struct config_pool *old = find_config(&gateway->config, new->name);

		if (old == NULL)
			continue;
		if (!same_prefixes(old, new))
			outcome->restart++;
		else if (!same_limits(old, new)) {
			outcome->changed++;
			*old = *new;
			copy_limits(find(pools, new->name), new);
		}
	}
	if (outcome->changed != 0)
		publish(gateway, pools);
	else
		free(pools);
	return 0;
}

/* The pools that `wanted` does not have, from the last on: each leaves the configuration. */
static int
apply_removals(struct gateway *gateway, const struct gateway_config *wanted,
	struct pools_outcome *outcome, struct fault *fault)
{
	int result = 0;

	for (unsigned int i = gateway->config.pool_count; result == 0 && i-- > 0;) {
		char name[CONFIG_NAME_BYTES];

		strlcpy(name, gateway->config.pools[i].name, sizeof(name));
		if (find_config((struct gateway_config *)(uintptr_t)wanted, name) != NULL)
			continue;
		result = pools_remove(gateway, name, false, fault);
		outcome->removed += result == 0;
	}
	return result;
}

int
pools_apply(struct gateway *gateway, const struct gateway_config *wanted,
	struct pools_outcome *outcome, struct fault *fault)
{
	int result;

	memset(outcome, 0, sizeof(*outcome));
	result = apply_limits(gateway, wanted, outcome, fault);
	if (result == 0)
		result = apply_removals(gateway, wanted, outcome, fault);
	for (unsigned int i = 0; result == 0 && i < wanted->pool_count; i++) {
		if (find_config(&gateway->config, wanted->pools[i].name) != NULL)
			continue;
		result = pools_add(gateway, &wanted->pools[i], fault);
		outcome->added += result == 0;
	}
	return result;
}

/* The pool is empty, and nothing names its places. False when there is no memory for another set:
 * to be tried again. */
static bool
let_go(struct gateway *gateway, const char *name)
{
	struct nat_pools *pools = copy_set(gateway, NULL);
	struct nat_pool *pool;
	unsigned int number;

	if (pools == NULL)
		return false;
	pool = find(pools, name);
	number = (unsigned int)(pool - pools->pool);
	memmove(pool, pool + 1, (pools->count - number - 1) * sizeof(*pool));
	pools->count--;
	if (nat_pools_rebuild(pools, gateway->nat.pools, NULL) != 0 ||
		routes_follow_pools(gateway, pools, NULL) != 0) {
		free(pools);
		return false;
	}
	publish(gateway, pools);
	table_file_drop(&gateway->table_file, pools);
	memmove(&gateway->alarms.pool_raised[number], &gateway->alarms.pool_raised[number + 1],
		(pools->count - number) * sizeof(gateway->alarms.pool_raised[0]));
	gateway->alarms.pool_raised[pools->count] = false;
	log_info("pool %s: gone", name);
	return true;
}

/* A pool on its way out that has no mapping left, or NULL. */
static const struct nat_pool *
find_empty(const struct gateway *gateway)
{
	const struct nat_pools *pools = gateway->nat.pools;

	for (unsigned int i = 0; i < pools->count; i++)
		if (pools->pool[i].state != NAT_POOL_ACTIVE &&
			nat_pool_is_empty(&gateway->nat, pools, &pools->pool[i]))
			return &pools->pool[i];
	return NULL;
}

void
pools_step(struct gateway *gateway)
{
	struct pool_removal *removal = &gateway->pool_removal;
	const struct nat_pool *empty;

	if (removal->name[0] == '\0') {
		empty = find_empty(gateway);
		if (empty == NULL)
			return;
		strlcpy(removal->name, empty->name, sizeof(removal->name));
		removal->flow_turns = gateway->flow_ager.turns;
	}
	if (gateway->flow_ager.turns - removal->flow_turns >= FLOW_WALKS &&
		let_go(gateway, removal->name))
		removal->name[0] = '\0';
}

bool
pools_are_closing(const struct gateway *gateway)
{
	const struct nat_pools *pools = gateway->nat.pools;

	for (unsigned int i = 0; gateway->running && i < pools->count; i++)
		if (pools->pool[i].state == NAT_POOL_CLOSING)
			return true;
	return false;
}
