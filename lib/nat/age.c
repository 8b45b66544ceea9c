/* The walk reads words in runs of CHUNK: first it gathers the few slots that an ager cares about
 * and prefetches their records, then it decides. A full walk over mostly free words is a stream
 * through memory. See age.h. */
#include "nat/age.h"

#include "nat/claim.h"

#define CHUNK 64u

void
nat_ager_init(struct nat_ager *ager, struct nat *nat, const struct nat_age_timers *timers,
	const struct nat_age_ops *ops, void *opaque)
{
	*ager = (struct nat_ager){
		.nat = nat,
		.timers = *timers,
		.ops = ops,
		.opaque = opaque,
	};
}

uint32_t
nat_idle_seconds(const struct nat *nat, uint32_t slot, uint64_t word, uint32_t now_seconds)
{
	uint32_t out = nat_hot_age_seconds(&nat->table.out[slot], now_seconds);
	uint32_t in;

	/* From the quarantine on the inbound stamp is not a packet's. */
	if (nat_slot_protocol(slot) != NAT_TCP || nat_word_state(word) != NAT_ACTIVE)
		return out;
	in = nat_hot_age_seconds(&nat->table.in[slot], now_seconds);
	return in < out ? in : out;
}

static uint32_t
idle_limit_seconds(const struct nat_ager *ager, uint32_t slot)
{
	switch (nat_slot_protocol(slot)) {
	case NAT_TCP:
		return stamp_limit_seconds(ager->timers.tcp_transitory_seconds);
	case NAT_ICMP:
		return stamp_limit_seconds(ager->timers.icmp_idle_seconds);
	default:
		return stamp_limit_seconds(ager->timers.udp_idle_seconds);
	}
}

static bool
has_live_flow(const struct nat_ager *ager, uint32_t slot)
{
	return ager->live_slots != NULL && (ager->live_slots[slot / 64] >> slot % 64 & 1) != 0;
}

static void
age_active(struct nat_ager *ager, uint32_t slot, uint64_t word, uint32_t now_seconds)
{
	struct nat_table *table = &ager->nat->table;

	if (nat_idle_seconds(ager->nat, slot, word, now_seconds) < idle_limit_seconds(ager, slot) ||
		(nat_slot_protocol(slot) == NAT_TCP && has_live_flow(ager, slot)) ||
		!nat_word_swap(table, slot, &word, nat_word_with_state(word, NAT_QUARANTINE)))
		return;
	__atomic_store_n(
		&table->in[slot].last_seen_seconds, (uint16_t)now_seconds, __ATOMIC_RELAXED);
	ager->quarantined++;
}

/* False when the slot is due but the batch cannot take it now. */
static bool
age_quarantined(struct nat_ager *ager, uint32_t slot, uint64_t word, uint32_t now_seconds)
{
	struct nat_table *table = &ager->nat->table;
	uint32_t since_seconds = nat_hot_age_seconds(&table->in[slot], now_seconds);

	/* A worker that had read ACTIVE may have sent while we decided. */
	if (nat_hot_age_seconds(&table->out[slot], now_seconds) <= since_seconds) {
		nat_word_swap(table, slot, &word, nat_word_with_state(word, NAT_ACTIVE));
		return true;
	}
	if (since_seconds < stamp_limit_seconds(ager->timers.quarantine_seconds))
		return true;
	if (ager->phase != NAT_AGE_COLLECT || ager->batch_count == NAT_AGE_BATCH)
		return false;
	if (nat_word_swap(table, slot, &word, nat_word_with_state(word, NAT_CLOSING)))
		ager->batch[ager->batch_count++] = slot;
	return true;
}

/* The mapping goes because its pool does. False when the batch cannot take it now. */
static bool
close_mapping(struct nat_ager *ager, uint32_t slot, uint64_t word)
{
	if (ager->phase != NAT_AGE_COLLECT || ager->batch_count == NAT_AGE_BATCH)
		return false;
	if (nat_retire(ager->nat, slot, nat_word_generation(word))) {
		ager->batch[ager->batch_count++] = slot;
		ager->closed++;
	}
	return true;
}

/* Gathers the slots of a run that time concerns and prefetches what decides about them. `classes`
 * is NAT_WORD_CLASS_MASK when active mappings of one class alone are meant, the ephemeral ones. */
static unsigned int
gather(const struct nat_table *table, uint32_t first, uint32_t count, uint64_t classes,
	uint32_t slots[CHUNK])
{
	const uint64_t of_interest = NAT_WORD_STATE_MASK | classes;
	const uint64_t active = (uint64_t)NAT_ACTIVE << NAT_WORD_STATE_SHIFT;
	const uint64_t quarantine = (uint64_t)NAT_QUARANTINE << NAT_WORD_STATE_SHIFT;
	unsigned int found = 0;

	for (uint32_t slot = first; slot < first + count; slot++) {
		uint64_t word = __atomic_load_n(&table->words[slot], __ATOMIC_RELAXED);

		slots[found] = slot;
		found += (word & of_interest) == active ||
			 (word & NAT_WORD_STATE_MASK) == quarantine;
	}
	for (unsigned int i = 0; i < found; i++) {
		__builtin_prefetch(&table->out[slots[i]]);
		__builtin_prefetch(&table->in[slots[i]]);
	}
	return found;
}

/* False when the slot is due but the batch has no room. */
static bool
age_slot(struct nat_ager *ager, uint32_t slot, bool closing, uint32_t now_seconds)
{
	uint64_t word = nat_word_load(&ager->nat->table, slot);
	enum nat_state state = nat_word_state(word);

	if (closing && (state == NAT_ACTIVE || state == NAT_QUARANTINE))
		return close_mapping(ager, slot, word);
	if (state == NAT_QUARANTINE)
		return age_quarantined(ager, slot, word, now_seconds);
	if (state == NAT_ACTIVE && nat_word_class(word) == NAT_EPHEMERAL)
		age_active(ager, slot, word, now_seconds);
	return true;
}

/* Returns how many slots of the run are done: fewer than `count` when the batch has no room. */
static uint32_t
walk(struct nat_ager *ager, uint32_t count, uint32_t now_seconds)
{
	const struct nat_pool *pool =
		nat_pools_of_address(ager->nat->pools, nat_slot_address_index(ager->next_slot));
	bool closing = pool != NULL && pool->state == NAT_POOL_CLOSING;
	uint32_t slots[CHUNK];
	unsigned int found = gather(&ager->nat->table, ager->next_slot, count,
		closing ? 0 : NAT_WORD_CLASS_MASK, slots);

	for (unsigned int i = 0; i < found; i++)
		if (!age_slot(ager, slots[i], closing, now_seconds))
			return slots[i] - ager->next_slot;
	return count;
}

static void
release_batch(struct nat_ager *ager)
{
	for (unsigned int i = 0; i < ager->batch_count; i++) {
		uint32_t slot = ager->batch[i];

		if (nat_word_state(nat_word_load(&ager->nat->table, slot)) == NAT_CLOSING) {
			nat_release(ager->nat, slot);
			ager->released++;
		} else {
			ager->returned++;
		}
	}
	ager->batch_count = 0;
	ager->phase = NAT_AGE_COLLECT;
}

/* Takes the batch as far as its owners are. */
static void
move_batch(struct nat_ager *ager)
{
	const struct nat_age_ops *ops = ager->ops;

	if (ager->phase == NAT_AGE_UNLINK &&
		ops->unlink(ager->opaque, ager->batch, ager->batch_count))
		ager->phase = NAT_AGE_UNLINKING;
	if (ager->phase == NAT_AGE_UNLINKING && ops->unlinked(ager->opaque)) {
		ops->grace_begin(ager->opaque);
		ager->phase = NAT_AGE_GRACE;
	}
	if (ager->phase == NAT_AGE_GRACE && ops->grace_over(ager->opaque))
		release_batch(ager);
}

static void
hand_over_batch(struct nat_ager *ager)
{
	if (ager->phase == NAT_AGE_COLLECT && ager->batch_count > 0)
		ager->phase = NAT_AGE_UNLINK;
	move_batch(ager);
}

/* Pools come and go while the walk is on its way: steps over places that are not in use. True at
 * the end of the table. */
static bool
at_end(struct nat_ager *ager)
{
	const struct nat_pools *pools = ager->nat->pools;
	uint32_t place = nat_slot_address_index(ager->next_slot);
	uint32_t in_use = nat_pools_next_place(pools, place);

	if (in_use != place)
		ager->next_slot = nat_slot(in_use, NAT_UDP, 0);
	return in_use >= pools->place_limit;
}

uint32_t
nat_ager_step(struct nat_ager *ager, uint32_t now_seconds, uint32_t budget)
{
	const uint32_t slots_in_use = ager->nat->pools->address_count * NAT_PLACE_SLOTS;
	uint32_t looked = 0, count, done;

	if (budget > slots_in_use)
		budget = slots_in_use;
	move_batch(ager);
	while (looked < budget) {
		if (at_end(ager))
			ager->next_slot =
				nat_slot(nat_pools_next_place(ager->nat->pools, 0), NAT_UDP, 0);
		count = CHUNK - ager->next_slot % CHUNK;
		if (count > budget - looked)
			count = budget - looked;
		done = walk(ager, count, now_seconds);
		looked += done;
		ager->next_slot += done;
		if (at_end(ager)) {
			ager->next_slot = 0;
			ager->turns++;
			hand_over_batch(ager);
		}
		if (done < count) {
			/* Owners that answer at once let the walk go on. */
			hand_over_batch(ager);
			if (ager->phase != NAT_AGE_COLLECT)
				break;
		}
	}
	return looked;
}
