/* The command `help`: the list of commands by section, or one command in full. */
#include <errno.h>
#include <string.h>

#include "command/arguments.h"
#include "command/registry.h"

static const struct result_column list_columns[] = {
	{"usage", "", RESULT_LEFT},
	{"help", "", RESULT_LEFT},
};

static const struct result_column argument_columns[] = {
	{"argument", NULL, RESULT_LEFT},
	{"accepts", NULL, RESULT_LEFT},
	{"help", "meaning", RESULT_LEFT},
};

static void
list_row(struct result_table *table, const struct command *command)
{
	char usage[256];

	result_cell_text(table, "%s", command_usage(command, usage, sizeof(usage)));
	result_cell_text(table, "%s", command->help);
}

/* One table a section; features may share a section. */
static void
list_sections(const struct command_registry *registry, struct result *result)
{
	for (unsigned int i = 0; i < registry->count; i++) {
		const char *section = registry->entries[i].section;
		struct result_table *table;
		unsigned int first = 0;

		while (strcmp(registry->entries[first].section, section) != 0)
			first++;
		if (first < i)
			continue;
		table = result_table(result, section, list_columns, 2);
		for (unsigned int j = i; j < registry->count; j++)
			if (strcmp(registry->entries[j].section, section) == 0)
				list_row(table, registry->entries[j].command);
	}
	result_note(result, "`help COMMAND` tells more; TAB completes; words may be shortened.");
}

static void
describe(const struct command *command, struct result *result)
{
	unsigned int count = command_argument_count(command);
	struct result_table *table;
	char usage[512];

	result_text(result, "usage", "%s", command_usage(command, usage, sizeof(usage)));
	result_text(result, "help", "%s", command->help);
	if (count > 0) {
		table = result_table(result, "arguments", argument_columns, 3);
		for (unsigned int i = 0; i < count; i++) {
			const struct command_argument *argument = &command->arguments[i];
			char bounds[256];

			result_cell_text(table, "%s", argument->name);
			result_cell_text(
				table, "%s", command_bounds(argument, bounds, sizeof(bounds)));
			result_cell_text(table, "%s%s", argument->help,
				argument->named ? " (optional)" : "");
		}
	}
	if (command->text != NULL)
		result_note(result, "%s", command->text);
}

/* Commands whose words begin with those of `place`, the one that ends there left out. */
static void
list_below(const struct command_registry *registry, const struct command_place *place,
	struct result *result)
{
	struct result_table *table = NULL;

	for (unsigned int i = 0; i < registry->count; i++) {
		const struct command_entry *entry = &registry->entries[i];

		if (!command_under(entry, place) || entry == place->entry)
			continue;
		if (table == NULL)
			table = result_table(result, "commands", list_columns, 2);
		list_row(table, entry->command);
	}
}

static int
help(void *context, const struct command_value *values, struct result *result)
{
	const struct command_registry *registry = context;
	struct command_place place;
	struct words words;
	struct fault fault;

	if (!values[0].given) {
		list_sections(registry, result);
		return 0;
	}
	words_start(&words, values[0].word);
	if (command_find(registry, &words, &place, &fault) != 0)
		return result_fault(result, &fault);
	if (words_peek(&words) != NULL)
		return result_refuse(result, ENOENT, "unknown-command", values[0].word,
			"Type `help` for the list of commands", "there is no such command");
	if (place.entry != NULL)
		describe(place.entry->command, result);
	list_below(registry, &place, result);
	return 0;
}

static const struct command help_commands[] = {
	{
		.words = "help",
		.help = "list the commands, or tell all about one",
		.text = "With the first words of several commands it lists those.",
		.handler = help,
		.arguments = {{.name = "command",
			.help = "command to describe",
			.type = COMMAND_NAME}},
	},
};

const struct command_table command_help_table = {"Help", help_commands, 1};
