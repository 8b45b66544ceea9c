/* See commands.h. */
#include "control/commands.h"

#include "command/man.h"
#include "control/command_tables.h"

void
commands_quit(struct gateway *gateway)
{
	gateway->quit = true;
	uv_stop(&gateway->loop);
}

/* What `show nat summary` tells of the flow records. */
static void
flow_figures(void *opaque, struct nat_flow_figures *figures)
{
	const struct gateway *gateway = opaque;
	struct flow_totals totals = flow_totals(&gateway->flows);

	*figures = (struct nat_flow_figures){
		.records = totals.records,
		.records_free = totals.records_free,
		.created = totals.created,
		.refused = totals.refused,
	};
}

/* In the order of `help` and of the manual page. */
static const struct command_table *const tables[] = {
	&run_commands,
	&status_commands,
	&config_commands,
	&log_commands,
	&port_commands,
	&neighbour_commands,
	&worker_commands,
	&drop_commands,
	&trace_commands,
	&capture_commands,
	&pool_commands,
	&static_commands,
};

void
commands_register(struct command_registry *registry, struct gateway *gateway)
{
	gateway->nat_commands = (struct nat_command_context){
		.nat = &gateway->nat,
		.now_seconds = gateway_now_seconds,
		.flow_figures = flow_figures,
		.opaque = gateway,
	};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		command_register(registry, tables[i], gateway);
	command_register(registry, &nat_commands, &gateway->nat_commands);
}

void
commands_print_man(struct command_registry *registry, FILE *file)
{
	static const struct command_man_page page = {
		.name = "binfm-gateway-commands",
		.section = "7",
		.summary = "commands of the binfm gateway",
		.description = "Typed at the prompt of binfm-gateway, or given to binfm-cli.",
		.see_also = "binfm-cli 1",
	};

	command_man_write(registry, &page, file);
}
