/* The slow path: packets whose look-up missed, and what the gateway itself must answer.
 *
 * Outbound misses make mappings, all of a burst in two passes (nat_claim_burst), then the flow
 * records they need. Inbound misses are filtered, go to the gateway itself, or open a connection to
 * an endpoint that may be reached. Still no system call, no allocation, no lock: a flood of new
 * flows is ordinary work. */
#include "path/stages.h"

#include <string.h>

#include "nat/claim.h"
#include "wire/icmp.h"

void
burst_compact(struct path_burst *burst)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < burst->count; i++) {
		if (burst->packets[i] == NULL)
			continue;
		if (kept != i) {
			burst->packets[kept] = burst->packets[i];
			burst->frames[kept] = burst->frames[i];
			burst->slots[kept] = burst->slots[i];
			burst->words[kept] = burst->words[i];
			burst->flows[kept] = burst->flows[i];
			burst->interfaces[kept] = burst->interfaces[i];
		}
		kept++;
	}
	burst->count = kept;
}

static enum drop_reason
drop_of_claim(enum nat_claim_result result)
{
	static const enum drop_reason reasons[] = {
		[NAT_REFUSED_POOL] = DROP_NAT_POOL,
		[NAT_REFUSED_LOAD] = DROP_NAT_LOAD,
		[NAT_REFUSED_QUOTA] = DROP_NAT_QUOTA,
		[NAT_REFUSED_PORTS] = DROP_NAT_PORTS,
		[NAT_REFUSED_INDEX] = DROP_NAT_INDEX,
		[NAT_REFUSED_DRAIN] = DROP_NAT_DRAIN,
	};

	return reasons[result];
}

/* Makes a flow record of a mapping whose outbound direction is this worker's. */
static uint32_t
make_flow(struct worker *worker, uint32_t slot, uint64_t word, uint32_t remote_address,
	uint16_t remote_port, enum drop_reason *reason)
{
	struct flow_pool *flows = worker->path->flows;
	struct nat_pairing pairing;
	uint32_t host = FLOW_HOST_NONE, number;

	if (nat_pools_pair(worker->pools, nat_word_address(word), &pairing))
		host = pairing.host;
	number = flow_create(flows, worker->number, host, slot, nat_word_generation(word),
		remote_address, remote_port, worker->now_seconds);
	if (number == FLOW_NONE)
		*reason = flow_host_is_greedy(flows, worker->number, host) ? DROP_FLOW_SHARE
									   : DROP_FLOW_TABLE;
	return number;
}

/* Makes the flow record that an outbound packet needs, unless it is there by now. */
static bool
ensure_flow(
	struct worker *worker, const struct frame *frame, uint32_t slot, enum drop_reason *reason)
{
	struct path *path = worker->path;
	struct flow_shard *shard = &path->flows->shards[worker->number];
	uint16_t port = frame->kind == FRAME_TCP ? frame->destination_port : 0;
	uint64_t hash = flow_hash(shard, slot, frame->destination, port);
	uint64_t word = nat_word_load(&path->nat->table, slot);
	uint32_t number = flow_find(shard, path->flows->arrays.out, hash, slot,
		nat_word_generation(word), frame->destination, port);

	if (number == FLOW_NONE)
		number = make_flow(worker, slot, word, frame->destination, port, reason);
	if (number == FLOW_NONE)
		return false;
	struct flow_line *line = &path->flows->arrays.out[number];

	line->counters += NAT_COUNTER_PACKET + frame->l3_bytes;
	line->last_seen_seconds = (uint16_t)worker->now_seconds;
	line->tcp_flags = flow_tcp_gather(line->tcp_flags, frame->tcp_flags);
	return true;
}

/* Gives one outbound packet its slot, or sends it away; true when it stays. */
static bool
finish_out(struct worker *worker, struct path_burst *burst, unsigned int i,
	const struct nat_claim *claim)
{
	struct nat_table *table = &worker->path->nat->table;
	const struct frame *frame = &burst->frames[i];
	bool known = nat_word_state(burst->words[i]) == NAT_ACTIVE;
	enum drop_reason reason;

	if (claim->result != NAT_CLAIMED) {
		slow_refuse(worker, burst->packets[i], frame, burst->interfaces[i],
			drop_of_claim(claim->result), ICMP_UNREACHABLE, ICMP_CODE_PROHIBITED, 0);
		return false;
	}
	if ((frame->kind == FRAME_TCP ||
		    table->out[claim->slot].remote_address != frame->destination) &&
		!ensure_flow(worker, frame, claim->slot, &reason)) {
		slow_refuse(worker, burst->packets[i], frame, burst->interfaces[i], reason,
			ICMP_UNREACHABLE, ICMP_CODE_PROHIBITED, 0);
		return false;
	}
	if (!known) { /* the fast path has counted packets of known mappings already */
		struct nat_hot *hot = &table->out[claim->slot];

		hot->counters += NAT_COUNTER_PACKET + frame->l3_bytes;
		hot->last_seen_seconds = (uint16_t)worker->now_seconds;
	}
	burst->slots[i] = claim->slot;
	burst->words[i] = nat_word_load(table, claim->slot);
	burst->flows[i] = FLOW_NONE;
	return true;
}

void
slow_out(struct worker *worker, struct path_burst *burst)
{
	struct nat_claim claims[PATH_BURST];
	uint8_t places[PATH_BURST];
	unsigned int count = 0;

	for (unsigned int i = 0; i < burst->count; i++) {
		const struct frame *frame = &burst->frames[i];

		if (burst->slots[i] != NAT_SLOT_NONE)
			continue;
		/* A reset of a connection that we do not know needs no mapping. */
		if (nat_word_state(burst->words[i]) != NAT_ACTIVE && frame->kind == FRAME_TCP &&
			(frame->tcp_flags & FLOW_TCP_RST) != 0) {
			worker_drop(worker, burst->packets[i], DROP_TCP_STRAY);
			burst->packets[i] = NULL;
			continue;
		}
		claims[count] = (struct nat_claim){
			.endpoint = {frame->source, frame->source_port,
				(enum nat_protocol)frame->kind, 0},
			.mapping_class = NAT_EPHEMERAL,
			.remote_address = frame->destination,
			.remote_port = frame->destination_port,
		};
		places[count++] = (uint8_t)i;
	}
	nat_claim_burst(worker->path->nat, claims, count, worker->now_seconds);
	for (unsigned int k = 0; k < count; k++)
		if (!finish_out(worker, burst, places[k], &claims[k]))
			burst->packets[places[k]] = NULL;
	burst_compact(burst);
}

/* Whether the endpoint of `word` may be reached from the packet's source. */
static bool
may_come_in(const struct nat_table *table, uint32_t slot, uint64_t word, const struct frame *frame)
{
	return nat_word_class(word) == NAT_REGISTERED ||
	       table->in[slot].remote_address == frame->source;
}

/* An inbound packet that opens a connection needs a flow record, which only the worker that owns
 * the endpoint's outbound direction may make. Returns whether the packet stays in the burst. */
static bool
open_inbound(struct worker *worker, struct path_burst *burst, unsigned int i, uint32_t slot,
	uint64_t word)
{
	struct path *path = worker->path;
	const struct frame *frame = &burst->frames[i];
	struct rte_mbuf *packet = burst->packets[i];
	enum drop_reason reason;
	unsigned int owner =
		nat_owner(path->worker_count, nat_word_address(word), nat_word_port(word));
	unsigned int port = worker->view->interfaces[burst->interfaces[i]].port;
	uint32_t number;

	if (owner != worker->number) {
		/* It was there and found no room. (A received packet has somebody else's mark.) */
		if (worker->handed && packet->hash.fdir.hi == HANDOFF_CREATED)
			worker_drop(worker, packet, DROP_FLOW_TABLE);
		else
			worker_hand_over(worker, packet, owner, HANDOFF_CREATE_FLOW, port);
		return false;
	}
	number = make_flow(worker, slot, word, frame->source, frame->source_port, &reason);
	if (number == FLOW_NONE) {
		worker_drop(worker, packet, reason);
		return false;
	}
	path->flows->arrays.in[number].tcp_flags = frame->tcp_flags;
	path->nat->table.in[slot].counters += NAT_COUNTER_PACKET + frame->l3_bytes;
	path->nat->table.in[slot].last_seen_seconds = (uint16_t)worker->now_seconds;
	burst->slots[i] = slot;
	burst->words[i] = word;
	return true;
}

/* Nobody holds the port: perhaps the address is also the gateway's own. */
static void
refuse_inbound(
	struct worker *worker, struct path_burst *burst, unsigned int i, enum drop_reason reason)
{
	const struct path_interface *interface = &worker->view->interfaces[burst->interfaces[i]];

	for (unsigned int k = 0; k < interface->address_count; k++) {
		if (interface->addresses[k].address != burst->frames[i].destination ||
			!interface->has_kernel)
			continue;
		worker_punt(worker, burst->packets[i], PUNT_KERNEL, interface->port);
		return;
	}
	worker_drop(worker, burst->packets[i], reason);
}

void
slow_in(struct worker *worker, struct path_burst *burst)
{
	const struct nat *nat = worker->path->nat;

	for (unsigned int i = 0; i < burst->count; i++) {
		const struct frame *frame = &burst->frames[i];
		uint64_t word = burst->words[i];
		bool stays = false;
		uint32_t slot;

		if (burst->slots[i] != NAT_SLOT_NONE)
			continue;
		slot = nat_slot(nat_pools_find_public(worker->pools, frame->destination),
			(enum nat_protocol)frame->kind, frame->destination_port);
		if (nat_word_state(word) != NAT_ACTIVE)
			refuse_inbound(worker, burst, i, DROP_NO_MAPPING);
		else if (!may_come_in(&nat->table, slot, word, frame))
			refuse_inbound(worker, burst, i, DROP_FILTERED);
		else
			stays = open_inbound(worker, burst, i, slot, word);
		if (!stays)
			burst->packets[i] = NULL;
	}
	burst_compact(burst);
}

void
slow_create_flow(struct worker *worker, struct rte_mbuf *packet, const struct frame *frame)
{
	struct path *path = worker->path;
	uint32_t address_index = nat_pools_find_public(worker->pools, frame->destination);
	uint32_t slot =
		nat_slot(address_index, (enum nat_protocol)frame->kind, frame->destination_port);
	uint64_t word = nat_word_load(&path->nat->table, slot);
	unsigned int receiver =
		nat_owner(path->worker_count, frame->destination, frame->destination_port);
	struct flow_shard *shard = &path->flows->shards[worker->number];
	uint64_t hash = flow_hash(shard, slot, frame->source, frame->source_port);
	enum drop_reason reason; /* the worker that receives the packet again tells */

	/* The mapping may have gone while the packet travelled between workers. */
	if (nat_word_state(word) == NAT_ACTIVE &&
		nat_owner(path->worker_count, nat_word_address(word), nat_word_port(word)) ==
			worker->number &&
		flow_find(shard, path->flows->arrays.out, hash, slot, nat_word_generation(word),
			frame->source, frame->source_port) == FLOW_NONE)
		make_flow(worker, slot, word, frame->source, frame->source_port, &reason);
	worker_hand_over(worker, packet, receiver, HANDOFF_CREATED, packet->port);
}
