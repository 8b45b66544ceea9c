/* The highest rate without loss (RFC 2544, section 26.1), by halving. Pure; any thread. */
#ifndef PKTGEN_SEARCH_H
#define PKTGEN_SEARCH_H

#include <stdint.h>

struct search_trial {
	double sent_rate; /* what was really sent, packets a second */
	double loss;      /* share of it */
};

/* One trial at `rate` packets a second; 0 = as fast as it goes. */
typedef struct search_trial search_try(void *opaque, uint64_t rate);

/* Returns the highest rate tried at which at most `tolerated` was lost, to about one per cent; 0
 * when even the lowest rate lost more. `trials` (may be NULL) becomes the number of trials. */
double search_rate(search_try *attempt, void *opaque, double tolerated, unsigned int *trials);

#endif
