/* What the gateway offers to Prometheus: its features' metrics, registered in one place.
 *
 * Metrics count from the start of the program: `clear stats` does not touch them.
 *
 * Threads: control thread.
 */
#ifndef CONTROL_METRICS_H
#define CONTROL_METRICS_H

#include "telemetry/metrics.h"

struct gateway;

/* Registers all of them. 0 or -ENOMEM. */
int metrics_register(struct telemetry *telemetry, struct gateway *gateway);

/* A feature's metrics, a table in each *_telemetry.c. */
struct metric {
	const char *name, *help, *unit;
	enum telemetry_type type;
	telemetry_collect *collect; /* its context is the struct gateway */
};

struct metric_table {
	const struct metric *metrics;
	unsigned int count;
};

extern const struct metric_table gateway_metrics;
extern const struct metric_table port_metrics;
extern const struct metric_table worker_metrics;
extern const struct metric_table nat_metrics;

#endif
