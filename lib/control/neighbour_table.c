/* See neighbour_table.h. A small open-addressing hash finds entries by address; removal re-inserts
 * what follows in the run, so no tombstones pile up. */
#include "control/neighbour_table.h"

#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>

#define RESTING      64         /* entries beyond the maximum: numbers that wait for workers */
#define NUMBERS_MOST (1u << 20) /* of PATH_HOP() */

static bool
allocate(struct neighbour_table *table, uint32_t hash_size)
{
	table->hash = calloc(hash_size, sizeof(table->hash[0]));
	table->entries = calloc(table->entry_count, sizeof(table->entries[0]));
	table->words = rte_zmalloc(
		"neighbours", table->entry_count * sizeof(uint64_t), RTE_CACHE_LINE_SIZE);
	return table->hash != NULL && table->entries != NULL && table->words != NULL;
}

struct neighbour_table *
neighbour_table_new(uint32_t maximum)
{
	struct neighbour_table *table = calloc(1, sizeof(*table));
	uint32_t hash_size = 16;

	if (table == NULL)
		return NULL;
	while (hash_size < maximum * 2)
		hash_size *= 2;
	table->hash_mask = hash_size - 1;
	table->entry_count = maximum + RESTING < NUMBERS_MOST ? maximum + RESTING : NUMBERS_MOST;
	table->maximum =
		maximum < table->entry_count - RESTING ? maximum : table->entry_count - RESTING;
	TAILQ_INIT(&table->waiting);
	for (unsigned int i = 0; i < NEIGHBOUR_LISTS; i++)
		TAILQ_INIT(&table->lists[i]);
	if (!allocate(table, hash_size)) {
		neighbour_table_free(table);
		return NULL;
	}
	for (uint32_t i = 0; i < table->entry_count; i++)
		TAILQ_INSERT_TAIL(&table->lists[NEIGHBOUR_LIST_FREE], &table->entries[i], place);
	table->counts[NEIGHBOUR_LIST_FREE] = table->entry_count;
	return table;
}

void
neighbour_table_free(struct neighbour_table *table)
{
	if (table == NULL)
		return;
	for (uint32_t i = 0; table->entries != NULL && i < table->entry_count; i++)
		rte_pktmbuf_free_bulk(table->entries[i].queue, table->entries[i].queue_count);
	rte_free(table->words);
	free(table->entries);
	free(table->hash);
	free(table);
}

static uint32_t
place_of(const struct neighbour_table *table, uint32_t address)
{
	return (address * UINT32_C(0x9e3779b1)) >> 7 & table->hash_mask;
}

uint32_t
neighbour_table_find(const struct neighbour_table *table, uint32_t address)
{
	uint32_t place = place_of(table, address);

	for (; table->hash[place] != 0; place = (place + 1) & table->hash_mask)
		if (table->entries[table->hash[place] - 1].address == address)
			return table->hash[place] - 1;
	return NEIGHBOUR_NONE;
}

static void
link_entry(struct neighbour_table *table, uint32_t number)
{
	uint32_t place = place_of(table, table->entries[number].address);

	while (table->hash[place] != 0)
		place = (place + 1) & table->hash_mask;
	table->hash[place] = number + 1;
}

static void
unlink_entry(struct neighbour_table *table, uint32_t number)
{
	uint32_t place = place_of(table, table->entries[number].address);

	while (table->hash[place] != number + 1)
		place = (place + 1) & table->hash_mask;
	table->hash[place] = 0;
	for (place = (place + 1) & table->hash_mask; table->hash[place] != 0;
		place = (place + 1) & table->hash_mask) {
		uint32_t moved = table->hash[place] - 1;

		table->hash[place] = 0;
		link_entry(table, moved);
	}
}

void
neighbour_table_move(
	struct neighbour_table *table, struct neighbour *entry, enum neighbour_list list)
{
	TAILQ_REMOVE(&table->lists[entry->list], entry, place);
	table->counts[entry->list]--;
	entry->list = (uint8_t)list;
	TAILQ_INSERT_TAIL(&table->lists[list], entry, place);
	table->counts[list]++;
}

bool
neighbour_table_is_full(const struct neighbour_table *table)
{
	return table->entry_count - table->counts[NEIGHBOUR_LIST_FREE] >= table->maximum;
}

uint32_t
neighbour_table_take(struct neighbour_table *table, uint32_t address, unsigned int interface,
	struct rte_rcu_qsbr *grace)
{
	struct neighbour *entry = TAILQ_FIRST(&table->lists[NEIGHBOUR_LIST_FREE]);
	uint32_t number;

	if (neighbour_table_is_full(table) || entry == NULL)
		return NEIGHBOUR_NONE;
	if (entry->held && rte_rcu_qsbr_check(grace, entry->grace_token, false) != 1)
		return NEIGHBOUR_NONE;
	number = (uint32_t)(entry - table->entries);
	neighbour_table_move(table, entry, NEIGHBOUR_LIST_ASKED);
	entry->address = address;
	entry->interface = (uint8_t)interface;
	entry->state = NEIGHBOUR_INCOMPLETE;
	entry->held = false;
	__atomic_store_n(
		&table->words[number], path_neighbour_unresolved(interface), __ATOMIC_RELAXED);
	link_entry(table, number);
	return number;
}

void
neighbour_table_give(
	struct neighbour_table *table, uint32_t number, bool held, struct rte_rcu_qsbr *grace)
{
	struct neighbour *entry = &table->entries[number];

	unlink_entry(table, number);
	neighbour_table_move(table, entry, NEIGHBOUR_LIST_FREE);
	if (held) {
		entry->grace_token = rte_rcu_qsbr_start(grace);
	} else { /* to the front: it can serve at once */
		TAILQ_REMOVE(&table->lists[NEIGHBOUR_LIST_FREE], entry, place);
		TAILQ_INSERT_HEAD(&table->lists[NEIGHBOUR_LIST_FREE], entry, place);
	}
	entry->held = held;
	entry->state = NEIGHBOUR_FREE;
	entry->tries = 0;
	entry->kept = entry->routed = false;
	entry->asked_ms = entry->confirmed_ms = 0;
	memset(entry->mac, 0, sizeof(entry->mac));
}

bool
neighbour_table_queue(
	struct neighbour_table *table, struct neighbour *entry, struct rte_mbuf *packet)
{
	if (entry->queue_count == NEIGHBOUR_QUEUE)
		return false;
	if (entry->queue_count == 0)
		TAILQ_INSERT_TAIL(&table->waiting, entry, waiting);
	entry->queue[entry->queue_count++] = packet;
	table->queued++;
	return true;
}

unsigned int
neighbour_table_unqueue(
	struct neighbour_table *table, struct neighbour *entry, struct rte_mbuf **packets)
{
	unsigned int count = entry->queue_count;

	if (count == 0)
		return 0;
	memcpy(packets, entry->queue, count * sizeof(packets[0]));
	TAILQ_REMOVE(&table->waiting, entry, waiting);
	entry->queue_count = 0;
	table->queued -= count;
	return count;
}

bool
neighbour_table_may_ask(struct neighbour_table *table, uint32_t source, uint64_t now_ms)
{
	uint8_t *asked = &table->questions[(source * UINT32_C(0x9e3779b1)) >> 24];

	_Static_assert(NEIGHBOUR_BUCKETS == 256, "the top byte of the product chooses");
	_Static_assert(NEIGHBOUR_QUESTIONS < UINT8_MAX, "a byte counts them");
	if (table->budget_second != now_ms / 1000) {
		table->budget_second = now_ms / 1000;
		memset(table->questions, 0, sizeof(table->questions));
	}
	if (*asked == NEIGHBOUR_QUESTIONS)
		return false;
	(*asked)++;
	return true;
}
