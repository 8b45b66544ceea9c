/* Writes a manual page from the command table, so that it can never miss a command.
 *
 * Source of the format: mdoc(7). Start-up or control thread. */
#ifndef COMMAND_MAN_H
#define COMMAND_MAN_H

#include <stdio.h>

#include "command/command.h"

struct command_man_page {
	const char *name;        /* "binfm-gateway-commands" */
	const char *section;     /* "7" */
	const char *summary;     /* one line after the name */
	const char *description; /* paragraphs, separated by an empty line; NULL = none */
	const char *see_also;    /* another page, "binfm-cli 1", or NULL */
	const char *date;        /* "November 20, 2025"; NULL = today */
};

/* Writes the page to `out`. Returns 0, or -EIO when the stream failed. */
int command_man_write(
	const struct command_registry *registry, const struct command_man_page *page, FILE *out);

#endif
