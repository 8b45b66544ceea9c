/* Static reservations against pools and each other. */
#include "config/gateway_table.h"

static bool
contains_any(const struct ipv4_prefix *prefixes, unsigned int count, uint32_t address)
{
	for (unsigned int i = 0; i < count; i++) {
		if (ipv4_prefix_contains(prefixes[i], address))
			return true;
	}
	return false;
}

static int
refuse_static(const struct gateway_check *check, const char *code, struct ipv4_endpoint endpoint,
	const char *remedy, const char *sentence, unsigned int index, const char *key)
{
	char text[ENDPOINT_TEXT_BYTES];

	return gateway_refuse(check, code, ipv4_endpoint_text(endpoint, text), remedy, sentence,
		"statics[%u].%s", index, key);
}

static bool
same_endpoint(struct ipv4_endpoint one, struct ipv4_endpoint other)
{
	return one.address == other.address && one.port == other.port;
}

/* An endpoint has one mapping, and a public port one owner, in each protocol. */
static int
check_static_twice(const struct gateway_check *check, unsigned int index)
{
	const struct config_static *statics = check->config->statics;
	const struct config_static *at = &statics[index];

	for (unsigned int i = 0; i < index; i++) {
		if (statics[i].protocol != at->protocol)
			continue;
		if (same_endpoint(statics[i].private_endpoint, at->private_endpoint))
			return refuse_static(check, "duplicate-static", at->private_endpoint,
				"Keep one of the two", "has a reservation already", index,
				"private");
		if (at->public_endpoint.port != 0 &&
			same_endpoint(statics[i].public_endpoint, at->public_endpoint))
			return refuse_static(check, "duplicate-static", at->public_endpoint,
				"Choose another public port", "is reserved already", index,
				"public");
	}
	return 0;
}

static int
check_static(const struct gateway_check *check, unsigned int index)
{
	const struct gateway_config *config = check->config;
	const struct config_static *at = &config->statics[index];
	const struct config_pool *pool = NULL;

	for (unsigned int i = 0; i < config->pool_count && pool == NULL; i++) {
		if (contains_any(config->pools[i].private_prefixes, config->pools[i].private_count,
			    at->private_endpoint.address))
			pool = &config->pools[i];
	}
	if (pool == NULL)
		return refuse_static(check, "no-pool", at->private_endpoint,
			"Write an address of a pool's private prefixes", "lies in no pool", index,
			"private");
	if (at->private_endpoint.port == 0 && at->protocol != CONFIG_ICMP)
		return refuse_static(check, "bad-port", at->private_endpoint,
			"Write the server's port, 1..65535", "has port 0", index, "private");
	if (!contains_any(pool->public_prefixes, pool->public_count, at->public_endpoint.address))
		return refuse_static(check, "not-in-pool", at->public_endpoint,
			"Write a public address of the pool that the private address is in",
			"is no public address of the private address' pool", index, "public");
	return check_static_twice(check, index);
}

int
gateway_check_statics(const struct gateway_check *check)
{
	int error = 0;

	for (unsigned int i = 0; i < check->config->static_count && error == 0; i++)
		error = check_static(check, i);
	return error;
}
