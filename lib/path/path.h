/* The packet path: what all workers share, and what each has to itself.
 *
 *   rx -> classify -> lookup -> [slow] -> (open) -> translate -> (seal) -> forward -> tx
 *
 * A worker runs one burst at a time to completion. Each stage is one file with one burst function;
 * what a stage learns it leaves in the burst's arrays for the next. No stage allocates memory,
 * makes a system call, takes a lock or writes a log line. docs/path.md has the picture and the
 * counts of cycles; open and seal will stand where the brackets are.
 *
 * Ownership. A worker owns the outbound direction of some endpoints and the inbound direction of
 * some public ports (nat_owner()); packets that another worker owns go to it over a bounded ring.
 *
 * Threads: struct path is set up by the control thread before the workers start; then its pointers
 * are constant, `view`, `watch` and `now_seconds` excepted, which control stores and workers load.
 * A struct worker belongs to its thread; others only read its counters.
 */
#ifndef PATH_PATH_H
#define PATH_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_rcu_qsbr.h>
#include <rte_ring.h>

#include "flow/flow.h"
#include "nat/nat.h"
#include "path/door.h"
#include "path/port.h"
#include "path/view.h"
#include "path/watch.h"
#include "wire/drop.h"
#include "wire/frame.h"

#define PATH_WORKERS_MAX  16
#define PATH_BURST        64
#define PATH_TX_ROOM      (2 * PATH_BURST)
#define PATH_RING_PACKETS 4096

enum path_stage {
	STAGE_RX,
	STAGE_CLASSIFY,
	STAGE_LOOKUP,
	STAGE_SLOW,
	STAGE_TRANSLATE,
	STAGE_FORWARD,
	STAGE_TX,
	STAGE_COUNT,
};

const char *path_stage_name(enum path_stage stage);

/* Why a packet is handed to the control thread; in mbuf->hash.usr, with mbuf->port = path port. */
enum path_punt {
	PUNT_ARP,
	PUNT_KERNEL,  /* for the gateway itself */
	PUNT_RESOLVE, /* translated and ready, but its next hop is unknown */
};

/* Why a packet came over another worker's ring; in mbuf->hash.fdir.hi. */
enum path_handoff {
	HANDOFF_CLASSIFY,    /* received by one worker, owned by another */
	HANDOFF_CREATE_FLOW, /* inbound, needs a flow record that the outbound owner must make */
	HANDOFF_CREATED,     /* ... which it has made */
};

struct stage_counters {
	uint64_t packets;
	uint64_t bursts;
	uint64_t busy_cycles; /* TSC */
};

/* Packets of one direction on their way through the stages. */
struct path_burst {
	unsigned int count;
	struct rte_mbuf *packets[PATH_BURST];
	struct frame frames[PATH_BURST];
	uint32_t slots[PATH_BURST];     /* NAT_SLOT_NONE = a miss */
	uint64_t words[PATH_BURST];     /* port word of the slot */
	uint64_t hashes[PATH_BURST];    /* of the endpoint or flow */
	uint32_t flows[PATH_BURST];     /* FLOW_NONE = not needed or not known yet */
	uint8_t interfaces[PATH_BURST]; /* where it came in */
};

struct path_rx_queue {
	uint8_t port;
	uint16_t queue;
};

/* Frames that wait to be sent: with a burst waiting already there is room for another. */
struct path_tx {
	unsigned int count;
	struct rte_mbuf *packets[PATH_TX_ROOM];
};

struct path;

struct worker {
	struct path *path;
	unsigned int number;
	unsigned int lcore;
	const struct path_view *view;   /* of this turn */
	const struct nat_pools *pools;  /* of this turn: what is looked up twice must not change */
	const struct path_watch *watch; /* likewise; NULL while nobody looks */
	uint32_t now_seconds;           /* of this turn */
	unsigned int rx_queue_count;
	struct path_rx_queue rx_queues[PATH_PORTS_MAX];
	struct door door;
	struct rte_ring *handoff;  /* packets for this worker to classify */
	struct rte_ring *transmit; /* packets for this worker to send as they are */

	struct path_burst out, in, plain; /* NAT outbound, NAT inbound, inside to inside */
	struct path_tx tx[PATH_PORTS_MAX];
	unsigned int free_count;
	struct rte_mbuf *free_packets[PATH_BURST];
	bool handed;          /* the packets of this burst came over the handoff ring */
	uint32_t icmp_second; /* the budget below is of this second */
	uint32_t icmp_budget; /* ICMP errors that may still be sent */

	/* Read by the control thread. */
	struct stage_counters stages[STAGE_COUNT];
	uint64_t drops[DROP_REASON_COUNT];
	uint64_t turns, idle_turns, sleeps;
	uint64_t handed_over, punted, icmp_errors_sent, fragmented;
	volatile bool running;
} __attribute__((aligned(64)));

struct path {
	struct nat *nat;
	struct flow_pool *flows;
	unsigned int worker_count;
	struct worker *workers[PATH_WORKERS_MAX];
	unsigned int port_count;
	struct port *ports[PATH_PORTS_MAX];
	const struct path_view *view;   /* published by control */
	const struct path_watch *watch; /* likewise, NULL while nobody traces or captures */
	struct path_watch watches[2];   /* what it points to, in turn */
	uint32_t now_seconds;           /* boot clock, stored by control about ten times a second */
	uint32_t icmp_errors_a_second;  /* a worker's limit (RFC 1812, 4.3.2.8) */
	bool idle_sleep;
	volatile bool stop;
	struct rte_ring *punt;         /* packets for the control thread */
	struct rte_rcu_qsbr *grace;    /* workers report; control waits */
	uint32_t *public_addresses_be; /* by slot >> 16, network order: what translate writes;
					* control fills places before it publishes their pool */
};

/* Sets up shared state and one worker per entry of `lcores`; `ports`, `nat` and `flows` are already
 * open. Distributes receive queues over workers. 0 or -errno with a fault. */
int path_open(struct path *path, struct nat *nat, struct flow_pool *flows, struct port **ports,
	unsigned int port_count, const unsigned int *lcores, unsigned int worker_count,
	struct fault *fault);
/* Writes down the public addresses of pools that are about to be published. Places that they share
 * with the former ones are not touched. Control thread. */
void path_learn_pools(struct path *path, const struct nat_pools *pools);

/* After the workers have stopped: frees packets still queued, rings and workers. */
void path_close(struct path *path);

/* The thread of a worker: runs until path->stop. An lcore function. */
int worker_run(void *worker);

/* One turn: every receive queue, the rings, the door. Returns packets seen. For tests and benches
 * that drive a worker without its thread. */
unsigned int worker_turn(struct worker *worker);

#endif
