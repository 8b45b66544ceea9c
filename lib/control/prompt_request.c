/* See prompt_request.h. */
#include "control/prompt_request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "command/render.h"

/* The answer as a line; takes over the reference. */
static char *
answer_line(json_t *answer)
{
	/* See render_json(): reals were rounded from decimal text. */
	char *text = json_dumps(answer, JSON_COMPACT | JSON_REAL_PRECISION(15)), *line;

	json_decref(answer);
	if (text == NULL || asprintf(&line, "%s\n", text) < 0) {
		fprintf(stderr, "out of memory for an answer at the prompt socket\n");
		abort();
	}
	free(text);
	return line;
}

/* The fault of a result as render_json() shows it. */
static json_t *
error_object(const struct result *result)
{
	json_t *rendered = render_json_object(result, NULL);
	json_t *error = json_incref(json_object_get(rendered, "error"));

	json_decref(rendered);
	return error;
}

static json_t *
answer_start(const struct result *result)
{
	json_t *answer = json_object();

	json_object_set_new(answer, "ok", json_boolean(result_failure(result) == NULL));
	json_object_set_new(answer, "exit", json_integer(result_exit_status(result)));
	if (result_ends_input(result))
		json_object_set_new(answer, "ends", json_true());
	return answer;
}

char *
prompt_request_refuse(const struct fault *fault)
{
	struct result *result = result_new();
	json_t *answer = json_object();

	result_fault(result, fault);
	json_object_set_new(answer, "ok", json_false());
	json_object_set_new(answer, "exit", json_integer(RESULT_USAGE));
	json_object_set_new(answer, "error", error_object(result));
	result_free(result);
	return answer_line(answer);
}

static char *
run_line(struct command_registry *registry, const char *line, bool as_json)
{
	struct result *result = result_new();
	const char *words;
	json_t *answer;

	command_run(registry, line, result, &words);
	answer = answer_start(result);
	if (as_json) {
		json_object_set_new(answer, "json", render_json_object(result, words));
	} else {
		char *text = render_text(result);

		json_object_set_new(answer, "text", json_string(text));
		free(text);
	}
	if (result_failure(result) != NULL)
		json_object_set_new(answer, "error", error_object(result));
	result_free(result);
	return answer_line(answer);
}

static void
add_candidate(void *opaque, const char *word, const char *help)
{
	json_t *candidates = opaque, *candidate = json_object();

	json_object_set_new(candidate, "word", json_string(word));
	json_object_set_new(candidate, "help", json_string(help));
	json_array_append_new(candidates, candidate);
}

static char *
complete_line(struct command_registry *registry, const char *line)
{
	json_t *answer = json_object(), *candidates = json_array();

	command_complete(registry, line, add_candidate, candidates);
	json_object_set_new(answer, "ok", json_true());
	json_object_set_new(answer, "candidates", candidates);
	return answer_line(answer);
}

static char *
bad_request(const char *value, const char *what)
{
	struct fault fault;

	fault_set(&fault, EPROTO, "bad-request", value,
		"Send one JSON object a line with \"line\" (and \"format\") or \"complete\"", "%s",
		what);
	return prompt_request_refuse(&fault);
}

/* The string under `key`, or NULL. */
static const char *
member(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static char *
answer_object(struct command_registry *registry, const json_t *object)
{
	const char *line = member(object, "line"), *complete = member(object, "complete");
	const char *format = member(object, "format");
	size_t members = json_object_size(object);

	if (complete != NULL && members == 1)
		return complete_line(registry, complete);
	if (line == NULL || members != (format != NULL ? 2 : 1))
		return bad_request(NULL, "the request has other members than it should");
	if (format != NULL && strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
		return bad_request(format, "the format is neither text nor json");
	return run_line(registry, line, format != NULL && strcmp(format, "json") == 0);
}

char *
prompt_request_answer(struct command_registry *registry, const char *request, size_t length)
{
	json_error_t error;
	json_t *object = json_loadb(request, length, JSON_REJECT_DUPLICATES, &error);
	char *answer;

	if (object == NULL)
		return bad_request(error.text, "the request is no JSON");
	if (json_is_object(object))
		answer = answer_object(registry, object);
	else
		answer = bad_request(NULL, "the request is no JSON object");
	json_decref(object);
	return answer;
}
