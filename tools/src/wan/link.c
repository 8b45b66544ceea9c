/* See link.h. */
#include "link.h"

#include <errno.h>
#include <string.h>
#include <bsd/string.h>

#include "clock.h"

#define READ_MOST 64u

const char *
protocol_direction_name(enum link_direction direction)
{
	return direction == LINK_AB ? "ab" : "ba";
}

int
link_open(struct link *link, const struct link_plan *plan, struct fault *fault)
{
	int error = end_open(&link->ends[LINK_AB], plan->ends[LINK_AB], fault);

	if (error != 0)
		return error;
	error = end_open(&link->ends[LINK_BA], plan->ends[LINK_BA], fault);
	if (error != 0) {
		end_close(&link->ends[LINK_AB]);
		return error;
	}
	link->plan = plan;
	for (unsigned int direction = 0; direction < LINK_DIRECTIONS; direction++)
		line_open(&link->lines[direction], &plan->shapes[direction], plan->seed, direction);
	return 0;
}

void
link_close(struct link *link)
{
	for (unsigned int direction = 0; direction < LINK_DIRECTIONS; direction++) {
		line_close(&link->lines[direction]);
		end_close(&link->ends[direction]);
	}
}

static void
take(void *opaque, const uint8_t *frame, uint32_t length_bytes, uint64_t arrival_ns)
{
	line_arrive(opaque, frame, length_bytes, arrival_ns);
}

void
link_receive(struct link *link, enum link_direction direction)
{
	end_read(&link->ends[direction], READ_MOST, take, &link->lines[direction]);
}

void
link_send_due(struct link *link, unsigned int most)
{
	for (unsigned int direction = 0; direction < LINK_DIRECTIONS; direction++) {
		struct end *out = &link->ends[direction == LINK_AB ? LINK_BA : LINK_AB];
		struct line *line = &link->lines[direction];
		uint64_t now_ns = clock_now_ns();

		for (unsigned int sent = 0; sent < most; sent++) {
			struct frame *frame = line_depart(line, now_ns);
			bool passed;

			if (frame == NULL)
				break;
			passed = end_write(out, frame->bytes, frame->length_bytes);
			now_ns = clock_now_ns();
			line_departed(line, frame, passed, now_ns);
		}
	}
}

uint64_t
link_next_departure(const struct link *link)
{
	uint64_t next_ns = UINT64_MAX, departure_ns;

	for (unsigned int direction = 0; direction < LINK_DIRECTIONS; direction++)
		if (line_next_departure(&link->lines[direction], &departure_ns) &&
			departure_ns < next_ns)
			next_ns = departure_ns;
	return next_ns;
}

static void
describe(struct link *link, unsigned int direction, struct protocol_line *answer)
{
	const struct line *line = &link->lines[direction];

	end_count_missed(&link->ends[direction]);
	answer->shape = line->shape;
	answer->counts = line->counts;
	answer->from_gone = end_is_gone(&link->ends[direction]);
	answer->missed = link->ends[direction].missed;
	answer->unusable = link->ends[direction].unusable;
	answer->frames_on_the_way = line->flight.count;
	answer->bytes_on_the_way = line->flight.bytes;
	answer->measured = line->lateness.total;
	answer->late_p50_ns = histogram_percentile(&line->lateness, 0.5);
	answer->late_p99_ns = histogram_percentile(&line->lateness, 0.99);
	answer->late_max_ns = line->lateness.max_ns;
}

/* Both directions accept the words, or neither changes. */
static int
set(struct link *link, const struct protocol_request *request, struct fault *fault)
{
	struct shape shapes[LINK_DIRECTIONS];
	int error;

	for (unsigned int direction = 0; direction < LINK_DIRECTIONS; direction++) {
		shapes[direction] = link->lines[direction].shape;
		if ((request->directions & 1u << direction) &&
			(error = shape_parse(&shapes[direction], request->text, fault)) != 0)
			return error;
	}
	for (unsigned int direction = 0; direction < LINK_DIRECTIONS; direction++)
		if (request->directions & 1u << direction)
			line_change(&link->lines[direction], &shapes[direction], clock_now_ns());
	return 0;
}

static void
reset(struct link *link, const struct protocol_request *request)
{
	for (unsigned int direction = 0; direction < LINK_DIRECTIONS; direction++) {
		if (!(request->directions & 1u << direction))
			continue;
		line_reset(&link->lines[direction]);
		end_count_missed(&link->ends[direction]);
		link->ends[direction].missed = 0;
		link->ends[direction].unusable = 0;
	}
}

void
link_answer(struct link *link, const struct protocol_request *request, struct protocol_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	reply->version = PROTOCOL_VERSION;
	if (request->version != PROTOCOL_VERSION) {
		fault_set(&reply->fault, EPROTO, "other-version", NULL, "Restart the link",
			"the link is run by another version of this program");
		return;
	}
	if (request->operation == PROTOCOL_SET)
		set(link, request, &reply->fault);
	else if (request->operation == PROTOCOL_RESET)
		reset(link, request);
	strlcpy(reply->name, link->plan->name, sizeof(reply->name));
	reply->seed = link->plan->seed;
	for (unsigned int direction = 0; direction < LINK_DIRECTIONS; direction++) {
		strlcpy(reply->ends[direction], link->ends[direction].text,
			sizeof(reply->ends[direction]));
		describe(link, direction, &reply->lines[direction]);
	}
}
