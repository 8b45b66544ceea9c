/* reload, show config. */
#include <string.h>

#include "control/command_tables.h"
#include "control/reload.h"

static const struct result_column change_columns[] = {
	{"value", NULL, RESULT_LEFT},
	{"change", NULL, RESULT_LEFT},
};

static const struct result_column value_columns[] = {
	{"name", "value", RESULT_LEFT},
	{"value", "is", RESULT_LEFT},
	{"unit", NULL, RESULT_LEFT},
	{"standard", "default", RESULT_LEFT},
	{"change", NULL, RESULT_LEFT},
};

static int
reload(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct result_table *table;
	struct reload_report report;
	struct fault fault;

	(void)values;
	if (reload_run(gateway, &report, &fault) != 0)
		return result_fault(result, &fault);
	result_number(result, "applied", report.applied_count);
	result_number(result, "need_restart", report.restart_count);
	table = result_table(result, "changes", change_columns, 2);
	for (unsigned int i = 0; i < report.applied_count; i++) {
		result_cell_text(table, "%s", report.applied[i]->path);
		result_cell_text(table, "applied");
	}
	for (unsigned int i = 0; i < report.restart_count; i++) {
		result_cell_text(table, "%s", report.restart[i]->path);
		result_cell_text(table, "needs a restart");
	}
	if (report.restart_count != 0)
		result_note(result, "Values that need a restart are as they were until then.");
	return 0;
}

/* What show_config() fills, and which values it was asked for. */
struct show {
	struct result_table *table;
	const char *begins;
};

static void
add_value(void *opaque, const struct config_row *row, const char *path, const char *value)
{
	const struct show *show = opaque;

	if (strncmp(path, show->begins, strlen(show->begins)) != 0)
		return;
	result_cell_text(show->table, "%s", path);
	result_cell_text(show->table, "%s", value);
	if (row->unit[0] != '\0')
		result_cell_text(show->table, "%s", row->unit);
	else
		result_cell_none(show->table);
	if (row->standard[0] != '\0')
		result_cell_text(show->table, "%s", row->standard);
	else
		result_cell_none(show->table);
	result_cell_text(show->table, "%s", row->live ? "live" : "restart");
}

static int
show_config(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct show show = {.begins = values[0].given ? values[0].word : ""};

	result_text(result, "file", "%s", gateway->config_path);
	show.table = result_table(result, "values", value_columns, 5);
	gateway_config_visit(&gateway->config, add_value, &show);
	return 0;
}

static const struct command commands[] = {
	{.words = "reload",
		.help = "read the configuration file again",
		.text = "A file that is wrong changes nothing. Routes, static mappings, pools, "
			"timers "
			"and the log level change at once; what needs a restart is told and stays "
			"as it "
			"is. Pools that the file does not have any more are drained. Static "
			"mappings "
			"that were added at the prompt stay.",
		.handler = reload},
	{.words = "show config",
		.help = "the configuration that the gateway runs with",
		.text = "With the beginning of a name, only those values: show config timers",
		.handler = show_config,
		.arguments = {{"name", "the beginning of names", COMMAND_REST, false, NULL, 0, 0}}},
};

const struct command_table config_commands = {
	.section = "Configuration",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
