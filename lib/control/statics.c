/* See statics.h.
 *
 * A static mapping is a REGISTERED one: it is made by the same claim as any other, or at a given
 * port by nat_reserve(), and put into its owner's index: directly before the workers run, through
 * the door afterwards. Removal lets the owner unlink the slot (DOOR_CLOSE_MAPPING) and hands it to
 * the next grace period, which is waited for here: an operator's command, not a packet's. */
#include "control/statics.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "nat/claim.h"

#define DOOR_TIMEOUT_MS 1000

static struct nat_endpoint
endpoint_of(const struct config_static *config)
{
	return (struct nat_endpoint){
		.address = config->private_endpoint.address,
		.port = config->private_endpoint.port,
		.protocol = (enum nat_protocol)config->protocol,
	};
}

static struct door *
owner_door(struct gateway *gateway, const struct nat_endpoint *endpoint)
{
	unsigned int owner =
		nat_owner(gateway->path.worker_count, endpoint->address, endpoint->port);

	return &gateway->path.workers[owner]->door;
}

/* Asks the endpoint's owner and waits for its answer. -EBUSY: its door is full and nothing was
 * asked. -ETIMEDOUT: asked, but the owner has not come to it yet; it will. */
static int
ask_owner(struct gateway *gateway, const struct nat_endpoint *endpoint,
	enum door_operation operation, uint32_t slot, unsigned int generation)
{
	struct door *door = owner_door(gateway, endpoint);
	struct door_request request = {operation, slot, generation};

	if (door_post(door, &request, 1) != 1)
		return -EBUSY;
	return door_wait(door, DOOR_TIMEOUT_MS) ? door->last_result : -ETIMEDOUT;
}

static int
publish(struct gateway *gateway, const struct nat_endpoint *endpoint, uint32_t slot)
{
	int result;

	if (!gateway->running)
		return nat_publish(&gateway->nat, slot);
	result = ask_owner(gateway, endpoint, DOOR_PUBLISH_MAPPING, slot, 0);
	if (result == -EBUSY) {
		nat_release(&gateway->nat, slot);
	} else if (result == -ETIMEDOUT) {
		/* The request waits at the owner's door: the mapping is as good as made. */
		log_warn("a static mapping waits for a worker that does not answer");
		result = 0;
	}
	return result;
}

/* The public port of a static mapping without one: the first candidate that can be reserved, or
 * that the endpoint has already (-EALREADY). */
static int
reserve_h16(struct gateway *gateway, const struct nat_endpoint *endpoint, uint32_t *slot)
{
	struct nat *nat = &gateway->nat;
	struct nat_pairing pairing;
	uint32_t public_address;

	if (!nat_pools_pair(nat->pools, endpoint->address, &pairing))
		return -EINVAL;
	public_address = nat->pools->addresses[pairing.address_index];
	for (unsigned int i = 0; i < H16_INDEXES; i++) {
		uint16_t port = h16_candidate(
			&nat->salts[endpoint->vrf], endpoint->address, endpoint->port, i);
		int result = -EADDRINUSE;

		if (nat_port_usable(endpoint->protocol, port))
			result = nat_reserve(
				nat, endpoint, public_address, port, gateway_now_seconds(), slot);
		if (result != -EADDRINUSE)
			return result;
		if (pairing.pool->mode == NAT_POOL_PURE)
			break;
	}
	return -EADDRINUSE;
}

static int
refuse(int result, const struct config_static *config, struct fault *fault)
{
	char private[ENDPOINT_TEXT_BYTES], public[ENDPOINT_TEXT_BYTES];

	ipv4_endpoint_text(config->private_endpoint, private);
	ipv4_endpoint_text(config->public_endpoint, public);
	switch (-result) {
	case EADDRINUSE:
		return fault_set(fault, EADDRINUSE, "port-taken", public,
			"Choose another public port, or see who has it: explain h16 reverse",
			"another endpoint holds the public port");
	case EEXIST:
		return fault_set(fault, EEXIST, "endpoint-mapped", private,
			"Wait until that mapping idles out: show nat host",
			"the private endpoint has another mapping already");
	case EINVAL:
		return fault_set(fault, EINVAL, "no-such-pool", public,
			"Use a public address of a pool, and a private one for port 0",
			"the address belongs to no pool");
	case ESHUTDOWN:
		return fault_set(fault, ESHUTDOWN, "pool-drains", public,
			"Use an address of another pool; see: show nat pools",
			"the address' pool is being drained and takes no static mapping");
	case ENOENT:
		return fault_set(fault, ENOENT, "no-such-static", private, "See: show nat statics",
			"there is no such static mapping");
	default:
		return fault_set(fault, -result, "static-failed", private, "See: show log",
			"the static mapping failed (%s)", strerror(-result));
	}
}

/* The mapping may be there already: from before a restart, or from the configuration. */
static bool
is_there(struct gateway *gateway, const struct config_static *config, uint32_t *slot)
{
	struct nat_endpoint endpoint = endpoint_of(config);
	uint64_t word;

	*slot = nat_find(&gateway->nat, &endpoint);
	if (*slot == NAT_SLOT_NONE)
		return false;
	word = nat_word_load(&gateway->nat.table, *slot);
	return nat_word_state(word) == NAT_ACTIVE && nat_word_class(word) == NAT_REGISTERED &&
	       (config->public_endpoint.port == 0 ||
		       (config->public_endpoint.port == nat_slot_port(*slot) &&
			       config->public_endpoint.address ==
				       nat_slot_address(&gateway->nat, *slot)));
}

/* The one for the same private endpoint, or NULL. */
static struct gateway_static *
find(struct gateway *gateway, const struct config_static *config)
{
	for (unsigned int i = 0; i < gateway->static_count; i++) {
		struct gateway_static *entry = &gateway->statics[i];

		if (entry->config.private_endpoint.address == config->private_endpoint.address &&
			entry->config.private_endpoint.port == config->private_endpoint.port &&
			entry->config.protocol == config->protocol)
			return entry;
	}
	return NULL;
}

static int
refuse_second(const struct config_static *config, struct fault *fault)
{
	char private[ENDPOINT_TEXT_BYTES];

	return fault_set(fault, EEXIST, "static-exists",
		ipv4_endpoint_text(config->private_endpoint, private),
		"Remove it first: del nat static",
		"the private endpoint has a static mapping already");
}

int
statics_add(struct gateway *gateway, const struct config_static *config, struct fault *fault)
{
	struct nat_endpoint endpoint = endpoint_of(config);
	struct gateway_static *made = &gateway->statics[gateway->static_count];
	uint32_t slot;
	int result = 0;

	if (gateway->static_count == CONFIG_STATICS_MAX)
		return fault_set(fault, ENOSPC, "too-many-statics", NULL, "Remove one",
			"there are %u static mappings, the most", CONFIG_STATICS_MAX);
	if (find(gateway, config) != NULL)
		return refuse_second(config, fault);
	if (!is_there(gateway, config, &slot)) {
		result = config->public_endpoint.port == 0
				 ? reserve_h16(gateway, &endpoint, &slot)
				 : nat_reserve(&gateway->nat, &endpoint,
					   config->public_endpoint.address,
					   config->public_endpoint.port, gateway_now_seconds(),
					   &slot);
		if (result == 0)
			result = publish(gateway, &endpoint, slot);
		else if (result == -EALREADY) /* its ephemeral mapping, registered from now on */
			result = 0;
	}
	if (result != 0)
		return refuse(result, config, fault);
	made->config = *config;
	made->slot = slot;
	made->generation = nat_word_generation(nat_word_load(&gateway->nat.table, slot));
	gateway->static_count++;
	return 0;
}

static bool
is_closing(const struct gateway *gateway, const struct gateway_static *entry)
{
	uint64_t word = nat_word_load(&gateway->nat.table, entry->slot);

	return nat_word_state(word) == NAT_CLOSING &&
	       nat_word_generation(word) == entry->generation;
}

/* The owner unlinks the slot; when no worker can still hold it, it is free. Stopped workers hold
 * nothing, and control may do their part. */
static int
close_mapping(struct gateway *gateway, const struct gateway_static *entry)
{
	struct nat_endpoint endpoint = endpoint_of(&entry->config);
	int result = 0;

	if (gateway->running) {
		result = ask_owner(
			gateway, &endpoint, DOOR_CLOSE_MAPPING, entry->slot, entry->generation);
		/* An earlier removal was asked for, timed out, and has been done since. */
		if (result == -ENOENT && is_closing(gateway, entry))
			result = 0;
		if (result == 0)
			rte_rcu_qsbr_synchronize(gateway->path.grace, RTE_QSBR_THRID_INVALID);
	} else if (!(nat_retire(&gateway->nat, entry->slot, entry->generation) ||
			   is_closing(gateway, entry)) ||
		   !nat_unlink_closing(&gateway->nat, entry->slot)) {
		result = -ENOENT;
	}
	if (result == 0)
		nat_release(&gateway->nat, entry->slot);
	return result;
}

int
statics_remove(struct gateway *gateway, const struct config_static *config, struct fault *fault)
{
	struct gateway_static *found = find(gateway, config);
	int result = found != NULL ? close_mapping(gateway, found) : -ENOENT;

	if (result != 0)
		return refuse(result, config, fault);
	*found = gateway->statics[--gateway->static_count];
	return 0;
}

/* Whether one of the configuration's statics lies at the slot. */
static bool
is_configured(const struct gateway *gateway, uint32_t slot)
{
	for (unsigned int i = 0; i < gateway->static_count; i++)
		if (gateway->statics[i].slot == slot)
			return true;
	return false;
}

static bool
drop_if_forgotten(struct gateway *gateway, uint32_t slot)
{
	struct nat *nat = &gateway->nat;
	uint64_t word = nat_word_load(&nat->table, slot);

	if (nat_word_state(word) != NAT_ACTIVE || nat_word_class(word) != NAT_REGISTERED ||
		is_configured(gateway, slot) || !nat_retire(nat, slot, nat_word_generation(word)))
		return false;
	nat_unlink_closing(nat, slot);
	nat_release(nat, slot);
	return true;
}

/* Static mappings of an earlier process that the configuration does not have: typed at its prompt,
 * or removed from the file since. They never idle out, so they have to go now. */
static void
drop_forgotten(struct gateway *gateway)
{
	struct nat *nat = &gateway->nat;
	unsigned int count = 0;

	/* Places that no pool uses have no memory behind them. */
	for (uint32_t place = nat_pools_next_place(nat->pools, 0); place < nat->pools->place_limit;
		place = nat_pools_next_place(nat->pools, place + 1))
		for (uint32_t i = 0; i < NAT_PLACE_SLOTS; i++)
			count += drop_if_forgotten(gateway, place * NAT_PLACE_SLOTS + i);
	if (count != 0)
		log_info("%u static mappings of before are not in the configuration: removed",
			count);
}

int
statics_open(struct gateway *gateway, struct fault *fault)
{
	for (unsigned int i = 0; i < gateway->config.static_count; i++) {
		int result = statics_add(gateway, &gateway->config.statics[i], fault);

		if (result != 0)
			return result;
	}
	drop_forgotten(gateway);
	return 0;
}
