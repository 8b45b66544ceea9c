/* Arguments of a command: their text for help, their values from the line. Pure; any thread. */
#ifndef COMMAND_ARGUMENTS_H
#define COMMAND_ARGUMENTS_H

#include "command/command.h"
#include "command/words.h"

unsigned int command_argument_count(const struct command *command);

/* Positional arguments come before all named ones; this many. */
unsigned int command_positional_count(const struct command *command);

/* True for an argument that takes the rest of the line. */
static inline bool
command_argument_is_rest(const struct command_argument *argument)
{
	return argument->type == COMMAND_REST || argument->type == COMMAND_NAME;
}

/* True for an argument that may be left out. */
static inline bool
command_argument_is_optional(const struct command_argument *argument)
{
	return argument->named || argument->type == COMMAND_NAME ||
	       (argument->type == COMMAND_REST && argument->minimum == 0);
}

/* The named argument that `word` means, in full or shortened: its index, or -ENOENT, or -ENOTUNIQ
 * when it fits several. */
int command_named_find(const struct command *command, const char *word);

/* Fills `values` (COMMAND_ARGUMENTS_MAX of them) from the words that follow the command's own.
 * Returns 0, or -EINVAL with `fault`. */
int command_arguments_parse(const struct command *command, struct words *words,
	struct command_value *values, struct fault *fault);

#endif
