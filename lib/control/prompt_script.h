/* Runs command lines from a file: `--cmdline-file`, and standard input that is no terminal.
 * Control thread (or start-up). No DPDK. */
#ifndef CONTROL_PROMPT_SCRIPT_H
#define CONTROL_PROMPT_SCRIPT_H

#include <stdio.h>

#include "command/command.h"

/* Where the lines come from and where answers go. */
struct prompt_script {
	struct command_registry *registry;
	const char *name;         /* of the source, for errors: a path, "stdin" */
	unsigned int line_number; /* of the line that ran last; starts at 0 */
	FILE *out;                /* answers */
	FILE *errors;             /* "FILE:LINE: what: value. remedy" */
	bool ended;               /* a command ended the input (`quit`) */
};

/* Runs the next line and prints its answer. Returns 0, or -errno after an error was printed. */
int prompt_script_line(struct prompt_script *script, const char *line);

/* Runs the lines of the file at `path`, answers to `out`. Stops at the first error, which is
 * printed to `errors` with its line, and after a command that ends the input. Returns 0 or -errno.
 */
int prompt_script_run(struct command_registry *registry, const char *path, FILE *out, FILE *errors);

#endif
