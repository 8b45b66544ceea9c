/* From configuration to view: interfaces, own addresses, routes (path/view.h). Control thread. */
#ifndef CONTROL_ROUTES_H
#define CONTROL_ROUTES_H

#include "control/gateway.h"

/* Builds the view of the configuration into `*view`: route table with the gateway's own addresses,
 * connected subnets, further prefixes, pools and static routes. Next hops of routes become
 * neighbours that are resolved from the start. 0 or -errno with a fault. */
int routes_build(struct gateway *gateway, struct path_view **view, struct fault *fault);
void routes_free(struct path_view *view);

/* Makes routes and own blocks those of `pools`, beside gateway->nat.pools, which are the pools
 * until now: publishes a new view and waits for a grace period. 0, or -errno with a fault: nothing
 * is changed then. */
int routes_follow_pools(
	struct gateway *gateway, const struct nat_pools *pools, struct fault *fault);

/* Makes the static routes those of `wanted`, and gateway->config.routes too. 0, or -errno with a
 * fault: nothing is changed then. */
int routes_follow_config(
	struct gateway *gateway, const struct gateway_config *wanted, struct fault *fault);

#endif
