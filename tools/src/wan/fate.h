/* What becomes of a packet: lost, twice, out of order, how late.
 *
 * The fate of packet N follows from the seed, N and the shape, and for bursts from the state that
 * the packets before it left. So the same seed and the same sequence of packets give the same
 * losses again.
 *
 * Pure; any thread. Source: E. N. Gilbert, Capacity of a Burst-Noise Channel, 1960, and E. O.
 * Elliott, Estimates of Error Rates for Codes on Burst-Noise Channels, 1963, for bursts.
 */
#ifndef WAN_FATE_H
#define WAN_FATE_H

#include <stdbool.h>
#include <stdint.h>

#include "shape.h"

struct fate {
	bool lost, duplicated, reordered;
	uint64_t delay_ns; /* 0 for reordered packets */
};

/* The burst channel's memory; begins as {0}, in the good state. */
struct fate_channel {
	bool bad;
};

/* `number` counts the packets of this direction from 0. */
struct fate fate_decide(
	const struct shape *shape, uint64_t seed, uint64_t number, struct fate_channel *channel);

#endif
