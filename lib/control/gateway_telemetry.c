/* Metrics of the gateway as a whole: state, alarms, buffers, neighbours, drops. */
#include <rte_mempool.h>

#include "control/gateway.h"
#include "control/metrics.h"
#include "control/neighbour.h"

static void
collect_info(void *context, struct telemetry_samples *samples)
{
	const struct gateway *gateway = context;
	struct telemetry_label labels[] = {
		{"instance_name", gateway->config.instance}, {"version", BINFM_VERSION}};

	telemetry_number(samples, 1, labels, 2);
}

static void
collect_running(void *context, struct telemetry_samples *samples)
{
	const struct gateway *gateway = context;

	telemetry_number(samples, gateway->running, NULL, 0);
}

static void
collect_uptime(void *context, struct telemetry_samples *samples)
{
	const struct gateway *gateway = context;

	telemetry_real(samples, (double)(gateway_now_ms() - gateway->started_ms) / 1000, NULL, 0);
}

static void
ignore(void *opaque, const char *sentence)
{
	(void)opaque;
	(void)sentence;
}

static void
collect_alarms(void *context, struct telemetry_samples *samples)
{
	telemetry_number(samples, alarms_visit(context, ignore, NULL), NULL, 0);
}

static void
collect_buffers(void *context, struct telemetry_samples *samples)
{
	const struct gateway *gateway = context;
	unsigned int free_count = rte_mempool_avail_count(gateway->packet_pool);
	struct telemetry_label free_label = {"state", "free"}, used_label = {"state", "used"};

	telemetry_number(samples, free_count, &free_label, 1);
	telemetry_number(samples, gateway->packet_pool->size - free_count, &used_label, 1);
}

static void
collect_neighbours(void *context, struct telemetry_samples *samples)
{
	static const char *const states[] = {
		[NEIGHBOUR_INCOMPLETE] = "incomplete",
		[NEIGHBOUR_REACHABLE] = "reachable",
		[NEIGHBOUR_FAILED] = "failed",
	};
	const struct gateway *gateway = context;
	uint64_t counts[sizeof(states) / sizeof(states[0])] = {0};
	const struct neighbour *neighbour;
	uint32_t cursor = 0;

	while ((neighbour = neighbour_next(gateway->neighbours, &cursor)) != NULL)
		counts[neighbour->state]++;
	for (unsigned int i = NEIGHBOUR_INCOMPLETE; i <= NEIGHBOUR_FAILED; i++) {
		struct telemetry_label label = {"state", states[i]};

		telemetry_number(samples, counts[i], &label, 1);
	}
}

/* Every reason, also those that did not occur yet: a rate needs a first value. */
static void
collect_drops(void *context, struct telemetry_samples *samples)
{
	struct statistics now;

	statistics_read(context, &now);
	for (unsigned int i = 1; i < DROP_REASON_COUNT; i++) {
		struct telemetry_label label = {"reason", drop_reason_name((enum drop_reason)i)};

		telemetry_number(samples, now.drops[i], &label, 1);
	}
}

static const struct metric metrics[] = {
	{"binfm_info", "Which gateway this is.", "", TELEMETRY_GAUGE, collect_info},
	{"binfm_running", "Whether the workers forward.", "", TELEMETRY_GAUGE, collect_running},
	{"binfm_uptime_seconds", "Time since the program started.", "seconds", TELEMETRY_GAUGE,
		collect_uptime},
	{"binfm_alarms", "Alarms that status shows.", "", TELEMETRY_GAUGE, collect_alarms},
	{"binfm_packet_buffers", "Packet buffers by state.", "", TELEMETRY_GAUGE, collect_buffers},
	{"binfm_neighbours", "Entries of the ARP table by state.", "", TELEMETRY_GAUGE,
		collect_neighbours},
	{"binfm_dropped_packets", "Packets dropped by reason.", "", TELEMETRY_COUNTER,
		collect_drops},
};

const struct metric_table gateway_metrics = {metrics, sizeof(metrics) / sizeof(metrics[0])};
