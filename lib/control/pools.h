/* Pools of a gateway at work: added, drained and removed while packets pass. Control thread.
 *
 * `gateway->config.pools` are the pools as they are wanted now; `gateway->nat.pools` has those that
 * are on their way out as well. docs/decisions/live-pools.md tells the order of steps. */
#ifndef CONTROL_POOLS_H
#define CONTROL_POOLS_H

#include "control/gateway.h"

/* What pools_apply() did. */
struct pools_outcome {
	unsigned int added, changed, removed;
	unsigned int restart; /* pools whose prefixes differ: they stay as they are */
};

/* Fills and builds the pools of a configuration. 0 or -errno with a fault. */
int pools_build(const struct gateway_config *config, struct nat_pools *pools, struct fault *fault);

/* Adds a pool: checks it against the configuration as the file's pools are, gives it memory, routes
 * and an announcement, publishes it. One that is being drained, with the same prefixes, makes
 * mappings again instead. 0, or -errno with a fault; nothing is changed then. */
int pools_add(struct gateway *gateway, const struct config_pool *pool, struct fault *fault);

/* Drains a pool: from now on it makes no mapping; those that are there idle out, or are closed at
 * once with `now`. It leaves by itself when it is empty. 0, or -errno with a fault: no such pool,
 * being drained already, static mappings that would never idle out (`now` ends them too). */
int pools_remove(struct gateway *gateway, const char *name, bool now, struct fault *fault);

/* Makes the pools those of `wanted`, for reload: changes limits and modes, adds, drains. A pool
 * that fails stops it: -errno with a fault, and `outcome` tells what was done before. */
int pools_apply(struct gateway *gateway, const struct gateway_config *wanted,
	struct pools_outcome *outcome, struct fault *fault);

/* Lets pools that are empty leave. To be called after each ageing_step(). */
void pools_step(struct gateway *gateway);

/* Whether the ager is closing mappings for an operator who waits. */
bool pools_are_closing(const struct gateway *gateway);

/* Tells the outside links that the pool's addresses on them are here (gratuitous ARP). */
void pools_announce(struct gateway *gateway, const struct nat_pool *pool);

#endif
