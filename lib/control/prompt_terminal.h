/* The prompt on standard input and output.
 *
 * On a terminal: "binfm> " with line editing, history (arrow keys) and completion (TAB, or `?`)
 * from DPDK's librte_cmdline line editor. Ctrl-C clears the line, Ctrl-D on an empty line leaves. A
 * line has at most 510 characters there, the editor's limit.
 *
 * Elsewhere (pipe, file, /dev/null): the lines that come are run as they come, nothing is edited
 * and nobody waits. Errors are printed as "stdin:LINE: what: value. remedy" and reading goes on;
 * the end of the input ends the reading, not the program. A program in the background of a terminal
 * does not read from it.
 *
 * Answers go to standard output, which may block when nobody reads it.
 *
 * Threads: all on the thread that runs `loop`. Needs librte_cmdline, but no EAL.
 */
#ifndef CONTROL_PROMPT_TERMINAL_H
#define CONTROL_PROMPT_TERMINAL_H

#include <uv.h>

#include "command/command.h"

#define PROMPT_TERMINAL_TEXT "binfm> "

struct prompt_terminal;

/* The person left the prompt with Ctrl-D. A command that ends the input (`quit`) does not call it,
 * its handler knows. */
typedef void prompt_left(void *opaque);

/* Starts to read descriptor 0; `registry` and `loop` must outlive it. The terminal's mode is
 * restored by prompt_terminal_stop() and at exit(). `on_left` may be NULL. Returns NULL with
 * `fault` on failure. */
struct prompt_terminal *prompt_terminal_start(uv_loop_t *loop, struct command_registry *registry,
	prompt_left *on_left, void *opaque, struct fault *fault);

/* Restores the terminal. May be called from a command's handler or from `on_left`. Memory is freed
 * in a later turn of the loop, which must therefore run once more. NULL is allowed. */
void prompt_terminal_stop(struct prompt_terminal *terminal);

#endif
