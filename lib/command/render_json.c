/* See render.h. */
#include "command/render.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "command/result_items.h"
#include "command/utf8.h"

/* jansson refuses invalid UTF-8, so each bad byte becomes U+FFFD first. */
static json_t *
json_text(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	char *clean, *end;
	json_t *value = json_string(text);

	if (value != NULL)
		return value;
	clean = end = result_memory(3 * strlen(text) + 1);
	while (*text != '\0') {
		unsigned int length = utf8_length(text);

		if (length == 0) {
			end = stpcpy(end, replacement);
			text++;
		} else {
			end = mempcpy(end, text, length);
			text += length;
		}
	}
	value = json_string(clean);
	free(clean);
	return value;
}

static json_t *
json_number(uint64_t number)
{
	char digits[21];

	if (number <= INT64_MAX)
		return json_integer((json_int_t)number);
	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	return json_string(digits);
}

/* The number that the text shows: rounded to the same decimals. */
static json_t *
json_rounded(double real, int decimals)
{
	char digits[400];

	if (!isfinite(real))
		return json_null();
	snprintf(digits, sizeof(digits), "%.*f", decimals, real);
	return json_real(strtod(digits, NULL));
}

static json_t *
json_value(const struct result_value *value)
{
	switch (value->kind) {
	case RESULT_TEXT:
		return json_text(value->text);
	case RESULT_NUMBER:
		return json_number(value->number);
	case RESULT_REAL:
		return json_rounded(value->real, value->decimals);
	case RESULT_FLAG:
		return json_boolean(value->flag);
	case RESULT_NONE:
		break;
	}
	return json_null();
}

static json_t *
json_rows(const struct result_table *table)
{
	size_t rows = result_table_rows(table);
	json_t *array = json_array();

	for (size_t row = 0; row < rows; row++) {
		json_t *object = json_object();

		for (unsigned int column = 0; column < table->column_count; column++)
			json_object_set_new(object, table->columns[column].name,
				json_value(result_table_cell(table, row, column)));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *
json_data(const struct result *result)
{
	json_t *data = json_object();
	const struct result_item *item;
	const struct result_sentence *note;

	STAILQ_FOREACH (item, &result->items, next)
		json_object_set_new(data, item->name,
			item->table != NULL ? json_rows(item->table) : json_value(&item->value));
	if (!STAILQ_EMPTY(&result->notes)) {
		json_t *notes = json_array();

		STAILQ_FOREACH (note, &result->notes, next)
			json_array_append_new(notes, json_text(note->text));
		json_object_set_new(data, "notes", notes);
	}
	return data;
}

json_t *
render_json_object(const struct result *result, const char *words)
{
	const struct fault *fault = result_failure(result);
	json_t *answer = json_object();

	json_object_set_new(answer, "command", words != NULL ? json_text(words) : json_null());
	json_object_set_new(answer, "ok", json_boolean(fault == NULL));
	if (fault != NULL) {
		json_t *error = json_object();

		json_object_set_new(error, "code", json_text(fault->code));
		json_object_set_new(error, "what", json_text(fault->what));
		json_object_set_new(error, "value", json_text(fault->value));
		json_object_set_new(error, "remedy", json_text(fault->remedy));
		json_object_set_new(answer, "error", error);
		return answer;
	}
	if (result_exit_status(result) == RESULT_FOUND_FAULTS)
		json_object_set_new(answer, "found_faults", json_true());
	json_object_set_new(answer, "data", json_data(result));
	return answer;
}

char *
render_json(const struct result *result, const char *words)
{
	json_t *answer = render_json_object(result, words);
	/* 15 digits: every real was rounded from decimal text, so it prints back as that text. */
	char *line = json_dumps(answer, JSON_COMPACT | JSON_REAL_PRECISION(15));

	json_decref(answer);
	if (line == NULL) {
		fprintf(stderr, "out of memory for the answer of a command\n");
		abort();
	}
	return line;
}
