/* Looking at packets on their way: what the stages tell when somebody traces or captures.
 *
 * Control publishes a struct path_watch by one pointer (watch_publish()); workers load it once a
 * turn. While it is NULL, a stage pays one test of a pointer a burst, a drop one a packet. While
 * somebody watches, packets pay for it: filters parse each frame again.
 *
 * A journey is a traced packet's way, from the worker that received it to its end, over other
 * workers too: its number travels in mbuf->hash.fdir.lo. On a worker the packets under way are
 * known by their buffers; since a worker holds none between turns, the list begins empty with each
 * turn, and a buffer that is used again is a new packet.
 *
 * Threads: watch_publish() on the control thread; the rest on the worker itself.
 */
#ifndef PATH_WATCH_H
#define PATH_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "wire/drop.h"
#include "wire/frame.h"

struct capture;
struct path;
struct path_burst;
struct trace;
struct worker;

/* Which packets. Fields that are zero (or PATH_NO_INTERFACE) ask for nothing. */
struct watch_filter {
	uint8_t interface; /* where the packet came in; PATH_NO_INTERFACE = any */
	uint32_t address;  /* source, destination, or the private address behind a public port */
	uint16_t port;     /* likewise */
};

struct path_watch {
	struct trace *trace;     /* NULL = nobody traces */
	struct capture *capture; /* NULL = nobody captures */
};

/* Lets all workers see `trace` and `capture` (either may be NULL), and waits until none sees what
 * was there before. */
void watch_publish(struct path *path, struct trace *trace, struct capture *capture);

/* Whether a frame that arrived on `port` is one that the filter asks for. */
bool watch_filter_matches(const struct watch_filter *filter, const struct worker *worker,
	unsigned int port, const struct rte_mbuf *packet);

/* What the stages call, only when worker->watch is not NULL. */
void watch_begin_turn(struct worker *worker);
void watch_received(struct worker *worker, unsigned int port, struct rte_mbuf *const *packets,
	unsigned int count, bool handed);
void watch_classified(struct worker *worker);
void watch_looked_up(struct worker *worker, const struct path_burst *burst);
void watch_found(struct worker *worker, const struct path_burst *burst); /* behind the slow path */
void watch_translated(struct worker *worker, const struct path_burst *burst);
void watch_sent(struct worker *worker, unsigned int port, struct rte_mbuf *const *packets,
	unsigned int count);
void watch_dropped(struct worker *worker, const struct rte_mbuf *packet, enum drop_reason reason);
void watch_refused(struct worker *worker, const struct rte_mbuf *packet, enum drop_reason reason);
void watch_cut(struct worker *worker, const struct rte_mbuf *packet, unsigned int fragments);
void watch_punted(struct worker *worker, const struct rte_mbuf *packet, unsigned int why);
/* Returns the journey's number, to travel with the packet; 0 = none. */
uint32_t watch_handed_over(struct worker *worker, const struct rte_mbuf *packet, unsigned int to);

#endif
