/* A small command table with every type of argument, for the tests and the fuzzer of the prompt. */
#ifndef SAMPLE_COMMANDS_H
#define SAMPLE_COMMANDS_H

#include "command/command.h"

/* What the last handler saw; `ran` counts calls. */
struct sample_seen {
	unsigned int ran;
	struct command_value values[COMMAND_ARGUMENTS_MAX];
	char words[COMMAND_ARGUMENTS_MAX][COMMAND_LINE_BYTES];
};

extern struct sample_seen sample_seen;
extern const struct command_table sample_table;

/* A registry with `help` and the sample commands; command_registry_free() it. */
struct command_registry *sample_registry(void);

#endif
