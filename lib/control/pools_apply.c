/* From one configuration's pools to another's: see pools.h. */
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "control/pools_set.h"

static bool
same_prefixes(const struct config_pool *one, const struct config_pool *other)
{
	return one->private_count == other->private_count &&
	       one->public_count == other->public_count &&
	       ipv4_prefixes_equal(
		       one->private_prefixes, other->private_prefixes, one->private_count) &&
	       ipv4_prefixes_equal(one->public_prefixes, other->public_prefixes, one->public_count);
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
	struct nat_pools *pools = pools_copy_set(gateway, fault);

	if (pools == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < wanted->pool_count; i++) {
		const struct config_pool *new = &wanted->pools[i];
		struct config_pool *old = pools_find_config(&gateway->config, new->name);

		if (old == NULL)
			continue;
		if (!same_prefixes(old, new))
			outcome->restart++;
		else if (!same_limits(old, new)) {
			outcome->changed++;
			*old = *new;
			pools_copy_limits(pools_find(pools, new->name), new);
		}
	}
	if (outcome->changed != 0)
		pools_publish(gateway, pools);
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
		if (pools_find_config((struct gateway_config *)(uintptr_t)wanted, name) != NULL)
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
		if (pools_find_config(&gateway->config, wanted->pools[i].name) != NULL)
			continue;
		result = pools_add(gateway, &wanted->pools[i], fault);
		outcome->added += result == 0;
	}
	return result;
}
