/* A rate: a token bucket, and the queue before it.
 *
 * Instead of tokens it keeps the time at which everything accepted so far will have left at the
 * rate. A packet leaves when its last bit does; a bucket of B bytes lets B bytes leave at once
 * after a silence. So nothing has to be done at any clock tick.
 *
 * Pure; any thread. Source: the virtual scheduling algorithm of ITU-T I.371, Annex A.
 */
#ifndef WAN_BUCKET_H
#define WAN_BUCKET_H

#include <stdint.h>

#include "shape.h"

struct bucket {
	uint64_t drained_ns; /* when what was accepted has left; begins as 0 */
};

/* A packet of `bytes` comes at `now_ns`: 0 and `leaves_ns`, or -ENOBUFS when the queue is full;
 * then the bucket is as before. */
int bucket_admit(struct bucket *bucket, const struct shape *shape, uint32_t bytes, uint64_t now_ns,
	uint64_t *leaves_ns);

/* What waits at the old rate will have left later or sooner at the new one. */
void bucket_change_rate(struct bucket *bucket, uint64_t old_bits_per_second,
	uint64_t new_bits_per_second, uint64_t now_ns);

#endif
