/* See commands.h. */
#include "control/commands.h"

#include "command/man.h"

void
commands_quit(struct gateway *gateway)
{
	gateway->quit = true;
	uv_stop(&gateway->loop);
}

static int
quit(void *context, const struct command_value *values, struct result *result)
{
	(void)values;
	result_end_input(result);
	commands_quit(context);
	return 0;
}

static const struct command commands[] = {
	{.words = "quit",
		.help = "stop the gateway",
		.text = "Workers end after the burst in hand. Mappings stay in the table file and are "
			"taken over by the next start.",
		.handler = quit},
};

static const struct command_table gateway_table = {
	.section = "Gateway",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};

void
commands_register(struct command_registry *registry, struct gateway *gateway)
{
	command_register(registry, &gateway_table, gateway);
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
