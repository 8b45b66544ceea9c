/* Copies of packets on their way to a file: for `capture`.
 *
 * Workers copy into buffers of a pool of the capture's own, so that a slow disk can never take the
 * buffers that forwarding needs, and pass the copies to control over a bounded ring. What finds no
 * buffer or no room is counted, not waited for.
 *
 * Threads: capture_new(), capture_next() and capture_free() on the control thread; capture_take()
 * on workers.
 */
#ifndef PATH_CAPTURE_H
#define PATH_CAPTURE_H

#include "path/path.h"
#include "path/watch.h"

#define CAPTURE_BUFFERS  2047
#define CAPTURE_SNAP_MAX 9234 /* the largest frame */

enum capture_where { CAPTURE_IN = 1, CAPTURE_OUT = 2, CAPTURE_DROPPED = 4 };

struct capture_request {
	unsigned int where;  /* enum capture_where, or-ed */
	uint8_t interface;   /* PATH_NO_INTERFACE = any */
	uint8_t reason;      /* DROPPED: only this, DROP_NONE = any */
	uint32_t packets;    /* at most; 0 = no limit */
	uint32_t snap_bytes; /* of each packet; 1..CAPTURE_SNAP_MAX */
};

/* What is known of a copy, in its private area. */
struct capture_mark {
	uint64_t cycles; /* time stamp counter */
	uint32_t original_bytes;
	uint8_t port;  /* index of the path's ports; UINT8_MAX = unknown */
	uint8_t where; /* enum capture_where */
	uint8_t reason;
};

struct capture {
	struct capture_request request;
	struct rte_mempool *pool;
	struct rte_ring *ring;
	uint32_t taken;                    /* atomic */
	uint64_t missed[PATH_WORKERS_MAX]; /* no buffer or no room; each written by its worker */
};

/* 0, or -ENOMEM. */
int capture_new(const struct capture_request *request, struct capture **capture);
/* Frees it with the copies that were not fetched. No worker may see it any more. */
void capture_free(struct capture *capture);

/* Copies a packet if the request asks for it. `port` is where it came in or goes out; for a dropped
 * packet UINT8_MAX. */
void capture_take(struct capture *capture, const struct worker *worker,
	const struct rte_mbuf *packet, enum capture_where where, unsigned int port,
	enum drop_reason reason);

/* The next copy, or NULL; the caller frees it. */
struct rte_mbuf *capture_next(struct capture *capture);

/* Whether as many packets were taken as wanted. */
bool capture_is_full(const struct capture *capture);

uint64_t capture_missed(const struct capture *capture);

#endif
