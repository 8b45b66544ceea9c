/* See fate.h. */
#include "fate.h"

#include <math.h>

#include "draw.h"

#define NORMAL_CUT 4.0 /* standard deviations; one packet in 16,000 would be further away */

static bool
is_lost(const struct shape *shape, uint64_t seed, uint64_t number, struct fate_channel *channel)
{
	double loss = shape->loss;

	if (shape->burst_enter == 0) {
		channel->bad = false;
	} else {
		double leave = channel->bad ? shape->burst_leave : shape->burst_enter;

		if (draw_share(seed, DRAW_BURST, number) < leave)
			channel->bad = !channel->bad;
		if (channel->bad && shape->burst_loss > loss)
			loss = shape->burst_loss;
	}
	return draw_share(seed, DRAW_LOSS, number) < loss;
}

/* -1 to 1 uniformly, or a normal deviate by the method of Box and Muller. */
static double
deviation(const struct shape *shape, uint64_t seed, uint64_t number)
{
	double share = draw_share(seed, DRAW_JITTER, number), angle, value;

	if (shape->jitter == SHAPE_UNIFORM)
		return 2 * share - 1;
	angle = 2 * M_PI * draw_share(seed, DRAW_JITTER_ANGLE, number);
	value = sqrt(-2 * log(1 - share)) * cos(angle); /* 1 - share is never 0 */
	return fmin(fmax(value, -NORMAL_CUT), NORMAL_CUT);
}

static uint64_t
delay_of(const struct shape *shape, uint64_t seed, uint64_t number)
{
	double delay_ns = (double)shape->delay_ns;

	if (shape->jitter_ns == 0)
		return shape->delay_ns;
	delay_ns += deviation(shape, seed, number) * (double)shape->jitter_ns;
	return delay_ns > 0 ? (uint64_t)delay_ns : 0;
}

struct fate
fate_decide(const struct shape *shape, uint64_t seed, uint64_t number, struct fate_channel *channel)
{
	struct fate fate = {.lost = is_lost(shape, seed, number, channel)};

	if (fate.lost)
		return fate;
	fate.duplicated = draw_share(seed, DRAW_DUPLICATE, number) < shape->duplicate;
	fate.reordered = draw_share(seed, DRAW_REORDER, number) < shape->reorder;
	fate.delay_ns = fate.reordered ? 0 : delay_of(shape, seed, number);
	return fate;
}
