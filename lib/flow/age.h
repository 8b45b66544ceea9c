/* Ageing of flow records: the same shape as nat/age.h, for the pool of records.
 *
 * A record's idle time: a TCP connection by flow_tcp_idle_seconds() since its last packet in either
 * direction; a permission by udp_idle_seconds or icmp_idle_seconds since its last outbound packet.
 * Under pressure, when less than half of the records are free, connections that are not established
 * go sooner: their time shrinks with what is free, from tcp_transitory_seconds down to
 * FLOW_PRESSED_SECONDS, which is longer than hosts wait between two SYNs. RFC 5382 REQ-5 wants four
 * minutes; a flood of SYNs would otherwise keep everybody out for as long.
 *
 * Each whole walk rebuilds a bitmap of the slots that have a live TCP record, which the mapping
 * ager reads; a slot keeps its bit until a whole walk has found none.
 *
 *   idle -> batch -> ops->unlink (owners take them out of the index) -> grace -> ops->release
 *   (owners return the numbers)
 *
 * One batch is under way at a time, handed on when it is full or the walk is at its end. The walk
 * waits at an idle record that the batch has no room for; so it never passes a record that is in
 * the batch and would be found idle again.
 *
 * A record that saw a packet between the decision and the unlink is lost to its connection only if
 * it was idle for its whole time before; its next packet makes a new record.
 *
 * Threads: control thread only. Time is an argument.
 */
#ifndef FLOW_AGE_H
#define FLOW_AGE_H

#include <stdbool.h>

#include "flow/flow.h"

#define FLOW_AGE_BATCH       1024
#define FLOW_PRESSED_SECONDS 15

/* `numbers` stay as they are until unlinked() is true. */
struct flow_age_ops {
	/* Asks the owners (the lines' `shard`) to flow_unlink(), later to flow_release(). False
	 * when the request could not be queued now (asked again in the next step). */
	bool (*unlink)(void *opaque, const uint32_t *numbers, unsigned int count);
	bool (*release)(void *opaque, const uint32_t *numbers, unsigned int count);
	/* Whether all of the last unlink() or release() is done. */
	bool (*unlinked)(void *opaque);
	void (*grace_begin)(void *opaque);
	bool (*grace_over)(void *opaque);
	/* What a slot carries: 0 udp, 1 tcp, 2 icmp (enum nat_protocol), -1 when the slot is not in
	 * use under `generation` any more: then the record goes at once. */
	int (*protocol_of)(void *opaque, uint32_t slot, unsigned int generation);
};

enum flow_age_phase {
	FLOW_AGE_COLLECT,
	FLOW_AGE_UNLINK,
	FLOW_AGE_UNLINKING,
	FLOW_AGE_GRACE,
	FLOW_AGE_RELEASE,
	FLOW_AGE_RELEASING,
};

struct flow_ager {
	struct flow_pool *pool;
	struct flow_timers timers;
	struct flow_timers pressed; /* the same, by how full the pool is in this step */
	const struct flow_age_ops *ops;
	void *opaque;
	uint64_t *live_slots;      /* of the last whole walk, one bit a slot; never moves */
	uint64_t *next_live_slots; /* of the walk under way */
	bool *live_blocks, *next_live_blocks; /* whether a block of the bitmap may have a bit set */
	uint32_t slot_count;
	uint32_t next_number; /* where the next step begins */
	enum flow_age_phase phase;
	unsigned int batch_count;
	uint32_t batch[FLOW_AGE_BATCH];
	uint64_t expired, turns; /* records released; whole walks */
};

/* `slot_count` is the most that the port table can have; parts of the bitmaps where no record is
 * cost neither memory nor time. Takes the first bitmap from the records that are there (those of an
 * earlier process), so that no mapping is thought dead before the first walk. 0 or -ENOMEM.
 */
int flow_ager_init(struct flow_ager *ager, struct flow_pool *pool, uint32_t slot_count,
	const struct flow_timers *timers, const struct flow_age_ops *ops, void *opaque);
void flow_ager_free(struct flow_ager *ager);

/* Looks at up to `budget` records and moves the batch on. Returns how many it looked at. */
uint32_t flow_ager_step(struct flow_ager *ager, uint32_t now_seconds, uint32_t budget);

#endif
