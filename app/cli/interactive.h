/* The prompt of binfm-cli on a terminal: libedit for editing and history, completion asked over the
 * socket. One thread. */
#ifndef CLI_INTERACTIVE_H
#define CLI_INTERACTIVE_H

#include "client.h"
#include "output.h"

/* Reads and runs lines until Ctrl-D, `exit` or `quit`, which leave this prompt only: the program at
 * the other end runs on. Returns the exit status, RESULT_UNREACHABLE when nobody answers at the
 * start. */
int interactive_run(struct client *client, const struct output *output);

#endif
