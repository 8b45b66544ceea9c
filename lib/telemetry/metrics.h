/* Metrics: what a feature counts, offered to Prometheus.
 *
 * A feature registers each of its metrics once, at start-up, with a function that is called at
 * every scrape and hands over the values of that moment (lib/nat/nat_telemetry.c and so on).
 * Nothing is kept in between, so a metric costs nothing while nobody asks.
 *
 *     static void
 *     collect_drops(void *context, struct telemetry_samples *samples)
 *     {
 *             struct telemetry_label label = {"reason", "ttl"};
 *
 *             telemetry_number(samples, drops[DROP_TTL], &label, 1);
 *     }
 *     telemetry_register(telemetry, "binfm_drops", "packets dropped, by reason", "",
 *             TELEMETRY_COUNTER, collect_drops, path);
 *
 * Threads: control thread. Collectors must read what other threads write without waiting for them.
 * Source: OpenMetrics 1.0 (draft-richih-opsawg-openmetrics-00); Prometheus text format 0.0.4.
 */
#ifndef TELEMETRY_METRICS_H
#define TELEMETRY_METRICS_H

#include <stdint.h>

#define TELEMETRY_LABELS_MAX 8

enum telemetry_type {
	TELEMETRY_COUNTER,   /* only grows; "_total" is added to its name */
	TELEMETRY_GAUGE,     /* goes up and down */
	TELEMETRY_HISTOGRAM, /* telemetry_histogram() */
};

struct telemetry;
struct telemetry_samples;

/* `name` is a constant in the form of a metric's name; `value` is any text and is escaped. */
struct telemetry_label {
	const char *name, *value;
};

/* Hands over the values of one metric, one sample for each set of labels, no set twice. */
typedef void telemetry_collect(void *context, struct telemetry_samples *samples);

struct telemetry *telemetry_new(void); /* NULL: no memory */
void telemetry_free(struct telemetry *telemetry);

/* Adds a metric. `name` begins with "binfm_", has lower-case letters, digits and '_' only, does not
 * end in "_total", and ends in "_UNIT" when there is a unit. `unit` is a base unit in the plural
 * ("seconds", "bytes", "cycles") or "". `help` is one sentence without double quotes. The texts
 * must outlive the telemetry.
 * 0; -EINVAL when a rule is broken, -EEXIST when the name is taken: programming errors both;
 * -ENOMEM. */
int telemetry_register(struct telemetry *telemetry, const char *name, const char *help,
	const char *unit, enum telemetry_type type, telemetry_collect *collect, void *context);

/* For collectors of counters and gauges; `label_count` is at most TELEMETRY_LABELS_MAX. */
void telemetry_number(struct telemetry_samples *samples, uint64_t value,
	const struct telemetry_label *labels, unsigned int label_count);
void telemetry_real(struct telemetry_samples *samples, double value,
	const struct telemetry_label *labels, unsigned int label_count);

/* For collectors of histograms: `counts[i]` observations were at most `bounds[i]` and above the
 * bound before (not cumulated; bounds grow); counts[bound_count] were above them all. `sum` is the
 * sum of all observations. */
void telemetry_histogram(struct telemetry_samples *samples, const double *bounds,
	const uint64_t *counts, unsigned int bound_count, double sum,
	const struct telemetry_label *labels, unsigned int label_count);

#endif
