/* status: the whole gateway on one screen. */
#include <string.h>

#include <rte_mempool.h>

#include "control/command_tables.h"
#include "control/gateway.h"

#define TOP_DROPS 5

static const struct result_column port_columns[] = {
	{"port", NULL, RESULT_LEFT},
	{"link", NULL, RESULT_LEFT},
	{"rx_packets_per_second", "rx pps", RESULT_RIGHT},
	{"rx_megabits_per_second", "rx Mbit/s", RESULT_RIGHT},
	{"tx_packets_per_second", "tx pps", RESULT_RIGHT},
	{"tx_megabits_per_second", "tx Mbit/s", RESULT_RIGHT},
	{"lost", "lost", RESULT_RIGHT},
};

static const struct result_column pool_columns[] = {
	{"pool", NULL, RESULT_LEFT},
	{"addresses", NULL, RESULT_RIGHT},
	{"mappings", NULL, RESULT_RIGHT},
	{"load", NULL, RESULT_RIGHT},
	{"highest_load", NULL, RESULT_RIGHT},
	{"at", NULL, RESULT_LEFT},
	{"alarm_load", "alarm at", RESULT_RIGHT},
	{"refuse_load", "refuse at", RESULT_RIGHT},
};

static const struct result_column drop_columns[] = {
	{"reason", NULL, RESULT_LEFT},
	{"packets", NULL, RESULT_RIGHT},
	{"meaning", NULL, RESULT_LEFT},
};

static const struct result_column alarm_columns[] = {{"alarm", "", RESULT_LEFT}};

static void
add_general(struct gateway *gateway, const struct statistics *rates, struct result *result)
{
	uint64_t up_ms = gateway_now_ms() - gateway->started_ms, busy = 0;
	char text[COMMAND_DURATION_BYTES];

	for (unsigned int i = 0; i < gateway->path.worker_count; i++)
		busy += statistics_busy_cycles(&rates->workers[i]);
	result_text(result, "instance", "%s", gateway->config.instance);
	result_text(result, "state", "%s", gateway->running ? "running" : "stopped");
	result_text(result, "uptime", "%s", command_duration(up_ms / 1000, text));
	result_number(result, "workers", gateway->path.worker_count);
	result_real(result, "busy_percent",
		rates->cycles == 0 || gateway->path.worker_count == 0
			? 0
			: 100.0 * (double)busy / (double)rates->cycles / gateway->path.worker_count,
		1);
	result_real(result, "new_mappings_per_second",
		statistics_per_second(rates, rates->mappings_created), 1);
}

static void
add_totals(struct gateway *gateway, const struct statistics *totals, struct result *result)
{
	result_number(result, "refusals", statistics_refusals(totals));
	result_number(result, "flow_records", flow_totals(&gateway->flows).records);
	result_text(result, "packet_buffers", "%u of %u free",
		rte_mempool_avail_count(gateway->packet_pool), gateway->packet_pool->size);
}

static void
add_ports(struct gateway *gateway, const struct statistics *rates, struct result *result)
{
	struct result_table *table = result_table(result, "ports", port_columns, 7);

	for (unsigned int i = 0; i < gateway->port_count; i++) {
		struct port *port = gateway->port_list[i];
		const struct port_counters *moved = &rates->ports[i];
		uint32_t speed_mbps;

		result_cell_text(table, "%s", port->name);
		result_cell_text(
			table, "%s", port->driver->link(port, &speed_mbps) == 0 ? "DOWN" : "up");
		result_cell_real(table, statistics_per_second(rates, moved->rx_packets), 0);
		result_cell_real(table, statistics_per_second(rates, moved->rx_bytes) * 8e-6, 2);
		result_cell_real(table, statistics_per_second(rates, moved->tx_packets), 0);
		result_cell_real(table, statistics_per_second(rates, moved->tx_bytes) * 8e-6, 2);
		result_cell_number(table, moved->rx_missed + moved->rx_errors +
						  moved->rx_no_buffers + moved->tx_errors);
	}
}

static void
add_pools(struct gateway *gateway, struct result *result)
{
	struct result_table *table = result_table(result, "pools", pool_columns, 8);

	for (unsigned int i = 0; i < gateway->nat.pools->count; i++) {
		const struct nat_pool *pool = &gateway->nat.pools->pool[i];
		char address[IPV4_TEXT_BYTES];
		struct pool_load load;

		alarms_pool_load(gateway, i, &load);
		result_cell_text(table, "%s", pool->name);
		result_cell_number(table, pool->address_count);
		result_cell_number(table, load.used);
		result_cell_real(table, load.mean, 4);
		result_cell_real(table, load.highest, 4);
		result_cell_text(table, "%s %s", ipv4_text(load.highest_address, address),
			nat_protocol_name(load.highest_protocol));
		result_cell_real(table, pool->alarm_load, 2);
		result_cell_real(table, pool->refuse_load, 2);
	}
}

/* The most frequent reasons. */
static void
add_drops(const struct statistics *totals, struct result *result)
{
	struct result_table *table = result_table(result, "drops", drop_columns, 3);
	uint64_t left[DROP_REASON_COUNT];

	memcpy(left, totals->drops, sizeof(left));
	for (unsigned int row = 0; row < TOP_DROPS; row++) {
		unsigned int most = 0;

		for (unsigned int i = 1; i < DROP_REASON_COUNT; i++)
			if (left[i] > left[most] || most == 0)
				most = i;
		if (left[most] == 0)
			return;
		result_cell_text(table, "%s", drop_reason_name((enum drop_reason)most));
		result_cell_number(table, left[most]);
		result_cell_text(table, "%s", drop_reason_sentence((enum drop_reason)most));
		left[most] = 0;
	}
}

static void
add_alarm(void *opaque, const char *sentence)
{
	result_cell_text(opaque, "%s", sentence);
}

static int
status(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct statistics rates, totals;

	(void)values;
	statistics_since_last(gateway, STATISTICS_STATUS, &rates);
	statistics_since_clear(gateway, &totals);
	add_general(gateway, &rates, result);
	add_totals(gateway, &totals, result);
	add_ports(gateway, &rates, result);
	add_pools(gateway, result);
	add_drops(&totals, result);
	alarms_visit(gateway, add_alarm, result_table(result, "alarms", alarm_columns, 1));
	result_note(result,
		"Rates are over the last %.1f s, since `status` was asked before; refusals and "
		"drops "
		"since the start or `clear stats`.",
		(double)rates.milliseconds / 1000);
	return 0;
}

static const struct command commands[] = {
	{.words = "status",
		.help = "the gateway on one screen",
		.text = "State, ports with their rates, load of the pools, refusals, the most "
			"frequent "
			"reasons of drops, alarms. Rates are over the time since `status` was "
			"asked "
			"before. `lost` counts packets that a port itself lost in that time.",
		.handler = status},
};

const struct command_table status_commands = {
	.section = "Gateway",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
