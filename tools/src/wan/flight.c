/* See flight.h. */
#include "flight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 256u

static bool
leaves_before(const struct frame *one, const struct frame *other)
{
	if (one->departure_ns != other->departure_ns)
		return one->departure_ns < other->departure_ns;
	return one->order < other->order;
}

static uint64_t
size_of(uint32_t length_bytes)
{
	return sizeof(struct frame) + length_bytes;
}

static int
make_room(struct flight *flight)
{
	uint32_t room = flight->room > 0 ? flight->room * 2 : ROOM_FIRST;
	struct frame **heap;

	if (flight->count < flight->room)
		return 0;
	if (flight->count >= FLIGHT_FRAMES_MAX)
		return -ENOBUFS;
	heap = reallocarray(flight->heap, room, sizeof(struct frame *));
	if (heap == NULL)
		return -ENOBUFS;
	flight->heap = heap;
	flight->room = room;
	return 0;
}

int
flight_add(struct flight *flight, uint64_t bytes_most, const void *bytes, uint32_t length_bytes,
	uint64_t departure_ns, uint64_t order)
{
	struct frame *frame;
	uint32_t place;

	if (flight->bytes + size_of(length_bytes) > bytes_most || make_room(flight) != 0)
		return -ENOBUFS;
	frame = malloc(size_of(length_bytes));
	if (frame == NULL)
		return -ENOBUFS;
	frame->departure_ns = departure_ns;
	frame->order = order;
	frame->length_bytes = length_bytes;
	memcpy(frame->bytes, bytes, length_bytes);
	flight->bytes += size_of(length_bytes);
	place = flight->count++;
	while (place > 0 && leaves_before(frame, flight->heap[(place - 1) / 2])) {
		flight->heap[place] = flight->heap[(place - 1) / 2];
		place = (place - 1) / 2;
	}
	flight->heap[place] = frame;
	return 0;
}

struct frame *
flight_take(struct flight *flight)
{
	struct frame *first, *last;
	uint32_t place = 0, child;

	if (flight->count == 0)
		return NULL;
	first = flight->heap[0];
	last = flight->heap[--flight->count];
	flight->bytes -= size_of(first->length_bytes);
	for (; (child = 2 * place + 1) < flight->count; place = child) {
		if (child + 1 < flight->count &&
			leaves_before(flight->heap[child + 1], flight->heap[child]))
			child++;
		if (!leaves_before(flight->heap[child], last))
			break;
		flight->heap[place] = flight->heap[child];
	}
	flight->heap[place] = last;
	return first;
}

void
flight_clear(struct flight *flight)
{
	struct frame *frame;

	while ((frame = flight_take(flight)) != NULL)
		free(frame);
	free(flight->heap);
	memset(flight, 0, sizeof(*flight));
}
