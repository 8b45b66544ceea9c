/* The narrow door between control and data plane.
 *
 * Control -> worker: requests on a bounded ring, handled a few a turn, in order; `done` counts the
 * handled ones, so the control thread knows when what it asked has happened. Worker -> control:
 * packets on one bounded ring (path.h). Beside these two, control publishes views by pointer
 * (view.h) and both sides meet in the tables' words under the rules written there.
 *
 * A request may name an object that is on its way out: handlers re-check the object's state and do
 * nothing when it has changed meanwhile (a mapping that came back while it was closing).
 *
 * Threads: door_post(), door_wait() on the control thread; door_serve() on the worker that owns it.
 */
#ifndef PATH_DOOR_H
#define PATH_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ring.h>

#define DOOR_CAPACITY        4096 /* requests */
#define DOOR_REQUESTS_A_TURN 64   /* a worker's longest stop for control */

enum door_operation {
	DOOR_UNLINK_MAPPING,  /* number = slot, still CLOSING: out of the index */
	DOOR_PUBLISH_MAPPING, /* number = slot in CLAIMING: into the index, ACTIVE */
	DOOR_UNLINK_FLOW,     /* number = flow record: out of the index */
	DOOR_RELEASE_FLOW,  /* number = unlinked flow record, a grace period later: to the free list
			     */
	DOOR_CLOSE_MAPPING, /* number = slot in ACTIVE or QUARANTINE, by an operator: to CLOSING */
};

struct door_request {
	uint32_t operation; /* enum door_operation */
	uint32_t number;
	uint64_t generation; /* DOOR_CLOSE_MAPPING: generation of the slot that was meant */
};

struct door {
	struct rte_ring *requests;
	uint64_t posted;     /* control's count */
	uint64_t done;       /* worker's count, released after each request */
	int32_t last_result; /* of the last DOOR_PUBLISH_MAPPING or DOOR_CLOSE_MAPPING */
} __attribute__((aligned(64)));

/* `name` must be unique in the process. 0 or -ENOMEM. */
int door_open(struct door *door, const char *name);
void door_close(struct door *door);

/* Queues up to `count` requests; returns how many fitted. */
unsigned int door_post(struct door *door, const struct door_request *requests, unsigned int count);

/* Whether everything posted so far has been handled. */
bool door_is_done(const struct door *door);

/* Waits for that, at most `timeout_ms`; false when the worker did not answer in time. */
bool door_wait(const struct door *door, unsigned int timeout_ms);

struct worker;

/* Handles what is queued, at most DOOR_REQUESTS_A_TURN. Returns how many. */
unsigned int door_serve(struct worker *worker);

#endif
