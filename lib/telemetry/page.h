/* A page of all metrics as text, in one of Prometheus' two formats.
 *
 * They differ where a counter's name stands in TYPE and HELP (with "_total" or without) and in
 * UNIT and EOF, which only OpenMetrics has.
 *
 * Threads: control thread.
 */
#ifndef TELEMETRY_PAGE_H
#define TELEMETRY_PAGE_H

#include <stddef.h>

#include "telemetry/metrics.h"

#define TELEMETRY_PAGE_BYTES_MAX (8u * 1024 * 1024)

enum telemetry_format { TELEMETRY_TEXT, TELEMETRY_OPENMETRICS };

/* Asks every collector and writes the page into *text, which the caller frees, and its bytes into
 * *length. 0, -E2BIG when TELEMETRY_PAGE_BYTES_MAX is not enough, or -ENOMEM. */
int telemetry_page_make(const struct telemetry *telemetry, enum telemetry_format format,
	char **text, size_t *length);

/* The HTTP content type of a format. */
const char *telemetry_content_type(enum telemetry_format format);

#endif
