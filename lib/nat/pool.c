/* Asking a pool set; pool_build.c makes it. See pool.h. */
#include "nat/pool.h"

#include <stddef.h>
#include <string.h>

uint32_t
nat_pools_public_number(const struct nat_pools *pools, uint32_t public_address)
{
	for (unsigned int number = 0; number < pools->count; number++) {
		const struct nat_pool *pool = &pools->pool[number];
		uint32_t at = pool->first_public;

		for (unsigned int i = 0; i < pool->public_count; i++) {
			struct ipv4_prefix prefix = pool->public_prefixes[i];

			if (ipv4_prefix_contains(prefix, public_address))
				return at + (public_address - prefix.address);
			at += (uint32_t)ipv4_prefix_size(prefix);
		}
	}
	return UINT32_MAX;
}

const struct nat_pool *
nat_pools_named(const struct nat_pools *pools, const char *name)
{
	for (unsigned int i = 0; i < pools->count; i++)
		if (strcmp(pools->pool[i].name, name) == 0)
			return &pools->pool[i];
	return NULL;
}

bool
nat_pools_pair(const struct nat_pools *pools, uint32_t private_address, struct nat_pairing *pairing)
{
	for (unsigned int number = 0; number < pools->count; number++) {
		const struct nat_pool *pool = &pools->pool[number];
		uint32_t before = 0;

		for (unsigned int i = 0; i < pool->private_count; i++) {
			struct ipv4_prefix prefix = pool->private_prefixes[i];

			if (ipv4_prefix_contains(prefix, private_address)) {
				uint64_t host = before + (private_address - prefix.address);

				pairing->pool = pool;
				pairing->host = pool->first_host + (uint32_t)host;
				pairing->address_index = nat_pool_place(pools, pool,
					(uint32_t)(host * pool->address_count / pool->host_count));
				return true;
			}
			before += (uint32_t)ipv4_prefix_size(prefix);
		}
	}
	return false;
}

uint32_t
nat_pools_host_address(const struct nat_pools *pools, uint32_t host)
{
	for (unsigned int number = 0; number < pools->count; number++) {
		const struct nat_pool *pool = &pools->pool[number];
		uint32_t left = host - pool->first_host;

		if (left >= pool->host_count)
			continue;
		for (unsigned int i = 0; i < pool->private_count; i++) {
			uint64_t size = ipv4_prefix_size(pool->private_prefixes[i]);

			if (left < size)
				return pool->private_prefixes[i].address + left;
			left -= (uint32_t)size;
		}
	}
	return 0;
}

uint32_t
nat_pools_find_public(const struct nat_pools *pools, uint32_t public_address)
{
	uint32_t number = nat_pools_public_number(pools, public_address);

	return number != UINT32_MAX ? pools->places[number] : UINT32_MAX;
}

const struct nat_pool *
nat_pools_of_address(const struct nat_pools *pools, uint32_t address_index)
{
	if (address_index >= pools->place_limit || pools->addresses[address_index] == 0)
		return NULL;
	return &pools->pool[pools->pool_of[address_index]];
}
