/* See pool_list.h. */
#include "pool_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sha256.h"

#define FLOW_BYTES (64u * 1024)

static void
need(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "the bed of pools cannot go on: %s\n", what);
	exit(2);
}

void
pool_list(struct nat_pools *pools, const char *text)
{
	char copy[512], *rest = copy, *one;

	memset(pools, 0, sizeof(*pools));
	snprintf(copy, sizeof(copy), "%s", text);
	while ((one = strsep(&rest, ";")) != NULL && strspn(one, " ") < strlen(one)) {
		struct nat_pool *pool = &pools->pool[pools->count++];
		char private_text[PREFIX_TEXT_BYTES], public_text[PREFIX_TEXT_BYTES];

		need(sscanf(one, "%31s %18s %18s", pool->name, private_text, public_text) == 3 &&
				ipv4_prefix_parse(
					private_text, false, &pool->private_prefixes[0]) == 0 &&
				ipv4_prefix_parse(public_text, false, &pool->public_prefixes[0]) ==
					0,
			one);
		pool->private_count = pool->public_count = 1;
		pool->alarm_load = pool->refuse_load = 2.0;
	}
}

uint32_t
pool_list_place(const struct nat_pools *pools, const char *text)
{
	uint32_t address = 0;

	need(ipv4_parse(text, &address) == 0, text);
	return nat_pools_find_public(pools, address);
}

struct nat_pools *
pool_list_beside(const struct nat_pools *former, const char *text, struct fault *fault)
{
	struct nat_pools *pools = malloc(sizeof(*pools));

	need(pools != NULL, "no memory");
	pool_list(pools, text);
	if (nat_pools_rebuild(pools, former, fault) == 0)
		return pools;
	free(pools);
	return NULL;
}

static void
open_nat(struct pool_bed *bed, const char *text, unsigned int shards)
{
	static struct nat_pools pools;

	pool_list(&pools, text);
	need(nat_pools_build(&pools, &bed->fault) == 0 &&
			table_file_open(&bed->file, bed->directory, "test", &pools, FLOW_BYTES,
				&bed->fault) == 0 &&
			nat_open(&bed->nat, &bed->file.table, &pools, shards, 1 << 20, false,
				&bed->restored, &bed->fault) == 0,
		bed->fault.what);
}

void
pool_bed_open(struct pool_bed *bed, const char *pools, unsigned int shards)
{
	sha256_init();
	memset(bed, 0, sizeof(*bed));
	strcpy(bed->directory, "/tmp/binfm-pools-XXXXXX");
	need(mkdtemp(bed->directory) != NULL, "no directory");
	open_nat(bed, pools, shards);
}

static void
close_nat(struct pool_bed *bed)
{
	nat_close(&bed->nat);
	table_file_close(&bed->file);
}

void
pool_bed_reopen(struct pool_bed *bed, const char *pools, unsigned int shards)
{
	close_nat(bed);
	open_nat(bed, pools, shards);
}

void
pool_bed_close(struct pool_bed *bed)
{
	char path[64];

	close_nat(bed);
	snprintf(path, sizeof(path), "%s/test.table", bed->directory);
	unlink(path);
	rmdir(bed->directory);
}

int
pool_bed_change(struct pool_bed *bed, const char *text)
{
	struct nat_pools *pools = pool_list_beside(bed->nat.pools, text, &bed->fault);
	int result;

	if (pools == NULL)
		return -bed->fault.error;
	result = table_file_use(&bed->file, pools, &bed->fault);
	if (result != 0) {
		free(pools);
		return result;
	}
	free(nat_exchange_pools(&bed->nat, pools));
	table_file_drop(&bed->file, pools);
	return 0;
}

void
pool_bed_set_state(struct pool_bed *bed, const char *name, enum nat_pool_state state)
{
	struct nat_pools *pools = malloc(sizeof(*pools));

	need(pools != NULL, "no memory");
	*pools = *bed->nat.pools;
	((struct nat_pool *)(uintptr_t)nat_pools_named(pools, name))->state = state;
	free(nat_exchange_pools(&bed->nat, pools));
}

uint32_t
pool_bed_claim(struct pool_bed *bed, const char *address, uint16_t port, uint32_t now_seconds,
	enum nat_claim_result *result)
{
	struct nat_claim claim = {.endpoint = {.port = port, .protocol = NAT_UDP}};

	need(ipv4_parse(address, &claim.endpoint.address) == 0, address);
	nat_claim(&bed->nat, &claim, now_seconds);
	if (result != NULL)
		*result = claim.result;
	return claim.slot;
}

uint64_t
pool_bed_used(const struct pool_bed *bed)
{
	uint64_t sum = 0;

	for (uint32_t table = 0; table < NAT_ADDRESSES_MAX * NAT_PROTOCOLS; table++)
		sum += bed->nat.loads[table].used;
	return sum;
}

uint64_t
pool_bed_host_mappings(const struct pool_bed *bed)
{
	uint64_t sum = 0;

	for (uint32_t host = 0; host < 1u << 16; host++)
		sum += bed->nat.host_mappings[host];
	return sum;
}

uint64_t
pool_bed_indexed(const struct pool_bed *bed)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < bed->nat.shard_count; i++)
		sum += bed->nat.shards[i].index.entry_count;
	return sum;
}
