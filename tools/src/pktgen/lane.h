/* A lane: one way through the device under test, and the stream of frames that travels it.
 *
 * One thread. Its buffers are its own: payload behind the stamp is zero and nobody writes there.
 */
#ifndef PKTGEN_LANE_H
#define PKTGEN_LANE_H

#include <stdint.h>

#include "drivers/port/bench_frame.h"
#include "path/port.h"

#define LANE_BURST 64

enum lane_number { LANE_OUT, LANE_IN, LANES };

struct lane {
	uint8_t number; /* enum lane_number */
	uint8_t run;
	struct port *from;
	struct rte_mempool *pool;
	struct bench_headers headers;
	struct bench_descriptor *stream; /* frame_bytes 0: the place is left out */
	uint32_t count, place, round;
	uint64_t sent;
	unsigned int pending_count; /* written, but the port had no room yet */
	struct rte_mbuf *pending[LANE_BURST];
};

/* Makes a lane of `count` places out of `from`, its stream zeroed. 0 or -ENOMEM. */
int lane_open(struct lane *lane, enum lane_number number, struct port *from, uint32_t count);
void lane_close(struct lane *lane);

/* Begins a run at the first place. */
void lane_begin(struct lane *lane, uint8_t run);

/* Sends up to `most` frames; at least one place must not be left out. Returns how many. */
unsigned int lane_send(struct lane *lane, unsigned int most);

#endif
