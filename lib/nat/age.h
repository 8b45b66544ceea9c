/* Ageing: mappings that were idle too long leave, in bounded steps.
 *
 * The ager walks the words of the table in turns of at most `budget` slots and never touches an
 * index: it asks the owner. Its steps for one slot (nat/table.h has the states):
 *
 *   idle too long        ACTIVE -> QUARANTINE, by compare-and-swap; stamp of the quarantine
 *   a packet was on its way meanwhile: its stamp is not older than the quarantine's:
 *                        QUARANTINE -> ACTIVE
 *   quarantine over      QUARANTINE -> CLOSING, by compare-and-swap; joins the batch
 *   batch full, or the walk at its end
 *                        ops->unlink(batch): each owner takes its slots out of its index
 *   owners are done      ops->grace_begin(); when ops->grace_over(): slots still CLOSING are
 * released
 *
 * Mappings of a pool in state NAT_POOL_CLOSING go at once, idle or not, of both classes:
 *
 *   ACTIVE or QUARANTINE -> CLOSING, and on as above
 *
 * A slot whose endpoint came back meanwhile is ACTIVE again and is left alone. One batch is under
 * way at a time; a grace period serves a whole batch; the walk waits at a slot that the batch has
 * no room for. Idle times: a REGISTERED mapping never idles out; a UDP or ICMP mapping lives from
 * its last outbound packet (RFC 4787 REQ-6); a TCP mapping lives while one of its flow records does
 * (`live_slots`), and transitory_seconds from its last packet in either direction otherwise, so
 * that a mapping expires when its last flow does.
 *
 * Threads: control thread only. Time is an argument; tests inject it.
 */
#ifndef NAT_AGE_H
#define NAT_AGE_H

#include "nat/nat.h"

#define NAT_AGE_BATCH 1024

/* Each 1..STAMP_AGE_MAX_SECONDS; longer ones count as that. */
struct nat_age_timers {
	uint32_t udp_idle_seconds, icmp_idle_seconds, tcp_transitory_seconds, quarantine_seconds;
};

/* `slots` stay as they are until unlinked() is true. */
struct nat_age_ops {
	/* Asks the owners (nat_owner() of the word's private side) to nat_unlink_closing() each
	 * slot. False when the request could not be queued now (asked again in the next step). */
	bool (*unlink)(void *opaque, const uint32_t *slots, unsigned int count);
	/* Whether every slot of the last unlink() has been handled. */
	bool (*unlinked)(void *opaque);
	void (*grace_begin)(void *opaque);
	bool (*grace_over)(void *opaque);
};

enum nat_age_phase { NAT_AGE_COLLECT, NAT_AGE_UNLINK, NAT_AGE_UNLINKING, NAT_AGE_GRACE };

struct nat_ager {
	struct nat *nat;
	struct nat_age_timers timers;
	const struct nat_age_ops *ops;
	void *opaque;
	const uint64_t *live_slots; /* flow_ager's (flow/age.h); NULL = none */
	uint32_t next_slot;         /* where the next step begins */
	enum nat_age_phase phase;
	unsigned int batch_count;
	uint32_t batch[NAT_AGE_BATCH];
	uint64_t quarantined, released, returned; /* totals; returned = came back */
	uint64_t turns;                           /* whole walks over the table */
	uint64_t closed;                          /* to CLOSING because their pool goes */
};

void nat_ager_init(struct nat_ager *ager, struct nat *nat, const struct nat_age_timers *timers,
	const struct nat_age_ops *ops, void *opaque);

/* Looks at up to `budget` slots of places in use, one whole walk at most, and moves the batch on.
 * Returns how many slots it looked at. A walk over FREE words costs about a nanosecond a slot. */
uint32_t nat_ager_step(struct nat_ager *ager, uint32_t now_seconds, uint32_t budget);

/* How long a mapping has been idle, as its timer counts it: since its last outbound packet for UDP
 * and ICMP, in either direction for TCP. `word` is the slot's. Any thread. */
uint32_t nat_idle_seconds(
	const struct nat *nat, uint32_t slot, uint64_t word, uint32_t now_seconds);

#endif
