/* libFuzzer on prompt_request_answer(): whatever comes over the socket, the answer is one line of
 * JSON that says ok or why not. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "control/prompt_protocol.h"
#include "control/prompt_request.h"
#include "sample_commands.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct command_registry *registry;
	char *answer;
	json_t *object;

	if (size >= PROMPT_REQUEST_BYTES)
		return 0;
	if (registry == NULL)
		registry = sample_registry();
	answer = prompt_request_answer(registry, (const char *)data, size);
	REQUIRE(strchr(answer, '\n') == answer + strlen(answer) - 1);
	object = json_loads(answer, JSON_REJECT_DUPLICATES, NULL);
	REQUIRE(json_is_boolean(json_object_get(object, "ok")));
	if (json_is_false(json_object_get(object, "ok")))
		REQUIRE(json_is_object(json_object_get(object, "error")));
	json_decref(object);
	free(answer);
	return 0;
}
