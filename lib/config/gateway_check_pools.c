/* Pools against interfaces, routes and each other.
 *
 * A pool's addresses are the gateway's alone: what the world sends to them must reach the port
 * table, so no host, router or interface may have one of them. */
#include "config/gateway_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int
refuse_prefix(const struct gateway_check *check, const char *code, struct ipv4_prefix prefix,
	const char *remedy, const char *sentence, unsigned int pool, const char *key,
	unsigned int item)
{
	char text[PREFIX_TEXT_BYTES];

	return gateway_refuse(check, code, ipv4_prefix_text(prefix, text), remedy, sentence,
		"pools[%u].%s[%u]", pool, key, item);
}

static bool
within_inside(const struct gateway_config *config, struct ipv4_prefix prefix)
{
	for (unsigned int i = 0; i < config->interface_count; i++) {
		const struct config_interface *interface = &config->interfaces[i];

		for (unsigned int k = 0; k < interface->address_count; k++) {
			if (interface->side == CONFIG_INSIDE &&
				gateway_prefix_within(
					prefix, gateway_subnet(interface->addresses[k])))
				return true;
		}
		for (unsigned int k = 0; k < interface->prefix_count; k++) {
			if (interface->side == CONFIG_INSIDE &&
				gateway_prefix_within(prefix, interface->prefixes[k]))
				return true;
		}
	}
	return false;
}

/* Why a public prefix cannot be had because of an interface; NULL when it can. */
static const char *
interface_conflict(const struct config_interface *interface, struct ipv4_prefix public)
{
	for (unsigned int k = 0; k < interface->address_count; k++) {
		struct ipv4_prefix subnet = gateway_subnet(interface->addresses[k]);
		uint32_t last = subnet.address | ~ipv4_mask(subnet.length);

		if (interface->side == CONFIG_INSIDE && gateway_prefixes_overlap(public, subnet))
			return "overlaps the subnet of an inside interface";
		if (ipv4_prefix_contains(public, interface->addresses[k].address))
			return "contains an interface's own address";
		if (subnet.length < 31 && (ipv4_prefix_contains(public, subnet.address) ||
						  ipv4_prefix_contains(public, last)))
			return "contains the network or broadcast address of an interface's subnet";
	}
	for (unsigned int k = 0; k < interface->prefix_count; k++) {
		if (gateway_prefixes_overlap(public, interface->prefixes[k]))
			return "overlaps a prefix of an inside interface";
	}
	return NULL;
}

static const char *
public_flaw(const struct gateway_config *config, struct ipv4_prefix public)
{
	const char *flaw = gateway_address_flaw(public.address);

	for (unsigned int i = 0; i < config->interface_count && flaw == NULL; i++)
		flaw = interface_conflict(&config->interfaces[i], public);
	for (unsigned int i = 0; i < config->route_count && flaw == NULL; i++) {
		if (ipv4_prefix_contains(public, config->routes[i].via))
			flaw = "contains a route's next hop";
	}
	return flaw;
}

/* Whether one of the first `count` prefixes overlaps. */
static bool
overlaps_any(const struct ipv4_prefix *prefixes, unsigned int count, struct ipv4_prefix prefix)
{
	for (unsigned int i = 0; i < count; i++) {
		if (gateway_prefixes_overlap(prefixes[i], prefix))
			return true;
	}
	return false;
}

static int
check_private(const struct gateway_check *check, unsigned int index, unsigned int item)
{
	const struct config_pool *pools = check->config->pools;
	struct ipv4_prefix prefix = pools[index].private_prefixes[item];

	if (!within_inside(check->config, prefix))
		return refuse_prefix(check, "not-inside", prefix,
			"Add it to the `prefixes` of the inside interface, or correct it",
			"is reached through no inside interface", index, "private", item);
	for (unsigned int i = 0; i <= index; i++) {
		if (overlaps_any(pools[i].private_prefixes,
			    i < index ? pools[i].private_count : item, prefix))
			return refuse_prefix(check, "overlap", prefix,
				"Put each private address into one pool",
				"overlaps another private prefix of a pool", index, "private",
				item);
	}
	return 0;
}

static int
check_public(const struct gateway_check *check, unsigned int index, unsigned int item)
{
	const struct gateway_config *config = check->config;
	const struct config_pool *pools = config->pools;
	struct ipv4_prefix prefix = pools[index].public_prefixes[item];
	const char *flaw = public_flaw(config, prefix);

	if (flaw != NULL)
		return refuse_prefix(check, "public-conflict", prefix,
			"Choose addresses that the gateway alone has", flaw, index, "public", item);
	for (unsigned int i = 0; i < config->pool_count; i++) {
		unsigned int before = i < index ? pools[i].public_count : i == index ? item : 0;

		if (overlaps_any(pools[i].public_prefixes, before, prefix))
			return refuse_prefix(check, "overlap", prefix,
				"Put each public address into one pool",
				"overlaps another public prefix of a pool", index, "public", item);
		if (overlaps_any(pools[i].private_prefixes, pools[i].private_count, prefix))
			return refuse_prefix(check, "overlap", prefix,
				"Private and public addresses must differ",
				"overlaps a private prefix of a pool", index, "public", item);
	}
	return 0;
}

static uint64_t
count_addresses(const struct ipv4_prefix *prefixes, unsigned int count)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < count; i++)
		sum += UINT64_C(1) << (32 - prefixes[i].length);
	return sum;
}

/* The values of one pool among themselves. */
static int
check_pool(const struct gateway_check *check, unsigned int index)
{
	const struct config_pool *pool = &check->config->pools[index];
	uint64_t private = count_addresses(pool->private_prefixes, pool->private_count);
	uint64_t public = count_addresses(pool->public_prefixes, pool->public_count);
	char sentence[96], value[16];

	for (unsigned int i = 0; i < index; i++) {
		if (strcmp(check->config->pools[i].name, pool->name) == 0)
			return gateway_refuse(check, "duplicate-name", pool->name,
				"Choose another name", "is another pool's name", "pools[%u].name",
				index);
	}
	if (public > private) {
		snprintf(sentence, sizeof(sentence),
			"has %" PRIu64 " public addresses for %" PRIu64 " private ones", public,
			private);
		return gateway_refuse(check, "too-many-public", pool->name,
			"Write at most as many public as private addresses", sentence,
			"pools[%u].public", index);
	}
	if (pool->alarm_load > pool->refuse_load) {
		snprintf(value, sizeof(value), "%g", pool->alarm_load);
		return gateway_refuse(check, "alarm-too-late", value,
			"Set alarm_load to refuse_load or less",
			"is above refuse_load, so the alarm would never come first",
			"pools[%u].alarm_load", index);
	}
	return 0;
}

/* The first interface of a side, or NULL. */
static const struct config_interface *
find_side(const struct gateway_config *config, enum config_side side)
{
	for (unsigned int i = 0; i < config->interface_count; i++) {
		if (config->interfaces[i].side == side)
			return &config->interfaces[i];
	}
	return NULL;
}

int
gateway_config_check_pools(const struct gateway_config *config, struct fault *fault)
{
	return gateway_check_pools(&(struct gateway_check){NULL, config, fault});
}

int
gateway_check_pools(const struct gateway_check *check)
{
	const struct gateway_config *config = check->config;
	int error = 0;

	if (config->pool_count > 0 && find_side(config, CONFIG_OUTSIDE) == NULL)
		return gateway_refuse(check, "no-outside", NULL,
			"Set side: outside for the interface towards the Internet",
			"need an outside interface", "pools");
	for (unsigned int i = 0; i < config->pool_count && error == 0; i++) {
		const struct config_pool *pool = &config->pools[i];

		for (unsigned int k = 0; k < pool->private_count && error == 0; k++)
			error = check_private(check, i, k);
		for (unsigned int k = 0; k < pool->public_count && error == 0; k++)
			error = check_public(check, i, k);
		if (error == 0)
			error = check_pool(check, i);
	}
	return error;
}
