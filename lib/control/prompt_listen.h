/* Makes the listening unix socket of a prompt. Start-up; no DPDK. */
#ifndef CONTROL_PROMPT_LISTEN_H
#define CONTROL_PROMPT_LISTEN_H

#include "base/fault.h"

/* Binds `path` with mode 0600 and listens. Its directory is made when only that is missing. A stale
 * socket file, where nobody listens, is replaced; a live one gives -EADDRINUSE and the code
 * "already-running". Two programs that start at once are kept apart by a lock on the directory.
 * Returns a non-blocking descriptor, or -errno with `fault`. */
int prompt_listen(const char *path, struct fault *fault);

#endif
