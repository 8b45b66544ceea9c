/* Pools that are empty leave: see pools.h, and pools.c for the order of steps. */
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "base/log.h"
#include "control/pools_set.h"
#include "control/routes.h"

#define FLOW_WALKS 2 /* one may be under way that has passed the records already */

/* The pool is empty, and nothing names its places. False when there is no memory for another set:
 * to be tried again. */
static bool
let_go(struct gateway *gateway, const char *name)
{
	struct nat_pools *pools = pools_copy_set(gateway, NULL);
	struct nat_pool *pool;
	unsigned int number;

	if (pools == NULL)
		return false;
	pool = pools_find(pools, name);
	number = (unsigned int)(pool - pools->pool);
	memmove(pool, pool + 1, (pools->count - number - 1) * sizeof(*pool));
	pools->count--;
	if (nat_pools_rebuild(pools, gateway->nat.pools, NULL) != 0 ||
		routes_follow_pools(gateway, pools, NULL) != 0) {
		free(pools);
		return false;
	}
	pools_publish(gateway, pools);
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
