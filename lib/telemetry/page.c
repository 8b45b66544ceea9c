/* Writes the page; see page.h. The first thing that fails is kept, and the rest is not written. */
#include "telemetry/page.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "telemetry/registry.h"

#define PAGE_FIRST_BYTES 16384
#define REAL_BYTES       32 /* "-1.2345678901234567e-308" and its NUL */

struct telemetry_samples {
	enum telemetry_format format;
	const struct telemetry_metric *metric;
	bool announced; /* the metric's TYPE and HELP are written */
	char *text;
	size_t length, room;
	int error;
};

static void
append_bytes(struct telemetry_samples *page, const char *bytes, size_t length)
{
	if (page->error == 0 && page->length + length > TELEMETRY_PAGE_BYTES_MAX)
		page->error = -E2BIG;
	if (page->error != 0)
		return;
	if (page->length + length >= page->room) {
		size_t room = (page->length + length) * 2 + PAGE_FIRST_BYTES;
		char *text = realloc(page->text, room);

		if (text == NULL) {
			page->error = -ENOMEM;
			return;
		}
		page->text = text;
		page->room = room;
	}
	memcpy(page->text + page->length, bytes, length);
	page->length += length;
	page->text[page->length] = '\0';
}

static void
append(struct telemetry_samples *page, const char *text)
{
	append_bytes(page, text, strlen(text));
}

/* Text between quotes: backslash, quote and line end are escaped, other bytes than UTF-8 replaced.
 * HELP goes the same way; the two formats differ on quotes there, so registration refuses them. */
static void
append_escaped(struct telemetry_samples *page, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		size_t length = utf8_bytes(text, left);

		if (*text == '\\' || *text == '"')
			append(page, *text == '"' ? "\\\"" : "\\\\");
		else if (*text == '\n')
			append(page, "\\n");
		else if (length == 0)
			append(page, "?");
		else
			append_bytes(page, text, length);
		length = length > 0 ? length : 1;
		text += length;
		left -= length;
	}
}

/* The shortest decimal text that reads back as the same number. */
static const char *
real_text(double value, char text[REAL_BYTES])
{
	if (isnan(value))
		return "NaN";
	if (isinf(value))
		return value > 0 ? "+Inf" : "-Inf";
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, REAL_BYTES, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return text;
}

/* The line "# WORD NAME TEXT". */
static void
append_comment(struct telemetry_samples *page, const char *word, const char *text)
{
	const struct telemetry_metric *metric = page->metric;

	append(page, "# ");
	append(page, word);
	append(page, " ");
	append(page, metric->name);
	if (metric->type == TELEMETRY_COUNTER && page->format == TELEMETRY_TEXT)
		append(page, "_total");
	append(page, " ");
	append_escaped(page, text);
	append(page, "\n");
}

/* Once, before a metric's first sample: a metric without samples is not mentioned. */
static void
announce(struct telemetry_samples *page)
{
	static const char *const types[] = {
		[TELEMETRY_COUNTER] = "counter",
		[TELEMETRY_GAUGE] = "gauge",
		[TELEMETRY_HISTOGRAM] = "histogram",
	};

	if (page->announced)
		return;
	page->announced = true;
	append_comment(page, "HELP", page->metric->help);
	append_comment(page, "TYPE", types[page->metric->type]);
	if (page->format == TELEMETRY_OPENMETRICS && page->metric->unit[0] != '\0')
		append_comment(page, "UNIT", page->metric->unit);
}

/* One sample; `bound` is a histogram's le, or NULL. */
static void
append_sample(struct telemetry_samples *page, const char *suffix,
	const struct telemetry_label *labels, unsigned int label_count, const char *bound,
	const char *value)
{
	assert(label_count <= TELEMETRY_LABELS_MAX);
	announce(page);
	append(page, page->metric->name);
	append(page, suffix);
	for (unsigned int i = 0; i < label_count; i++) {
		append(page, i == 0 ? "{" : ",");
		append(page, labels[i].name);
		append(page, "=\"");
		append_escaped(page, labels[i].value);
		append(page, "\"");
	}
	if (bound != NULL) {
		append(page, label_count == 0 ? "{le=\"" : ",le=\"");
		append(page, bound);
		append(page, "\"");
	}
	append(page, label_count > 0 || bound != NULL ? "} " : " ");
	append(page, value);
	append(page, "\n");
}

static void
append_value(struct telemetry_samples *page, const char *value,
	const struct telemetry_label *labels, unsigned int label_count)
{
	assert(page->metric->type != TELEMETRY_HISTOGRAM);
	append_sample(page, page->metric->type == TELEMETRY_COUNTER ? "_total" : "", labels,
		label_count, NULL, value);
}

void
telemetry_number(struct telemetry_samples *samples, uint64_t value,
	const struct telemetry_label *labels, unsigned int label_count)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	append_value(samples, text, labels, label_count);
}

void
telemetry_real(struct telemetry_samples *samples, double value,
	const struct telemetry_label *labels, unsigned int label_count)
{
	char text[REAL_BYTES];

	append_value(samples, real_text(value, text), labels, label_count);
}

void
telemetry_histogram(struct telemetry_samples *samples, const double *bounds, const uint64_t *counts,
	unsigned int bound_count, double sum, const struct telemetry_label *labels,
	unsigned int label_count)
{
	uint64_t observations = 0;
	char count[24], real[REAL_BYTES], bound[REAL_BYTES + 2];

	assert(samples->metric->type == TELEMETRY_HISTOGRAM);
	for (unsigned int i = 0; i <= bound_count; i++) {
		const char *text = i < bound_count ? real_text(bounds[i], real) : "+Inf";

		/* OpenMetrics wants le="1.0" where the number is whole. */
		snprintf(bound, sizeof(bound), "%s%s", text,
			strpbrk(text, ".eEI") == NULL ? ".0" : "");
		observations += counts[i];
		snprintf(count, sizeof(count), "%" PRIu64, observations);
		append_sample(samples, "_bucket", labels, label_count, bound, count);
	}
	append_sample(samples, "_sum", labels, label_count, NULL, real_text(sum, real));
	append_sample(samples, "_count", labels, label_count, NULL, count);
}

int
telemetry_page_make(const struct telemetry *telemetry, enum telemetry_format format, char **text,
	size_t *length)
{
	struct telemetry_samples page = {.format = format};

	append(&page, "");
	for (unsigned int i = 0; i < telemetry->count && page.error == 0; i++) {
		page.metric = &telemetry->metrics[i];
		page.announced = false;
		page.metric->collect(page.metric->context, &page);
	}
	if (format == TELEMETRY_OPENMETRICS)
		append(&page, "# EOF\n");
	if (page.error != 0) {
		free(page.text);
		return page.error;
	}
	*text = page.text;
	*length = page.length;
	return 0;
}

const char *
telemetry_content_type(enum telemetry_format format)
{
	return format == TELEMETRY_OPENMETRICS
		       ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
}
