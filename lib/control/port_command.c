/* show port stats, show port info. */
#include <errno.h>
#include <string.h>

#include "control/command_tables.h"
#include "control/gateway.h"

static const struct result_column stats_columns[] = {
	{"port", NULL, RESULT_LEFT},
	{"rx_packets", NULL, RESULT_RIGHT},
	{"rx_bytes", NULL, RESULT_RIGHT},
	{"rx_missed", NULL, RESULT_RIGHT},
	{"rx_errors", NULL, RESULT_RIGHT},
	{"rx_no_buffers", NULL, RESULT_RIGHT},
	{"tx_packets", NULL, RESULT_RIGHT},
	{"tx_bytes", NULL, RESULT_RIGHT},
	{"tx_errors", NULL, RESULT_RIGHT},
	{"rx_packets_per_second", "rx pps", RESULT_RIGHT},
	{"tx_packets_per_second", "tx pps", RESULT_RIGHT},
};

static const struct result_column info_columns[] = {
	{"port", NULL, RESULT_LEFT},
	{"driver", NULL, RESULT_LEFT},
	{"device", NULL, RESULT_LEFT},
	{"link", NULL, RESULT_LEFT},
	{"speed_mbps", "Mbit/s", RESULT_RIGHT},
	{"mac", "MAC address", RESULT_LEFT},
	{"mtu_bytes", "MTU", RESULT_RIGHT},
	{"rx_queues", NULL, RESULT_RIGHT},
	{"tx_queues", NULL, RESULT_RIGHT},
	{"rx_checksums", "checks sums", RESULT_LEFT},
	{"spreads_by_owner", "spreads by owner", RESULT_LEFT},
};

/* The port of that name; "all" and no word mean every port. 0, or a refusal. */
static int
choose(struct gateway *gateway, const struct command_value *value, struct port **chosen,
	struct result *result)
{
	*chosen = NULL;
	if (!value->given || value->word[0] == '\0' || strcmp(value->word, "all") == 0)
		return 0;
	for (unsigned int i = 0; i < gateway->port_count; i++)
		if (strcmp(gateway->port_list[i]->name, value->word) == 0) {
			*chosen = gateway->port_list[i];
			return 0;
		}
	return result_refuse(result, ENODEV, "no-such-port", value->word, "See: show port info",
		"there is no port of this name");
}

static int
show_stats(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct statistics totals, rates;
	struct result_table *table;
	struct port *chosen;
	int refused = choose(gateway, &values[0], &chosen, result);

	if (refused != 0)
		return refused;
	statistics_since_clear(gateway, &totals);
	statistics_since_last(gateway, STATISTICS_PORTS, &rates);
	table = result_table(result, "ports", stats_columns, 11);
	for (unsigned int i = 0; i < gateway->port_count; i++) {
		const struct port_counters *sum = &totals.ports[i], *moved = &rates.ports[i];

		if (chosen != NULL && chosen != gateway->port_list[i])
			continue;
		result_cell_text(table, "%s", gateway->port_list[i]->name);
		result_cell_number(table, sum->rx_packets);
		result_cell_number(table, sum->rx_bytes);
		result_cell_number(table, sum->rx_missed);
		result_cell_number(table, sum->rx_errors);
		result_cell_number(table, sum->rx_no_buffers);
		result_cell_number(table, sum->tx_packets);
		result_cell_number(table, sum->tx_bytes);
		result_cell_number(table, sum->tx_errors);
		result_cell_real(table, statistics_per_second(&rates, moved->rx_packets), 0);
		result_cell_real(table, statistics_per_second(&rates, moved->tx_packets), 0);
	}
	return 0;
}

static int
show_info(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct result_table *table;
	struct port *chosen;
	int refused = choose(gateway, &values[0], &chosen, result);

	if (refused != 0)
		return refused;
	table = result_table(result, "ports", info_columns, 11);
	for (unsigned int i = 0; i < gateway->port_count; i++) {
		struct port *port = gateway->port_list[i];
		char mac[COMMAND_MAC_BYTES];
		uint32_t speed_mbps = 0;

		if (chosen != NULL && chosen != port)
			continue;
		result_cell_text(table, "%s", port->name);
		result_cell_text(table, "%s", port->driver->name);
		result_cell_text(table, "%s", port->device);
		result_cell_text(
			table, "%s", port->driver->link(port, &speed_mbps) == 0 ? "DOWN" : "up");
		if (speed_mbps != 0)
			result_cell_number(table, speed_mbps);
		else
			result_cell_none(table);
		result_cell_text(table, "%s", command_mac(port->mac, mac));
		result_cell_number(table, port->mtu_bytes);
		result_cell_number(table, port->rx_queues);
		result_cell_number(table, port->tx_queues);
		result_cell_text(table, "%s", port->checks_rx_checksums ? "yes" : "no");
		result_cell_text(table, "%s", port->source_only_rss ? "yes" : "no");
	}
	return 0;
}

static const struct command commands[] = {
	{.words = "show port stats",
		.help = "packets, bytes and losses of the ports",
		.text = "Counts since the start or `clear stats`; rates since the command was "
			"given "
			"before.",
		.handler = show_stats,
		.arguments = {{"port", "a port's name, or all", COMMAND_REST, false, NULL, 0, 0}}},
	{.words = "show port info",
		.help = "drivers, links, queues and abilities of the ports",
		.handler = show_info,
		.arguments = {{"port", "a port's name, or all", COMMAND_REST, false, NULL, 0, 0}}},
};

const struct command_table port_commands = {
	.section = "Ports",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
