/* What TAB does, apart from the keyboard: the text that can be inserted without a choice, or the
 * list of the candidates. Used by the terminal; binfm-cli does the same with answers of the socket.
 * Control thread. */
#ifndef CONTROL_PROMPT_COMPLETION_H
#define CONTROL_PROMPT_COMPLETION_H

#include <stdbool.h>
#include <stddef.h>

#include "command/command.h"

#define PROMPT_CANDIDATES_MAX 128 /* further ones are not listed */

struct prompt_candidate {
	char word[64];
	char help[160];
};

struct prompt_completion {
	unsigned int count, shown;
	struct prompt_candidate candidates[PROMPT_CANDIDATES_MAX];
	char insert[64]; /* what all candidates have in common beyond what was typed; a single one
			  * adds a space; "" = there is a choice to make, or nothing */
};

/* Asks for the candidates of the last word of `line`. */
void prompt_completion_ask(
	struct prompt_completion *completion, struct command_registry *registry, const char *line);

/* The same in steps, for candidates that come from elsewhere: begin, add each, end. */
void prompt_completion_begin(struct prompt_completion *completion);
void prompt_completion_add(
	struct prompt_completion *completion, const char *word, const char *help);
void prompt_completion_end(struct prompt_completion *completion, const char *line);

/* The next line of the list, "word   help" in columns; false after the last. */
bool prompt_completion_next(struct prompt_completion *completion, char *text, size_t size);

#endif
