/* See histogram.h. Times below HISTOGRAM_STEPS have a step each; from there on, octave by octave,
 * the bits below the leading one are the step. */
#include "histogram.h"

#include <math.h>

static unsigned int
step_of(uint64_t time_ns)
{
	unsigned int octave, last = HISTOGRAM_OCTAVES * HISTOGRAM_STEPS - 1, step;

	if (time_ns < HISTOGRAM_STEPS)
		return (unsigned int)time_ns;
	octave = 63 - (unsigned int)__builtin_clzll(time_ns) - HISTOGRAM_STEP_BITS;
	step = (octave + 1) * HISTOGRAM_STEPS + (unsigned int)(time_ns >> octave) - HISTOGRAM_STEPS;
	return step < last ? step : last;
}

/* The longest time of a step. */
static uint64_t
step_end(unsigned int step)
{
	unsigned int octave;

	if (step < HISTOGRAM_STEPS)
		return step;
	octave = step / HISTOGRAM_STEPS - 1;
	return ((uint64_t)(step % HISTOGRAM_STEPS + HISTOGRAM_STEPS + 1) << octave) - 1;
}

void
histogram_add(struct histogram *histogram, uint64_t time_ns)
{
	histogram->counts[step_of(time_ns)]++;
	histogram->total++;
	if (time_ns > histogram->max_ns)
		histogram->max_ns = time_ns;
}

uint64_t
histogram_percentile(const struct histogram *histogram, double share)
{
	uint64_t wanted = (uint64_t)ceil(share * (double)histogram->total), seen = 0;

	for (unsigned int step = 0; step < HISTOGRAM_OCTAVES * HISTOGRAM_STEPS; step++) {
		seen += histogram->counts[step];
		if (seen >= wanted && seen > 0)
			return step_end(step) < histogram->max_ns ? step_end(step)
								  : histogram->max_ns;
	}
	return 0;
}
