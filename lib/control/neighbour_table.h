/* Where neighbours are kept: found by address, in order of age, in bounded memory. What their
 * states mean is neighbour.c's; nothing outside these two looks in here.
 *
 * Every entry is in exactly one list, the oldest first, so that nothing ever walks the whole table:
 *
 *   FREE         unused numbers; those that workers may still hold in a burst stand at the end,
 * with the grace period after which they may be given away ASKED        incomplete, by when they
 * were made KNOWN        reachable, by when they were confirmed SILENT       failed, by when they
 * were given up KEPT         next hops of routes, in whatever state
 */
#ifndef CONTROL_NEIGHBOUR_TABLE_H
#define CONTROL_NEIGHBOUR_TABLE_H

#include <rte_rcu_qsbr.h>

#include "control/neighbour.h"

#define NEIGHBOUR_NONE UINT32_MAX

/* Packets that wait for answers, over all entries: a scan of silent addresses must not hold the
 * buffers that everybody needs. */
#define NEIGHBOUR_QUEUED_MAX 512

/* Questions about new addresses, a second, for packets from one source (of BUCKETS). */
#define NEIGHBOUR_QUESTIONS 128
#define NEIGHBOUR_BUCKETS   256

enum neighbour_list {
	NEIGHBOUR_LIST_FREE,
	NEIGHBOUR_LIST_ASKED,
	NEIGHBOUR_LIST_KNOWN,
	NEIGHBOUR_LIST_SILENT,
	NEIGHBOUR_LIST_KEPT,
	NEIGHBOUR_LISTS,
};

TAILQ_HEAD(neighbour_queue, neighbour);

struct neighbour_table {
	uint32_t maximum; /* entries in use, at most; there are a few more, which rest */
	uint32_t entry_count;
	uint32_t counts[NEIGHBOUR_LISTS];
	struct neighbour_queue lists[NEIGHBOUR_LISTS];
	struct neighbour_queue waiting; /* those with queued packets, longest waiting first */
	uint32_t queued;                /* packets, over all entries */
	uint32_t hash_mask;
	uint32_t *hash; /* entry number + 1, 0 = empty */
	struct neighbour *entries;
	uint64_t *words; /* DPDK memory: workers read it */

	uint64_t budget_second; /* the questions below are of this second */
	uint8_t questions[NEIGHBOUR_BUCKETS];
};

/* The number of the entry of an address, or NEIGHBOUR_NONE. */
uint32_t neighbour_table_find(const struct neighbour_table *table, uint32_t address);

/* Whether `maximum` entries are in use. */
bool neighbour_table_is_full(const struct neighbour_table *table);

/* An incomplete entry for an address that has none, in list ASKED. NEIGHBOUR_NONE when it is full,
 * or when workers may still hold every number that is free. */
uint32_t neighbour_table_take(struct neighbour_table *table, uint32_t address,
	unsigned int interface, struct rte_rcu_qsbr *grace);

/* Gives an entry back that no longer has packets. `held`: a route led to it until now, so a worker
 * may be about to read its word: the number rests for a grace period. */
void neighbour_table_give(
	struct neighbour_table *table, uint32_t number, bool held, struct rte_rcu_qsbr *grace);

/* Puts an entry at the end of a list. */
void neighbour_table_move(
	struct neighbour_table *table, struct neighbour *entry, enum neighbour_list list);

/* Queues a packet; false when the entry has NEIGHBOUR_QUEUE already. */
bool neighbour_table_queue(
	struct neighbour_table *table, struct neighbour *entry, struct rte_mbuf *packet);

/* Takes all packets of an entry; `packets` has room for NEIGHBOUR_QUEUE. Returns how many. */
unsigned int neighbour_table_unqueue(
	struct neighbour_table *table, struct neighbour *entry, struct rte_mbuf **packets);

/* Whether a packet from `source` may make us ask about a new address in this second. */
bool neighbour_table_may_ask(struct neighbour_table *table, uint32_t source, uint64_t now_ms);

#endif
