/* Cuts input that comes in pieces into lines and runs them as a script (prompt_script.h). Thread of
 * the loop; no DPDK. */
#ifndef CONTROL_PROMPT_LINES_H
#define CONTROL_PROMPT_LINES_H

#include <stddef.h>

#include "control/prompt_script.h"

struct prompt_lines {
	struct prompt_script script;
	size_t used;
	char line[COMMAND_LINE_BYTES +
		  1]; /* one byte more than a line may have: too long stays so */
};

/* Runs the lines that `bytes` complete; `length` 0 is the end of the input, which also ends the
 * last line. Errors are printed and do not stop. Returns false once a command ended the input. */
bool prompt_lines_feed(struct prompt_lines *lines, const char *bytes, size_t length);

#endif
