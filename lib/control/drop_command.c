/* show drops: every reason why a packet did not pass. */
#include "control/command_tables.h"
#include "control/gateway.h"

static const struct result_column columns[] = {
	{"reason", NULL, RESULT_LEFT},
	{"packets", NULL, RESULT_RIGHT},
	{"meaning", NULL, RESULT_LEFT},
};

static int
show(struct gateway *gateway, bool also_zero, struct result *result)
{
	struct statistics totals;
	struct result_table *table;
	uint64_t sum = 0;

	statistics_since_clear(gateway, &totals);
	for (unsigned int i = 1; i < DROP_REASON_COUNT; i++)
		sum += totals.drops[i];
	result_number(result, "dropped", sum);
	table = result_table(result, "drops", columns, 3);
	for (unsigned int i = 1; i < DROP_REASON_COUNT; i++) {
		if (totals.drops[i] == 0 && !also_zero)
			continue;
		result_cell_text(table, "%s", drop_reason_name((enum drop_reason)i));
		result_cell_number(table, totals.drops[i]);
		result_cell_text(table, "%s", drop_reason_sentence((enum drop_reason)i));
	}
	return 0;
}

static int
show_drops(void *context, const struct command_value *values, struct result *result)
{
	(void)values;
	return show(context, false, result);
}

static int
show_all_drops(void *context, const struct command_value *values, struct result *result)
{
	(void)values;
	return show(context, true, result);
}

static const struct command commands[] = {
	{.words = "show drops",
		.help = "dropped packets by reason",
		.text = "Counted since the start or `clear stats`, on all workers and on the "
			"control "
			"thread. Reasons that did not occur are left out.",
		.handler = show_drops},
	{.words = "show drops all",
		.help = "every reason, also those that did not occur",
		.handler = show_all_drops},
};

const struct command_table drop_commands = {
	.section = "Packets",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
