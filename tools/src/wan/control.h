/* The socket at which a running link is asked and changed, seen from both sides.
 *
 * A link's name is its socket's name; whoever listens there has the name. What a killed emulator
 * left is recognised, because nobody listens any more, and replaced.
 */
#ifndef WAN_CONTROL_H
#define WAN_CONTROL_H

#include "base/fault.h"
#include "protocol.h"

/* Makes DIRECTORY/NAME.sock and listens. Returns the descriptor, or -errno with a fault:
 * "name-in-use", "bad-name", "no-socket". */
int control_listen(const char *directory, const char *name, struct fault *fault);

/* Removes the socket of a link that ends. */
void control_remove(const char *directory, const char *name);

/* Asks a link and waits for its answer, at most 5 s. 0; -ECONNREFUSED with the fault
 * "no-such-link" when nobody runs a link of that name; another -errno with a fault, which may be
 * the link's own. */
int control_ask(const char *directory, const char *name, const struct protocol_request *request,
	struct protocol_reply *reply, struct fault *fault);

/* Calls `each` for every name that has a socket, in the order of the alphabet. */
typedef void control_name(void *opaque, const char *name);
void control_names(const char *directory, control_name *each, void *opaque);

#endif
