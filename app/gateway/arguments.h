/* The gateway's command line. */
#ifndef GATEWAY_ARGUMENTS_H
#define GATEWAY_ARGUMENTS_H

#include <stdbool.h>

struct arguments {
	const char *config;       /* --config FILE */
	const char *cmdline_file; /* --cmdline-file FILE, or NULL */
	const char *check;        /* --check FILE, or NULL */
	bool interactive;         /* --interactive: the prompt on standard input */
	bool print_reference, print_example, print_man;
};

/* Fills `arguments`. Returns -1 to go on, or the exit status when that is all (--help, bad usage).
 */
int arguments_parse(int count, char **words, struct arguments *arguments);

#endif
