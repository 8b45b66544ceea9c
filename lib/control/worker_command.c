/* show workers, show worker stages. */
#include <errno.h>

#include "control/command_tables.h"
#include "control/gateway.h"

static const struct result_column worker_columns[] = {
	{"worker", NULL, RESULT_RIGHT},
	{"core", NULL, RESULT_RIGHT},
	{"packets", NULL, RESULT_RIGHT},
	{"packets_per_second", "pps", RESULT_RIGHT},
	{"busy_percent", "busy %", RESULT_RIGHT},
	{"cycles_per_packet", "cycles/packet", RESULT_RIGHT},
	{"turns", NULL, RESULT_RIGHT},
	{"idle_turns", NULL, RESULT_RIGHT},
	{"sleeps", NULL, RESULT_RIGHT},
	{"handed_over", NULL, RESULT_RIGHT},
	{"to_control", NULL, RESULT_RIGHT},
	{"icmp_errors", NULL, RESULT_RIGHT},
	{"drops", NULL, RESULT_RIGHT},
};

static const struct result_column stage_columns[] = {
	{"worker", NULL, RESULT_RIGHT},
	{"stage", NULL, RESULT_LEFT},
	{"packets", NULL, RESULT_RIGHT},
	{"bursts", NULL, RESULT_RIGHT},
	{"packets_per_burst", "packets/burst", RESULT_RIGHT},
	{"cycles_per_packet", "cycles/packet", RESULT_RIGHT},
};

static const struct result_column total_columns[] = {
	{"worker", NULL, RESULT_RIGHT},
	{"packets", NULL, RESULT_RIGHT},
	{"cycles_per_packet", "busy cycles/packet", RESULT_RIGHT},
	{"drops", NULL, RESULT_RIGHT},
};

/* A packet that is handed over is classified twice: once by each worker. */
static uint64_t
packets_of(const struct worker_statistics *worker)
{
	return worker->stages[STAGE_CLASSIFY].packets;
}

static void
cell_ratio(struct result_table *table, uint64_t part, uint64_t whole)
{
	if (whole != 0)
		result_cell_real(table, (double)part / (double)whole, 1);
	else
		result_cell_none(table);
}

static int
show_workers(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct statistics totals, rates;
	struct result_table *table;

	(void)values;
	statistics_since_clear(gateway, &totals);
	statistics_since_last(gateway, STATISTICS_WORKERS, &rates);
	table = result_table(result, "workers", worker_columns, 13);
	for (unsigned int i = 0; i < gateway->path.worker_count; i++) {
		const struct worker_statistics *sum = &totals.workers[i];
		const struct worker_statistics *moved = &rates.workers[i];

		result_cell_number(table, i);
		result_cell_number(table, gateway->config.worker_cores[i]);
		result_cell_number(table, packets_of(sum));
		result_cell_real(table, statistics_per_second(&rates, packets_of(moved)), 0);
		cell_ratio(table, 100 * statistics_busy_cycles(moved), rates.cycles);
		cell_ratio(table, statistics_busy_cycles(sum), packets_of(sum));
		result_cell_number(table, sum->turns);
		result_cell_number(table, sum->idle_turns);
		result_cell_number(table, sum->sleeps);
		result_cell_number(table, sum->handed_over);
		result_cell_number(table, sum->punted);
		result_cell_number(table, sum->icmp_errors_sent);
		result_cell_number(table, sum->drops);
	}
	result_note(result,
		"pps and busy are over the last %.1f s, since the command was given before.",
		(double)rates.milliseconds / 1000);
	return 0;
}

static void
add_stages(struct result_table *table, unsigned int number, const struct worker_statistics *worker)
{
	for (unsigned int i = 0; i < STAGE_COUNT; i++) {
		const struct stage_counters *stage = &worker->stages[i];

		result_cell_number(table, number);
		result_cell_text(table, "%s", path_stage_name((enum path_stage)i));
		result_cell_number(table, stage->packets);
		result_cell_number(table, stage->bursts);
		cell_ratio(table, stage->packets, stage->bursts);
		cell_ratio(table, stage->busy_cycles, stage->packets);
	}
}

static int
show_stages(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	unsigned int first = 0, end = gateway->path.worker_count;
	struct result_table *stages, *sums;
	struct statistics totals;

	if (values[0].given) {
		if (values[0].number >= end)
			return result_refuse(result, ENOENT, "no-such-worker", values[0].word,
				"See: show workers", "there is no worker of this number");
		first = (unsigned int)values[0].number;
		end = first + 1;
	}
	statistics_since_clear(gateway, &totals);
	stages = result_table(result, "stages", stage_columns, 6);
	for (unsigned int i = first; i < end; i++)
		add_stages(stages, i, &totals.workers[i]);
	sums = result_table(result, "totals", total_columns, 4);
	for (unsigned int i = first; i < end; i++) {
		result_cell_number(sums, i);
		result_cell_number(sums, packets_of(&totals.workers[i]));
		cell_ratio(sums, statistics_busy_cycles(&totals.workers[i]),
			packets_of(&totals.workers[i]));
		result_cell_number(sums, totals.workers[i].drops);
	}
	return 0;
}

static const struct command commands[] = {
	{.words = "show workers",
		.help = "what each worker did and how busy it is",
		.text = "Cycles are those of the time stamp counter. A turn looks at every queue "
			"and "
			"ring once; idle turns found nothing.",
		.handler = show_workers},
	{.words = "show worker stages",
		.help = "packets and cycles of each stage of the packet path",
		.text = "Cycles are those of the time stamp counter, counted since the start or "
			"`clear "
			"stats` while a stage had packets: an idle worker counts none.",
		.handler = show_stages,
		.arguments = {{"worker", "only this worker", COMMAND_NUMBER, true, NULL, 0,
			PATH_WORKERS_MAX - 1}}},
};

const struct command_table worker_commands = {
	.section = "Workers",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
