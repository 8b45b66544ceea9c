/* What building a view and changing it share; private to routes*.c. */
#ifndef CONTROL_ROUTES_STEPS_H
#define CONTROL_ROUTES_STEPS_H

#include "control/gateway.h"

/* A route to any prefix, the default route too. 0 or -errno. */
int routes_add_prefix(struct path_view *view, struct ipv4_prefix prefix, uint32_t hop);
void routes_delete_prefix(struct path_view *view, struct ipv4_prefix prefix);

/* Gives (or takes) the routes of all addresses of `pools` that `beside` (NULL = none) does not
 * have. */
int routes_set_publics(struct path_view *view, const struct nat_pools *pools,
	const struct nat_pools *beside, bool wanted);

/* The neighbour that is a route's next hop, with a host route of its own. Several routes may name
 * it; none may stand between it and its link. Returns its number or -errno. */
int routes_next_hop(struct gateway *gateway, struct path_view *view, uint32_t address);

/* Marks what is ours, the inside's or a pool's, in a view that has no mark yet: by the
 * configuration's routes. */
void routes_mark_own(
	struct gateway *gateway, struct path_view *view, const struct nat_pools *pools);

#endif
