/* Serves the prompt to other programs (binfm-cli) over a unix socket; prompt_protocol.h says how.
 *
 * Everything is bounded: clients, the length of a request, unread answers. What comes in is parsed
 * by prompt_request.c and lib/command, which have fuzz targets.
 *
 * Threads: all on the thread that runs `loop`. No DPDK.
 */
#ifndef CONTROL_PROMPT_SOCKET_H
#define CONTROL_PROMPT_SOCKET_H

#include <uv.h>

#include "command/command.h"

struct prompt_socket;

/* Listens at `path` (see prompt_listen.h for its mode, its directory and stale sockets) and serves
 * `registry` until it is closed; both, and the loop, must outlive it. SIGPIPE is ignored from here
 * on in the whole process, since libuv writes with write(). Returns NULL with `fault` on failure.
 */
struct prompt_socket *prompt_socket_open(
	uv_loop_t *loop, const char *path, struct command_registry *registry, struct fault *fault);

/* Removes the socket file and drops the clients; answers that the kernel has taken still arrive.
 * May be called from a command's handler. Memory is freed in a later turn of the loop, which must
 * therefore run once more. NULL is allowed. */
void prompt_socket_close(struct prompt_socket *socket);

#endif
