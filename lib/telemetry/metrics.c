/* The registry of metrics; see metrics.h. */
#include "telemetry/metrics.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "telemetry/registry.h"

#define ROOM_FIRST 32

struct telemetry *
telemetry_new(void)
{
	return calloc(1, sizeof(struct telemetry));
}

void
telemetry_free(struct telemetry *telemetry)
{
	if (telemetry == NULL)
		return;
	free(telemetry->metrics);
	free(telemetry);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static bool
name_is_good(const char *name, const char *unit)
{
	size_t unit_length = strlen(unit), length = strlen(name);

	if (strncmp(name, "binfm_", 6) != 0 || ends_with(name, "_total") ||
		name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0')
		return false;
	return unit_length == 0 || (ends_with(name, unit) && length > unit_length &&
					   name[length - unit_length - 1] == '_');
}

int
telemetry_register(struct telemetry *telemetry, const char *name, const char *help,
	const char *unit, enum telemetry_type type, telemetry_collect *collect, void *context)
{
	if (!name_is_good(name, unit) || help[0] == '\0' || strchr(help, '"') != NULL ||
		collect == NULL)
		return -EINVAL;
	for (unsigned int i = 0; i < telemetry->count; i++) {
		if (strcmp(telemetry->metrics[i].name, name) == 0)
			return -EEXIST;
	}
	if (telemetry->count == telemetry->room) {
		unsigned int room = telemetry->room == 0 ? ROOM_FIRST : telemetry->room * 2;
		struct telemetry_metric *metrics =
			reallocarray(telemetry->metrics, room, sizeof(*metrics));

		if (metrics == NULL)
			return -ENOMEM;
		telemetry->metrics = metrics;
		telemetry->room = room;
	}
	telemetry->metrics[telemetry->count++] = (struct telemetry_metric){
		.name = name,
		.help = help,
		.unit = unit,
		.type = type,
		.collect = collect,
		.context = context,
	};
	return 0;
}
