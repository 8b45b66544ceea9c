/* See options.h. */
#include "drivers/port/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#include "base/ipv4.h"

#define WORD_BYTES 64 /* the longest "key" or "value" */
#define KEYS_MAX   16

static int
refuse_unknown(const char *key, const struct option_row *rows, size_t count, struct fault *fault)
{
	char known[160] = "";

	if (count == 0)
		return fault_set(fault, EINVAL, "unknown-option", key, "Remove it",
			"this driver has no options");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			strlcat(known, ", ", sizeof(known));
		strlcat(known, rows[i].key, sizeof(known));
	}
	char remedy[192];
	snprintf(remedy, sizeof(remedy), "Known options: %s", known);
	return fault_set(fault, EINVAL, "unknown-option", key, remedy, "unknown option");
}

static int
refuse_value(const struct option_row *row, const char *value, struct fault *fault)
{
	char remedy[192];

	switch (row->type) {
	case OPTION_NUMBER:
		snprintf(remedy, sizeof(remedy), "Give a number from %" PRIu64 " to %" PRIu64,
			row->minimum, row->maximum);
		break;
	case OPTION_FLAG:
		snprintf(remedy, sizeof(remedy), "Give yes or no");
		break;
	case OPTION_CHOICE:
		strlcpy(remedy, "Give one of:", sizeof(remedy));
		for (const char *const *choice = row->choices; *choice != NULL; choice++) {
			strlcat(remedy, " ", sizeof(remedy));
			strlcat(remedy, *choice, sizeof(remedy));
		}
		break;
	}
	return fault_set(fault, EINVAL, "bad-option-value", value, remedy,
		"option %s does not accept this value", row->key);
}

static int
value_parse(const struct option_row *row, const char *text, uint64_t *value, struct fault *fault)
{
	switch (row->type) {
	case OPTION_NUMBER:
		if (number_parse(text, row->maximum, value) != 0 || *value < row->minimum)
			return refuse_value(row, text, fault);
		return 0;
	case OPTION_FLAG:
		if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
			return refuse_value(row, text, fault);
		*value = text[0] == 'y';
		return 0;
	case OPTION_CHOICE:
		for (uint64_t i = 0; row->choices[i] != NULL; i++) {
			if (strcmp(row->choices[i], text) == 0) {
				*value = i;
				return 0;
			}
		}
		break;
	}
	return refuse_value(row, text, fault);
}

/* Copies the text from `from` up to `end` into a word; false when it is empty or too long. */
static bool
word_copy(char word[WORD_BYTES], const char *from, const char *end)
{
	size_t length = (size_t)(end - from);

	if (length == 0 || length >= WORD_BYTES)
		return false;
	memcpy(word, from, length);
	word[length] = '\0';
	return true;
}

/* One "key=value" between `from` and `end`. */
static int
pair_parse(const char *from, const char *end, const struct option_row *rows, size_t count,
	uint64_t *values, bool *given, struct fault *fault)
{
	const char *equals = memchr(from, '=', (size_t)(end - from));
	char key[WORD_BYTES], value[WORD_BYTES];

	if (equals == NULL || !word_copy(key, from, equals) || !word_copy(value, equals + 1, end)) {
		char pair[WORD_BYTES];

		snprintf(pair, sizeof(pair), "%.*s", (int)(end - from), from);
		return fault_set(fault, EINVAL, "bad-options", pair,
			"Write key=value, with commas between several and no spaces",
			"an option is not of the form key=value");
	}
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].key, key) != 0)
			continue;
		if (given[i])
			return fault_set(fault, EINVAL, "duplicate-option", key, "Give it once",
				"an option is given twice");
		given[i] = true;
		return value_parse(&rows[i], value, &values[i], fault);
	}
	return refuse_unknown(key, rows, count, fault);
}

int
options_parse(const char *text, const struct option_row *rows, size_t count, uint64_t *values,
	struct fault *fault)
{
	bool given[KEYS_MAX] = {false};

	if (count > KEYS_MAX)
		return fault_set(fault, EINVAL, "bad-options", NULL, NULL,
			"a driver has more than %d option keys", KEYS_MAX);
	for (size_t i = 0; i < count; i++)
		values[i] = rows[i].standard;
	if (text[0] == '\0')
		return 0;
	for (const char *from = text;; from++) {
		const char *end = strchrnul(from, ',');
		int error = pair_parse(from, end, rows, count, values, given, fault);

		if (error != 0 || *end == '\0')
			return error;
		from = end;
	}
}
