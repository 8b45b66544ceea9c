/* What the files of pools share: making and publishing another set. Internal to
 * lib/control/pools*.c. Control thread. */
#ifndef CONTROL_POOLS_SET_H
#define CONTROL_POOLS_SET_H

#include "control/pools.h"

/* The published set once more, to be changed; malloc'ed. NULL with a fault when there is no memory.
 */
struct nat_pools *pools_copy_set(const struct gateway *gateway, struct fault *fault);

/* Publishes a set; returns when no worker uses the former one, which is freed. */
void pools_publish(struct gateway *gateway, struct nat_pools *pools);

/* The pool of that name in a set that is not published yet, or NULL. */
struct nat_pool *pools_find(struct nat_pools *pools, const char *name);

/* The same in a configuration. */
struct config_pool *pools_find_config(struct gateway_config *config, const char *name);

/* Copies what may change while a pool is in use. */
void pools_copy_limits(struct nat_pool *pool, const struct config_pool *config);

#endif
