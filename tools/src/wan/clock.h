/* The monotonic clock in nanoseconds, in which every time of an emulator is. Any thread. */
#ifndef WAN_CLOCK_H
#define WAN_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t
clock_read(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

static inline uint64_t
clock_now_ns(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

#endif
