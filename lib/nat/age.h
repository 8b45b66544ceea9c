/* Ageing: mappings that were idle too long leave, in bounded steps.
 *
 * The ager walks the words of the table in turns of at most `budget` slots and never touches an
 * index: it asks the owner. Its steps for one slot (nat/table.h has the states):
 *
 *   idle too long        ACTIVE -> QUARANTINE, by compare-and-swap; stamp of the quarantine
 *   quarantine over      QUARANTINE -> CLOSING, by compare-and-swap; joins the batch
 *   batch full or old    ops->unlink(batch): each owner takes its slots out of its index
 *   owners are done      ops->grace_begin(); when ops->grace_over(): slots still CLOSING are released
 *
 * A slot whose endpoint came back meanwhile is ACTIVE again and is left alone. One batch is under
 * way at a time; a grace period serves a whole batch. Idle times: a REGISTERED mapping never idles
 * out; a UDP or ICMP mapping lives from its last outbound packet (RFC 4787 REQ-6); a TCP mapping
 * lives while one of its flow records does (`live_slots`), and transitory_seconds from its last
 * packet otherwise, so that a mapping expires when its last flow does.
 *
 * Threads: control thread only. Time is an argument; tests inject it.
 */
#ifndef NAT_AGE_H
#define NAT_AGE_H

#include "nat/nat.h"

#define NAT_AGE_BATCH 1024

struct nat_age_timers {
	uint32_t udp_idle_seconds, icmp_idle_seconds, tcp_transitory_seconds, quarantine_seconds;
};

struct nat_age_ops {
	/* Asks the owners to nat_unlink() `count` slots whose state is still CLOSING. False when the
	 * request could not be queued now (asked again in the next step). */
	bool (*unlink)(void *opaque, const uint32_t *slots, unsigned int count);
	/* Whether every slot of the last unlink() has been handled. */
	bool (*unlinked)(void *opaque);
	void (*grace_begin)(void *opaque);
	bool (*grace_over)(void *opaque);
};

struct nat_ager {
	struct nat *nat;
	struct nat_age_timers timers;
	const struct nat_age_ops *ops;
	void *opaque;
	const uint64_t *live_slots; /* one bit a slot: a flow record lives; NULL = none */
	uint32_t next_slot;         /* where the next step begins */
	enum { NAT_AGE_COLLECT, NAT_AGE_UNLINK, NAT_AGE_UNLINKED, NAT_AGE_GRACE } phase;
	unsigned int batch_count;
	uint32_t batch[NAT_AGE_BATCH];
	uint64_t quarantined, released, returned; /* totals; returned = came back while closing */
	uint64_t turns;                           /* whole walks over the table */
};

void nat_ager_init(struct nat_ager *ager, struct nat *nat, const struct nat_age_timers *timers,
	const struct nat_age_ops *ops, void *opaque);

/* Looks at up to `budget` slots and moves the batch on. Returns how many slots it looked at. */
uint32_t nat_ager_step(struct nat_ager *ager, uint32_t now_seconds, uint32_t budget);

#endif
