/* See ageing.h. The agers decide; this file asks the owners and keeps the grace periods.
 *
 * Both agers use the door of every worker at the same time; each remembers how far the door's count
 * had come when it asked (posted), so that one's requests do not delay the other's answer.
 *
 * While the workers are stopped nothing ages: whoever owns an index is the only one to write it. */
#include "control/ageing.h"

#include "nat/nat.h"

#define SLOTS_A_STEP 524288 /* 4 MiB of words, some milliseconds at most */
#define FLOWS_A_STEP 65536

/* What one ager waits for. */
struct asked {
	uint64_t posted[PATH_WORKERS_MAX];
	uint64_t grace_token;
};

static struct asked mapping_asked, flow_asked;

static bool
answered(const struct gateway *gateway, const struct asked *asked)
{
	for (unsigned int i = 0; i < gateway->path.worker_count; i++)
		if (__atomic_load_n(&gateway->path.workers[i]->door.done, __ATOMIC_ACQUIRE) <
			asked->posted[i])
			return false;
	return true;
}

static void
grace_begin(struct gateway *gateway, struct asked *asked)
{
	asked->grace_token = rte_rcu_qsbr_start(gateway->path.grace);
}

static bool
grace_over(struct gateway *gateway, const struct asked *asked)
{
	return rte_rcu_qsbr_check(gateway->path.grace, asked->grace_token, false) == 1;
}

/* Who unlinks: the owner of the outbound direction. */
static unsigned int
slot_owner(struct gateway *gateway, uint32_t slot)
{
	uint64_t word = nat_word_load(&gateway->nat.table, slot);

	return nat_owner(gateway->path.worker_count, nat_word_address(word), nat_word_port(word));
}

/* Posts one request per number, to the worker that `owner_of` names. All or nothing: with the door
 * of one worker too full, nothing is posted. */
static bool
post(struct gateway *gateway, struct asked *asked, enum door_operation operation,
	const uint32_t *numbers, unsigned int count,
	unsigned int (*owner_of)(struct gateway *gateway, uint32_t number))
{
	for (unsigned int i = 0; i < gateway->path.worker_count; i++)
		if (rte_ring_free_count(gateway->path.workers[i]->door.requests) < count)
			return false;
	for (unsigned int i = 0; i < count; i++) {
		struct door_request request = {.operation = operation, .number = numbers[i]};

		door_post(&gateway->path.workers[owner_of(gateway, numbers[i])]->door, &request, 1);
	}
	for (unsigned int i = 0; i < gateway->path.worker_count; i++)
		asked->posted[i] = gateway->path.workers[i]->door.posted;
	return true;
}

static bool
mapping_unlink(void *opaque, const uint32_t *slots, unsigned int count)
{
	return post(opaque, &mapping_asked, DOOR_UNLINK_MAPPING, slots, count, slot_owner);
}

static bool
mapping_unlinked(void *opaque)
{
	return answered(opaque, &mapping_asked);
}

static void
mapping_grace_begin(void *opaque)
{
	grace_begin(opaque, &mapping_asked);
}

static bool
mapping_grace_over(void *opaque)
{
	return grace_over(opaque, &mapping_asked);
}

/* A record remembers its shard: its mapping may be gone already. */
static unsigned int
flow_owner(struct gateway *gateway, uint32_t number)
{
	return gateway->flows.arrays.out[number].shard;
}

static bool
flow_unlink_numbers(void *opaque, const uint32_t *numbers, unsigned int count)
{
	return post(opaque, &flow_asked, DOOR_UNLINK_FLOW, numbers, count, flow_owner);
}

static bool
flow_unlinked(void *opaque)
{
	return answered(opaque, &flow_asked);
}

static void
flow_grace_begin(void *opaque)
{
	grace_begin(opaque, &flow_asked);
}

static bool
flow_grace_over(void *opaque)
{
	return grace_over(opaque, &flow_asked);
}

static bool
flow_release_numbers(void *opaque, const uint32_t *numbers, unsigned int count)
{
	return post(opaque, &flow_asked, DOOR_RELEASE_FLOW, numbers, count, flow_owner);
}

static int
protocol_of(void *opaque, uint32_t slot, unsigned int generation)
{
	struct gateway *gateway = opaque;
	uint64_t word = nat_word_load(&gateway->nat.table, slot);

	if (nat_word_state(word) == NAT_FREE || nat_word_generation(word) != generation)
		return -1;
	return (int)nat_slot_protocol(slot);
}

static const struct nat_age_ops mapping_ops = {
	.unlink = mapping_unlink,
	.unlinked = mapping_unlinked,
	.grace_begin = mapping_grace_begin,
	.grace_over = mapping_grace_over,
};

static const struct flow_age_ops flow_ops = {
	.unlink = flow_unlink_numbers,
	.unlinked = flow_unlinked,
	.grace_begin = flow_grace_begin,
	.grace_over = flow_grace_over,
	.release = flow_release_numbers,
	.protocol_of = protocol_of,
};

static struct nat_age_timers
mapping_timers(const struct gateway_config *config)
{
	return (struct nat_age_timers){
		.udp_idle_seconds = config->udp_idle_seconds,
		.icmp_idle_seconds = config->icmp_idle_seconds,
		.tcp_transitory_seconds = config->tcp_transitory_seconds,
		.quarantine_seconds = config->quarantine_seconds,
	};
}

static struct flow_timers
record_timers(const struct gateway_config *config)
{
	return (struct flow_timers){
		.tcp_established_seconds = config->tcp_established_seconds,
		.tcp_transitory_seconds = config->tcp_transitory_seconds,
		.udp_idle_seconds = config->udp_idle_seconds,
		.icmp_idle_seconds = config->icmp_idle_seconds,
	};
}

int
ageing_open(struct gateway *gateway)
{
	struct nat_age_timers mapping = mapping_timers(&gateway->config);
	struct flow_timers record = record_timers(&gateway->config);

	nat_ager_init(&gateway->nat_ager, &gateway->nat, &mapping, &mapping_ops, gateway);
	return flow_ager_init(&gateway->flow_ager, &gateway->flows,
		NAT_ADDRESSES_MAX * NAT_PLACE_SLOTS, &record, &flow_ops, gateway);
}

void
ageing_close(struct gateway *gateway)
{
	flow_ager_free(&gateway->flow_ager);
}

void
ageing_set_timers(struct gateway *gateway)
{
	gateway->nat_ager.timers = mapping_timers(&gateway->config);
	gateway->flow_ager.timers = record_timers(&gateway->config);
	gateway->nat.quarantine_seconds = gateway->config.quarantine_seconds;
}

void
ageing_step(struct gateway *gateway, uint32_t now_seconds)
{
	if (!gateway->running)
		return;
	flow_ager_step(&gateway->flow_ager, now_seconds, FLOWS_A_STEP);
	gateway->nat_ager.live_slots = gateway->flow_ager.live_slots;
	nat_ager_step(&gateway->nat_ager, now_seconds, SLOTS_A_STEP);
}
