/* show log. */
#include <time.h>

#include "base/log.h"
#include "control/command_tables.h"

#define LINES_STANDARD 30

static const char *const levels[] = {"error", "warn", "info", "debug", NULL};

static const struct result_column columns[] = {
	{"time", "", RESULT_LEFT},
	{"level", "", RESULT_LEFT},
	{"text", "", RESULT_LEFT},
};

static void
add_line(struct result_table *table, const struct log_line *line)
{
	time_t second = (time_t)(line->time_ns / 1000000000);
	char clock[32] = "";
	struct tm time;

	if (localtime_r(&second, &time) != NULL)
		strftime(clock, sizeof(clock), "%Y-%m-%d %H:%M:%S", &time);
	result_cell_text(table, "%s.%03u", clock, (unsigned int)(line->time_ns / 1000000 % 1000));
	result_cell_text(table, "%s", log_level_name(line->level));
	result_cell_text(table, "%s", line->text);
}

static int
show_log(void *context, const struct command_value *values, struct result *result)
{
	uint64_t limit = values[0].given ? values[0].number : LINES_STANDARD, matching = 0, skip;
	enum log_level least = values[1].given ? (enum log_level)values[1].number : LOG_LEVEL_DEBUG;
	struct result_table *table = result_table(result, "lines", columns, 3);
	const struct log_line *line;

	(void)context;
	for (line = log_next(0); line != NULL; line = log_next(line->number))
		matching += line->level <= least;
	skip = matching > limit ? matching - limit : 0;
	for (line = log_next(0); line != NULL; line = log_next(line->number)) {
		if (line->level > least)
			continue;
		if (skip > 0)
			skip--;
		else
			add_line(table, line);
	}
	return 0;
}

static const struct command commands[] = {
	{.words = "show log",
		.help = "the latest events",
		.text = "The oldest line first. The last 1024 lines are kept, whatever log.level "
			"says; "
			"that is for standard error alone.",
		.handler = show_log,
		.arguments = {{"limit", "lines at most, 30 unless given", COMMAND_NUMBER, true,
				      NULL, 1, LOG_LINES},
			{"level", "this level and more important ones", COMMAND_WORD, true,
				levels}}},
};

const struct command_table log_commands = {
	.section = "Log",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
