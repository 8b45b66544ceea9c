/* See nat_fixture.h. */
#include "nat_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sha256.h"

static void
need(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "the NAT fixture cannot go on: %s\n", what);
	exit(2);
}

void
nat_fixture_pool(struct nat_fixture *fixture, const char *private_prefix, const char *public_prefix)
{
	struct nat_pool *pool = &fixture->pools.pool[0];
	struct fault fault = {0};

	sha256_init();
	memset(fixture, 0, sizeof(*fixture));
	fixture->pools.count = 1;
	snprintf(pool->name, sizeof(pool->name), "test");
	pool->private_count = pool->public_count = 1;
	pool->alarm_load = pool->refuse_load = 2.0;
	need(ipv4_prefix_parse(private_prefix, false, &pool->private_prefixes[0]) == 0 &&
			ipv4_prefix_parse(public_prefix, false, &pool->public_prefixes[0]) == 0,
		"a prefix is wrong");
	need(nat_pools_build(&fixture->pools, &fault) == 0, fault.what);
}

void
nat_fixture_open(struct nat_fixture *fixture, unsigned int shard_count)
{
	struct nat_table *table = &fixture->table;
	struct fault fault = {0};
	uint8_t *memory;

	table->address_count = fixture->pools.address_count;
	table->slot_count = table->address_count * NAT_PROTOCOLS * NAT_PORTS;
	fixture->table_bytes = (size_t)table->slot_count * 40;
	memory = memory_reserve(fixture->table_bytes, 0);
	need(memory != NULL, "no memory");
	table->words = (uint64_t *)(void *)memory;
	table->out = (struct nat_hot *)(void *)(memory + (size_t)table->slot_count * 8);
	table->in = table->out + table->slot_count;
	need(nat_open(&fixture->nat, table, &fixture->pools, shard_count, 0, false, NULL, &fault) ==
			0,
		fault.what);
}

struct nat_pool *
nat_fixture_live_pool(struct nat_fixture *fixture)
{
	return (struct nat_pool *)(uintptr_t)&fixture->nat.pools->pool[0];
}

void
nat_fixture_reopen(
	struct nat_fixture *fixture, unsigned int shard_count, uint32_t *restored, uint32_t *freed)
{
	struct nat_restored found;
	struct fault fault = {0};

	nat_close(&fixture->nat);
	need(nat_open(&fixture->nat, &fixture->table, &fixture->pools, shard_count, 0, false,
		     &found, &fault) == 0,
		fault.what);
	*restored = found.kept;
	*freed = found.freed;
}

void
nat_fixture_close(struct nat_fixture *fixture)
{
	nat_close(&fixture->nat);
	memory_release(fixture->table.words, fixture->table_bytes);
}

uint32_t
nat_fixture_claim(struct nat_fixture *fixture, enum nat_protocol protocol, uint32_t address,
	uint16_t port, uint32_t now_seconds, enum nat_claim_result *result)
{
	struct nat_claim claim = {
		.endpoint = {.address = address, .port = port, .protocol = protocol},
		.remote_address = 0xcb007107,
		.remote_port = 443,
	};

	nat_claim(&fixture->nat, &claim, now_seconds);
	if (result != NULL)
		*result = claim.result;
	return claim.slot;
}

void
nat_fixture_free(struct nat_fixture *fixture, uint32_t slot)
{
	unsigned int generation = nat_word_generation(nat_word_load(&fixture->table, slot));

	need(nat_retire(&fixture->nat, slot, generation), "the slot carries no mapping");
	need(nat_unlink_closing(&fixture->nat, slot), "the slot is not closing");
	nat_release(&fixture->nat, slot);
}

enum nat_state
nat_fixture_state(const struct nat_fixture *fixture, uint32_t slot)
{
	return nat_word_state(nat_word_load(&fixture->nat.table, slot));
}

uint64_t
nat_fixture_used(const struct nat_fixture *fixture)
{
	uint64_t sum = 0;

	for (uint32_t table = 0; table < fixture->table.slot_count >> 16; table++)
		sum += fixture->nat.loads[table].used;
	return sum;
}

uint64_t
nat_fixture_host_mappings(const struct nat_fixture *fixture)
{
	uint64_t sum = 0;

	for (uint32_t host = 0; host < fixture->pools.host_count; host++)
		sum += fixture->nat.host_mappings[host];
	return sum;
}

uint64_t
nat_fixture_indexed(const struct nat_fixture *fixture)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < fixture->nat.shard_count; i++)
		sum += fixture->nat.shards[i].index.entry_count;
	return sum;
}

uint16_t
fixture_candidate(uint32_t address, uint16_t port, unsigned int index)
{
	struct h16_salt none = h16_salt(0);

	return h16_candidate(&none, address, port, index);
}

uint16_t
fixture_port(uint32_t address, uint16_t from, bool usable)
{
	uint16_t port = from;

	while ((fixture_candidate(address, port, 0) >= NAT_PORT_LOWEST) != usable)
		port++;
	return port;
}
