/* Addresses, prefixes and routes against each other. */
#include "config/gateway_table.h"

#include <stdio.h>

/* One prefix that an interface reaches: a subnet of its own, or one of its `prefixes`. */
static bool
interface_prefix(
	const struct config_interface *interface, unsigned int index, struct ipv4_prefix *prefix)
{
	if (index < interface->address_count) {
		*prefix = gateway_subnet(interface->addresses[index]);
		return true;
	}
	index -= interface->address_count;
	if (index < interface->prefix_count)
		*prefix = interface->prefixes[index];
	return index < interface->prefix_count;
}

/* Refuses `prefix` of interface `owner` where another interface reaches part of it. */
static int
check_other_interfaces(const struct gateway_check *check, unsigned int owner,
	struct ipv4_prefix prefix, const char *key, unsigned int item)
{
	char text[PREFIX_TEXT_BYTES], sentence[96];
	struct ipv4_prefix reached;

	for (unsigned int i = 0; i < owner; i++) {
		const struct config_interface *other = &check->config->interfaces[i];

		for (unsigned int k = 0; interface_prefix(other, k, &reached); k++) {
			if (!gateway_prefixes_overlap(prefix, reached))
				continue;
			snprintf(sentence, sizeof(sentence), "overlaps %s of interface %s",
				ipv4_prefix_text(reached, text), other->name);
			return gateway_refuse(check, "overlap", ipv4_prefix_text(prefix, text),
				"Give each interface networks of its own", sentence,
				"interfaces[%u].%s[%u]", owner, key, item);
		}
	}
	return 0;
}

static int
check_address(const struct gateway_check *check, unsigned int owner, unsigned int item)
{
	const struct config_interface *interface = &check->config->interfaces[owner];
	struct ipv4_prefix address = interface->addresses[item];
	const char *flaw = gateway_address_flaw(address.address);
	char text[PREFIX_TEXT_BYTES];

	if (flaw == NULL)
		flaw = gateway_host_flaw(gateway_subnet(address), address.address);
	for (unsigned int i = 0; i < item && flaw == NULL; i++) {
		if (interface->addresses[i].address == address.address)
			flaw = "is there twice";
	}
	if (flaw != NULL)
		return gateway_refuse(check, "bad-address", ipv4_prefix_text(address, text),
			"Give the gateway an address that a host may have", flaw,
			"interfaces[%u].addresses[%u]", owner, item);
	return check_other_interfaces(check, owner, gateway_subnet(address), "addresses", item);
}

static int
check_prefix(const struct gateway_check *check, unsigned int owner, unsigned int item)
{
	const struct config_interface *interface = &check->config->interfaces[owner];
	struct ipv4_prefix prefix = interface->prefixes[item];
	const char *flaw = gateway_address_flaw(prefix.address);
	char text[PREFIX_TEXT_BYTES];

	ipv4_prefix_text(prefix, text);
	if (interface->side == CONFIG_OUTSIDE)
		return gateway_refuse(check, "outside-prefix", text,
			"Remove it; write a route for what lies beyond this interface",
			"is for inside interfaces alone", "interfaces[%u].prefixes[%u]", owner,
			item);
	if (flaw != NULL)
		return gateway_refuse(check, "bad-address", text,
			"Write a prefix that hosts may have", flaw, "interfaces[%u].prefixes[%u]",
			owner, item);
	return check_other_interfaces(check, owner, prefix, "prefixes", item);
}

/* The interface address in whose subnet a next hop lies, or NULL. */
static const struct ipv4_prefix *
find_connected(const struct gateway_config *config, uint32_t address)
{
	for (unsigned int i = 0; i < config->interface_count; i++) {
		const struct config_interface *interface = &config->interfaces[i];

		for (unsigned int k = 0; k < interface->address_count; k++) {
			if (ipv4_prefix_contains(gateway_subnet(interface->addresses[k]), address))
				return &interface->addresses[k];
		}
	}
	return NULL;
}

static bool
is_own_address(const struct gateway_config *config, uint32_t address)
{
	for (unsigned int i = 0; i < config->interface_count; i++) {
		const struct config_interface *interface = &config->interfaces[i];

		for (unsigned int k = 0; k < interface->address_count; k++) {
			if (interface->addresses[k].address == address)
				return true;
		}
	}
	return false;
}

static int
check_next_hop(const struct gateway_check *check, unsigned int index)
{
	uint32_t via = check->config->routes[index].via;
	const struct ipv4_prefix *connected = find_connected(check->config, via);
	const char *flaw;
	char text[IPV4_TEXT_BYTES];

	ipv4_text(via, text);
	if (connected == NULL)
		return gateway_refuse(check, "no-next-hop", text,
			"Write the address of a router in the subnet of an interface",
			"lies in no interface's subnet", "routes[%u].via", index);
	flaw = gateway_host_flaw(gateway_subnet(*connected), via);
	if (is_own_address(check->config, via))
		flaw = "is the gateway's own address";
	if (flaw == NULL)
		return 0;
	return gateway_refuse(check, "bad-next-hop", text, "Write the address of a router", flaw,
		"routes[%u].via", index);
}

static bool
same_prefix(struct ipv4_prefix one, struct ipv4_prefix other)
{
	return one.address == other.address && one.length == other.length;
}

static int
check_destination(const struct gateway_check *check, unsigned int index)
{
	const struct gateway_config *config = check->config;
	struct ipv4_prefix prefix = config->routes[index].prefix;
	const char *flaw = prefix.length >= 8 ? gateway_address_flaw(prefix.address) : NULL;
	char text[PREFIX_TEXT_BYTES];

	for (unsigned int i = 0; i < config->interface_count && flaw == NULL; i++) {
		const struct config_interface *interface = &config->interfaces[i];

		for (unsigned int k = 0; k < interface->address_count; k++) {
			if (same_prefix(gateway_subnet(interface->addresses[k]), prefix))
				flaw = "is the subnet of an interface, which needs no route";
		}
	}
	for (unsigned int i = 0; i < index && flaw == NULL; i++) {
		if (same_prefix(config->routes[i].prefix, prefix))
			flaw = "has a route already";
	}
	if (flaw == NULL)
		return 0;
	return gateway_refuse(check, "bad-route", ipv4_prefix_text(prefix, text),
		"Remove this route or correct its prefix", flaw, "routes[%u].prefix", index);
}

int
gateway_check_networks(const struct gateway_check *check)
{
	const struct gateway_config *config = check->config;
	int error = 0;

	for (unsigned int i = 0; i < config->interface_count && error == 0; i++) {
		for (unsigned int k = 0; k < config->interfaces[i].address_count && error == 0; k++)
			error = check_address(check, i, k);
		for (unsigned int k = 0; k < config->interfaces[i].prefix_count && error == 0; k++)
			error = check_prefix(check, i, k);
	}
	for (unsigned int i = 0; i < config->route_count && error == 0; i++) {
		error = check_destination(check, i);
		if (error == 0)
			error = check_next_hop(check, i);
	}
	return error;
}
