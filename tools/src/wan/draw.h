/* Random numbers without a state: the same (seed, use, number) gives the same value on every
 * machine, so a decision about packet N does not depend on how many values others have drawn.
 *
 * Pure; any thread. Source: the finalizer of splitmix64 (Steele, Lea, Flood: Fast Splittable
 * Pseudorandom Number Generators, OOPSLA 2014).
 */
#ifndef WAN_DRAW_H
#define WAN_DRAW_H

#include <stdint.h>

/* Each use has a sequence of its own. */
enum draw_use {
	DRAW_LOSS,
	DRAW_BURST,
	DRAW_JITTER,
	DRAW_JITTER_ANGLE,
	DRAW_DUPLICATE,
	DRAW_REORDER,
	DRAW_DIRECTION,
};

static inline uint64_t
draw_mix(uint64_t value)
{
	value += UINT64_C(0x9e3779b97f4a7c15);
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

static inline uint64_t
draw_bits(uint64_t seed, enum draw_use use, uint64_t number)
{
	return draw_mix(draw_mix(draw_mix(seed) + (uint64_t)use) + number);
}

/* 0 <= value < 1, in steps of 2^-53. */
static inline double
draw_share(uint64_t seed, enum draw_use use, uint64_t number)
{
	return (double)(draw_bits(seed, use, number) >> 11) * 0x1p-53;
}

#endif
