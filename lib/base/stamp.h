/* Ages from 16-bit stamps: the low half of the boot clock's seconds.
 *
 * Hot records have room for two bytes of time. The age is the difference to now, modulo 65536. A
 * stamp may lie a little ahead of `now`: the worker that wrote it read its clock later than the
 * thread that looks, whose walk lasts milliseconds. So the top of the circle counts as "just now",
 * and ages are right up to STAMP_AGE_MAX_SECONDS; beyond it they begin again at 0.
 *
 * Pure; any thread.
 */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <stdint.h>

#define STAMP_AGE_MAX_SECONDS 64511u /* 17.9 hours; no idle timer may be longer */

/* The longest idle timer that stamps can serve, at most `seconds`. */
static inline uint32_t
stamp_limit_seconds(uint32_t seconds)
{
	return seconds < STAMP_AGE_MAX_SECONDS ? seconds : STAMP_AGE_MAX_SECONDS;
}

static inline uint32_t
stamp_age_seconds(const uint16_t *stamp, uint32_t now_seconds)
{
	uint16_t age = (uint16_t)(now_seconds - __atomic_load_n(stamp, __ATOMIC_RELAXED));

	return age <= STAMP_AGE_MAX_SECONDS ? age : 0;
}

#endif
