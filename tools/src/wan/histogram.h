/* A histogram of times, for percentiles: 32 steps in each power of two, so a percentile is at most
 * 1/32 too large. A fixed size, whatever is counted. One thread. */
#ifndef WAN_HISTOGRAM_H
#define WAN_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEP_BITS 5
#define HISTOGRAM_STEPS     (1u << HISTOGRAM_STEP_BITS)
#define HISTOGRAM_OCTAVES   36 /* to 2^40 ns, 18 minutes; longer times count as that */

struct histogram {
	uint64_t total, max_ns;
	uint64_t counts[HISTOGRAM_OCTAVES * HISTOGRAM_STEPS];
};

void histogram_add(struct histogram *histogram, uint64_t time_ns);

/* The time that `share` (0 to 1) of the counted times do not exceed; 0 when none was counted. */
uint64_t histogram_percentile(const struct histogram *histogram, double share);

#endif
