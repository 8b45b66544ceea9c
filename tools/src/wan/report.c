/* See report.h. */
#include "report.h"

#define COLUMNS(array) array, sizeof(array) / sizeof(array[0])
#define MICROSECOND    1000.0

static const struct result_column setting_columns[] = {
	{"link"},
	{"direction"},
	{"from"},
	{"to"},
	{"state"},
	{"seed", NULL, RESULT_RIGHT},
	{"realtime"},
	{"shape"},
};
static const struct result_column count_columns[] = {
	{"link"},
	{"direction"},
	{"arrived", NULL, RESULT_RIGHT},
	{"passed", NULL, RESULT_RIGHT},
	{"passed_bytes", "bytes", RESULT_RIGHT},
	{"lost", NULL, RESULT_RIGHT},
	{"duplicated", NULL, RESULT_RIGHT},
	{"reordered", NULL, RESULT_RIGHT},
	{"queued", NULL, RESULT_RIGHT},
	{"drop_queue", NULL, RESULT_RIGHT},
	{"drop_memory", NULL, RESULT_RIGHT},
	{"drop_partition", NULL, RESULT_RIGHT},
	{"drop_send", NULL, RESULT_RIGHT},
	{"drop_unusable", NULL, RESULT_RIGHT},
	{"drop_missed", NULL, RESULT_RIGHT},
};
static const struct result_column lateness_columns[] = {
	{"link"},
	{"direction"},
	{"frames", NULL, RESULT_RIGHT},
	{"error_p50_us", "error p50 us", RESULT_RIGHT},
	{"error_p99_us", "p99 us", RESULT_RIGHT},
	{"error_max_us", "max us", RESULT_RIGHT},
};

struct report
report_begin(void)
{
	struct report report = {.result = result_new()};

	report.settings = result_table(report.result, "links", COLUMNS(setting_columns));
	report.counts = result_table(report.result, "counts", COLUMNS(count_columns));
	report.lateness = result_table(report.result, "delay_error", COLUMNS(lateness_columns));
	return report;
}

static void
begin_row(struct result_table *table, const struct protocol_reply *reply, unsigned int direction)
{
	result_cell_text(table, "%s", reply->name);
	result_cell_text(table, "%s", protocol_direction_name(direction));
}

static void
add_settings(struct result_table *table, const struct protocol_reply *reply, unsigned int direction)
{
	char text[SHAPE_TEXT_BYTES];

	begin_row(table, reply, direction);
	result_cell_text(table, "%s", reply->ends[direction]);
	result_cell_text(table, "%s", reply->ends[direction == LINK_AB ? LINK_BA : LINK_AB]);
	result_cell_text(table, "%s",
		reply->lines[LINK_AB].from_gone || reply->lines[LINK_BA].from_gone
			? "interface gone"
		: reply->lines[direction].shape.partition ? "partition"
							  : "up");
	result_cell_number(table, reply->seed);
	result_cell_text(table, "%s", reply->realtime ? "yes" : "no");
	result_cell_text(
		table, "%s", shape_text(&reply->lines[direction].shape, text, sizeof(text)));
}

static void
add_counts(struct result_table *table, const struct protocol_reply *reply, unsigned int direction)
{
	const struct protocol_line *line = &reply->lines[direction];
	const struct line_counts *counts = &line->counts;
	const uint64_t numbers[] = {counts->arrived, counts->passed, counts->passed_bytes,
		counts->lost, counts->duplicated, counts->reordered, line->frames_on_the_way,
		counts->drop_queue, counts->drop_memory, counts->drop_partition, counts->drop_send,
		line->unusable, line->missed};

	begin_row(table, reply, direction);
	for (unsigned int i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		result_cell_number(table, numbers[i]);
}

static void
add_lateness(struct result_table *table, const struct protocol_reply *reply, unsigned int direction)
{
	const struct protocol_line *line = &reply->lines[direction];

	begin_row(table, reply, direction);
	result_cell_number(table, line->measured);
	result_cell_real(table, (double)line->late_p50_ns / MICROSECOND, 1);
	result_cell_real(table, (double)line->late_p99_ns / MICROSECOND, 1);
	result_cell_real(table, (double)line->late_max_ns / MICROSECOND, 1);
}

void
report_add(struct report *report, const struct protocol_reply *reply)
{
	for (unsigned int direction = 0; direction < LINK_DIRECTIONS; direction++) {
		add_settings(report->settings, reply, direction);
		add_counts(report->counts, reply, direction);
		add_lateness(report->lateness, reply, direction);
	}
}
