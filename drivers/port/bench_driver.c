/* Driver bench: a bench port (bench.h) that makes its stream from its device and options.
 *
 * The device says what lies behind the port: "10.0.0.2-198.18.0.1" is a source of traffic from that
 * first endpoint to that first remote, "sink" swallows, "echo" sends every UDP and TCP packet back.
 */
#include "drivers/port/list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ipv4.h"
#include "drivers/port/bench.h"
#include "drivers/port/bench_frame.h"
#include "drivers/port/checks.h"
#include "drivers/port/options.h"

#define MTU_MOST 9000

enum {
	ENDPOINTS,
	HOSTS,
	REMOTES,
	ENDPOINT_PORT,
	REMOTE_PORT,
	PROTOCOL,
	BYTES,
	IMIX,
	RANDOM,
	SEED,
	PACKETS,
	OPTIONS,
};

static const char *const protocol_names[] = {"udp", "tcp", "icmp", NULL};
static const uint8_t protocol_numbers[] = {
	IPV4_PROTOCOL_UDP, IPV4_PROTOCOL_TCP, IPV4_PROTOCOL_ICMP};

static const struct option_row options[OPTIONS] = {
	[ENDPOINTS] = {"endpoints", OPTION_NUMBER, 1, 1, BENCH_FLOWS_MAX, NULL},
	[HOSTS] = {"hosts", OPTION_NUMBER, 1, 1, BENCH_FLOWS_MAX, NULL},
	[REMOTES] = {"remotes", OPTION_NUMBER, 1, 1, BENCH_FLOWS_MAX, NULL},
	[ENDPOINT_PORT] = {"endpoint_port", OPTION_NUMBER, 1024, 1, UINT16_MAX, NULL},
	[REMOTE_PORT] = {"remote_port", OPTION_NUMBER, 9, 1, UINT16_MAX, NULL},
	[PROTOCOL] = {"protocol", OPTION_CHOICE, 0, 0, 0, protocol_names},
	[BYTES] = {"bytes", OPTION_NUMBER, 64, 60, ETHERNET_HEADER_BYTES + MTU_MOST, NULL},
	[IMIX] = {"imix", OPTION_FLAG, 0, 0, 0, NULL},
	[RANDOM] = {"random", OPTION_FLAG, 1, 0, 0, NULL},
	[SEED] = {"seed", OPTION_NUMBER, 16, 0, UINT64_MAX, NULL},
	[PACKETS] = {"packets", OPTION_NUMBER, 0, 0, UINT64_MAX, NULL},
};

/* What device and options mean. */
struct source {
	bool sends, echo;
	struct bench_flows flows;
	uint64_t values[OPTIONS];
};

static int
parse_addresses(const char *device, struct bench_flows *flows, struct fault *fault)
{
	char first[IPV4_TEXT_BYTES];
	const char *dash = strchr(device, '-');

	if (dash != NULL && (size_t)(dash - device) < sizeof(first)) {
		snprintf(first, sizeof(first), "%.*s", (int)(dash - device), device);
		if (ipv4_parse(first, &flows->endpoint_address) == 0 &&
			ipv4_parse(dash + 1, &flows->remote_address) == 0)
			return 0;
	}
	return fault_set(fault, EINVAL, "bad-device", device,
		"Give FIRST_ENDPOINT-FIRST_REMOTE (10.0.0.2-198.18.0.1), sink or echo",
		"a bench port does not know what lies behind it");
}

static int
check_size(const struct port_request *request, const struct source *source, struct fault *fault)
{
	uint64_t most = ETHERNET_HEADER_BYTES + request->mtu_bytes;
	uint64_t bytes = source->values[IMIX] ? 1514 : source->values[BYTES];
	char value[24];

	if (bytes <= most)
		return 0;
	snprintf(value, sizeof(value), "%llu", (unsigned long long)bytes);
	return fault_set(fault, EMSGSIZE, "frames-too-large", value,
		"Lower the option bytes, leave out imix or raise the port's MTU",
		"the port's MTU of %u bytes does not take such frames", request->mtu_bytes);
}

static int
parse(const struct port_request *request, struct source *source, struct fault *fault)
{
	uint64_t *values = source->values;
	int error;

	memset(source, 0, sizeof(*source));
	if ((error = options_parse(request->options, options, OPTIONS, values, fault)) != 0 ||
		(error = check_mtu(request, MTU_MOST, fault)) != 0 ||
		(error = check_queues(request, BENCH_QUEUES_MAX, "bench queues", fault)) != 0)
		return error;
	source->echo = strcmp(request->device, "echo") == 0;
	if (source->echo || strcmp(request->device, "sink") == 0)
		return 0;
	source->sends = true;
	if ((error = parse_addresses(request->device, &source->flows, fault)) != 0 ||
		(error = check_size(request, source, fault)) != 0)
		return error;
	source->flows.endpoints = (uint32_t)values[ENDPOINTS];
	source->flows.endpoint_hosts = (uint32_t)values[HOSTS];
	source->flows.remotes = (uint32_t)values[REMOTES];
	source->flows.endpoint_port = (uint16_t)values[ENDPOINT_PORT];
	source->flows.remote_port = (uint16_t)values[REMOTE_PORT];
	source->flows.protocol = protocol_numbers[values[PROTOCOL]];
	return bench_flows_check(&source->flows, fault);
}

static int
bench_check(const struct port_request *request, struct fault *fault)
{
	struct source source;

	return parse(request, &source, fault);
}

static struct bench_descriptor *
make_stream(const struct source *source)
{
	uint32_t count = bench_flows_count(&source->flows);
	struct bench_descriptor *stream = malloc(count * sizeof(*stream));

	if (stream == NULL)
		return NULL;
	bench_stream_fill(stream, &source->flows);
	if (source->values[RANDOM])
		bench_stream_shuffle(stream, count, source->values[SEED]);
	if (source->values[IMIX])
		bench_stream_set_imix(stream, count);
	else
		bench_stream_set_size(stream, count, (uint16_t)source->values[BYTES]);
	return stream;
}

static int
bench_open(const struct port_request *request, struct port *port, struct fault *fault)
{
	struct bench_plan plan = {
		.mac = request->mac_set ? request->mac : NULL,
		.mtu_bytes = request->mtu_bytes,
		.socket_id = request->socket_id,
	};
	struct bench_descriptor *stream = NULL;
	struct source source;
	int error = parse(request, &source, fault);

	if (error != 0)
		return error;
	plan.queues =
		request->rx_queues > request->tx_queues ? request->rx_queues : request->tx_queues;
	plan.queues = plan.queues != 0 ? plan.queues : 1;
	plan.echo = source.echo;
	snprintf(plan.name, sizeof(plan.name), "%s", request->name);
	if (source.sends && (stream = make_stream(&source)) == NULL)
		return fault_set(fault, ENOMEM, "no-memory", request->options,
			"Ask for fewer endpoints or remotes", "no memory for a bench port's flows");
	error = bench_port_open(port, &plan, fault);
	if (error != 0) {
		free(stream);
		return error;
	}
	snprintf(port->device, sizeof(port->device), "%s", request->device);
	if (stream != NULL)
		bench_port_play(
			port, stream, bench_flows_count(&source.flows), source.values[PACKETS]);
	return 0;
}

static void
bench_close(struct port *port)
{
	const struct bench_descriptor *stream = bench_port_stream(port);

	bench_port_close(port);
	free((void *)stream);
}

static int
bench_link(struct port *port, uint32_t *speed_mbps)
{
	(void)port;
	*speed_mbps = 0;
	return 1;
}

const struct port_driver port_bench = {
	.name = "bench",
	.device_help = "FIRST_ENDPOINT-FIRST_REMOTE, two addresses; or sink; or echo",
	.options_help =
		"endpoints=1.. (1), hosts=1.. (1), remotes=1.. (1), endpoint_port=1..65535 "
		"(1024), remote_port=1..65535 (9), protocol=udp|tcp|icmp, bytes=60..9014 (64), "
		"imix=yes|no, random=yes|no (yes), seed=0.. (16), packets=0.. (0: no end)",
	.check = bench_check,
	.open = bench_open,
	.close = bench_close,
	.counters = bench_port_counters,
	.link = bench_link,
};
