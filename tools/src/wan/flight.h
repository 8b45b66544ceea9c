/* The frames on their way over one direction of a link, the one that leaves first on top: a binary
 * heap by the time of departure, then by the order of arrival. Bounded in frames and bytes.
 * One thread. */
#ifndef WAN_FLIGHT_H
#define WAN_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLIGHT_FRAMES_MAX 65536u

struct frame {
	uint64_t departure_ns; /* intended */
	uint64_t order;
	uint32_t length_bytes;
	uint8_t bytes[];
};

struct flight {
	struct frame **heap;
	uint32_t count, room;
	uint64_t bytes; /* with what each frame's own record takes */
};

/* Copies the frame. 0, or -ENOBUFS when it would exceed `bytes_most` or FLIGHT_FRAMES_MAX, or when
 * the system has no memory. */
int flight_add(struct flight *flight, uint64_t bytes_most, const void *bytes, uint32_t length_bytes,
	uint64_t departure_ns, uint64_t order);

/* The frame that leaves first, or NULL. */
static inline const struct frame *
flight_first(const struct flight *flight)
{
	return flight->count > 0 ? flight->heap[0] : NULL;
}

/* Takes it out; the caller frees it. NULL when there is none. */
struct frame *flight_take(struct flight *flight);

void flight_clear(struct flight *flight);

#endif
