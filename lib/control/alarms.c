/* See alarms.h. */
#include "control/alarms.h"

#include <stdarg.h>
#include <stdio.h>

#include <rte_mempool.h>

#include "base/log.h"
#include "control/gateway.h"
#include "control/neighbour.h"

#define CLEARED_BELOW     0.9 /* of alarm_load */
#define BUFFERS_LOW       10  /* percent free */
#define REFUSALS_EVERY_MS 60000

void
alarms_pool_load(const struct gateway *gateway, unsigned int number, struct pool_load *load)
{
	const struct nat *nat = &gateway->nat;
	const struct nat_pool *pool = &nat->pools->pool[number];
	double sum = 0;

	*load = (struct pool_load){
		.highest_address = nat->pools->addresses[nat_pool_place(nat->pools, pool, 0)]};
	for (uint32_t i = 0; i < pool->address_count * NAT_PROTOCOLS; i++) {
		uint32_t place = nat_pool_place(nat->pools, pool, i / NAT_PROTOCOLS);
		enum nat_protocol protocol = (enum nat_protocol)(i % NAT_PROTOCOLS);
		uint32_t table = nat_slot(place, protocol, 0) >> 16;
		uint32_t used = __atomic_load_n(&nat->loads[table].used, __ATOMIC_RELAXED);
		double share = (double)used / nat_usable_ports(protocol);

		load->used += used;
		if (protocol != NAT_ICMP)
			sum += share;
		if (share > load->highest) {
			load->highest = share;
			load->highest_address = nat->pools->addresses[place];
			load->highest_protocol = protocol;
		}
	}
	load->mean = sum / (2 * pool->address_count);
}

/* A sentence on its way to the visitor. */
struct speaker {
	alarm_sentence *each;
	void *opaque;
	unsigned int count;
};

static void __attribute__((format(printf, 2, 3)))
say(struct speaker *speaker, const char *format, ...)
{
	char sentence[LOG_TEXT_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	speaker->each(speaker->opaque, sentence);
	speaker->count++;
}

static void
say_pools(const struct gateway *gateway, struct speaker *speaker)
{
	for (unsigned int i = 0; i < gateway->nat.pools->count; i++) {
		const struct nat_pool *pool = &gateway->nat.pools->pool[i];
		char address[IPV4_TEXT_BYTES];
		struct pool_load load;

		alarms_pool_load(gateway, i, &load);
		if (load.highest >= pool->alarm_load)
			say(speaker,
				"pool %s: %.0f %% of %s's %s ports are in use (alarm at %.0f %%, "
				"refusal at %.0f %%)",
				pool->name, load.highest * 100,
				ipv4_text(load.highest_address, address),
				nat_protocol_name(load.highest_protocol), pool->alarm_load * 100,
				pool->refuse_load * 100);
	}
}

static void
say_neighbours(const struct gateway *gateway, struct speaker *speaker)
{
	const struct neighbour *neighbour;
	uint32_t cursor = 0;

	while ((neighbour = neighbour_next(gateway->neighbours, &cursor)) != NULL) {
		char address[IPV4_TEXT_BYTES];

		if (neighbour->kept && neighbour->state == NEIGHBOUR_FAILED)
			say(speaker, "next hop %s at %s does not answer ARP",
				ipv4_text(neighbour->address, address),
				gateway->view->interfaces[neighbour->interface].name);
	}
}

static bool
link_is_down(const struct gateway *gateway, unsigned int number)
{
	struct port *port = gateway->port_list[number];
	uint32_t speed_mbps;

	return port->driver->link(port, &speed_mbps) == 0;
}

static unsigned int
buffers_free_percent(const struct gateway *gateway)
{
	return (unsigned int)(100ULL * rte_mempool_avail_count(gateway->packet_pool) /
			      gateway->packet_pool->size);
}

unsigned int
alarms_visit(const struct gateway *gateway, alarm_sentence *each, void *opaque)
{
	struct speaker speaker = {each, opaque, 0};
	unsigned int free_percent = buffers_free_percent(gateway);

	say_pools(gateway, &speaker);
	say_neighbours(gateway, &speaker);
	for (unsigned int i = 0; i < gateway->port_count; i++)
		if (link_is_down(gateway, i))
			say(&speaker, "port %s: the link is down", gateway->port_list[i]->name);
	if (free_percent < BUFFERS_LOW)
		say(&speaker, "only %u %% of the packet buffers are free", free_percent);
	return speaker.count;
}

static void
tick_pools(struct gateway *gateway)
{
	for (unsigned int i = 0; i < gateway->nat.pools->count; i++) {
		const struct nat_pool *pool = &gateway->nat.pools->pool[i];
		bool *raised = &gateway->alarms.pool_raised[i];
		char address[IPV4_TEXT_BYTES];
		struct pool_load load;

		alarms_pool_load(gateway, i, &load);
		if (!*raised && load.highest >= pool->alarm_load) {
			*raised = true;
			log_warn("alarm: pool %s: %.0f %% of %s's %s ports are in use", pool->name,
				load.highest * 100, ipv4_text(load.highest_address, address),
				nat_protocol_name(load.highest_protocol));
		} else if (*raised && load.highest < pool->alarm_load * CLEARED_BELOW) {
			*raised = false;
			log_info("alarm cleared: pool %s: the highest load is %.0f %%", pool->name,
				load.highest * 100);
		}
	}
}

static void
tick_links(struct gateway *gateway)
{
	for (unsigned int i = 0; i < gateway->port_count; i++) {
		bool down = link_is_down(gateway, i);

		if (gateway->alarms.link_seen[i] && down == gateway->alarms.link_down[i])
			continue;
		if (down)
			log_warn("port %s: the link is down", gateway->port_list[i]->name);
		else
			log_info("port %s: the link is up", gateway->port_list[i]->name);
		gateway->alarms.link_seen[i] = true;
		gateway->alarms.link_down[i] = down;
	}
}

static void
tick_buffers(struct gateway *gateway)
{
	unsigned int free_percent = buffers_free_percent(gateway);

	if (!gateway->alarms.buffers_low && free_percent < BUFFERS_LOW) {
		gateway->alarms.buffers_low = true;
		log_warn("alarm: only %u %% of the packet buffers are free", free_percent);
	} else if (gateway->alarms.buffers_low && free_percent >= 2 * BUFFERS_LOW) {
		gateway->alarms.buffers_low = false;
		log_info("alarm cleared: %u %% of the packet buffers are free", free_percent);
	}
}

/* A refusal is no event worth a line; a minute of them is. */
static void
tick_refusals(struct gateway *gateway, uint64_t now_ms)
{
	struct alarm_memory *memory = &gateway->alarms;
	const struct statistics *told = &memory->told;
	struct statistics now;

	if (memory->minute_ms == 0)
		memory->minute_ms = now_ms;
	if (now_ms - memory->minute_ms < REFUSALS_EVERY_MS)
		return;
	memory->minute_ms = now_ms;
	statistics_read(gateway, &now);
	if (statistics_refusals(&now) != statistics_refusals(told))
		log_warn("refused in the last minute: %llu mappings (no pool %llu, load %llu, "
			 "quota %llu, ports %llu, index %llu, draining %llu) and %llu flow records",
			(unsigned long long)(statistics_refusals(&now) - now.flows_refused -
					     statistics_refusals(told) + told->flows_refused),
			(unsigned long long)(now.refused_pool - told->refused_pool),
			(unsigned long long)(now.refused_load - told->refused_load),
			(unsigned long long)(now.refused_quota - told->refused_quota),
			(unsigned long long)(now.refused_ports - told->refused_ports),
			(unsigned long long)(now.refused_index - told->refused_index),
			(unsigned long long)(now.refused_drain - told->refused_drain),
			(unsigned long long)(now.flows_refused - told->flows_refused));
	memory->told = now;
}

void
alarms_tick(struct gateway *gateway, uint64_t now_ms)
{
	tick_pools(gateway);
	tick_links(gateway);
	tick_buffers(gateway);
	tick_refusals(gateway, now_ms);
}
