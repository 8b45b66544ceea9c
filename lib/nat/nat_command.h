/* The NAT's prompt commands: show nat mappings | host | summary, explain h16 forward | reverse.
 *
 * They read the tables while workers use them and never wait: what they show was true at some
 * moment of the call. Each call is bounded: it looks at no more than NAT_COMMAND_SLOTS slots and
 * gives a cursor to go on from.
 *
 * Threads: control thread.
 */
#ifndef NAT_NAT_COMMAND_H
#define NAT_NAT_COMMAND_H

#include "command/command.h"
#include "nat/nat.h"

#define NAT_COMMAND_SLOTS (1u << 22) /* some milliseconds */

/* What the summary tells about flow records, which lie above this room (flow_totals(),
 * flow/flow.h). */
struct nat_flow_figures {
	uint64_t records, records_free, created, refused;
};

/* What the table is registered with. */
struct nat_command_context {
	const struct nat *nat;
	uint32_t (*now_seconds)(void); /* of the boot clock */
	void (*flow_figures)(void *opaque, struct nat_flow_figures *figures);
	void *opaque; /* for flow_figures() */
};

extern const struct command_table nat_commands;

#endif
