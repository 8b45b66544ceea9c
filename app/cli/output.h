/* Prints answers: data to standard output, faults to standard error; with --json all of it as one
 * JSON object a line to standard output. One thread. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <jansson.h>

#include "base/fault.h"

struct output {
	bool as_json;
	unsigned int line_number; /* of a script's line, for its errors; 0 = there is no script */
};

/* Prints an answer of the program. Returns the exit status that it carries. */
int output_answer(const struct output *output, const json_t *answer);

/* Prints that there was no answer. Returns RESULT_UNREACHABLE. */
int output_unreachable(const struct output *output, const struct fault *fault);

#endif
