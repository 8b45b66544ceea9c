/* See bucket.h. */
#include "bucket.h"

#include <errno.h>

#define BITS_NS UINT64_C(8000000000) /* bits of a byte, nanoseconds of a second */

/* Sizes are at most 2^30 bytes (shape.c), so the product fits. */
static uint64_t
time_of(uint64_t bytes, uint64_t rate_bits_per_second)
{
	return (bytes * BITS_NS + rate_bits_per_second / 2) / rate_bits_per_second;
}

int
bucket_admit(struct bucket *bucket, const struct shape *shape, uint32_t bytes, uint64_t now_ns,
	uint64_t *leaves_ns)
{
	uint64_t rate = shape->rate_bits_per_second;
	uint64_t own_ns, saved_ns, drained_ns, leaves;

	if (rate == 0) {
		*leaves_ns = now_ns;
		return 0;
	}
	own_ns = time_of(bytes, rate);
	saved_ns = time_of(shape->bucket_bytes, rate);
	drained_ns = (bucket->drained_ns > now_ns ? bucket->drained_ns : now_ns) + own_ns;
	leaves = drained_ns > now_ns + saved_ns ? drained_ns - saved_ns : now_ns;
	if (leaves - now_ns > own_ns + time_of(shape->queue_bytes, rate))
		return -ENOBUFS;
	bucket->drained_ns = drained_ns;
	*leaves_ns = leaves;
	return 0;
}

void
bucket_change_rate(struct bucket *bucket, uint64_t old_bits_per_second,
	uint64_t new_bits_per_second, uint64_t now_ns)
{
	double waiting_bits;

	if (old_bits_per_second == new_bits_per_second || bucket->drained_ns <= now_ns)
		return;
	if (new_bits_per_second == 0) {
		bucket->drained_ns = 0;
		return;
	}
	waiting_bits = (double)(bucket->drained_ns - now_ns) * (double)old_bits_per_second;
	bucket->drained_ns = now_ns + (uint64_t)(waiting_bits / (double)new_bits_per_second);
}
