/* One direction of a link: frames arrive, meet their fate, wait, and leave.
 *
 *   arrival -> partition? -> lost? -> queue and rate -> delay and jitter -> departure
 *
 * A lost frame takes nothing from the rate. Every frame that arrived is counted once more: as
 * passed, as lost, under the reason for which it was dropped, or as still on its way (duplicates
 * come on top).
 *
 * Time comes in as an argument (ns of one monotonic clock). One thread.
 */
#ifndef WAN_LINE_H
#define WAN_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "bucket.h"
#include "fate.h"
#include "flight.h"
#include "histogram.h"
#include "shape.h"

struct line_counts {
	uint64_t arrived, passed, passed_bytes;
	uint64_t lost;       /* by loss and burst */
	uint64_t duplicated; /* copies made */
	uint64_t reordered;
	uint64_t drop_queue;     /* the rate's queue was full */
	uint64_t drop_memory;    /* more on its way than `memory` allows */
	uint64_t drop_partition; /* the link was down */
	uint64_t drop_send;      /* the interface refused it */
};

struct line {
	struct shape shape;
	uint64_t seed;   /* of this direction */
	uint64_t number; /* of the next packet */
	uint64_t order;
	uint64_t last_departure_ns; /* of a frame that keeps the order */
	struct fate_channel channel;
	struct bucket bucket;
	struct flight flight;
	struct line_counts counts;
	struct histogram lateness; /* actual after intended departure */
};

/* `direction` makes two lines of one seed differ. */
void line_open(struct line *line, const struct shape *shape, uint64_t seed, unsigned int direction);
void line_close(struct line *line);

/* A new shape for the frames that arrive from now on. Those on their way leave as intended, except
 * that a partition ends them. What waits for the rate is carried over to the new rate. */
void line_change(struct line *line, const struct shape *shape, uint64_t now_ns);

/* Counters, histogram and the packet number begin anew, so that the same packets meet the same
 * fates again. Frames on their way stay and are counted when they leave. */
void line_reset(struct line *line);

/* A frame came; it is copied when it stays. */
void line_arrive(struct line *line, const void *bytes, uint32_t length_bytes, uint64_t arrival_ns);

/* When the next frame leaves. False when none is on its way. */
bool line_next_departure(const struct line *line, uint64_t *departure_ns);

/* The next frame whose time has come, or NULL. The caller sends it and hands it back. */
struct frame *line_depart(struct line *line, uint64_t now_ns);

/* Notes how it went and frees the frame; `now_ns` is read after sending. */
void line_departed(struct line *line, struct frame *frame, bool sent, uint64_t now_ns);

#endif
