/* show neighbours, show interfaces, show routes: what surrounds the gateway. */
#include <string.h>
#include <bsd/string.h>

#include "control/command_tables.h"
#include "control/neighbour.h"

static const struct result_column neighbour_columns[] = {
	{"address", NULL, RESULT_LEFT},
	{"interface", NULL, RESULT_LEFT},
	{"mac", "MAC address", RESULT_LEFT},
	{"state", NULL, RESULT_LEFT},
	{"confirmed_seconds", "confirmed s ago", RESULT_RIGHT},
	{"waiting", NULL, RESULT_RIGHT},
	{"next_hop", NULL, RESULT_LEFT},
};

static const struct result_column interface_columns[] = {
	{"interface", NULL, RESULT_LEFT},
	{"side", NULL, RESULT_LEFT},
	{"port", NULL, RESULT_LEFT},
	{"vlan", NULL, RESULT_RIGHT},
	{"mtu_bytes", "MTU", RESULT_RIGHT},
	{"mac", "MAC address", RESULT_LEFT},
	{"kernel_interface", NULL, RESULT_LEFT},
	{"addresses", NULL, RESULT_LEFT},
	{"prefixes", "further prefixes", RESULT_LEFT},
};

static const struct result_column route_columns[] = {
	{"prefix", NULL, RESULT_LEFT},
	{"kind", NULL, RESULT_LEFT},
	{"via", NULL, RESULT_LEFT},
	{"interface", NULL, RESULT_LEFT},
	{"state", NULL, RESULT_LEFT},
};

static const char *
state_name(const struct neighbour *neighbour)
{
	static const char *const names[] = {"free", "incomplete", "reachable", "failed"};

	return names[neighbour->state];
}

static int
show_neighbours(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct result_table *table = result_table(result, "neighbours", neighbour_columns, 7);
	uint64_t now_ms = gateway_now_ms();
	const struct neighbour *neighbour;
	uint32_t cursor = 0;

	(void)values;
	while ((neighbour = neighbour_next(gateway->neighbours, &cursor)) != NULL) {
		char address[IPV4_TEXT_BYTES], mac[COMMAND_MAC_BYTES];
		bool known = neighbour->confirmed_ms != 0;

		result_cell_text(table, "%s", ipv4_text(neighbour->address, address));
		result_cell_text(table, "%s", gateway->view->interfaces[neighbour->interface].name);
		if (known) {
			result_cell_text(table, "%s", command_mac(neighbour->mac, mac));
			result_cell_text(table, "%s", state_name(neighbour));
			result_cell_number(table, (now_ms - neighbour->confirmed_ms) / 1000);
		} else {
			result_cell_none(table);
			result_cell_text(table, "%s", state_name(neighbour));
			result_cell_none(table);
		}
		result_cell_number(table, neighbour->queue_count);
		result_cell_text(table, "%s", neighbour->kept ? "yes" : "no");
	}
	return 0;
}

/* "10.0.0.254/24, 10.2.0.1/16". */
static void
cell_prefixes(struct result_table *table, const struct ipv4_prefix *prefixes, unsigned int count)
{
	char text[CONFIG_ADDRESSES_MAX * (PREFIX_TEXT_BYTES + 2)] = "", prefix[PREFIX_TEXT_BYTES];

	for (unsigned int i = 0; i < count; i++) {
		if (i > 0)
			strlcat(text, ", ", sizeof(text));
		strlcat(text, ipv4_prefix_text(prefixes[i], prefix), sizeof(text));
	}
	if (count != 0)
		result_cell_text(table, "%s", text);
	else
		result_cell_none(table);
}

static int
show_interfaces(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct result_table *table = result_table(result, "interfaces", interface_columns, 9);

	(void)values;
	for (unsigned int i = 0; i < gateway->view->interface_count; i++) {
		const struct path_interface *interface = &gateway->view->interfaces[i];
		const struct config_interface *config = &gateway->config.interfaces[i];
		char mac[COMMAND_MAC_BYTES];

		result_cell_text(table, "%s", interface->name);
		result_cell_text(
			table, "%s", interface->side == PORT_INSIDE ? "inside" : "outside");
		result_cell_text(table, "%s", gateway->ports[interface->port].name);
		if (interface->vlan != 0)
			result_cell_number(table, interface->vlan);
		else
			result_cell_none(table);
		result_cell_number(table, interface->mtu_bytes);
		result_cell_text(table, "%s", command_mac(interface->mac, mac));
		if (interface->has_kernel)
			result_cell_text(table, "%s", config->kernel_interface);
		else
			result_cell_none(table);
		cell_prefixes(table, interface->addresses, interface->address_count);
		cell_prefixes(table, config->prefixes, config->prefix_count);
	}
	return 0;
}

static void
add_route(struct result_table *table, struct ipv4_prefix prefix, const char *kind, const char *via,
	const char *interface, const char *state)
{
	char text[PREFIX_TEXT_BYTES];

	prefix.address &= ipv4_mask(prefix.length);
	result_cell_text(table, "%s", ipv4_prefix_text(prefix, text));
	result_cell_text(table, "%s", kind);
	for (unsigned int i = 0; i < 3; i++) {
		const char *word = i == 0 ? via : i == 1 ? interface : state;

		if (word != NULL)
			result_cell_text(table, "%s", word);
		else
			result_cell_none(table);
	}
}

static const struct neighbour *
find_next_hop(const struct gateway *gateway, uint32_t address)
{
	const struct neighbour *neighbour;
	uint32_t cursor = 0;

	while ((neighbour = neighbour_next(gateway->neighbours, &cursor)) != NULL)
		if (neighbour->address == address)
			break;
	return neighbour;
}

static int
show_routes(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct result_table *table = result_table(result, "routes", route_columns, 5);

	(void)values;
	for (unsigned int i = 0; i < gateway->view->interface_count; i++) {
		const struct path_interface *interface = &gateway->view->interfaces[i];

		for (unsigned int k = 0; k < interface->source_count; k++)
			add_route(table, interface->sources[k], "connected", NULL, interface->name,
				NULL);
	}
	for (unsigned int i = 0; i < gateway->config.route_count; i++) {
		const struct config_route *route = &gateway->config.routes[i];
		const struct neighbour *hop = find_next_hop(gateway, route->via);
		char via[IPV4_TEXT_BYTES];

		add_route(table, route->prefix, "static", ipv4_text(route->via, via),
			hop != NULL ? gateway->view->interfaces[hop->interface].name : NULL,
			hop != NULL ? state_name(hop) : NULL);
	}
	for (unsigned int i = 0; i < gateway->nat.pools->count; i++) {
		const struct nat_pool *pool = &gateway->nat.pools->pool[i];

		for (unsigned int k = 0; k < pool->public_count; k++)
			add_route(table, pool->public_prefixes[k], "pool", NULL, NULL, pool->name);
	}
	return 0;
}

static const struct command commands[] = {
	{.words = "show neighbours",
		.help = "the ARP table",
		.text = "reachable: answered, and is asked again after 30 s. incomplete: asked, "
			"packets "
			"may be waiting. failed: three questions without an answer.",
		.handler = show_neighbours},
	{.words = "show interfaces",
		.help = "interfaces with their addresses",
		.handler = show_interfaces},
	{.words = "show routes",
		.help = "connected subnets, static routes, pools",
		.text = "The longest prefix decides. The state of a static route is that of its "
			"next "
			"hop.",
		.handler = show_routes},
};

const struct command_table neighbour_commands = {
	.section = "Network",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
