/* Neighbours: who has which Ethernet address, by ARP (RFC 826, RFC 1122 section 2.3.2).
 *
 * States of an entry, times in milliseconds of the boot clock:
 *
 *   INCOMPLETE  asked, no answer yet; up to NEIGHBOUR_QUEUE packets wait; asked every second
 *   REACHABLE   answered; asked again by unicast after 30 s
 *   FAILED      three questions unanswered; packets are refused for 3 s, then it may be asked again
 *
 * Workers see a REACHABLE entry as one 64-bit word and a host route to it (path/view.h); everything
 * else is control's. An entry that a route names as next hop is kept for ever, and so is its host
 * route: while it is FAILED its word says so, and workers drop what would go there.
 *
 * Bounds, since anybody inside can make us ask about addresses that do not exist: the table has
 * limits.neighbours entries, and when it is full one that did not answer goes first; few packets
 * wait at a time (NEIGHBOUR_QUEUED_MAX, the longest waiting go first); and a source that sends to
 * ever new addresses makes us ask NEIGHBOUR_QUESTIONS times a second.
 *
 * Threads: control thread. Time is an argument.
 */
#ifndef CONTROL_NEIGHBOUR_H
#define CONTROL_NEIGHBOUR_H

#include <sys/queue.h>

#include "control/gateway.h"

#define NEIGHBOUR_QUEUE 8

enum neighbour_state {
	NEIGHBOUR_FREE,
	NEIGHBOUR_INCOMPLETE,
	NEIGHBOUR_REACHABLE,
	NEIGHBOUR_FAILED,
};

struct neighbour {
	uint32_t address; /* host order */
	uint8_t interface;
	uint8_t state; /* enum neighbour_state */
	uint8_t mac[6];
	bool kept;      /* a route's next hop */
	bool routed;    /* has its host route */
	bool told_dead; /* the log knows that it does not answer */
	bool held;      /* free, but a worker may still hold its number (grace_token) */
	uint8_t list;   /* enum neighbour_list */
	uint8_t tries;  /* questions since the last answer */
	uint8_t queue_count;
	uint64_t asked_ms, confirmed_ms, grace_token;
	TAILQ_ENTRY(neighbour) place, waiting;
	struct rte_mbuf *queue[NEIGHBOUR_QUEUE];
};

/* NULL when there is no memory. */
struct neighbour_table *neighbour_table_new(uint32_t maximum);
/* Frees the table and the packets that wait in it. */
void neighbour_table_free(struct neighbour_table *table);

/* The words that workers read, by neighbour number. */
uint64_t *neighbour_words(struct neighbour_table *table);

/* An entry for a route's next hop. Returns its number or -ENOSPC. */
int neighbour_keep(struct gateway *gateway, uint32_t address, unsigned int interface);

/* No route names the next hop any more: it is a neighbour like any other from now on, with or
 * without its host route, which is the route table's until now. */
void neighbour_forsake(struct gateway *gateway, uint32_t address);

/* A packet, complete up to its Ethernet header, whose next hop is unknown. Consumes it. */
void neighbour_resolve(struct gateway *gateway, struct rte_mbuf *packet);

/* Somebody on `interface` said that `address` is at `mac`: the sender of an ARP packet. A request
 * to us may make an entry (`create`), of an address that would be asked for on that interface only.
 */
void neighbour_learn(struct gateway *gateway, unsigned int interface, uint32_t address,
	const uint8_t mac[6], bool create);

/* Asks again, gives up, confirms: to be called every half second or so. */
void neighbour_tick(struct gateway *gateway, uint64_t now_ms);

/* The entries in use, for commands: NULL at the end. `*cursor` begins at 0. */
const struct neighbour *neighbour_next(const struct neighbour_table *table, uint32_t *cursor);

#endif
