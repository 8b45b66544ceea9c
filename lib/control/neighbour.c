/* See neighbour.h. Entries lie in one array; a small open-addressing hash finds them by address.
 * Removal re-inserts what follows in the run, so no tombstones pile up. */
#include "control/neighbour.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>

#include "control/arp.h"
#include "control/routes.h"

#define ASK_INTERVAL_MS   1000
#define ASK_TRIES         3
#define CONFIRM_AFTER_MS  30000
#define FAILED_FOR_MS     3000
#define NO_ENTRY          UINT32_MAX

struct neighbour_table {
	uint32_t maximum, count;
	uint32_t hash_mask;
	uint32_t *hash; /* entry number + 1, 0 = empty */
	struct neighbour *entries;
	uint64_t *words; /* DPDK memory: workers read it */
};

struct neighbour_table *
neighbour_table_new(uint32_t maximum)
{
	struct neighbour_table *table = calloc(1, sizeof(*table));
	uint32_t hash_size = 16;

	if (table == NULL)
		return NULL;
	while (hash_size < maximum * 2)
		hash_size *= 2;
	table->maximum = maximum;
	table->hash_mask = hash_size - 1;
	table->hash = calloc(hash_size, sizeof(table->hash[0]));
	table->entries = calloc(maximum, sizeof(table->entries[0]));
	table->words = rte_zmalloc("neighbours", maximum * sizeof(uint64_t), RTE_CACHE_LINE_SIZE);
	if (table->hash == NULL || table->entries == NULL || table->words == NULL) {
		neighbour_table_free(table);
		return NULL;
	}
	return table;
}

void
neighbour_table_free(struct neighbour_table *table)
{
	if (table == NULL)
		return;
	for (uint32_t i = 0; table->entries != NULL && i < table->maximum; i++)
		rte_pktmbuf_free_bulk(table->entries[i].queue, table->entries[i].queue_count);
	rte_free(table->words);
	free(table->entries);
	free(table->hash);
	free(table);
}

uint64_t *
neighbour_words(struct neighbour_table *table)
{
	return table->words;
}

static uint32_t
place_of(const struct neighbour_table *table, uint32_t address)
{
	return (address * UINT32_C(0x9e3779b1)) >> 7 & table->hash_mask;
}

static uint32_t
find(const struct neighbour_table *table, uint32_t address)
{
	uint32_t place = place_of(table, address);

	for (; table->hash[place] != 0; place = (place + 1) & table->hash_mask)
		if (table->entries[table->hash[place] - 1].address == address)
			return table->hash[place] - 1;
	return NO_ENTRY;
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

static void
drop_queue(struct gateway *gateway, struct neighbour *entry, enum drop_reason reason)
{
	for (unsigned int i = 0; i < entry->queue_count; i++)
		gateway_drop(gateway, entry->queue[i], reason);
	entry->queue_count = 0;
}

/* Workers stop using the entry: no word, no host route. */
static void
withdraw(struct gateway *gateway, uint32_t number)
{
	struct neighbour *entry = &gateway->neighbours->entries[number];

	if (entry->routed)
		routes_remove_neighbour(gateway->view, entry->address);
	entry->routed = false;
	__atomic_store_n(&gateway->neighbours->words[number], 0, __ATOMIC_RELAXED);
}

/* Frees the entry that has been silent longest; NO_ENTRY when all are kept. The word is cleared
 * before the number is used again, so a worker with the old host route meets an invalid word. */
static uint32_t
evict(struct gateway *gateway)
{
	struct neighbour_table *table = gateway->neighbours;
	uint32_t oldest = NO_ENTRY;

	for (uint32_t i = 0; i < table->maximum; i++) {
		const struct neighbour *entry = &table->entries[i];

		if (entry->state != NEIGHBOUR_FREE && !entry->kept &&
			(oldest == NO_ENTRY ||
				entry->confirmed_ms < table->entries[oldest].confirmed_ms))
			oldest = i;
	}
	if (oldest == NO_ENTRY)
		return NO_ENTRY;
	withdraw(gateway, oldest);
	drop_queue(gateway, &table->entries[oldest], DROP_NEIGHBOUR_QUEUE);
	unlink_entry(table, oldest);
	memset(&table->entries[oldest], 0, sizeof(table->entries[oldest]));
	table->count--;
	return oldest;
}

static uint32_t
create(struct neighbour_table *table, uint32_t number, uint32_t address, unsigned int interface)
{
	struct neighbour *entry = &table->entries[number];

	memset(entry, 0, sizeof(*entry));
	entry->address = address;
	entry->interface = (uint8_t)interface;
	entry->state = NEIGHBOUR_INCOMPLETE;
	link_entry(table, number);
	table->count++;
	return number;
}

static uint32_t
find_or_create(struct gateway *gateway, uint32_t address, unsigned int interface)
{
	struct neighbour_table *table = gateway->neighbours;
	uint32_t number = find(table, address);

	if (number != NO_ENTRY)
		return number;
	if (table->count == table->maximum) {
		number = evict(gateway);
	} else {
		number = 0;
		while (table->entries[number].state != NEIGHBOUR_FREE)
			number++;
	}
	return number == NO_ENTRY ? number : create(table, number, address, interface);
}

int
neighbour_keep(struct neighbour_table *table, uint32_t address, unsigned int interface)
{
	uint32_t number = find(table, address);

	if (number == NO_ENTRY) {
		if (table->count == table->maximum)
			return -ENOSPC;
		number = 0;
		while (table->entries[number].state != NEIGHBOUR_FREE)
			number++;
		create(table, number, address, interface);
	}
	table->entries[number].kept = true;
	return (int)number;
}

static void
ask(struct gateway *gateway, struct neighbour *entry, uint64_t now_ms)
{
	entry->asked_ms = now_ms;
	entry->tries++;
	arp_ask(gateway, entry->interface, entry->address,
		entry->state == NEIGHBOUR_REACHABLE ? entry->mac : NULL);
}

/* The entry that a destination's packets go to: the next hop of its route, or itself. */
static uint32_t
next_hop_of(struct gateway *gateway, uint32_t destination)
{
	uint32_t hop = path_view_route(gateway->view, destination);

	if (path_hop_kind(hop) == PATH_HOP_NEIGHBOUR)
		return path_hop_number(hop);
	if (path_hop_kind(hop) == PATH_HOP_CONNECTED)
		return find_or_create(gateway, destination, path_hop_number(hop));
	return NO_ENTRY;
}

/* Writes the Ethernet header of a resolved packet and sends it. */
static void
send_resolved(struct gateway *gateway, struct neighbour *entry, struct rte_mbuf *packet)
{
	const struct path_interface *out = &gateway->view->interfaces[entry->interface];

	if (arp_write_ethernet(packet, out, entry->mac) != 0)
		gateway_drop(gateway, packet, DROP_FRAME_SHORT);
	else if (packet->pkt_len > out->mtu_bytes + (uint32_t)ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES)
		gateway_drop(gateway, packet, DROP_TOO_BIG);
	else
		gateway_send(gateway, out->port, packet);
}

void
neighbour_resolve(struct gateway *gateway, struct rte_mbuf *packet)
{
	uint64_t now_ms = gateway_now_ms();
	struct neighbour *entry;
	struct frame frame;
	uint32_t number;

	if (frame_parse(rte_pktmbuf_mtod(packet, const uint8_t *), packet->data_len, &frame) !=
			DROP_NONE ||
		frame.kind == FRAME_ARP ||
		(number = next_hop_of(gateway, frame.destination)) == NO_ENTRY) {
		gateway_drop(gateway, packet, DROP_NO_ROUTE);
		return;
	}
	entry = &gateway->neighbours->entries[number];
	switch ((enum neighbour_state)entry->state) {
	case NEIGHBOUR_REACHABLE: /* it answered while the packet was on its way here */
		send_resolved(gateway, entry, packet);
		return;
	case NEIGHBOUR_FAILED:
		if (now_ms - entry->asked_ms < FAILED_FOR_MS) {
			gateway_drop(gateway, packet, DROP_NEIGHBOUR_DEAD);
			return;
		}
		entry->state = NEIGHBOUR_INCOMPLETE;
		entry->tries = 0;
		break;
	default:
		break;
	}
	if (entry->queue_count == NEIGHBOUR_QUEUE) {
		gateway_drop(gateway, packet, DROP_NEIGHBOUR_QUEUE);
		return;
	}
	entry->queue[entry->queue_count++] = packet;
	if (entry->tries == 0)
		ask(gateway, entry, now_ms);
}

void
neighbour_learn(struct gateway *gateway, unsigned int interface, uint32_t address,
	const uint8_t mac[6], bool create_entry)
{
	struct neighbour_table *table = gateway->neighbours;
	uint32_t number = create_entry ? find_or_create(gateway, address, interface)
				       : find(table, address);
	struct neighbour *entry;

	if (number == NO_ENTRY || table->entries[number].interface != interface)
		return;
	entry = &table->entries[number];
	entry->state = NEIGHBOUR_REACHABLE;
	entry->tries = 0;
	entry->confirmed_ms = gateway_now_ms();
	memcpy(entry->mac, mac, sizeof(entry->mac));
	__atomic_store_n(&table->words[number], path_neighbour_word(mac, interface),
		__ATOMIC_RELAXED);
	if (!entry->kept && !entry->routed &&
		routes_add_neighbour(gateway->view, address, number) == 0)
		entry->routed = true;
	for (unsigned int i = 0; i < entry->queue_count; i++)
		send_resolved(gateway, entry, entry->queue[i]);
	entry->queue_count = 0;
}

static void
tick_entry(struct gateway *gateway, uint32_t number, uint64_t now_ms)
{
	struct neighbour *entry = &gateway->neighbours->entries[number];

	switch ((enum neighbour_state)entry->state) {
	case NEIGHBOUR_REACHABLE:
		if (entry->tries == 0 && now_ms - entry->confirmed_ms < CONFIRM_AFTER_MS)
			return;
		break;
	case NEIGHBOUR_INCOMPLETE:
		break;
	default: /* a kept next hop is asked again and again; another waits for a packet */
		if (!entry->kept || now_ms - entry->asked_ms < FAILED_FOR_MS)
			return;
		entry->state = NEIGHBOUR_INCOMPLETE;
		entry->tries = 0;
		break;
	}
	if (entry->tries < ASK_TRIES) {
		if (entry->tries == 0 || now_ms - entry->asked_ms >= ASK_INTERVAL_MS)
			ask(gateway, entry, now_ms);
		return;
	}
	if (now_ms - entry->asked_ms < ASK_INTERVAL_MS)
		return;
	withdraw(gateway, number);
	drop_queue(gateway, entry, DROP_NEIGHBOUR_DEAD);
	entry->state = NEIGHBOUR_FAILED;
}

void
neighbour_tick(struct gateway *gateway, uint64_t now_ms)
{
	struct neighbour_table *table = gateway->neighbours;

	for (uint32_t i = 0; i < table->maximum; i++)
		if (table->entries[i].state != NEIGHBOUR_FREE)
			tick_entry(gateway, i, now_ms);
}

const struct neighbour *
neighbour_next(const struct neighbour_table *table, uint32_t *cursor)
{
	while (*cursor < table->maximum) {
		const struct neighbour *entry = &table->entries[(*cursor)++];

		if (entry->state != NEIGHBOUR_FREE)
			return entry;
	}
	return NULL;
}
