/* Tracing and capturing, as control arms and ends them.
 *
 * One trace and one capture at a time; workers see both through one pointer (path/watch.h). A
 * complete trace is taken away from the workers by itself and stays to be shown.
 *
 * Threads: control thread.
 */
#ifndef CONTROL_WATCHING_H
#define CONTROL_WATCHING_H

#include <stdbool.h>

#include "path/watch.h"

struct capture_file;
struct gateway;

struct watching {
	struct path_watch armed;      /* what workers see */
	struct trace *trace;          /* the last one, armed or not */
	struct capture_file *capture; /* the one that runs */
};

/* Lets workers follow a trace, or none; the one before is freed unless it is the same. */
void watching_arm_trace(struct gateway *gateway, struct trace *trace);
void watching_disarm_trace(struct gateway *gateway);

/* Lets workers copy into a capture, or none. Afterwards no worker sees the one before. */
void watching_set_capture(struct gateway *gateway, struct capture *capture);

/* Writes captured packets, disarms a complete trace; to be called about ten times a second. */
void watching_step(struct gateway *gateway);

/* Ends both, before the workers' memory goes. */
void watching_close(struct gateway *gateway);

#endif
