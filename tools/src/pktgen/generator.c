/* See generator.h. */
#include "generator.h"

#include <errno.h>
#include <stdio.h>
#include <bsd/string.h>

#include <rte_mbuf.h>

#define BUFFERS      8192
#define BUFFER_CACHE 256
#define MTU_BYTES    1500
#define PLACES_LEAST 12 /* the length of the Internet mix */

static const enum side lane_from[LANES] = {[LANE_OUT] = INSIDE, [LANE_IN] = OUTSIDE};

static int
open_port(struct generator *generator, enum side side, struct fault *fault)
{
	const struct plan_side *planned = &generator->plan->sides[side];
	const struct port_driver *driver = port_driver_find(planned->driver);
	struct port_request request = {.rx_queues = 1,
		.tx_queues = 1,
		.mtu_bytes = MTU_BYTES,
		.pool = generator->pool,
		.socket_id = SOCKET_ID_ANY,
		.side = side == INSIDE ? PORT_INSIDE : PORT_OUTSIDE};
	unsigned int bytes = generator->plan->frame_bytes;
	int error;

	if (bytes > ETHERNET_HEADER_BYTES + MTU_BYTES)
		request.mtu_bytes = (uint16_t)(bytes - ETHERNET_HEADER_BYTES);
	strlcpy(request.name, side == INSIDE ? "inside" : "outside", sizeof(request.name));
	strlcpy(request.driver, planned->driver, sizeof(request.driver));
	strlcpy(request.device, planned->device, sizeof(request.device));
	strlcpy(request.options, planned->options, sizeof(request.options));
	error = driver->check(&request, fault);
	if (error == 0)
		error = driver->open(&request, &generator->ports[side], fault);
	generator->ports[side].driver = driver;
	generator->opened[side] = error == 0;
	return error;
}

static void
prepare_hosts(struct generator *generator, enum side side)
{
	const struct bench_flows *flows = &generator->plan->flows;
	const struct plan_side *planned = &generator->plan->sides[side];
	struct arp_hosts *hosts = &generator->hosts[side];

	memcpy(hosts->mac, generator->ports[side].mac, sizeof(hosts->mac));
	hosts->gateway = planned->gateway;
	/* The router first: questions come from it. */
	if (planned->address != 0)
		hosts->ranges[hosts->range_count++] = (struct arp_range){planned->address, 1};
	hosts->ranges[hosts->range_count++] =
		side == INSIDE ? (struct arp_range){flows->endpoint_address, flows->endpoint_hosts}
			       : (struct arp_range){flows->remote_address, flows->remotes};
	memset(hosts->gateway_mac, 0xff, sizeof(hosts->gateway_mac));
}

void
generator_prepare_headers(struct generator *generator)
{
	for (unsigned int lane = 0; lane < LANES; lane++) {
		const struct arp_hosts *hosts = &generator->hosts[lane_from[lane]];

		bench_headers_prepare(&generator->lanes[lane].headers, hosts->mac,
			hosts->gateway_mac, lane == LANE_IN);
	}
}

static void
set_sizes(const struct plan *plan, struct bench_descriptor *stream, uint32_t count)
{
	if (plan->frame_bytes == 0)
		bench_stream_set_imix(stream, count);
	else
		bench_stream_set_size(stream, count, plan->frame_bytes);
}

void
generator_replan(struct generator *generator)
{
	const struct lane *out = &generator->lanes[LANE_OUT], *in = &generator->lanes[LANE_IN];

	generator->check_every = generator->plan->check_every;
	generator->until_check = 1;
	set_sizes(generator->plan, out->stream, out->count);
	for (uint32_t place = 0; place < in->count; place++)
		if (in->stream[place].frame_bytes != 0)
			in->stream[place].frame_bytes = out->stream[place].frame_bytes;
}

/* What the outside sends before it has learned anything, or for good where no NAT is between. */
static void
answer_untranslated(struct generator *generator)
{
	const struct lane *out = &generator->lanes[LANE_OUT];

	for (uint32_t place = 0; place < out->count; place++) {
		const struct bench_descriptor *sent = &out->stream[place];

		generator->lanes[LANE_IN].stream[place] = (struct bench_descriptor){
			.source = sent->destination,
			.destination = sent->source,
			.source_port = sent->destination_port,
			.destination_port = sent->source_port,
			.frame_bytes = generator->plan->translated ? 0 : sent->frame_bytes,
			.protocol = sent->protocol,
		};
	}
}

static int
open_lanes(struct generator *generator, struct fault *fault)
{
	const struct plan *plan = generator->plan;
	uint32_t flows = bench_flows_count(&plan->flows);
	/* Room for every size of the mix, however few flows there are. */
	uint32_t count = flows < PLACES_LEAST ? flows * PLACES_LEAST : flows;
	struct bench_descriptor *stream;

	for (unsigned int lane = 0; lane < LANES; lane++)
		if (lane_open(&generator->lanes[lane], (enum lane_number)lane,
			    &generator->ports[lane_from[lane]], count) != 0 ||
			tally_open(&generator->tallies[lane], (uint8_t)lane, count) != 0)
			return fault_set(fault, ENOMEM, "no-memory", NULL,
				"Ask for fewer endpoints or remotes, or free some memory",
				"no memory for %u flows", count);
	stream = generator->lanes[LANE_OUT].stream;
	for (uint32_t place = 0; place < count; place++)
		stream[place] = bench_flow_descriptor(&plan->flows, place % flows);
	if (plan->order == ORDER_RANDOM)
		bench_stream_shuffle(stream, count, plan->seed);
	set_sizes(plan, stream, count);
	answer_untranslated(generator);
	return 0;
}

int
generator_open(struct generator *generator, const struct plan *plan, struct fault *fault)
{
	unsigned int mtu = plan->frame_bytes > MTU_BYTES ? plan->frame_bytes : MTU_BYTES;
	int error = 0;

	memset(generator, 0, sizeof(*generator));
	generator->plan = plan;
	generator->check_every = plan->check_every;
	generator->until_check = 1;
	generator->pool = rte_pktmbuf_pool_create("received", BUFFERS, BUFFER_CACHE, 0,
		(uint16_t)(RTE_PKTMBUF_HEADROOM + PORT_BUFFER_BYTES(mtu)), SOCKET_ID_ANY);
	if (generator->pool == NULL)
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Free some memory",
			"no memory for %u packet buffers", BUFFERS);
	for (unsigned int side = 0; error == 0 && side < SIDES; side++) {
		error = open_port(generator, (enum side)side, fault);
		if (error == 0)
			prepare_hosts(generator, (enum side)side);
	}
	if (error == 0)
		error = open_lanes(generator, fault);
	if (error != 0)
		generator_close(generator);
	else
		generator_prepare_headers(generator);
	return error;
}

void
generator_close(struct generator *generator)
{
	for (unsigned int lane = 0; lane < LANES; lane++) {
		lane_close(&generator->lanes[lane]);
		tally_close(&generator->tallies[lane]);
	}
	for (unsigned int side = SIDES; side-- > 0;)
		if (generator->opened[side])
			generator->ports[side].driver->close(&generator->ports[side]);
}
