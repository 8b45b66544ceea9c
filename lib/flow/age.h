/* Ageing of flow records: the same shape as nat/age.h, for the pool of records.
 *
 * A record's idle time: a TCP connection by flow_tcp_idle_seconds() since its last packet in either
 * direction; a permission by udp_idle_seconds or icmp_idle_seconds since its last outbound packet.
 * Each whole walk rebuilds a bitmap of the slots that have a live TCP record, double-buffered, which
 * the mapping ager reads.
 *
 *   idle -> batch -> ops->unlink (owners take them out of the index) -> grace -> ops->release
 *   (owners return the numbers)
 *
 * A record that saw a packet between the decision and the unlink is lost to its connection only if
 * it was idle for its whole time before; its next packet makes a new record.
 *
 * Threads: control thread only. Time is an argument.
 */
#ifndef FLOW_AGE_H
#define FLOW_AGE_H

#include "flow/flow.h"

#define FLOW_AGE_BATCH 1024

struct flow_age_ops {
	bool (*unlink)(void *opaque, const uint32_t *numbers, unsigned int count);
	bool (*unlinked)(void *opaque);
	void (*grace_begin)(void *opaque);
	bool (*grace_over)(void *opaque);
	bool (*release)(void *opaque, const uint32_t *numbers, unsigned int count);
	/* What a slot carries: 0 udp, 1 tcp, 2 icmp (enum nat_protocol), -1 when the slot is not in use
	 * under `generation` any more: then the record goes at once. */
	int (*protocol_of)(void *opaque, uint32_t slot, unsigned int generation);
};

struct flow_ager {
	struct flow_pool *pool;
	struct flow_timers timers;
	const struct flow_age_ops *ops;
	void *opaque;
	uint64_t *live_slots, *next_live_slots; /* finished walk, walk under way; one bit a slot */
	uint64_t bitmap_words;
	uint32_t next_number;
	enum { FLOW_AGE_COLLECT, FLOW_AGE_UNLINK, FLOW_AGE_UNLINKED, FLOW_AGE_GRACE, FLOW_AGE_RELEASE } phase;
	unsigned int batch_count;
	uint32_t batch[FLOW_AGE_BATCH];
	uint64_t expired, turns;
};

/* `slot_count` is the port table's. 0 or -ENOMEM. */
int flow_ager_init(struct flow_ager *ager, struct flow_pool *pool, uint32_t slot_count,
	const struct flow_timers *timers, const struct flow_age_ops *ops, void *opaque);
void flow_ager_free(struct flow_ager *ager);

uint32_t flow_ager_step(struct flow_ager *ager, uint32_t now_seconds, uint32_t budget);

#endif
