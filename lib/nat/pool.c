/* See pool.h. */
#include "nat/pool.h"

#include <errno.h>
#include <stddef.h>

static uint64_t
prefix_size(struct ipv4_prefix prefix)
{
	return UINT64_C(1) << (32 - prefix.length);
}

static bool
prefixes_overlap(struct ipv4_prefix one, struct ipv4_prefix two)
{
	uint8_t shorter = one.length < two.length ? one.length : two.length;

	return ((one.address ^ two.address) & ipv4_mask(shorter)) == 0;
}

static int
refuse(struct fault *fault, const struct nat_pool *pool, struct ipv4_prefix prefix,
	const char *what, const char *remedy)
{
	char text[PREFIX_TEXT_BYTES];

	return fault_set(fault, EINVAL, "bad-pool", ipv4_prefix_text(prefix, text), remedy,
		"pool %s: %s", pool->name, what);
}

/* No address may belong to two pools, or twice to one. */
static int
check_overlaps(const struct nat_pools *pools, unsigned int number, struct fault *fault)
{
	const struct nat_pool *pool = &pools->pool[number];

	for (unsigned int other = 0; other <= number; other++) {
		const struct nat_pool *before = &pools->pool[other];

		for (unsigned int i = 0; i < pool->private_count; i++)
			for (unsigned int j = 0; j < before->private_count; j++)
				if ((other < number || j < i) &&
					prefixes_overlap(pool->private_prefixes[i],
						before->private_prefixes[j]))
					return refuse(fault, pool, pool->private_prefixes[i],
						"private prefix overlaps another",
						"Give each private address to one pool");
		for (unsigned int i = 0; i < pool->public_count; i++)
			for (unsigned int j = 0; j < before->public_count; j++)
				if ((other < number || j < i) &&
					prefixes_overlap(pool->public_prefixes[i],
						before->public_prefixes[j]))
					return refuse(fault, pool, pool->public_prefixes[i],
						"public prefix overlaps another",
						"Give each public address to one pool");
	}
	return 0;
}

static int
place_pool(struct nat_pools *pools, struct nat_pool *pool, struct fault *fault)
{
	uint64_t hosts = 0, addresses = 0;

	for (unsigned int i = 0; i < pool->private_count; i++)
		hosts += prefix_size(pool->private_prefixes[i]);
	for (unsigned int i = 0; i < pool->public_count; i++)
		addresses += prefix_size(pool->public_prefixes[i]);
	if (hosts == 0 || addresses == 0)
		return fault_set(fault, EINVAL, "bad-pool", pool->name,
			"Name at least one private and one public prefix", "a pool is empty");
	if (addresses > hosts)
		return fault_set(fault, EINVAL, "bad-pool", pool->name,
			"Remove public addresses, or add private ones",
			"a pool has more public addresses than private hosts");
	if (pools->host_count + hosts > NAT_HOSTS_MAX)
		return fault_set(fault, E2BIG, "too-many-hosts", pool->name,
			"Use smaller private prefixes",
			"the pools have more than %u private addresses", NAT_HOSTS_MAX);
	if (pools->address_count + addresses > NAT_ADDRESSES_MAX)
		return fault_set(fault, E2BIG, "too-many-addresses", pool->name,
			"Use smaller public prefixes",
			"the pools have more than %u public addresses", NAT_ADDRESSES_MAX);
	pool->first_host = pools->host_count;
	pool->host_count = (uint32_t)hosts;
	pool->first_address = pools->address_count;
	pool->address_count = (uint32_t)addresses;
	for (unsigned int i = 0; i < pool->public_count; i++)
		for (uint64_t at = 0; at < prefix_size(pool->public_prefixes[i]); at++)
			pools->addresses[pools->address_count++] =
				pool->public_prefixes[i].address + (uint32_t)at;
	pools->host_count += pool->host_count;
	return 0;
}

int
nat_pools_build(struct nat_pools *pools, struct fault *fault)
{
	pools->host_count = 0;
	pools->address_count = 0;
	if (pools->count > NAT_POOLS_MAX)
		return fault_set(fault, E2BIG, "too-many-pools", NULL, "Join pools",
			"there are more than %u pools", NAT_POOLS_MAX);
	for (unsigned int number = 0; number < pools->count; number++) {
		int result = check_overlaps(pools, number, fault);

		if (result == 0)
			result = place_pool(pools, &pools->pool[number], fault);
		if (result != 0)
			return result;
	}
	return 0;
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
				pairing->address_index =
					pool->first_address +
					(uint32_t)(host * pool->address_count / pool->host_count);
				return true;
			}
			before += (uint32_t)prefix_size(prefix);
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
			uint64_t size = prefix_size(pool->private_prefixes[i]);

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
	for (unsigned int number = 0; number < pools->count; number++) {
		const struct nat_pool *pool = &pools->pool[number];
		uint32_t index = pool->first_address;

		for (unsigned int i = 0; i < pool->public_count; i++) {
			struct ipv4_prefix prefix = pool->public_prefixes[i];

			if (ipv4_prefix_contains(prefix, public_address))
				return index + (public_address - prefix.address);
			index += (uint32_t)prefix_size(prefix);
		}
	}
	return UINT32_MAX;
}

const struct nat_pool *
nat_pools_of_address(const struct nat_pools *pools, uint32_t address_index)
{
	for (unsigned int number = 0; number < pools->count; number++) {
		const struct nat_pool *pool = &pools->pool[number];

		if (address_index - pool->first_address < pool->address_count)
			return pool;
	}
	return NULL;
}
