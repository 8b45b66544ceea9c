/* One request of prompt_protocol.h in, one answer out: no socket, so that tests and the fuzzer can
 * call it. Control thread; memory: ends the program when there is none. */
#ifndef CONTROL_PROMPT_REQUEST_H
#define CONTROL_PROMPT_REQUEST_H

#include <stddef.h>

#include "command/command.h"

/* Answers `length` bytes of a request without its line feed; they may be anything. Returns a line
 * with its line feed; the caller frees it. */
char *prompt_request_answer(struct command_registry *registry, const char *request, size_t length);

/* An answer that only says what is wrong, for requests that cannot be read at all. */
char *prompt_request_refuse(const struct fault *fault);

#endif
