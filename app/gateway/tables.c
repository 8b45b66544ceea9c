/* See tables.h. */
#include "tables.h"

#include <stdlib.h>

#include "control/pools.h"

#define SPARE_ADDRESSES 4 /* as limits.mappings says */

static int
generation_of(void *opaque, uint32_t slot)
{
	const struct gateway *gateway = opaque;
	uint64_t word;

	if (slot >= gateway->nat.table.slot_count)
		return -1;
	word = nat_word_load(&gateway->nat.table, slot);
	return nat_word_state(word) == NAT_ACTIVE ? (int)nat_word_generation(word) : -1;
}

static unsigned int
owner_of(void *opaque, uint32_t slot)
{
	const struct gateway *gateway = opaque;
	uint64_t word = nat_word_load(&gateway->nat.table, slot);

	return nat_owner(gateway->nat.shard_count, nat_word_address(word), nat_word_port(word));
}

static uint32_t
host_of(void *opaque, uint32_t slot)
{
	const struct gateway *gateway = opaque;
	uint64_t word = nat_word_load(&gateway->nat.table, slot);
	struct nat_pairing pairing;

	return nat_pools_pair(gateway->nat.pools, nat_word_address(word), &pairing)
		       ? pairing.host
		       : FLOW_HOST_NONE;
}

static int
open_flows(struct gateway *gateway, struct fault *fault)
{
	struct flow_restore restore = {
		.generation_of = generation_of,
		.owner_of = owner_of,
		.host_of = host_of,
		.host_count = NAT_HOSTS_MAX,
		.opaque = gateway,
	};
	struct flow_arrays arrays = {
		.out = gateway->table_file.flow_out,
		.in = gateway->table_file.flow_in,
		.count = gateway->config.flows_max,
	};

	return flow_open(&gateway->flows, &arrays, gateway->config.worker_count,
		gateway->config.hugepages, &restore, fault);
}

/* What the outbound index gets room for: some pools may be added live. */
static uint32_t
index_mappings(const struct gateway_config *config, const struct nat_pools *pools)
{
	return config->mappings_max != 0
		       ? config->mappings_max
		       : (pools->address_count + SPARE_ADDRESSES) * NAT_PLACE_SLOTS;
}

int
tables_open(struct gateway *gateway, struct fault *fault)
{
	const struct gateway_config *config = &gateway->config;
	struct nat_pools *pools = malloc(sizeof(*pools)); /* large: not on the stack */
	struct nat_restored restored;
	int result = pools_build(config, pools, fault);

	if (result == 0)
		result = table_file_open(&gateway->table_file, config->table_directory,
			config->instance, pools, config->flows_max * sizeof(struct flow_line),
			fault);
	if (result != 0)
		goto done;
	result = nat_open(&gateway->nat, &gateway->table_file.table, pools, config->worker_count,
		index_mappings(config, pools), config->hugepages, &restored, fault);
	if (result != 0)
		goto close_file;
	gateway->mappings_restored = restored.kept;
	gateway->mappings_freed = restored.freed;
	gateway->mappings_discarded = restored.discarded + gateway->table_file.mappings_discarded;
	gateway->nat.quarantine_seconds = config->quarantine_seconds;
	result = open_flows(gateway, fault);
	if (result == 0)
		goto done;
	nat_close(&gateway->nat);
close_file:
	table_file_close(&gateway->table_file);
done:
	free(pools);
	return result;
}

void
tables_close(struct gateway *gateway)
{
	flow_close(&gateway->flows);
	nat_close(&gateway->nat);
	table_file_close(&gateway->table_file);
}
