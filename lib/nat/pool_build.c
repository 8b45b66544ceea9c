/* Making a pool set: checks, positions of hosts, places of public addresses. See pool.h. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "nat/pool.h"

#define NO_PLACE UINT16_MAX

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

/* Counts a pool's hosts and addresses, and gives its addresses their numbers. */
static int
measure_pool(struct nat_pools *pools, struct nat_pool *pool, struct fault *fault)
{
	uint64_t hosts = 0, addresses = 0;

	for (unsigned int i = 0; i < pool->private_count; i++)
		hosts += ipv4_prefix_size(pool->private_prefixes[i]);
	for (unsigned int i = 0; i < pool->public_count; i++)
		addresses += ipv4_prefix_size(pool->public_prefixes[i]);
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
	pool->host_count = (uint32_t)hosts;
	pool->first_public = pools->address_count;
	pool->address_count = (uint32_t)addresses;
	pools->host_count += pool->host_count;
	pools->address_count += pool->address_count;
	return 0;
}

static int
measure(struct nat_pools *pools, struct fault *fault)
{
	int result = 0;

	pools->host_count = pools->address_count = 0;
	if (pools->count > NAT_POOLS_MAX)
		return fault_set(fault, E2BIG, "too-many-pools", NULL, "Join pools",
			"there are more than %u pools", NAT_POOLS_MAX);
	for (unsigned int number = 0; result == 0 && number < pools->count; number++) {
		result = check_overlaps(pools, number, fault);
		if (result == 0)
			result = measure_pool(pools, &pools->pool[number], fault);
	}
	return result;
}

/* Addresses that had a place get it again. */
static void
keep_places(struct nat_pools *pools, const uint32_t *former_addresses)
{
	for (uint32_t place = 0; place < NAT_ADDRESSES_MAX; place++) {
		uint32_t address = former_addresses[place];
		uint32_t number =
			address != 0 ? nat_pools_public_number(pools, address) : UINT32_MAX;

		if (number == UINT32_MAX || pools->places[number] != NO_PLACE)
			continue;
		pools->places[number] = (uint16_t)place;
		pools->addresses[place] = address;
	}
}

/* The others get the lowest places that are free. As many places as addresses can be: there is
 * always one. */
static void
give_place(struct nat_pools *pools, uint8_t pool, uint32_t number, uint32_t address, uint32_t *next)
{
	if (pools->places[number] == NO_PLACE) {
		while (pools->addresses[*next] != 0)
			(*next)++;
		pools->places[number] = (uint16_t)*next;
		pools->addresses[*next] = address;
	}
	pools->pool_of[pools->places[number]] = pool;
	if (pools->places[number] >= pools->place_limit)
		pools->place_limit = pools->places[number] + 1u;
}

static void
give_places(struct nat_pools *pools, const uint32_t *former_addresses)
{
	uint32_t number = 0, next = 0;

	memset(pools->places, 0xff, sizeof(pools->places));
	memset(pools->addresses, 0, sizeof(pools->addresses));
	memset(pools->pool_of, NAT_NO_POOL, sizeof(pools->pool_of));
	pools->place_limit = 0;
	if (former_addresses != NULL)
		keep_places(pools, former_addresses);
	for (unsigned int i = 0; i < pools->count; i++)
		for (unsigned int k = 0; k < pools->pool[i].public_count; k++) {
			struct ipv4_prefix prefix = pools->pool[i].public_prefixes[k];

			for (uint64_t at = 0; at < ipv4_prefix_size(prefix); at++)
				give_place(pools, (uint8_t)i, number++,
					prefix.address + (uint32_t)at, &next);
		}
}

/* Puts a pool's hosts into the first gap between the `placed` pools' that takes them. */
static int
give_hosts(struct nat_pools *pools, struct nat_pool *pool, const bool placed[NAT_POOLS_MAX],
	struct fault *fault)
{
	uint32_t first = 0;

	for (unsigned int i = 0; i < pools->count; i++) {
		const struct nat_pool *other = &pools->pool[i];

		if (!placed[i] || first + pool->host_count <= other->first_host ||
			other->first_host + other->host_count <= first)
			continue;
		first = other->first_host + other->host_count;
		i = UINT32_MAX; /* once more: the others stand in no order */
	}
	if (first + pool->host_count > NAT_HOSTS_MAX)
		return fault_set(fault, E2BIG, "hosts-scattered", pool->name,
			"Use a smaller private prefix, or restart the gateway with the new pool",
			"the %u private addresses do not fit between those of the other pools",
			pool->host_count);
	pool->first_host = first;
	return 0;
}

/* Pools of `former` (NULL = none) keep their positions; the others follow. */
static int
give_positions(struct nat_pools *pools, const struct nat_pools *former, struct fault *fault)
{
	bool placed[NAT_POOLS_MAX] = {false};
	int result = 0;

	for (unsigned int i = 0; former != NULL && i < pools->count; i++) {
		struct nat_pool *pool = &pools->pool[i];
		const struct nat_pool *before = nat_pools_named(former, pool->name);

		if (before == NULL)
			continue;
		if (before->private_count != pool->private_count ||
			!ipv4_prefixes_equal(before->private_prefixes, pool->private_prefixes,
				pool->private_count))
			return fault_set(fault, EEXIST, "pool-differs", pool->name,
				"Remove the pool first, or give the new one another name",
				"a pool of that name has other private prefixes");
		pool->first_host = before->first_host;
		placed[i] = true;
	}
	for (unsigned int i = 0; result == 0 && i < pools->count; i++) {
		if (!placed[i])
			result = give_hosts(pools, &pools->pool[i], placed, fault);
		placed[i] = true;
	}
	return result;
}

static int
build(struct nat_pools *pools, const struct nat_pools *former, const uint32_t *former_addresses,
	struct fault *fault)
{
	int result = measure(pools, fault);

	if (result == 0)
		result = give_positions(pools, former, fault);
	if (result == 0)
		give_places(pools, former_addresses);
	return result;
}

int
nat_pools_build(struct nat_pools *pools, struct fault *fault)
{
	return build(pools, NULL, NULL, fault);
}

int
nat_pools_rebuild(struct nat_pools *pools, const struct nat_pools *former, struct fault *fault)
{
	return build(pools, former, former->addresses, fault);
}

int
nat_pools_build_over(
	struct nat_pools *pools, const uint32_t addresses[NAT_ADDRESSES_MAX], struct fault *fault)
{
	return build(pools, NULL, addresses, fault);
}
