/* What a link does to the frames of one direction, and the words that say so:
 *
 *   delay 40ms jitter 2ms,normal loss 1% burst 0.5%,20%,80% rate 10mbit queue 256K partition off
 *
 * Words that are not said keep their value. tools/wan, its links file and its socket all read
 * these words here.
 *
 * Pure; any thread.
 */
#ifndef WAN_SHAPE_H
#define WAN_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

#define SHAPE_TEXT_BYTES 512

enum shape_jitter { SHAPE_UNIFORM, SHAPE_NORMAL };

struct shape {
	uint64_t delay_ns;
	uint64_t jitter_ns; /* uniform: half the width; normal: the standard deviation */
	enum shape_jitter jitter;
	double loss; /* shares from 0 to 1, here and below */
	double burst_enter, burst_leave, burst_loss;
	double duplicate;
	double reorder;                /* share that skips the delay */
	bool order_free;               /* jitter may let frames overtake each other */
	uint64_t rate_bits_per_second; /* 0 = unlimited */
	uint64_t bucket_bytes;         /* that may pass at once after a silence */
	uint64_t queue_bytes;          /* that may wait for the rate */
	uint64_t memory_bytes;         /* that may be on their way */
	bool partition;                /* nothing passes */
};

/* A line that changes nothing. */
void shape_default(struct shape *shape);

/* Sets one word: shape_set(&shape, "delay", "40ms", &fault). 0, or -EINVAL with a fault and an
 * unchanged shape. */
int shape_set(struct shape *shape, const char *word, const char *value, struct fault *fault);

/* Sets pairs of words and values, separated by spaces; at most SHAPE_TEXT_BYTES - 1 bytes. All or
 * none of them. 0, or -EINVAL with a fault. */
int shape_parse(struct shape *shape, const char *text, struct fault *fault);

/* The words that differ from the default, "" when none do; shape_parse() reads them back.
 * Returns `text`. */
char *shape_text(const struct shape *shape, char *text, size_t size);

/* The word in row `number`, with what it takes, for help; NULL after the last. */
const char *shape_word(unsigned int number, const char **help);

#endif
