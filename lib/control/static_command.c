/* show nat statics, add nat static, del nat static. */
#include "base/log.h"
#include "control/command_tables.h"
#include "control/statics.h"

/* In the order of enum config_protocol. */
static const char *const protocols[] = {"udp", "tcp", "icmp", NULL};

static const struct result_column columns[] = {
	{"protocol", NULL, RESULT_LEFT},
	{"private", NULL, RESULT_LEFT},
	{"public", NULL, RESULT_LEFT},
	{"h16_index", "H16 index", RESULT_RIGHT},
	{"packets_in", NULL, RESULT_RIGHT},
	{"packets_out", NULL, RESULT_RIGHT},
};

static void
add_row(struct gateway *gateway, struct result_table *table, const struct gateway_static *entry)
{
	const struct nat *nat = &gateway->nat;
	struct ipv4_endpoint public = {
		nat_slot_address(nat, entry->slot), nat_slot_port(entry->slot)};
	unsigned int index =
		nat_slot_h16_index(nat, entry->slot, nat_word_load(&nat->table, entry->slot));
	char text[ENDPOINT_TEXT_BYTES];

	result_cell_text(table, "%s", protocols[entry->config.protocol]);
	result_cell_text(table, "%s", ipv4_endpoint_text(entry->config.private_endpoint, text));
	result_cell_text(table, "%s", ipv4_endpoint_text(public, text));
	if (index < H16_INDEXES)
		result_cell_number(table, index);
	else
		result_cell_none(table);
	result_cell_number(table, nat_hot_packets(&nat->table.in[entry->slot]));
	result_cell_number(table, nat_hot_packets(&nat->table.out[entry->slot]));
}

static int
show_statics(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct result_table *table = result_table(result, "statics", columns, 6);

	(void)values;
	for (unsigned int i = 0; i < gateway->static_count; i++)
		add_row(gateway, table, &gateway->statics[i]);
	return 0;
}

static int
add_static(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct config_static config = {
		.protocol = (enum config_protocol)values[0].number,
		.private_endpoint = values[1].endpoint,
		.public_endpoint = values[2].endpoint,
	};
	struct fault fault;

	if (statics_add(gateway, &config, &fault) != 0)
		return result_fault(result, &fault);
	log_info("static mapping added: %s %s at %s", values[0].word, values[1].word,
		values[2].word);
	add_row(gateway, result_table(result, "statics", columns, 6),
		&gateway->statics[gateway->static_count - 1]);
	result_note(result,
		"It lasts until the gateway stops; put it into the configuration to keep it.");
	return 0;
}

static int
del_static(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct config_static config = {
		.protocol = (enum config_protocol)values[0].number,
		.private_endpoint = values[1].endpoint,
	};
	struct fault fault;

	if (statics_remove(gateway, &config, &fault) != 0)
		return result_fault(result, &fault);
	log_info("static mapping removed: %s %s", values[0].word, values[1].word);
	return 0;
}

static const struct command commands[] = {
	{.words = "show nat statics",
		.help = "static mappings with their traffic",
		.handler = show_statics},
	{.words = "add nat static",
		.help = "let the world reach a private endpoint",
		.text = "Any remote may then open connections to the public endpoint. Public port "
			"0 "
			"means the port that H16 gives. For icmp the port is the query identifier.",
		.handler = add_static,
		.arguments = {{"protocol", "of the mapping", COMMAND_WORD, false, protocols},
			{"private", "the server inside", COMMAND_ENDPOINT},
			{"public", "an address of its pool, and a port or 0", COMMAND_ENDPOINT}}},
	{.words = "del nat static",
		.help = "take a static mapping away",
		.text = "Connections through it end. A static mapping of the configuration comes "
			"back "
			"with the next start.",
		.handler = del_static,
		.arguments = {{"protocol", "of the mapping", COMMAND_WORD, false, protocols},
			{"private", "the server inside", COMMAND_ENDPOINT}}},
};

const struct command_table static_commands = {
	.section = "NAT",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
