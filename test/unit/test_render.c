/* lib/command: results as text, as JSON, as an exit status; the manual page. */
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <jansson.h>

#include "command/man.h"
#include "command/render.h"
#include "sample_commands.h"

const char *const unit_suite = "render";

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Runs a line; the caller frees the result. */
static struct result *
run(const char *line, int *returned)
{
	struct command_registry *registry = sample_registry();
	struct result *result = result_new();

	*returned = command_run(registry, line, result, NULL);
	command_registry_free(registry);
	return result;
}

static void
text_is_aligned(void)
{
	int returned;
	struct result *result = run("show nat summary", &returned);
	char *text = render_text(result);

	CU_ASSERT_STRING_EQUAL(text, "mappings   2\n"
				     "load       0.25\n"
				     "running    yes\n"
				     "\n"
				     "private          public port  load\n"
				     "10.0.0.1:5060          40001   0.5\n"
				     "10.0.0.200:5060            7     -\n"
				     "\n"
				     "two of 64512 ports are in use\n");
	free(text);
	result_free(result);
	result = run("start", &returned);
	text = render_text(result);
	CU_ASSERT_EQUAL(returned, -EBUSY);
	CU_ASSERT_STRING_EQUAL(
		text, "error: the gateway is running\nvalue: gateway\nremedy: Stop it first\n");
	free(text);
	result_free(result);
}

static void
json_has_the_agreed_shape(void)
{
	static const struct {
		const char *line, *json;
	} rows[] = {
		{"show nat summary",
			"{\"command\":\"show nat summary\",\"ok\":true,\"data\":{\"mappings\":2,"
			"\"load\":0.25,\"running\":true,\"pools\":[{\"private\":\"10.0.0.1:5060\","
			"\"public_port\":40001,\"load\":0.5},{\"private\":\"10.0.0.200:5060\","
			"\"public_port\":7,\"load\":null}],"
			"\"notes\":[\"two of 64512 ports are in use\"]}}"},
		{"start", "{\"command\":\"start\",\"ok\":false,\"error\":{\"code\":\"running\","
			  "\"what\":\"the gateway is running\",\"value\":\"gateway\","
			  "\"remedy\":\"Stop it first\"}}"},
		{"check table", "{\"command\":\"check table\",\"ok\":true,\"found_faults\":true,"
				"\"data\":{\"wrong_slots\":3}}"},
		{"", "{\"command\":null,\"ok\":true,\"data\":{}}"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct command_registry *registry = sample_registry();
		struct result *result = result_new();
		const char *words;
		char *json;

		command_run(registry, rows[i].line, result, &words);
		json = render_json(result, words);
		CU_ASSERT_STRING_EQUAL(json, rows[i].json);
		free(json);
		result_free(result);
		command_registry_free(registry);
	}
}

/* Whatever bytes a value has, JSON stays valid and the text has no control characters. */
static void
odd_values_break_no_reader(void)
{
	static const struct {
		const char *value, *json, *text;
	} rows[] = {
		{"say \"hi\"", "say \"hi\"", "say \"hi\""},
		{"back\\slash", "back\\slash", "back\\slash"},
		{"\x1b[2J\r\a", "\x1b[2J\r\a", "\\x1b[2J\\x0d\\x07"},
		{"tab\there", "tab\there", "tab\\x09here"},
		{"\x7f", "\x7f", "\\x7f"},
		{"\xc3\xa9", "\xc3\xa9", "\xc3\xa9"},
		{"\xff", "\xef\xbf\xbd", "\\xff"},
		{"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", "\\xc0\\xaf"}, /* overlong */
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "\\xed\\xa0\\x80"},
		{"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
			"\\xf4\\x90\\x80\\x80"}, /* above U+10FFFF */
		{"\xf0\x9f\x98", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "\\xf0\\x9f\\x98"},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
		{"\xc2\x9b", "\xc2\x9b", "\\xc2\\x9b"}, /* CSI in one character */
		{"", "", ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct result *result = result_new();
		char *line, *text, expected[64];
		json_t *object;

		result_text(result, "x", "%s", rows[i].value);
		line = render_json(result, NULL);
		text = render_text(result);
		object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		CU_ASSERT_PTR_NOT_NULL_FATAL(object);
		CU_ASSERT_STRING_EQUAL(
			json_string_value(json_object_get(json_object_get(object, "data"), "x")),
			rows[i].json);
		CU_ASSERT_PTR_NULL(strchr(line, '\n'));
		snprintf(expected, sizeof(expected), "x   %s\n", rows[i].text);
		CU_ASSERT_STRING_EQUAL(text, expected);
		json_decref(object);
		free(text);
		free(line);
		result_free(result);
	}
}

static void
odd_numbers_keep_their_value(void)
{
	static const struct result_column columns[] = {
		{"a", NULL, RESULT_RIGHT}, {"b", NULL, RESULT_RIGHT}};
	struct result *result = result_new();
	struct result_table *table;
	char *line;

	result_number(result, "most", UINT64_MAX);
	result_number(result, "integer", INT64_MAX);
	result_real(result, "third", 1.0 / 3, 3);
	result_real(result, "nan", NAN, 1);
	table = result_table(result, "rows", columns, 2);
	result_cell_number(table, 1);
	line = render_json(result, NULL);
	CU_ASSERT_STRING_EQUAL(line,
		"{\"command\":null,\"ok\":true,\"data\":{\"most\":\"18446744073709551615\","
		"\"integer\":9223372036854775807,\"third\":0.333,\"nan\":null,"
		"\"rows\":[{\"a\":1,\"b\":null}]}}");
	free(line);
	result_free(result);
}

static void
long_notes_break_between_words(void)
{
	struct result *result = result_new();
	char *text;

	for (int i = 0; i < 3; i++)
		result_note(result, "%s",
			i == 0   ? "short"
			: i == 1 ? "two\nlines"
				 : "a note that is longer than a line of eighty characters is "
				   "broken before "
				   "the first word that would not fit");
	text = render_text(result);
	CU_ASSERT_STRING_EQUAL(text,
		"short\ntwo\nlines\n"
		"a note that is longer than a line of eighty characters is broken before the\n"
		"first word that would not fit\n");
	free(text);
	result_free(result);
}

static void
exit_status_tells_the_outcome(void)
{
	static const struct {
		const char *line;
		enum result_exit status;
	} rows[] = {
		{"show nat", RESULT_DONE},
		{"start", RESULT_FAILED},
		{"nonsense", RESULT_USAGE},
		{"show nat host x", RESULT_USAGE},
		{"check table", RESULT_FOUND_FAULTS},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int returned;
		struct result *result = run(rows[i].line, &returned);

		CU_ASSERT_EQUAL(result_exit_status(result), rows[i].status);
		CU_ASSERT_FALSE(result_ends_input(result));
		result_free(result);
	}
}

/* The page names every command, and mandoc has no complaint where it is installed. */
static void
manual_page_is_complete_and_clean(void)
{
	static const struct command_man_page page = {
		.name = "binfm-sample-commands",
		.section = "7",
		.summary = "commands of the tests",
		.description = "One paragraph.\n\n'Another' one. With two sentences.",
		.see_also = "binfm-cli 1",
		.date = "January 1, 2025",
	};
	struct command_registry *registry = sample_registry();
	char path[] = "/tmp/binfm-man-XXXXXX", command[128], *text = NULL;
	size_t size;
	int file = mkstemp(path);
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_EQUAL(command_man_write(registry, &page, out), 0);
	fclose(out);
	CU_ASSERT_EQUAL(write(file, text, size), (ssize_t)size);
	close(file);
	for (unsigned int i = 0; i < sample_table.count; i++)
		CU_ASSERT_PTR_NOT_NULL(strstr(text, sample_table.commands[i].words));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n\\&.second: \\e \"x\".\n"));
	if (system("command -v mandoc >/dev/null") == 0) {
		snprintf(command, sizeof(command), "mandoc -T lint -W warning %s", path);
		CU_ASSERT_EQUAL(system(command), 0);
	}
	unlink(path);
	free(text);
	command_registry_free(registry);
}

const struct unit_test unit_tests[] = {
	{"text_is_aligned", text_is_aligned},
	{"json_has_the_agreed_shape", json_has_the_agreed_shape},
	{"odd_values_break_no_reader", odd_values_break_no_reader},
	{"odd_numbers_keep_their_value", odd_numbers_keep_their_value},
	{"long_notes_break_between_words", long_notes_break_between_words},
	{"exit_status_tells_the_outcome", exit_status_tells_the_outcome},
	{"manual_page_is_complete_and_clean", manual_page_is_complete_and_clean},
	{NULL, NULL},
};
