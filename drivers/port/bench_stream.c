/* See bench_stream.h. */
#include "drivers/port/bench_stream.h"

#include <errno.h>
#include <stdio.h>

#include "wire/frame.h"

#define FRAME_CHECK_BYTES 4

static int
refuse(struct fault *fault, uint64_t value, const char *what, const char *remedy)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return fault_set(fault, EINVAL, "bad-flows", text, remedy, "%s", what);
}

int
bench_flows_check(const struct bench_flows *flows, struct fault *fault)
{
	uint64_t count = (uint64_t)flows->endpoints * flows->remotes, rounds;

	if (flows->endpoints == 0 || flows->remotes == 0 || flows->endpoint_hosts == 0)
		return refuse(
			fault, 0, "traffic needs endpoints, hosts and remotes", "Give at least 1");
	if (count > BENCH_FLOWS_MAX)
		return refuse(fault, count, "too many flows", "Give at most 67108864 flows");
	rounds = (flows->endpoints - 1) / flows->endpoint_hosts;
	if (flows->endpoint_port + rounds > UINT16_MAX || flows->endpoint_port == 0)
		return refuse(fault, flows->endpoint_port + rounds,
			"the endpoints' ports run out of 1 to 65535",
			"Give more hosts, fewer endpoints or a lower first port");
	if ((uint64_t)flows->endpoint_address + flows->endpoint_hosts - 1 > UINT32_MAX ||
		(uint64_t)flows->remote_address + flows->remotes - 1 > UINT32_MAX)
		return refuse(fault, count, "the addresses run past 255.255.255.255",
			"Give lower addresses or fewer flows");
	return 0;
}

struct bench_descriptor
bench_flow_descriptor(const struct bench_flows *flows, uint32_t number)
{
	uint32_t endpoint = number % flows->endpoints, remote = number / flows->endpoints;
	uint32_t round = endpoint / flows->endpoint_hosts;

	return (struct bench_descriptor){
		.source = __builtin_bswap32(
			flows->endpoint_address + endpoint % flows->endpoint_hosts),
		.destination = __builtin_bswap32(flows->remote_address + remote),
		.source_port = __builtin_bswap16((uint16_t)(flows->endpoint_port + round)),
		.destination_port = __builtin_bswap16(flows->remote_port),
		.protocol = flows->protocol,
	};
}

void
bench_stream_fill(struct bench_descriptor *stream, const struct bench_flows *flows)
{
	for (uint32_t i = 0; i < bench_flows_count(flows); i++)
		stream[i] = bench_flow_descriptor(flows, i);
}

uint64_t
bench_random(uint64_t *state)
{
	uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ mixed >> 31;
}

void
bench_stream_shuffle(struct bench_descriptor *stream, uint32_t count, uint64_t seed)
{
	for (uint32_t i = count; i > 1; i--) {
		uint32_t other = (uint32_t)(bench_random(&seed) % i);
		struct bench_descriptor moved = stream[i - 1];

		stream[i - 1] = stream[other];
		stream[other] = moved;
	}
}

void
bench_stream_set_size(struct bench_descriptor *stream, uint32_t count, uint16_t frame_bytes)
{
	for (uint32_t i = 0; i < count; i++)
		stream[i].frame_bytes = frame_bytes;
}

void
bench_stream_set_imix(struct bench_descriptor *stream, uint32_t count)
{
	static const uint16_t sizes[12] = {64, 594, 64, 64, 594, 64, 1518, 64, 594, 64, 64, 594};

	for (uint32_t i = 0; i < count; i++)
		stream[i].frame_bytes = sizes[i % 12] - FRAME_CHECK_BYTES;
}
