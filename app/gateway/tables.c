/* See tables.h. */
#include "tables.h"

#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

static void
copy_pool(struct nat_pool *pool, const struct config_pool *config)
{
	strlcpy(pool->name, config->name, sizeof(pool->name));
	pool->mode = config->mode == CONFIG_POOL_PURE ? NAT_POOL_PURE : NAT_POOL_H16;
	pool->private_count = config->private_count;
	pool->public_count = config->public_count;
	memcpy(pool->private_prefixes, config->private_prefixes, sizeof(pool->private_prefixes));
	memcpy(pool->public_prefixes, config->public_prefixes, sizeof(pool->public_prefixes));
	pool->alarm_load = config->alarm_load;
	pool->refuse_load = config->refuse_load;
	pool->mappings_per_host = config->mappings_per_host;
}

_Static_assert(CONFIG_POOLS_MAX == NAT_POOLS_MAX, "every configured pool has a place");
_Static_assert(CONFIG_PREFIXES_MAX == NAT_PREFIXES_MAX, "and all its prefixes");

int
tables_build_pools(const struct gateway_config *config, struct nat_pools *pools,
	struct fault *fault)
{
	memset(pools, 0, sizeof(*pools));
	pools->count = config->pool_count;
	for (unsigned int i = 0; i < config->pool_count; i++)
		copy_pool(&pools->pool[i], &config->pools[i]);
	return nat_pools_build(pools, fault);
}

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

static int
open_flows(struct gateway *gateway, struct fault *fault)
{
	struct flow_restore restore = {generation_of, owner_of, gateway, 0, 0};
	struct flow_arrays arrays = {
		.out = gateway->table_file.flow_out,
		.in = gateway->table_file.flow_in,
		.count = gateway->config.flows_max,
	};

	return flow_open(&gateway->flows, &arrays, gateway->config.worker_count,
		gateway->config.hugepages, &restore, fault);
}

int
tables_open(struct gateway *gateway, struct fault *fault)
{
	const struct gateway_config *config = &gateway->config;
	struct nat_pools *pools = malloc(sizeof(*pools)); /* large: not on the stack */
	int result = tables_build_pools(config, pools, fault);

	if (result == 0)
		result = table_file_open(&gateway->table_file, config->table_directory,
			config->instance, pools, config->flows_max * sizeof(struct flow_line),
			fault);
	if (result != 0)
		goto done;
	result = nat_open(&gateway->nat, &gateway->table_file.table, pools, config->worker_count,
		config->hugepages, &gateway->mappings_restored, &gateway->mappings_freed, fault);
	if (result != 0)
		goto close_file;
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
