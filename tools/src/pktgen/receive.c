/* Receiving: ARP is answered, everything else counted and judged; see generator.h. */
#include <rte_mbuf.h>

#include "generator.h"

/* The lane whose frames arrive at a side. */
static const enum lane_number lane_to[SIDES] = {[INSIDE] = LANE_IN, [OUTSIDE] = LANE_OUT};

/* Whether a frame has the addresses and ports of its flow; the outside learns them. */
static bool
route_out(void *opaque, const struct frame *frame, uint32_t place)
{
	struct generator *generator = opaque;
	const struct bench_descriptor *sent = &generator->lanes[LANE_OUT].stream[place];
	struct bench_descriptor *answer = &generator->lanes[LANE_IN].stream[place];
	uint32_t public_address = __builtin_bswap32(frame->source);
	uint16_t public_port = __builtin_bswap16(frame->source_port);

	if (frame->destination != __builtin_bswap32(sent->destination) ||
		(frame->kind != FRAME_ICMP_QUERY &&
			frame->destination_port != __builtin_bswap16(sent->destination_port)))
		return false;
	if (answer->frame_bytes != 0)
		return answer->destination == public_address &&
		       answer->destination_port == public_port;
	answer->destination = public_address;
	answer->destination_port = public_port;
	if (frame->kind == FRAME_ICMP_QUERY) /* both ports of a descriptor are the identifier */
		answer->source_port = public_port;
	answer->frame_bytes = sent->frame_bytes;
	generator->learned++;
	return true;
}

static bool
route_in(void *opaque, const struct frame *frame, uint32_t place)
{
	const struct generator *generator = opaque;
	const struct bench_descriptor *sent = &generator->lanes[LANE_OUT].stream[place];

	return frame->source == __builtin_bswap32(sent->destination) &&
	       frame->destination == __builtin_bswap32(sent->source) &&
	       frame->destination_port == __builtin_bswap16(sent->source_port);
}

static unsigned int
receive(struct generator *generator, enum side side)
{
	enum lane_number lane = lane_to[side];
	struct port *port = &generator->ports[side];
	struct rte_mbuf *packets[LANE_BURST];
	uint16_t count = port->rx(port, 0, packets, LANE_BURST);
	tally_route *route = lane == LANE_OUT ? route_out : route_in;

	for (unsigned int i = 0; i < count; i++) {
		uint8_t *bytes = rte_pktmbuf_mtod(packets[i], uint8_t *);
		bool judged = --generator->until_check == 0;

		if (judged)
			generator->until_check = generator->check_every;
		if (unlikely(arp_is(bytes, packets[i]->data_len))) {
			if (arp_handle(&generator->hosts[side], bytes, packets[i]->data_len) &&
				port->tx(port, 0, &packets[i], 1) == 1)
				packets[i] = NULL; /* free_bulk skips it */
			continue;
		}
		generator->received[lane]++;
		if (judged)
			tally_frame(&generator->tallies[lane], bytes, packets[i]->data_len,
				generator->plan->translated ? route : NULL, generator);
	}
	rte_pktmbuf_free_bulk(packets, count);
	return count;
}

unsigned int
generator_receive(struct generator *generator)
{
	return receive(generator, INSIDE) + receive(generator, OUTSIDE);
}
