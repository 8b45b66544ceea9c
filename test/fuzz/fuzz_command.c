/* libFuzzer on command_run() and command_complete(): whatever the line holds, it runs or gets a
 * whole fault, every answer prints as valid JSON and as text that drives no terminal, and what
 * completion offers is what parsing knows. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>
#include <jansson.h>

#include "command/render.h"
#include "sample_commands.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

struct completed {
	struct command_registry *registry;
	const char *line;
	size_t start; /* of the last word */
};

static void
check_result(const struct result *result, const char *words)
{
	const struct fault *fault = result_failure(result);
	char *line = render_json(result, words), *text = render_text(result);
	json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

	REQUIRE(json_is_object(object));
	REQUIRE(json_is_true(json_object_get(object, "ok")) == (fault == NULL));
	REQUIRE(strchr(line, '\n') == NULL);
	for (const char *at = text; *at != '\0'; at++)
		REQUIRE(*at == '\n' || ((unsigned char)*at >= ' ' && *at != 0x7f));
	if (fault != NULL)
		REQUIRE(fault->error > 0 && fault->code[0] != '\0' && fault->what[0] != '\0');
	json_decref(object);
	free(text);
	free(line);
}

/* A completed word must be one that the parser does not call unknown. */
static void
check_candidate(void *opaque, const char *word, const char *help)
{
	const struct completed *completed = opaque;
	char line[2 * COMMAND_LINE_BYTES];
	const struct fault *fault;
	struct result *result;

	REQUIRE(word[0] != '\0');
	if (word[0] == '<' || completed->start + strlen(word) >= COMMAND_LINE_BYTES)
		return;
	strlcpy(line, completed->line, sizeof(line));
	strlcpy(line + completed->start, word, sizeof(line) - completed->start);
	result = result_new();
	command_run(completed->registry, line, result, NULL);
	fault = result_failure(result);
	if (fault != NULL && strcmp(fault->value, word) == 0)
		REQUIRE(strcmp(fault->code, "unknown-command") != 0 &&
			strcmp(fault->code, "ambiguous-word") != 0 &&
			strcmp(fault->code, "unknown-argument") != 0);
	result_free(result);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct command_registry *registry;
	struct completed completed;
	struct result *result = result_new();
	char *line = strndup((const char *)data, size);
	const char *words;
	int returned;

	if (registry == NULL)
		registry = sample_registry();
	returned = command_run(registry, line, result, &words);
	REQUIRE((returned == 0) == (result_failure(result) == NULL));
	check_result(result, words);
	result_free(result);

	completed = (struct completed){registry, line, strlen(line)};
	while (completed.start > 0 && line[completed.start - 1] != ' ' &&
		line[completed.start - 1] != '\t')
		completed.start--;
	command_complete(registry, line, check_candidate, &completed);
	free(line);
	return 0;
}
