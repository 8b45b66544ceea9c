/* The running emulator: one thread that reads, waits for departures, sends, and answers.
 *
 * It sleeps in epoll until shortly before the next departure, by a timer with an absolute deadline,
 * and spins for the rest, because a sleeping thread is woken some tens of microseconds late. With
 * SCHED_FIFO, where that is permitted, it does not wait behind other programs.
 */
#ifndef WAN_EMULATOR_H
#define WAN_EMULATOR_H

#include <stdbool.h>

#include "base/fault.h"
#include "link.h"

#define EMULATOR_LINKS_MAX 64

struct emulator_plan {
	const char *directory; /* of the links' sockets */
	bool realtime;         /* ask for SCHED_FIFO */
	unsigned int link_count;
	struct link_plan links[EMULATOR_LINKS_MAX];
};

/* Opens all links, calls `ready` once they run, and returns when SIGINT, SIGTERM or SIGHUP comes.
 * 0, or -errno with a fault; everything is closed then. */
typedef void emulator_ready(void *opaque, bool realtime);
int emulator_run(
	const struct emulator_plan *plan, emulator_ready *ready, void *opaque, struct fault *fault);

#endif
