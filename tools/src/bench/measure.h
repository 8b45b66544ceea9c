/* Loops over the bed that count cycles of the time stamp counter.
 *
 * Three loops take the same frames from the same port and give them to the same other port: one
 * does nothing between, one rewrites what a NAT rewrites and nothing else, one is the worker. Only
 * differences to the first are reported, so the bench port's own cost is in none of them.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "bed.h"

/* Many and short, about a millisecond each: where others use the machine too, most repetitions
 * still have the CPU to themselves, and the median is one of those. */
#define MEASURE_REPETITIONS 51
#define MEASURE_PACKETS     32768 /* of a repetition */

/* Cycles a packet; medians of MEASURE_REPETITIONS interleaved repetitions. */
struct measure {
	double port;    /* the bench ports' own: subtracted from the next two */
	double ceiling; /* rewriting alone */
	double total;   /* the worker, everything */
	double stages[STAGE_COUNT];
	double translation; /* classify + lookup + translate */
	double spread;      /* of translation: (upper - lower quartile) / median */
};

/* Receives from side `from` what it plays, `packets` a repetition, after one warm-up pass. 0, or
 * -EIO with a fault when packets were dropped or missed the fast path: nothing was measured then.
 */
int measure_path(struct bed *bed, unsigned int from, uint64_t packets, struct measure *measure,
	struct fault *fault);

/* Cycles a packet of the worker with the bench ports' own cost subtracted, once over `packets`
 * packets that make a mapping each. */
double measure_new_mappings(
	struct bed *bed, const struct bench_descriptor *stream, uint32_t packets);

/* Runs the worker over `packets` packets without measuring. */
void measure_warm(struct bed *bed, uint64_t packets);

double measure_median(double *values, unsigned int count);

#endif
