/* Waiting for whoever is on the other side: links, and the gateway by ARP; see generator.h. */
#include <errno.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_mbuf.h>

#include "generator.h"

#define ASK_AGAIN_MS 200

static int
wait_for_links(struct generator *generator, struct fault *fault)
{
	uint64_t start = rte_rdtsc();

	for (unsigned int side = 0; side < SIDES;) {
		struct port *port = &generator->ports[side];
		uint32_t speed;

		if (port->driver->link(port, &speed) == 1) {
			side++;
			continue;
		}
		if (generator_stopped ||
			generator_seconds_since(start) > generator->plan->wait_seconds)
			return fault_set(fault, ETIMEDOUT, "no-link", port->device,
				"Start the other end, or wait longer with --wait",
				"port %s has no link", port->name);
		usleep(10000);
	}
	return 0;
}

static void
ask_gateway(struct generator *generator, enum side side)
{
	struct port *port = &generator->ports[side];
	struct rte_mbuf *packet = rte_pktmbuf_alloc(generator->pool);

	if (packet == NULL)
		return;
	arp_ask(&generator->hosts[side], (uint8_t *)rte_pktmbuf_append(packet, ARP_FRAME_BYTES));
	if (port->tx(port, 0, &packet, 1) == 0)
		rte_pktmbuf_free(packet);
}

static int
find_gateway(struct generator *generator, enum side side, struct fault *fault)
{
	struct arp_hosts *hosts = &generator->hosts[side];
	uint64_t start = rte_rdtsc();

	for (unsigned int ms = 0; hosts->gateway != 0 && !hosts->gateway_known; ms++) {
		if (generator_stopped ||
			generator_seconds_since(start) > generator->plan->wait_seconds)
			return fault_set(fault, ETIMEDOUT, "no-gateway",
				generator->plan->sides[side].device,
				"See that the gateway runs and has the address of --inside-gateway "
				"or --outside-gateway on this port",
				"nobody answers ARP on port %s", generator->ports[side].name);
		if (ms % ASK_AGAIN_MS == 0)
			ask_gateway(generator, side);
		if (generator_receive(generator) == 0)
			usleep(1000);
	}
	return 0;
}

int
generator_meet(struct generator *generator, struct fault *fault)
{
	int error = wait_for_links(generator, fault);

	if (error == 0)
		error = find_gateway(generator, INSIDE, fault);
	if (error == 0)
		error = find_gateway(generator, OUTSIDE, fault);
	if (error == 0)
		generator_prepare_headers(generator);
	return error;
}
