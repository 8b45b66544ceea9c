/* See neighbour.h: the states. neighbour_table.h keeps the entries. */
#include "control/neighbour.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "control/arp_send.h"
#include "control/neighbour_table.h"
#include "control/host_route.h"

#define ASK_INTERVAL_MS   1000
#define ASK_TRIES         3
#define CONFIRM_AFTER_MS  30000
#define CONFIRMS_A_TICK   256 /* a full table must not ask all at once */
#define FAILED_FOR_MS     3000
#define ASKED_LEAST_SHARE 16 /* of a full table, one part is always left for new questions */

uint64_t *
neighbour_words(struct neighbour_table *table)
{
	return table->words;
}

static void
drop_queue(struct gateway *gateway, struct neighbour *entry, enum drop_reason reason)
{
	struct rte_mbuf *packets[NEIGHBOUR_QUEUE];
	unsigned int count = neighbour_table_unqueue(gateway->neighbours, entry, packets);

	for (unsigned int i = 0; i < count; i++)
		gateway_drop(gateway, packets[i], reason);
}

/* Workers stop using the entry: an invalid word, no host route. */
static void
withdraw(struct gateway *gateway, uint32_t number)
{
	struct neighbour *entry = &gateway->neighbours->entries[number];
	uint64_t word = path_neighbour_unresolved(entry->interface);

	if (entry->routed)
		host_route_remove(gateway->view, entry->address);
	entry->routed = false;
	__atomic_store_n(&gateway->neighbours->words[number],
		entry->kept ? word | PATH_NEIGHBOUR_DEAD : word, __ATOMIC_RELAXED);
}

/* Frees one entry: of those that did not answer, else of those being asked, else of those that
 * answered, always the oldest. While few are being asked, one that answered goes before them. */
static void
evict(struct gateway *gateway)
{
	struct neighbour_table *table = gateway->neighbours;
	bool few_asked = table->counts[NEIGHBOUR_LIST_ASKED] <= table->maximum / ASKED_LEAST_SHARE;
	struct neighbour *oldest = TAILQ_FIRST(&table->lists[NEIGHBOUR_LIST_SILENT]);
	bool was_routed;

	if (oldest == NULL)
		oldest = TAILQ_FIRST(
			&table->lists[few_asked ? NEIGHBOUR_LIST_KNOWN : NEIGHBOUR_LIST_ASKED]);
	if (oldest == NULL)
		oldest = TAILQ_FIRST(
			&table->lists[few_asked ? NEIGHBOUR_LIST_ASKED : NEIGHBOUR_LIST_KNOWN]);
	if (oldest == NULL)
		return;
	was_routed = oldest->routed;
	withdraw(gateway, (uint32_t)(oldest - table->entries));
	drop_queue(gateway, oldest, DROP_NEIGHBOUR_QUEUE);
	neighbour_table_give(
		table, (uint32_t)(oldest - table->entries), was_routed, gateway->path.grace);
}

static uint32_t
take(struct gateway *gateway, uint32_t address, unsigned int interface)
{
	struct neighbour_table *table = gateway->neighbours;

	if (neighbour_table_is_full(table))
		evict(gateway);
	return neighbour_table_take(table, address, interface, gateway->path.grace);
}

int
neighbour_keep(struct gateway *gateway, uint32_t address, unsigned int interface)
{
	struct neighbour_table *table = gateway->neighbours;
	uint32_t number = neighbour_table_find(table, address);

	if (number == NEIGHBOUR_NONE)
		number = take(gateway, address, interface);
	if (number == NEIGHBOUR_NONE)
		return -ENOSPC;
	table->entries[number].kept = true;
	neighbour_table_move(table, &table->entries[number], NEIGHBOUR_LIST_KEPT);
	return (int)number;
}

/* What an operator wants to know of a neighbour that answers: a next hop that did not before, and
 * anybody whose Ethernet address is another now. */
static void
tell_answer(const struct gateway *gateway, struct neighbour *entry, const uint8_t mac[6])
{
	const char *interface = gateway->view->interfaces[entry->interface].name;
	char address[IPV4_TEXT_BYTES];

	ipv4_text(entry->address, address);
	if (entry->confirmed_ms != 0 && memcmp(entry->mac, mac, sizeof(entry->mac)) != 0)
		log_warn("neighbour %s on %s has another Ethernet address: "
			 "%02x:%02x:%02x:%02x:%02x:%02x",
			address, interface, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	if (entry->kept && (entry->told_dead || entry->confirmed_ms == 0))
		log_info("next hop %s on %s answers", address, interface);
	entry->told_dead = false;
}

/* A next hop that is dead is asked again and again: told once. */
static void
tell_silence(const struct gateway *gateway, struct neighbour *entry)
{
	char address[IPV4_TEXT_BYTES];

	if (!entry->kept || entry->told_dead)
		return;
	entry->told_dead = true;
	log_warn("next hop %s on %s does not answer ARP", ipv4_text(entry->address, address),
		gateway->view->interfaces[entry->interface].name);
}

static void
set_state(struct gateway *gateway, struct neighbour *entry, enum neighbour_state state)
{
	static const enum neighbour_list lists[] = {
		[NEIGHBOUR_INCOMPLETE] = NEIGHBOUR_LIST_ASKED,
		[NEIGHBOUR_REACHABLE] = NEIGHBOUR_LIST_KNOWN,
		[NEIGHBOUR_FAILED] = NEIGHBOUR_LIST_SILENT,
	};

	entry->state = (uint8_t)state;
	entry->tries = 0;
	neighbour_table_move(
		gateway->neighbours, entry, entry->kept ? NEIGHBOUR_LIST_KEPT : lists[state]);
}

void
neighbour_forsake(struct gateway *gateway, uint32_t address)
{
	struct neighbour_table *table = gateway->neighbours;
	uint32_t number = neighbour_table_find(table, address);
	struct neighbour *entry;

	if (number == NEIGHBOUR_NONE || !table->entries[number].kept)
		return;
	entry = &table->entries[number];
	entry->kept = false;
	entry->routed = true; /* its host route stays when it answers, and is withdrawn else */
	if (entry->state != NEIGHBOUR_REACHABLE)
		withdraw(gateway, number);
	set_state(gateway, entry, (enum neighbour_state)entry->state);
}

static void
ask(struct gateway *gateway, struct neighbour *entry, uint64_t now_ms)
{
	entry->asked_ms = now_ms;
	entry->tries++;
	arp_ask(gateway, entry->interface, entry->address,
		entry->state == NEIGHBOUR_REACHABLE ? entry->mac : NULL);
}

/* The entry that a packet goes to: the next hop of its route, or its destination itself, of which
 * one more may be made. NEIGHBOUR_NONE with a reason when there is none. */
static uint32_t
next_hop_of(struct gateway *gateway, const struct frame *frame, uint64_t now_ms,
	enum drop_reason *reason)
{
	uint32_t hop = path_view_route(gateway->view, frame->destination);
	uint32_t number;

	if (path_hop_kind(hop) == PATH_HOP_NEIGHBOUR)
		return path_hop_number(hop);
	*reason = DROP_NO_ROUTE;
	if (path_hop_kind(hop) != PATH_HOP_CONNECTED)
		return NEIGHBOUR_NONE;
	number = neighbour_table_find(gateway->neighbours, frame->destination);
	if (number != NEIGHBOUR_NONE)
		return number;
	*reason = DROP_NEIGHBOUR_QUEUE;
	if (!neighbour_table_may_ask(gateway->neighbours, frame->source, now_ms))
		return NEIGHBOUR_NONE;
	return take(gateway, frame->destination, path_hop_number(hop));
}

/* Writes the Ethernet header of a resolved packet and sends it. */
static void
send_resolved(struct gateway *gateway, const struct neighbour *entry, struct rte_mbuf *packet)
{
	const struct path_interface *out = &gateway->view->interfaces[entry->interface];

	if (arp_write_ethernet(packet, out, entry->mac) != 0)
		gateway_drop(gateway, packet, DROP_FRAME_SHORT);
	else
		gateway_send(gateway, out->port, packet);
}

/* Lets a packet wait for the entry's answer; the longest waiting of all make room. */
static void
wait_for(struct gateway *gateway, struct neighbour *entry, struct rte_mbuf *packet)
{
	struct neighbour_table *table = gateway->neighbours;

	if (table->queued == NEIGHBOUR_QUEUED_MAX)
		drop_queue(gateway, TAILQ_FIRST(&table->waiting), DROP_NEIGHBOUR_QUEUE);
	if (!neighbour_table_queue(table, entry, packet))
		gateway_drop(gateway, packet, DROP_NEIGHBOUR_QUEUE);
}

void
neighbour_resolve(struct gateway *gateway, struct rte_mbuf *packet)
{
	uint64_t now_ms = gateway_now_ms();
	enum drop_reason reason = DROP_NO_ROUTE, parsed;
	uint32_t number = NEIGHBOUR_NONE;
	struct neighbour *entry;
	struct frame frame = {0};

	/* What we cut into fragments ourselves comes here as well. */
	parsed = frame_parse(rte_pktmbuf_mtod(packet, const uint8_t *), packet->data_len, &frame);
	if (parsed == DROP_FRAGMENT || (parsed == DROP_NONE && frame.kind != FRAME_ARP))
		number = next_hop_of(gateway, &frame, now_ms, &reason);
	if (number == NEIGHBOUR_NONE) {
		gateway_drop(gateway, packet, reason);
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
		set_state(gateway, entry, NEIGHBOUR_INCOMPLETE);
		break;
	default:
		break;
	}
	wait_for(gateway, entry, packet);
	if (entry->tries == 0)
		ask(gateway, entry, now_ms);
}

/* Whether a sender's claim to be on the interface may make an entry: its packets would be sent
 * there directly. What lies behind a router, or is ours, is nobody's on the link to claim. */
static bool
would_be_asked(const struct gateway *gateway, unsigned int interface, uint32_t address)
{
	return path_view_route(gateway->view, address) == PATH_HOP(PATH_HOP_CONNECTED, interface);
}

void
neighbour_learn(struct gateway *gateway, unsigned int interface, uint32_t address,
	const uint8_t mac[6], bool create_entry)
{
	struct neighbour_table *table = gateway->neighbours;
	uint32_t number = neighbour_table_find(table, address);
	struct rte_mbuf *packets[NEIGHBOUR_QUEUE];
	struct neighbour *entry;
	unsigned int count;

	if (number == NEIGHBOUR_NONE && create_entry && would_be_asked(gateway, interface, address))
		number = take(gateway, address, interface);
	if (number == NEIGHBOUR_NONE || table->entries[number].interface != interface)
		return;
	entry = &table->entries[number];
	tell_answer(gateway, entry, mac);
	set_state(gateway, entry, NEIGHBOUR_REACHABLE);
	entry->confirmed_ms = gateway_now_ms();
	memcpy(entry->mac, mac, sizeof(entry->mac));
	__atomic_store_n(
		&table->words[number], path_neighbour_word(mac, interface), __ATOMIC_RELAXED);
	if (!entry->kept && !entry->routed && host_route_add(gateway->view, address, number) == 0)
		entry->routed = true;
	count = neighbour_table_unqueue(table, entry, packets);
	for (unsigned int i = 0; i < count; i++)
		send_resolved(gateway, entry, packets[i]);
}

/* Asks again, or gives up. */
static void
ask_again(struct gateway *gateway, struct neighbour *entry, uint64_t now_ms)
{
	if (entry->tries != 0 && now_ms - entry->asked_ms < ASK_INTERVAL_MS)
		return;
	if (entry->tries < ASK_TRIES) {
		ask(gateway, entry, now_ms);
		return;
	}
	tell_silence(gateway, entry);
	withdraw(gateway, (uint32_t)(entry - gateway->neighbours->entries));
	drop_queue(gateway, entry, DROP_NEIGHBOUR_DEAD);
	set_state(gateway, entry, NEIGHBOUR_FAILED);
}

static bool
is_due(const struct neighbour *entry, uint64_t now_ms)
{
	return entry->tries != 0 || now_ms - entry->confirmed_ms >= CONFIRM_AFTER_MS;
}

/* A next hop is asked again and again, whether anybody sends to it or not. */
static void
tick_kept(struct gateway *gateway, struct neighbour *entry, uint64_t now_ms)
{
	if (entry->state == NEIGHBOUR_FAILED && now_ms - entry->asked_ms >= FAILED_FOR_MS)
		set_state(gateway, entry, NEIGHBOUR_INCOMPLETE);
	if (entry->state == NEIGHBOUR_INCOMPLETE ||
		(entry->state == NEIGHBOUR_REACHABLE && is_due(entry, now_ms)))
		ask_again(gateway, entry, now_ms);
}

void
neighbour_tick(struct gateway *gateway, uint64_t now_ms)
{
	struct neighbour_table *table = gateway->neighbours;
	struct neighbour *entry, *next;
	unsigned int confirms = 0;

	for (uint32_t left = table->counts[NEIGHBOUR_LIST_KEPT]; left > 0; left--) {
		entry = TAILQ_FIRST(&table->lists[NEIGHBOUR_LIST_KEPT]);
		neighbour_table_move(table, entry, NEIGHBOUR_LIST_KEPT);
		tick_kept(gateway, entry, now_ms);
	}
	for (entry = TAILQ_FIRST(&table->lists[NEIGHBOUR_LIST_ASKED]); entry != NULL;
		entry = next) {
		next = TAILQ_NEXT(entry, place);
		ask_again(gateway, entry, now_ms);
	}
	/* In order of confirmation: the first that is not due ends it. */
	for (entry = TAILQ_FIRST(&table->lists[NEIGHBOUR_LIST_KNOWN]);
		entry != NULL && is_due(entry, now_ms) && confirms < CONFIRMS_A_TICK;
		entry = next) {
		next = TAILQ_NEXT(entry, place);
		ask_again(gateway, entry, now_ms);
		confirms++;
	}
}

const struct neighbour *
neighbour_next(const struct neighbour_table *table, uint32_t *cursor)
{
	while (*cursor < table->entry_count) {
		const struct neighbour *entry = &table->entries[(*cursor)++];

		if (entry->state != NEIGHBOUR_FREE)
			return entry;
	}
	return NULL;
}
