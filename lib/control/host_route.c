/* See host_route.h. */
#include "control/host_route.h"

#include <errno.h>

/* Pool and own addresses have host routes too: nobody else's neighbour takes them away. */
static bool
is_own_hop(const struct path_view *view, uint32_t address)
{
	enum path_hop_kind kind = path_hop_kind(path_view_route(view, address));

	return kind == PATH_HOP_PUBLIC || kind == PATH_HOP_LOCAL;
}

int
host_route_add(struct path_view *view, uint32_t address, uint32_t neighbour)
{
	if (is_own_hop(view, address))
		return -EEXIST;
	return rte_lpm_add(view->routes, address, 32, PATH_HOP(PATH_HOP_NEIGHBOUR, neighbour));
}

void
host_route_remove(struct path_view *view, uint32_t address)
{
	if (!is_own_hop(view, address))
		rte_lpm_delete(view->routes, address, 32);
}
