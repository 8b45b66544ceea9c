/* See line.h. */
#include "line.h"

#include <stdlib.h>
#include <string.h>

#include "draw.h"

void
line_open(struct line *line, const struct shape *shape, uint64_t seed, unsigned int direction)
{
	memset(line, 0, sizeof(*line));
	line->shape = *shape;
	line->seed = draw_bits(seed, DRAW_DIRECTION, direction);
}

void
line_close(struct line *line)
{
	flight_clear(&line->flight);
}

void
line_change(struct line *line, const struct shape *shape, uint64_t now_ns)
{
	bucket_change_rate(&line->bucket, line->shape.rate_bits_per_second,
		shape->rate_bits_per_second, now_ns);
	line->shape = *shape;
	if (shape->partition) {
		line->counts.drop_partition += line->flight.count;
		flight_clear(&line->flight);
		line->last_departure_ns = 0;
	}
}

void
line_reset(struct line *line)
{
	line->number = 0;
	line->channel = (struct fate_channel){0};
	memset(&line->counts, 0, sizeof(line->counts));
	memset(&line->lateness, 0, sizeof(line->lateness));
}

static void
send_on(struct line *line, const struct fate *fate, const void *bytes, uint32_t length_bytes,
	uint64_t arrival_ns)
{
	struct bucket bucket = line->bucket;
	uint64_t departure_ns;

	if (bucket_admit(&bucket, &line->shape, length_bytes, arrival_ns, &departure_ns) != 0) {
		line->counts.drop_queue++;
		return;
	}
	departure_ns += fate->delay_ns;
	if (!fate->reordered && !line->shape.order_free && departure_ns < line->last_departure_ns)
		departure_ns = line->last_departure_ns;
	if (flight_add(&line->flight, line->shape.memory_bytes, bytes, length_bytes, departure_ns,
		    line->order++) != 0) {
		line->counts.drop_memory++;
		return;
	}
	line->bucket = bucket;
	if (!fate->reordered)
		line->last_departure_ns = departure_ns;
}

void
line_arrive(struct line *line, const void *bytes, uint32_t length_bytes, uint64_t arrival_ns)
{
	struct fate fate = fate_decide(&line->shape, line->seed, line->number++, &line->channel);

	line->counts.arrived++;
	if (line->shape.partition) {
		line->counts.drop_partition++;
		return;
	}
	if (fate.lost) {
		line->counts.lost++;
		return;
	}
	line->counts.reordered += fate.reordered;
	line->counts.duplicated += fate.duplicated;
	send_on(line, &fate, bytes, length_bytes, arrival_ns);
	if (fate.duplicated)
		send_on(line, &fate, bytes, length_bytes, arrival_ns);
}

bool
line_next_departure(const struct line *line, uint64_t *departure_ns)
{
	const struct frame *first = flight_first(&line->flight);

	if (first == NULL)
		return false;
	*departure_ns = first->departure_ns;
	return true;
}

struct frame *
line_depart(struct line *line, uint64_t now_ns)
{
	const struct frame *first = flight_first(&line->flight);

	return first != NULL && first->departure_ns <= now_ns ? flight_take(&line->flight) : NULL;
}

void
line_departed(struct line *line, struct frame *frame, bool sent, uint64_t now_ns)
{
	if (sent) {
		line->counts.passed++;
		line->counts.passed_bytes += frame->length_bytes;
		histogram_add(&line->lateness,
			now_ns > frame->departure_ns ? now_ns - frame->departure_ns : 0);
	} else {
		line->counts.drop_send++;
	}
	free(frame);
}
