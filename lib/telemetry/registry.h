/* The registered metrics, private to telemetry's files. */
#ifndef TELEMETRY_REGISTRY_H
#define TELEMETRY_REGISTRY_H

#include "telemetry/metrics.h"

struct telemetry_metric {
	const char *name, *help, *unit;
	enum telemetry_type type;
	telemetry_collect *collect;
	void *context;
};

struct telemetry {
	struct telemetry_metric *metrics;
	unsigned int count, room;
};

#endif
