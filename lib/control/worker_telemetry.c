/* Metrics of the workers and of the stages of the packet path. */
#include <stdio.h>

#include <rte_cycles.h>

#include "base/counter.h"
#include "control/gateway.h"
#include "control/metrics.h"

#define NUMBER_BYTES 12

/* Hands over one value of every worker. */
static void
collect(const struct gateway *gateway, struct telemetry_samples *samples, size_t offset)
{
	for (unsigned int i = 0; i < gateway->path.worker_count; i++) {
		const char *worker = (const char *)gateway->path.workers[i];
		char number[NUMBER_BYTES];
		struct telemetry_label label = {"worker", number};

		snprintf(number, sizeof(number), "%u", i);
		telemetry_number(samples,
			counter_read((const uint64_t *)(const void *)(worker + offset)), &label, 1);
	}
}

static void
collect_handed_over(void *context, struct telemetry_samples *samples)
{
	collect(context, samples, offsetof(struct worker, handed_over));
}

static void
collect_punted(void *context, struct telemetry_samples *samples)
{
	collect(context, samples, offsetof(struct worker, punted));
}

static void
collect_icmp_errors(void *context, struct telemetry_samples *samples)
{
	collect(context, samples, offsetof(struct worker, icmp_errors_sent));
}

static void
collect_busy(void *context, struct telemetry_samples *samples)
{
	const struct gateway *gateway = context;
	struct statistics now;

	statistics_read(gateway, &now);
	for (unsigned int i = 0; i < gateway->path.worker_count; i++) {
		char number[NUMBER_BYTES];
		struct telemetry_label label = {"worker", number};

		snprintf(number, sizeof(number), "%u", i);
		telemetry_real(samples,
			(double)statistics_busy_cycles(&now.workers[i]) / (double)rte_get_tsc_hz(),
			&label, 1);
	}
}

/* One value of every stage of every worker. */
static void
collect_stages(const struct gateway *gateway, struct telemetry_samples *samples, bool cycles)
{
	for (unsigned int i = 0; i < gateway->path.worker_count; i++)
		for (unsigned int k = 0; k < STAGE_COUNT; k++) {
			const struct stage_counters *stage = &gateway->path.workers[i]->stages[k];
			char number[NUMBER_BYTES];
			struct telemetry_label labels[] = {
				{"worker", number}, {"stage", path_stage_name((enum path_stage)k)}};

			snprintf(number, sizeof(number), "%u", i);
			telemetry_number(samples,
				counter_read(cycles ? &stage->busy_cycles : &stage->packets),
				labels, 2);
		}
}

static void
collect_stage_packets(void *context, struct telemetry_samples *samples)
{
	collect_stages(context, samples, false);
}

static void
collect_stage_cycles(void *context, struct telemetry_samples *samples)
{
	collect_stages(context, samples, true);
}

static const struct metric metrics[] = {
	{"binfm_worker_busy_seconds", "Time that a worker spent on packets.", "seconds",
		TELEMETRY_COUNTER, collect_busy},
	{"binfm_worker_handed_over_packets", "Packets handed to the worker that owns them.", "",
		TELEMETRY_COUNTER, collect_handed_over},
	{"binfm_worker_punted_packets", "Packets handed to the control thread.", "",
		TELEMETRY_COUNTER, collect_punted},
	{"binfm_worker_icmp_errors", "ICMP errors that a worker sent.", "", TELEMETRY_COUNTER,
		collect_icmp_errors},
	{"binfm_stage_packets", "Packets that a stage of the packet path handled.", "",
		TELEMETRY_COUNTER, collect_stage_packets},
	{"binfm_stage_busy_cycles", "Time stamp counter cycles that a stage took.", "cycles",
		TELEMETRY_COUNTER, collect_stage_cycles},
};

const struct metric_table worker_metrics = {metrics, sizeof(metrics) / sizeof(metrics[0])};
