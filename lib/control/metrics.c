/* See metrics.h. */
#include "control/metrics.h"

#include <stddef.h>

int
metrics_register(struct telemetry *telemetry, struct gateway *gateway)
{
	static const struct metric_table *const tables[] = {
		&gateway_metrics, &port_metrics, &worker_metrics, &nat_metrics};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (unsigned int k = 0; k < tables[i]->count; k++) {
			const struct metric *metric = &tables[i]->metrics[k];
			int result = telemetry_register(telemetry, metric->name, metric->help,
				metric->unit, metric->type, metric->collect, gateway);

			if (result != 0)
				return result;
		}
	return 0;
}
