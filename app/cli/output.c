/* See output.h. */
#include "output.h"

#include <stdio.h>
#include <stdlib.h>
#include <bsd/string.h>

#include "command/render.h"

static void
print_json(const json_t *value)
{
	/* 15 digits: see render_json() */
	char *line = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(15));

	printf("%s\n", line != NULL ? line : "null");
	free(line);
}

/* The "error" of an answer as a fault; unknown members become "". */
static void
read_fault(const json_t *error, struct fault *fault)
{
	const char *what = NULL, *value = NULL, *remedy = NULL;

	json_unpack((json_t *)error, "{s?s, s?s, s?s}", "what", &what, "value", &value, "remedy",
		&remedy);
	fault_set(fault, 0, "", value, remedy, "%s",
		what != NULL ? what : "the answer cannot be understood");
}

/* A fault as the prompt shows it, or in one line where it belongs to a script's line. */
static void
print_fault(const struct output *output, const struct fault *fault)
{
	struct result *result;
	char line[600], *text;

	if (output->line_number > 0) {
		fprintf(stderr, "stdin:%u: %s\n", output->line_number,
			fault_text(fault, line, sizeof(line)));
		return;
	}
	result = result_new();
	result_fault(result, fault);
	text = render_text(result);
	fputs(text, stderr);
	free(text);
	result_free(result);
}

int
output_answer(const struct output *output, const json_t *answer)
{
	const json_t *status = json_object_get(answer, "exit");
	const json_t *error = json_object_get(answer, "error");
	const json_t *rendered = json_object_get(answer, "json");
	const char *text = json_string_value(json_object_get(answer, "text"));
	struct fault fault;

	if (output->as_json && rendered != NULL) {
		print_json(rendered);
	} else if (output->as_json) {
		json_t *object = json_pack("{s:n, s:b, s:O?}", "command", "ok", 0, "error", error);

		print_json(object);
		json_decref(object);
	} else if (error != NULL || text == NULL) {
		read_fault(error, &fault);
		print_fault(output, &fault);
	} else {
		fputs(text, stdout);
	}
	fflush(stdout);
	return json_is_integer(status) ? (int)json_integer_value(status) : RESULT_FAILED;
}

int
output_unreachable(const struct output *output, const struct fault *fault)
{
	struct result *result = result_new();

	result_fault(result, fault);
	if (output->as_json) {
		json_t *object = render_json_object(result, NULL);

		print_json(object);
		json_decref(object);
		fflush(stdout);
	} else {
		print_fault(output, fault);
	}
	result_free(result);
	return RESULT_UNREACHABLE;
}
