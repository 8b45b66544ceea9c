/* Changing routes while packets pass; see routes.h.
 *
 * The route table changes in place: its readers need no lock, and every packet meets either the
 * former route or the new one. What the quick tests of the packet path go by, a bit for each /16 of
 * our own, is part of the view: it changes with a new view, published by one pointer. What is added
 * is in the table before, what is taken away leaves it after nothing leads there any more. */
#include "control/routes.h"

#include <errno.h>
#include <string.h>

#include <rte_malloc.h>

#include "control/neighbour.h"
#include "control/routes_steps.h"

/* Publishes the view once more, in `view`, with the marks of `pools` and of the configuration's
 * routes; the former one is freed when no worker looks at it. */
static void
publish(struct gateway *gateway, struct path_view *view, const struct nat_pools *pools)
{
	struct path_view *before = gateway->view;

	*view = *before;
	memset(view->special_blocks, 0, sizeof(view->special_blocks));
	routes_mark_own(gateway, view, pools);
	gateway->view = view;
	__atomic_store_n(&gateway->path.view, view, __ATOMIC_RELEASE);
	rte_rcu_qsbr_synchronize(gateway->path.grace, RTE_QSBR_THRID_INVALID);
	rte_free(before);
}

int
routes_follow_pools(struct gateway *gateway, const struct nat_pools *pools, struct fault *fault)
{
	const struct nat_pools *former = gateway->nat.pools;
	struct path_view *view = rte_malloc("view", sizeof(*view), RTE_CACHE_LINE_SIZE);
	int result =
		view == NULL ? -ENOMEM : routes_set_publics(gateway->view, pools, former, true);

	if (result != 0) {
		routes_set_publics(gateway->view, pools, former, false);
		rte_free(view);
		return fault_set(fault, -result, "no-routes", NULL,
			"Use fewer public addresses, or raise memory.heap_mb",
			"there is no room for the routes of the pool");
	}
	routes_set_publics(gateway->view, former, pools, false);
	publish(gateway, view, pools);
	return 0;
}

static bool
has_prefix(const struct gateway_config *config, struct ipv4_prefix prefix)
{
	for (unsigned int i = 0; i < config->route_count; i++)
		if (config->routes[i].prefix.address == prefix.address &&
			config->routes[i].prefix.length == prefix.length)
			return true;
	return false;
}

static bool
has_next_hop(const struct gateway_config *config, uint32_t address)
{
	for (unsigned int i = 0; i < config->route_count; i++)
		if (config->routes[i].via == address)
			return true;
	return false;
}

/* Makes all routes of a configuration, over those that are there. */
static int
add_all(struct gateway *gateway, const struct gateway_config *config, uint32_t *failed_via)
{
	for (unsigned int i = 0; i < config->route_count; i++) {
		const struct config_route *route = &config->routes[i];
		int neighbour = routes_next_hop(gateway, gateway->view, route->via), result;

		*failed_via = route->via;
		if (neighbour < 0)
			return neighbour;
		result = routes_add_prefix(gateway->view, route->prefix,
			PATH_HOP(PATH_HOP_NEIGHBOUR, (uint32_t)neighbour));
		if (result != 0)
			return result;
	}
	return 0;
}

/* Takes the routes, and then the next hops, of `config` that `others` does not have. */
static void
remove_others(struct gateway *gateway, const struct gateway_config *config,
	const struct gateway_config *others)
{
	for (unsigned int i = 0; i < config->route_count; i++)
		if (!has_prefix(others, config->routes[i].prefix))
			routes_delete_prefix(gateway->view, config->routes[i].prefix);
	for (unsigned int i = 0; i < config->route_count; i++)
		if (!has_next_hop(others, config->routes[i].via))
			neighbour_forsake(gateway, config->routes[i].via);
}

static int
refuse(int result, uint32_t via, struct fault *fault)
{
	char text[IPV4_TEXT_BYTES];

	if (result == -ENETUNREACH)
		return fault_set(fault, ENETUNREACH, "no-next-hop", ipv4_text(via, text),
			"Restart the gateway, if the file changes interfaces too",
			"the next hop is on no link that the gateway has now");
	return fault_set(fault, -result, "no-routes", ipv4_text(via, text),
		"Use fewer routes, or raise limits.neighbours and memory.heap_mb",
		"there is no room for the routes by");
}

int
routes_follow_config(
	struct gateway *gateway, const struct gateway_config *wanted, struct fault *fault)
{
	struct path_view *view = rte_malloc("view", sizeof(*view), RTE_CACHE_LINE_SIZE);
	uint32_t failed_via = 0, ignored;
	int result = view == NULL ? -ENOMEM : add_all(gateway, wanted, &failed_via);

	if (result != 0) {
		add_all(gateway, &gateway->config, &ignored);
		remove_others(gateway, wanted, &gateway->config);
		rte_free(view);
		return refuse(result, failed_via, fault);
	}
	remove_others(gateway, &gateway->config, wanted);
	gateway->config.route_count = wanted->route_count;
	memcpy(gateway->config.routes, wanted->routes, sizeof(wanted->routes));
	publish(gateway, view, gateway->nat.pools);
	return 0;
}
