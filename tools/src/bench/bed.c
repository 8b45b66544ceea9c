/* See bed.h. */
#include "bed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>

#include "base/memory.h"

#define PORTS_A_HOST   64
#define ENDPOINT_PORT  1024
#define REMOTE_PORT    53
#define HALF_A_TABLE   32768
#define LINK_PREFIX    24
#define PREFIX_LONGEST 24 /* of the private pool: a subnet, however few endpoints */

static const uint8_t router_mac[2][6] = {
	{0x02, 0, 0, 0, 1, 0xfe},
	{0x02, 0, 0, 0, 2, 0xfe},
};

static const uint32_t link_address[2] = {
	UINT32_C(0xac100001), /* 172.16.0.1 */
	UINT32_C(0xac100101), /* 172.16.1.1 */
};

static uint32_t
power_of_two_from(uint32_t value)
{
	uint32_t power = 1;

	while (power < value)
		power *= 2;
	return power;
}

uint32_t
bed_public_addresses(uint32_t endpoints)
{
	return power_of_two_from((endpoints + HALF_A_TABLE - 1) / HALF_A_TABLE);
}

static uint32_t
host_count(uint32_t endpoints)
{
	return power_of_two_from((endpoints + PORTS_A_HOST - 1) / PORTS_A_HOST);
}

static struct ipv4_prefix
private_prefix(uint32_t endpoints)
{
	uint8_t length = (uint8_t)(32 - __builtin_ctz(host_count(endpoints)));

	return (struct ipv4_prefix){
		BED_PRIVATE_FIRST, length < PREFIX_LONGEST ? length : PREFIX_LONGEST};
}

struct bench_flows
bed_flows(uint32_t endpoints, uint32_t remotes)
{
	/* Hosts fill the whole prefix, so that pairing uses every public address alike. */
	return (struct bench_flows){
		.endpoint_address = BED_PRIVATE_FIRST,
		.endpoint_hosts = host_count(endpoints),
		.endpoints = endpoints,
		.endpoint_port = ENDPOINT_PORT,
		.remote_address = BED_REMOTE_FIRST,
		.remote_port = REMOTE_PORT,
		.remotes = remotes,
		.protocol = IPV4_PROTOCOL_UDP,
	};
}

/* Pages that are there before the first packet: a fault in the loop would be measured. */
static void *
reserve(struct bed *bed, size_t bytes)
{
	void *memory = memory_reserve(bytes, bed->own_pages);

	if (memory != NULL)
		memset(memory, 0, bytes);
	return memory;
}

static int
open_tables(struct bed *bed, uint32_t addresses, uint32_t flow_records, struct flow_arrays *arrays)
{
	struct nat_table *table = &bed->table;

	table->address_count = addresses;
	table->slot_count = addresses * NAT_PROTOCOLS * NAT_PORTS;
	bed->slot_bytes =
		(size_t)table->slot_count * (sizeof(uint64_t) + 2 * sizeof(struct nat_hot));
	bed->flow_bytes = 2 * (size_t)flow_records * sizeof(struct flow_line);
	table->words = reserve(bed, bed->slot_bytes);
	arrays->out = reserve(bed, bed->flow_bytes);
	arrays->in = arrays->out + flow_records;
	arrays->count = flow_records;
	if (table->words == NULL || arrays->out == NULL)
		return -ENOMEM;
	table->out = (struct nat_hot *)(table->words + table->slot_count);
	table->in = table->out + table->slot_count;
	return 0;
}

static int
open_nat(struct bed *bed, const struct bed_plan *plan, struct fault *fault)
{
	struct nat_pools pools = {.count = 1};
	struct nat_pool *pool = &pools.pool[0];
	int error;

	snprintf(pool->name, sizeof(pool->name), "bench");
	pool->private_count = 1;
	pool->private_prefixes[0] = private_prefix(plan->endpoints);
	pool->public_count = 1;
	pool->public_prefixes[0] = (struct ipv4_prefix){
		BED_PUBLIC_FIRST, (uint8_t)(32 - __builtin_ctz(plan->public_addresses))};
	pool->alarm_load = 1;
	pool->refuse_load = 1;
	error = nat_pools_build(&pools, fault);
	if (error == 0)
		error = nat_open(&bed->nat, &bed->table, &pools, 1, plan->mappings_max,
			bed->own_pages, NULL, fault);
	return error;
}

static int
no_generation(void *opaque, uint32_t slot)
{
	(void)opaque;
	(void)slot;
	return -1;
}

static unsigned int
one_owner(void *opaque, uint32_t slot)
{
	(void)opaque;
	(void)slot;
	return 0;
}

static int
open_ports(struct bed *bed, struct fault *fault)
{
	static const char *const names[] = {"inside", "outside"};

	for (unsigned int i = 0; i < 2; i++) {
		struct bench_plan plan = {
			.mtu_bytes = BED_MTU_BYTES, .queues = 1, .socket_id = SOCKET_ID_ANY};
		int error;

		snprintf(plan.name, sizeof(plan.name), "%s", names[i]);
		error = bench_port_open(&bed->ports[i], &plan, fault);
		if (error != 0)
			return error;
	}
	return 0;
}

/* A link to a router, with an address of our own: whoever the traffic is from lies behind it. */
static void
set_interface(struct bed *bed, unsigned int number, enum port_side side)
{
	struct path_interface *interface = &bed->view->interfaces[number];

	interface->side = side;
	interface->port = (uint8_t)number;
	interface->mtu_bytes = BED_MTU_BYTES;
	memcpy(interface->mac, bed->ports[number].mac, sizeof(interface->mac));
	interface->address_count = 1;
	interface->addresses[0] = (struct ipv4_prefix){link_address[number], LINK_PREFIX};
	interface->source_count = 1;
	interface->sources[0] = interface->addresses[0];
	bed->view->interface_of_tag[number][0] = (uint8_t)number;
	bed->neighbours[number] = path_neighbour_word(router_mac[number], number);
}

static int
set_routes(struct rte_lpm *routes, struct ipv4_prefix inside, struct ipv4_prefix outside)
{
	int error;

	rte_lpm_delete_all(routes);
	/* The default route in two halves: rte_lpm has no depth 0. */
	error = rte_lpm_add(routes, 0, 1, PATH_HOP(PATH_HOP_NEIGHBOUR, BED_OUTSIDE));
	if (error == 0)
		error = rte_lpm_add(
			routes, UINT32_C(1) << 31, 1, PATH_HOP(PATH_HOP_NEIGHBOUR, BED_OUTSIDE));
	if (error == 0)
		error = rte_lpm_add(routes, inside.address, inside.length,
			PATH_HOP(PATH_HOP_NEIGHBOUR, BED_INSIDE));
	if (error == 0)
		error = rte_lpm_add(
			routes, outside.address, outside.length, PATH_HOP(PATH_HOP_PUBLIC, 0));
	return error;
}

static int
open_view(struct bed *bed, struct rte_lpm *routes)
{
	struct ipv4_prefix inside = bed->nat.pools->pool[0].private_prefixes[0];
	struct ipv4_prefix outside = bed->nat.pools->pool[0].public_prefixes[0];
	struct path_interface *lan;

	bed->view = calloc(1, sizeof(*bed->view));
	if (bed->view == NULL)
		return -ENOMEM;
	memset(bed->view->interface_of_tag, PATH_NO_INTERFACE, sizeof(bed->view->interface_of_tag));
	bed->view->interface_count = 2;
	bed->view->routes = routes;
	bed->view->neighbours = bed->neighbours;
	lan = &bed->view->interfaces[BED_INSIDE];
	set_interface(bed, BED_INSIDE, PORT_INSIDE);
	set_interface(bed, BED_OUTSIDE, PORT_OUTSIDE);
	lan->sources[lan->source_count++] = inside;
	path_view_mark_own(bed->view, inside);
	path_view_mark_own(bed->view, outside);
	bed->path.view = bed->view;
	return set_routes(routes, inside, outside);
}

int
bed_open(struct bed *bed, struct rte_lpm *routes, const struct bed_plan *plan, struct fault *fault)
{
	struct flow_restore restore = {.generation_of = no_generation, .owner_of = one_owner};
	struct port *ports[2] = {&bed->ports[BED_INSIDE], &bed->ports[BED_OUTSIDE]};
	struct flow_arrays arrays;
	unsigned int lcore = rte_lcore_id();
	int error;

	memset(bed, 0, sizeof(*bed));
	bed->own_pages = rte_eal_has_hugepages();
	if (open_tables(bed, plan->public_addresses, plan->flow_records, &arrays) != 0) {
		bed_close(bed);
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Free some memory",
			"no memory for %zu MiB of tables", bed->slot_bytes >> 20);
	}
	error = open_nat(bed, plan, fault);
	if (error == 0)
		error = flow_open(&bed->flows, &arrays, 1, bed->own_pages, &restore, fault);
	if (error == 0)
		error = open_ports(bed, fault);
	if (error == 0)
		error = path_open(&bed->path, &bed->nat, &bed->flows, ports, 2, &lcore, 1, fault);
	if (error == 0 && (error = open_view(bed, routes)) != 0)
		fault_set(fault, -error, "no-memory", NULL, "Free some memory",
			"no memory for routes");
	if (error != 0)
		bed_close(bed);
	return error;
}

void
bed_close(struct bed *bed)
{
	if (bed->path.nat != NULL)
		path_close(&bed->path);
	for (unsigned int i = 0; i < 2; i++)
		if (bed->ports[i].state != NULL)
			bench_port_close(&bed->ports[i]);
	free(bed->view);
	memory_release(bed->flows.arrays.out, bed->flow_bytes);
	flow_close(&bed->flows);
	nat_close(&bed->nat);
	memory_release(bed->table.words, bed->slot_bytes);
	memset(bed, 0, sizeof(*bed));
}

bool
bed_answer(const struct bed *bed, const struct bench_descriptor *out, struct bench_descriptor *in)
{
	struct nat_endpoint endpoint = {
		.address = __builtin_bswap32(out->source),
		.port = __builtin_bswap16(out->source_port),
		.protocol = NAT_UDP,
	};
	uint32_t slot = nat_find(&bed->nat, &endpoint);

	if (slot == NAT_SLOT_NONE)
		return false;
	*in = (struct bench_descriptor){
		.source = out->destination,
		.destination = __builtin_bswap32(nat_slot_address(&bed->nat, slot)),
		.source_port = out->destination_port,
		.destination_port = __builtin_bswap16(nat_slot_port(slot)),
		.protocol = out->protocol,
	};
	return true;
}

uint64_t
bed_drops(const struct bed *bed)
{
	uint64_t drops = 0;

	for (unsigned int reason = 0; reason < DROP_REASON_COUNT; reason++)
		drops += bed->path.workers[0]->drops[reason];
	return drops;
}
