/* Metrics of the NAT's tables: load, mappings, probes, refusals, flow records. */
#include "control/gateway.h"
#include "control/metrics.h"

/* Ports in use and usable, by pool and protocol. */
static void
collect_ports(const struct gateway *gateway, struct telemetry_samples *samples, bool used)
{
	const struct nat_pools *pools = gateway->nat.pools;

	for (unsigned int i = 0; i < pools->count; i++)
		for (unsigned int protocol = 0; protocol < NAT_PROTOCOLS; protocol++) {
			const struct nat_pool *pool = &pools->pool[i];
			struct telemetry_label labels[] = {{"pool", pool->name},
				{"protocol", nat_protocol_name((enum nat_protocol)protocol)}};
			uint64_t sum = 0;

			for (uint32_t k = 0; k < pool->address_count; k++) {
				uint32_t table = nat_slot(nat_pool_place(pools, pool, k),
							 (enum nat_protocol)protocol, 0) >>
						 16;

				sum += used ? __atomic_load_n(&gateway->nat.loads[table].used,
						      __ATOMIC_RELAXED)
					    : nat_usable_ports((enum nat_protocol)protocol);
			}
			telemetry_number(samples, sum, labels, 2);
		}
}

static void
collect_used(void *context, struct telemetry_samples *samples)
{
	collect_ports(context, samples, true);
}

static void
collect_usable(void *context, struct telemetry_samples *samples)
{
	collect_ports(context, samples, false);
}

static void
collect_load(void *context, struct telemetry_samples *samples)
{
	const struct gateway *gateway = context;

	for (unsigned int i = 0; i < gateway->nat.pools->count; i++) {
		struct telemetry_label label = {"pool", gateway->nat.pools->pool[i].name};
		struct pool_load load;

		alarms_pool_load(gateway, i, &load);
		telemetry_real(samples, load.highest, &label, 1);
	}
}

static void
collect_created(void *context, struct telemetry_samples *samples)
{
	struct statistics now;

	statistics_read(context, &now);
	telemetry_number(samples, now.mappings_created, NULL, 0);
}

static void
collect_reclaimed(void *context, struct telemetry_samples *samples)
{
	struct statistics now;

	statistics_read(context, &now);
	telemetry_number(samples, now.mappings_reclaimed, NULL, 0);
}

static void
collect_refusals(void *context, struct telemetry_samples *samples)
{
	struct statistics now;

	statistics_read(context, &now);
	const struct {
		const char *reason;
		uint64_t count;
	} rows[] = {
		{"pool", now.refused_pool},
		{"load", now.refused_load},
		{"quota", now.refused_quota},
		{"ports", now.refused_ports},
		{"index", now.refused_index},
		{"drain", now.refused_drain},
		{"flows", now.flows_refused},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct telemetry_label label = {"reason", rows[i].reason};

		telemetry_number(samples, rows[i].count, &label, 1);
	}
}

/* At which index i of the H16 sequence mappings found their port. */
static void
collect_probes(void *context, struct telemetry_samples *samples)
{
	const struct gateway *gateway = context;
	uint64_t counts[H16_INDEXES + 1] = {0};
	double bounds[H16_INDEXES], sum = 0;

	for (unsigned int i = 0; i < H16_INDEXES; i++) {
		bounds[i] = i;
		for (unsigned int k = 0; k < gateway->nat.shard_count; k++)
			counts[i] += counter_read(&gateway->nat.shards[k].probe_histogram[i]);
		sum += (double)i * (double)counts[i];
	}
	telemetry_histogram(samples, bounds, counts, H16_INDEXES, sum, NULL, 0);
}

static void
collect_records(void *context, struct telemetry_samples *samples)
{
	const struct gateway *gateway = context;
	struct flow_totals totals = flow_totals(&gateway->flows);
	struct telemetry_label free_label = {"state", "free"}, used_label = {"state", "used"};

	telemetry_number(samples, totals.records_free, &free_label, 1);
	telemetry_number(samples, totals.records, &used_label, 1);
}

static const struct metric metrics[] = {
	{"binfm_nat_ports_used", "Public ports that are not free, by pool and protocol.", "",
		TELEMETRY_GAUGE, collect_used},
	{"binfm_nat_ports_usable", "Public ports that mappings can have, by pool and protocol.", "",
		TELEMETRY_GAUGE, collect_usable},
	{"binfm_nat_highest_load_ratio", "Load of a pool's fullest address and protocol.", "ratio",
		TELEMETRY_GAUGE, collect_load},
	{"binfm_nat_mappings_created", "Mappings that were made.", "", TELEMETRY_COUNTER,
		collect_created},
	{"binfm_nat_mappings_reclaimed", "Mappings that came back from quarantine.", "",
		TELEMETRY_COUNTER, collect_reclaimed},
	{"binfm_nat_refusals", "Mappings and flow records refused, by reason.", "",
		TELEMETRY_COUNTER, collect_refusals},
	{"binfm_nat_h16_index", "Index of the H16 sequence at which mappings found their port.", "",
		TELEMETRY_HISTOGRAM, collect_probes},
	{"binfm_flow_records", "Flow records by state.", "", TELEMETRY_GAUGE, collect_records},
};

const struct metric_table nat_metrics = {metrics, sizeof(metrics) / sizeof(metrics[0])};
