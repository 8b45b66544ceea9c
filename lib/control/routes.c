/* See routes.h. */
#include "control/routes.h"

#include <errno.h>
#include <string.h>

#include <rte_malloc.h>

#include "control/neighbour.h"
#include "control/routes_steps.h"

#define ROUTE_RULES_SPARE 1024 /* beside neighbours: own addresses, subnets, pools, routes */
#define ROUTE_TBL8_GROUPS 4096 /* one for each /24 that holds a longer prefix */

static int
add(struct path_view *view, struct ipv4_prefix prefix, uint32_t hop)
{
	return rte_lpm_add(
		view->routes, prefix.address & ipv4_mask(prefix.length), prefix.length, hop);
}

/* rte_lpm has no prefix of length 0: the default route is its two halves. */
static const struct ipv4_prefix low_half = {0, 1}, high_half = {UINT32_C(1) << 31, 1};

int
routes_add_prefix(struct path_view *view, struct ipv4_prefix prefix, uint32_t hop)
{
	int result;

	if (prefix.length != 0)
		return add(view, prefix, hop);
	result = add(view, low_half, hop);
	return result == 0 ? add(view, high_half, hop) : result;
}

void
routes_delete_prefix(struct path_view *view, struct ipv4_prefix prefix)
{
	if (prefix.length == 0) {
		rte_lpm_delete(view->routes, low_half.address, low_half.length);
		prefix = high_half;
	}
	rte_lpm_delete(view->routes, prefix.address, prefix.length);
}

static void
copy_interface(struct path_interface *interface, const struct config_interface *config,
	unsigned int port, const struct port *device)
{
	strcpy(interface->name, config->name);
	interface->side = config->side == CONFIG_INSIDE ? PORT_INSIDE : PORT_OUTSIDE;
	interface->port = (uint8_t)port;
	interface->vlan = config->vlan;
	interface->mtu_bytes = config->mtu_bytes;
	interface->has_kernel = config->kernel_interface[0] != '\0';
	memcpy(interface->mac, config->mac_set ? config->mac : device->mac, sizeof(interface->mac));
	interface->address_count = config->address_count;
	memcpy(interface->addresses, config->addresses, sizeof(config->addresses));
	for (unsigned int i = 0; i < config->address_count; i++)
		interface->sources[interface->source_count++] = config->addresses[i];
	for (unsigned int i = 0; i < config->prefix_count; i++)
		interface->sources[interface->source_count++] = config->prefixes[i];
}

/* Own addresses and broadcasts of an interface, its subnets, and what else lies behind it. */
static int
add_interface(struct path_view *view, unsigned int number)
{
	const struct path_interface *interface = &view->interfaces[number];
	int result = 0;

	for (unsigned int i = 0; result == 0 && i < interface->source_count; i++) {
		struct ipv4_prefix subnet = interface->sources[i];

		result = routes_add_prefix(view, subnet, PATH_HOP(PATH_HOP_CONNECTED, number));
	}
	for (unsigned int i = 0; result == 0 && i < interface->address_count; i++) {
		struct ipv4_prefix own = {interface->addresses[i].address, 32};
		struct ipv4_prefix broadcast = own;

		broadcast.address |= ~ipv4_mask(interface->addresses[i].length);
		result = add(view, own, PATH_HOP(PATH_HOP_LOCAL, number));
		if (result == 0 && interface->addresses[i].length < 31)
			result = add(view, broadcast, PATH_HOP(PATH_HOP_LOCAL, number));
	}
	return result;
}

static int
add_interfaces(struct gateway *gateway, struct path_view *view)
{
	int result = 0;

	memset(view->interface_of_tag, PATH_NO_INTERFACE, sizeof(view->interface_of_tag));
	for (unsigned int i = 0; result == 0 && i < gateway->config.interface_count; i++) {
		const struct config_interface *config = &gateway->config.interfaces[i];
		unsigned int port = 0;

		/* Subinterfaces share a device, and so a port. */
		while (strcmp(gateway->ports[port].device, config->device) != 0)
			port++;
		copy_interface(&view->interfaces[i], config, port, &gateway->ports[port]);
		view->interface_of_tag[port][config->vlan] = (uint8_t)i;
		view->interface_count = i + 1;
		result = add_interface(view, i);
	}
	return result;
}

/* The host route of a pool's address comes or goes; a host route, so that no connected subnet is
 * more specific. An own address that is also a pool's stays ours; the path tells. */
static int
set_public(struct path_view *view, uint32_t address, bool wanted)
{
	enum path_hop_kind kind = path_hop_kind(path_view_route(view, address));

	if (wanted)
		return kind != PATH_HOP_LOCAL ? rte_lpm_add(view->routes, address, 32,
							PATH_HOP(PATH_HOP_PUBLIC, 0))
					      : 0;
	if (kind == PATH_HOP_PUBLIC)
		rte_lpm_delete(view->routes, address, 32);
	return 0;
}

int
routes_set_publics(struct path_view *view, const struct nat_pools *pools,
	const struct nat_pools *beside, bool wanted)
{
	int result = 0;

	for (uint32_t place = 0; result == 0 && place < pools->place_limit; place++) {
		uint32_t address = pools->addresses[place];

		if (address != 0 &&
			(beside == NULL || nat_pools_find_public(beside, address) == UINT32_MAX))
			result = set_public(view, address, wanted);
	}
	return result;
}

int
routes_next_hop(struct gateway *gateway, struct path_view *view, uint32_t address)
{
	uint32_t hop = path_view_route(view, address);
	struct ipv4_prefix host = {address, 32};
	int neighbour, result;

	if (path_hop_kind(hop) != PATH_HOP_CONNECTED && path_hop_kind(hop) != PATH_HOP_NEIGHBOUR)
		return -ENETUNREACH;
	neighbour = neighbour_keep(gateway, address, path_view_hop_interface(view, hop));
	if (neighbour < 0)
		return neighbour;
	/* Another neighbour's number: a route that covers this next hop leads away from the link.
	 */
	if (path_hop_kind(hop) == PATH_HOP_NEIGHBOUR && path_hop_number(hop) != (uint32_t)neighbour)
		return -ENETUNREACH;
	result = add(view, host, PATH_HOP(PATH_HOP_NEIGHBOUR, (uint32_t)neighbour));
	return result == 0 ? neighbour : result;
}

static int
add_routes(struct gateway *gateway, struct path_view *view)
{
	int result = 0;

	for (unsigned int i = 0; result == 0 && i < gateway->config.route_count; i++) {
		const struct config_route *route = &gateway->config.routes[i];
		int neighbour = routes_next_hop(gateway, view, route->via);
		uint32_t hop = PATH_HOP(PATH_HOP_NEIGHBOUR, (uint32_t)neighbour);

		if (neighbour < 0) /* the configuration's check has refused this already */
			return neighbour;
		result = routes_add_prefix(view, route->prefix, hop);
	}
	return result;
}

void
routes_mark_own(struct gateway *gateway, struct path_view *view, const struct nat_pools *pools)
{
	for (unsigned int i = 0; i < view->interface_count; i++)
		for (unsigned int k = 0; k < view->interfaces[i].source_count; k++)
			path_view_mark_own(view, view->interfaces[i].sources[k]);
	/* What lies behind a router inside is inside as well: not to be translated. */
	for (unsigned int i = 0; i < gateway->config.route_count; i++) {
		const struct config_route *route = &gateway->config.routes[i];
		unsigned int interface =
			path_view_hop_interface(view, path_view_route(view, route->via));

		if (interface != PATH_NO_INTERFACE &&
			view->interfaces[interface].side == PORT_INSIDE)
			path_view_mark_own(view, route->prefix);
	}
	for (unsigned int i = 0; i < pools->count; i++)
		for (unsigned int k = 0; k < pools->pool[i].public_count; k++)
			path_view_mark_own(view, pools->pool[i].public_prefixes[k]);
}

int
routes_build(struct gateway *gateway, struct path_view **out, struct fault *fault)
{
	struct rte_lpm_config config = {
		.max_rules = gateway->config.neighbours_max + CONFIG_ROUTES_MAX +
			     NAT_ADDRESSES_MAX + ROUTE_RULES_SPARE,
		.number_tbl8s = ROUTE_TBL8_GROUPS,
	};
	struct rte_lpm_rcu_config grace = {.v = gateway->path.grace, .mode = RTE_LPM_QSBR_MODE_DQ};
	struct path_view *view = rte_zmalloc("view", sizeof(*view), RTE_CACHE_LINE_SIZE);
	int result = -ENOMEM;

	if (view != NULL)
		view->routes = rte_lpm_create("routes", SOCKET_ID_ANY, &config);
	if (view == NULL || view->routes == NULL || rte_lpm_rcu_qsbr_add(view->routes, &grace) != 0)
		goto failed;
	view->neighbours = neighbour_words(gateway->neighbours);
	result = add_interfaces(gateway, view);
	if (result == 0)
		result = add_routes(gateway, view);
	if (result == 0)
		result = routes_set_publics(view, gateway->nat.pools, NULL, true);
	if (result != 0)
		goto failed;
	routes_mark_own(gateway, view, gateway->nat.pools);
	*out = view;
	return 0;
failed:
	routes_free(view);
	return fault_set(fault, -result, "no-routes", NULL,
		"Raise memory.heap_mb (the route table takes 70 MB), or use fewer prefixes",
		"the route table could not be built");
}

void
routes_free(struct path_view *view)
{
	if (view == NULL)
		return;
	rte_lpm_free(view->routes);
	rte_free(view);
}
