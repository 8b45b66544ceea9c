/* Values of a shape's words: times, shares, rates, sizes. Pure; any thread. */
#ifndef WAN_SHAPE_VALUE_H
#define WAN_SHAPE_VALUE_H

#include <stddef.h>
#include <stdint.h>

/* A unit and what one of it is worth; a list ends at name == NULL. */
struct shape_unit {
	const char *name;
	double worth;
};

extern const struct shape_unit shape_times[]; /* ns */
extern const struct shape_unit shape_rates[]; /* bits a second */
extern const struct shape_unit shape_sizes[]; /* bytes */

/* "1.5ms" and the like, up to `most`; "0" needs no unit. 0 or -EINVAL. */
int shape_amount(const char *text, const struct shape_unit *units, uint64_t most, uint64_t *amount);

/* "3%" from 0 to 100. 0 or -EINVAL. */
int shape_share(const char *text, double *share);

/* Writes the amount in the largest unit that leaves at most three decimals. Returns `text`. */
char *shape_amount_text(uint64_t amount, const struct shape_unit *units, char *text, size_t size);

#endif
