/* The stages' burst functions, in the order of the path; and the few things that all of them do.
 * Worker threads only. */
#ifndef PATH_STAGES_H
#define PATH_STAGES_H

#include "path/path.h"

/* Reads and checks frames that came in by `port` and spreads them: into worker->out, ->in, ->plain,
 * to other workers, to control, to the slow path, or away. `handed` says that they came over the
 * handoff ring: they are this worker's, whatever the hash says. */
void stage_classify(struct worker *worker, unsigned int port, struct rte_mbuf **packets,
	unsigned int count, bool handed);

/* Finds the mapping (and flow record) of each packet; leaves NAT_SLOT_NONE for misses. Returns how
 * many packets need the slow path. */
unsigned int stage_lookup_out(struct worker *worker, struct path_burst *burst);
unsigned int stage_lookup_in(struct worker *worker, struct path_burst *burst);

/* Handles the packets whose look-up missed: makes mappings and flow records, answers or drops.
 * Afterwards every packet left in the burst has its slot. */
void slow_out(struct worker *worker, struct path_burst *burst);
void slow_in(struct worker *worker, struct path_burst *burst);

/* Packets that classify sets aside. All consume the packet. */
void slow_ttl_exceeded(struct worker *worker, struct rte_mbuf *packet, const struct frame *frame,
	unsigned int interface);
void slow_icmp_error(struct worker *worker, struct rte_mbuf *packet, const struct frame *frame,
	unsigned int interface);
void slow_create_flow(struct worker *worker, struct rte_mbuf *packet, const struct frame *frame);
/* Drops with an ICMP error to the sender, when one is due and the budget allows. */
void slow_refuse(struct worker *worker, struct rte_mbuf *packet, const struct frame *frame,
	unsigned int interface, enum drop_reason reason, uint8_t type, uint8_t code,
	uint16_t mtu_bytes);
/* The same for packet `i` of a burst that is translated already. The caller forgets the packet. */
void slow_refuse_translated(struct worker *worker, struct path_burst *burst, unsigned int i,
	enum drop_reason reason, uint8_t type, uint8_t code, uint16_t mtu_bytes);

/* Cuts a packet that may be cut into fragments of at most `mtu_bytes`, each with room for the same
 * Ethernet header as the packet (frame->l3_offset). Consumes the packet; returns how many fragments
 * there are, 0 when it was dropped. */
#define SLOW_FRAGMENTS_MAX 32
unsigned int slow_fragment(struct worker *worker, struct rte_mbuf *packet,
	const struct frame *frame, uint16_t mtu_bytes,
	struct rte_mbuf *fragments[SLOW_FRAGMENTS_MAX]);

void stage_translate_out(struct worker *worker, struct path_burst *burst);
void stage_translate_in(struct worker *worker, struct path_burst *burst);

/* Decrements the TTL of packets that are forwarded without translation. */
void stage_translate_plain(struct path_burst *burst);

/* Routes, writes the Ethernet header, queues for transmission. Consumes the burst. */
void stage_forward(struct worker *worker, struct path_burst *burst);

/* Sends what is queued for a port. */
void stage_tx(struct worker *worker, unsigned int port);

/* Counts and frees a packet. */
static inline void
worker_drop(struct worker *worker, struct rte_mbuf *packet, enum drop_reason reason)
{
	worker->drops[reason]++;
	if (unlikely(worker->watch != NULL))
		watch_dropped(worker, packet, reason);
	worker->free_packets[worker->free_count++] = packet;
	if (worker->free_count == PATH_BURST) {
		rte_pktmbuf_free_bulk(worker->free_packets, PATH_BURST);
		worker->free_count = 0;
	}
}

/* Queues a finished frame for a port. */
static inline void
worker_send(struct worker *worker, unsigned int port, struct rte_mbuf *packet)
{
	struct path_tx *tx = &worker->tx[port];

	tx->packets[tx->count++] = packet;
	if (tx->count == PATH_TX_ROOM)
		stage_tx(worker, port);
}

/* How full the ring to control may be for each kind: a flood of packets for the gateway itself must
 * leave room for next hops, and both for ARP, on which everything else waits. */
static inline unsigned int
worker_punt_limit(enum path_punt why)
{
	switch (why) {
	case PUNT_KERNEL:
		return PATH_RING_PACKETS / 4;
	case PUNT_RESOLVE:
		return PATH_RING_PACKETS / 2;
	default:
		return PATH_RING_PACKETS;
	}
}

/* Hands a packet to the control thread. */
static inline void
worker_punt(struct worker *worker, struct rte_mbuf *packet, enum path_punt why, unsigned int port)
{
	packet->port = (uint16_t)port;
	packet->hash.usr = why;
	if (unlikely(worker->watch != NULL))
		watch_punted(worker, packet, why);
	if (rte_ring_count(worker->path->punt) >= worker_punt_limit(why) ||
		rte_ring_mp_enqueue(worker->path->punt, packet) != 0)
		worker_drop(worker, packet, DROP_RING_FULL);
	else
		worker->punted++;
}

/* Hands a packet to another worker. */
static inline void
worker_hand_over(struct worker *worker, struct rte_mbuf *packet, unsigned int to,
	enum path_handoff why, unsigned int port)
{
	packet->port = (uint16_t)port;
	packet->hash.fdir.hi = why;
	packet->hash.fdir.lo =
		unlikely(worker->watch != NULL) ? watch_handed_over(worker, packet, to) : 0;
	if (rte_ring_mp_enqueue(worker->path->workers[to]->handoff, packet) != 0)
		worker_drop(worker, packet, DROP_RING_FULL);
	else
		worker->handed_over++;
}

/* Takes packets whose place was set to NULL out of a burst, keeping order. */
void burst_compact(struct path_burst *burst);

#endif
