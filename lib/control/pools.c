/* Adding and removing; pools_apply.c follows a file, pools_leave.c lets empty pools go. See
 * pools.h.
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
#include "control/pools_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "base/log.h"
#include "control/arp_send.h"
#include "control/routes.h"

_Static_assert(CONFIG_POOLS_MAX == NAT_POOLS_MAX, "every configured pool has a place");
_Static_assert(CONFIG_PREFIXES_MAX == NAT_PREFIXES_MAX, "and all its prefixes");

void
pools_copy_limits(struct nat_pool *pool, const struct config_pool *config)
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
	pools_copy_limits(pool, config);
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

struct nat_pools *
pools_copy_set(const struct gateway *gateway, struct fault *fault)
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

void
pools_publish(struct gateway *gateway, struct nat_pools *pools)
{
	struct nat_pools *former = nat_exchange_pools(&gateway->nat, pools);

	rte_rcu_qsbr_synchronize(gateway->path.grace, RTE_QSBR_THRID_INVALID);
	free(former);
}

struct nat_pool *
pools_find(struct nat_pools *pools, const char *name)
{
	return (struct nat_pool *)(uintptr_t)nat_pools_named(pools, name);
}

struct config_pool *
pools_find_config(struct gateway_config *config, const char *name)
{
	for (unsigned int i = 0; i < config->pool_count; i++)
		if (strcmp(config->pools[i].name, name) == 0)
			return &config->pools[i];
	return NULL;
}

/* A pool that is being drained, and is wanted again as it was. */
static bool
may_come_back(const struct nat_pool *pool, const struct config_pool *config)
{
	return pool->state == NAT_POOL_DRAINING && pool->private_count == config->private_count &&
	       pool->public_count == config->public_count &&
	       ipv4_prefixes_equal(
		       pool->private_prefixes, config->private_prefixes, pool->private_count) &&
	       ipv4_prefixes_equal(
		       pool->public_prefixes, config->public_prefixes, pool->public_count);
}

/* The new pool among those that are wanted, as --check would judge it. */
static int
check_config(const struct gateway *gateway, const struct config_pool *pool, struct fault *fault)
{
	const struct nat_pool *named = nat_pools_named(gateway->nat.pools, pool->name);
	struct gateway_config *config;
	int result;

	if (gateway->config.pool_count == CONFIG_POOLS_MAX)
		return fault_set(fault, E2BIG, "too-many-pools", pool->name, "Join pools",
			"there are %u pools, the most", CONFIG_POOLS_MAX);
	if (named != NULL && !may_come_back(named, pool))
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

/* It has its memory and its routes still. */
static void
come_back(struct gateway *gateway, struct nat_pools *pools, const struct config_pool *config)
{
	struct nat_pool *pool = pools_find(pools, config->name);

	pool->state = NAT_POOL_ACTIVE;
	pools_copy_limits(pool, config);
	if (strcmp(gateway->pool_removal.name, config->name) == 0)
		gateway->pool_removal.name[0] = '\0';
	pools_publish(gateway, pools);
	gateway->config.pools[gateway->config.pool_count++] = *config;
	log_info("pool %s: makes mappings again", config->name);
}

int
pools_add(struct gateway *gateway, const struct config_pool *config, struct fault *fault)
{
	int result = check_config(gateway, config, fault);
	struct nat_pools *pools;

	if (result != 0)
		return result;
	pools = pools_copy_set(gateway, fault);
	if (pools == NULL)
		return -ENOMEM;
	if (pools_find(pools, config->name) != NULL) {
		come_back(gateway, pools, config);
		return 0;
	}
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
	pools_publish(gateway, pools);
	gateway->config.pools[gateway->config.pool_count++] = *config;
	pools_announce(gateway, pools_find(pools, config->name));
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
	struct config_pool *pool = pools_find_config(config, name);

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
	pools = pools_copy_set(gateway, fault);
	if (pools == NULL)
		return -ENOMEM;
	forget_config(&gateway->config, name);
	if (now)
		forget_statics(gateway, pool);
	pools_find(pools, name)->state = now ? NAT_POOL_CLOSING : NAT_POOL_DRAINING;
	pools_publish(gateway, pools);
	log_info("pool %s: %s", nat_pools_named(pools, name)->name,
		now ? "its mappings are being closed" : "is being drained");
	return 0;
}
