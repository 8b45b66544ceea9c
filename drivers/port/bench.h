/* The bench port: a port without a device behind it, for measuring the path alone.
 *
 * Receiving writes the frames of a stream (bench_stream.h) into a few hundred packet buffers of its
 * own, which sending takes back: a million flows need no million buffers, and the buffers stay in
 * the cache, as those of a NIC that writes into it do. What is sent to the port is thrown away,
 * ARP requests excepted, which it answers, and, if it is an echo, turned round.
 *
 * As a driver ("bench" in the configuration) it makes its stream from its options. Programs that
 * build a path themselves use bench_port_open() and bench_port_play().
 *
 * Threads: open, play, close on the control thread while no worker runs; the bursts of a queue on
 * one worker, the same for both directions.
 */
#ifndef PORT_BENCH_H
#define PORT_BENCH_H

#include <stdbool.h>

#include "drivers/port/bench_stream.h"
#include "path/port.h"

#define BENCH_QUEUES_MAX 16

struct bench_plan {
	char name[PORT_NAME_BYTES];
	const uint8_t *mac; /* the port's own; NULL = the same for all bench ports */
	uint16_t mtu_bytes;
	uint16_t queues;
	int socket_id;
	bool echo; /* turns round what is sent to it */
};

/* The Ethernet address of whatever lies behind a bench port. */
extern const uint8_t bench_peer_mac[6];

/* Fills `port`; it is silent until bench_port_play(). 0 or -ENOMEM with a fault. */
int bench_port_open(struct port *port, const struct bench_plan *plan, struct fault *fault);

/* Receives `stream` over and over from now on, at most `limit` frames (0 = no limit) on each queue.
 * The caller keeps the stream until it plays another or closes the port; `count` 0 is silence. */
void bench_port_play(
	struct port *port, const struct bench_descriptor *stream, uint32_t count, uint64_t limit);

/* What bench_port_play() was given last. */
const struct bench_descriptor *bench_port_stream(const struct port *port);

int bench_port_counters(struct port *port, struct port_counters *counters);

void bench_port_close(struct port *port);

#endif
