/* trace, trace stop, show trace: a few packets' journeys through the stages. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include <rte_cycles.h>

#include "control/command_tables.h"
#include "control/gateway.h"
#include "path/trace.h"

#define COUNT_STANDARD 10
#define WHAT_BYTES     160

enum { ARGUMENT_INTERFACE, ARGUMENT_ADDRESS, ARGUMENT_PORT, ARGUMENT_COUNT };

static const struct result_column columns[] = {
	{"packet", NULL, RESULT_RIGHT},
	{"microseconds", "us", RESULT_RIGHT},
	{"worker", NULL, RESULT_RIGHT},
	{"stage", NULL, RESULT_LEFT},
	{"what", NULL, RESULT_LEFT},
};

static const char *const stage_names[] = {
	[TRACE_RECEIVED] = "rx",
	[TRACE_TAKEN_OVER] = "rx",
	[TRACE_OUTBOUND] = "classify",
	[TRACE_INBOUND] = "classify",
	[TRACE_PLAIN] = "classify",
	[TRACE_MISSED] = "lookup",
	[TRACE_MAPPED] = "lookup",
	[TRACE_MADE] = "slow",
	[TRACE_TRANSLATED] = "translate",
	[TRACE_SENT] = "tx",
	[TRACE_REFUSED] = "refuse",
	[TRACE_DROPPED] = "drop",
	[TRACE_PUNTED] = "control",
	[TRACE_HANDED] = "hand over",
	[TRACE_CUT] = "fragment",
};

/* "udp 10.0.0.1:40000 > 203.0.113.9:53 ttl 64". */
static void
frame_text(const struct frame *frame, char *text, size_t size)
{
	static const char *const kinds[] = {"udp", "tcp", "icmp query", "icmp error", "arp"};
	struct ipv4_endpoint ends[2] = {
		{frame->source, frame->source_port}, {frame->destination, frame->destination_port}};
	char from[ENDPOINT_TEXT_BYTES], to[ENDPOINT_TEXT_BYTES];

	if (frame->kind <= FRAME_TCP) {
		ipv4_endpoint_text(ends[0], from);
		ipv4_endpoint_text(ends[1], to);
	} else {
		ipv4_text(frame->source, from);
		ipv4_text(frame->destination, to);
	}
	snprintf(text, size, "%s %s > %s ttl %u", kinds[frame->kind], from, to, frame->ttl);
	if (frame->kind == FRAME_ICMP_QUERY) {
		char identifier[24];

		snprintf(identifier, sizeof(identifier), " id %u", frame->source_port);
		strlcat(text, identifier, size);
	}
}

/* "10.0.0.1:40000 at 198.51.100.16:49300". The mapping may be gone by now. */
static void
mapping_text(const struct gateway *gateway, uint32_t slot, char *text, size_t size)
{
	uint64_t word = nat_word_load(&gateway->nat.table, slot);
	struct ipv4_endpoint private = {nat_word_address(word), nat_word_port(word)};
	struct ipv4_endpoint public = {nat_slot_address(&gateway->nat, slot), nat_slot_port(slot)};
	char public_text[ENDPOINT_TEXT_BYTES], private_text[ENDPOINT_TEXT_BYTES];

	ipv4_endpoint_text(public, public_text);
	snprintf(text, size, "%s is %s (%s)",
		nat_word_state(word) == NAT_FREE ? "?" : ipv4_endpoint_text(private, private_text),
		public_text, nat_protocol_name(nat_slot_protocol(slot)));
}

static const char *
punt_text(uint32_t why)
{
	return why == PUNT_ARP      ? "ARP"
	       : why == PUNT_KERNEL ? "for the gateway itself"
				    : "waits for the address of its next hop";
}

static void
event_text(const struct gateway *gateway, const struct trace_event *event, char text[WHAT_BYTES])
{
	const char *port =
		event->port < gateway->port_count ? gateway->port_list[event->port]->name : "?";
	enum drop_reason reason = (enum drop_reason)event->reason;
	char frame[96];

	frame_text(&event->frame, frame, sizeof(frame));
	switch ((enum trace_kind)event->kind) {
	case TRACE_RECEIVED:
		snprintf(text, WHAT_BYTES, "%u bytes on %s", event->number, port);
		break;
	case TRACE_TAKEN_OVER:
		snprintf(text, WHAT_BYTES, "taken over from another worker");
		break;
	case TRACE_OUTBOUND:
		snprintf(text, WHAT_BYTES, "%s: outbound", frame);
		break;
	case TRACE_INBOUND:
		snprintf(text, WHAT_BYTES, "%s: inbound", frame);
		break;
	case TRACE_PLAIN:
		snprintf(text, WHAT_BYTES, "%s: not translated", frame);
		break;
	case TRACE_MISSED:
		snprintf(text, WHAT_BYTES, "no mapping or no flow record yet");
		break;
	case TRACE_MAPPED:
	case TRACE_MADE:
		mapping_text(gateway, event->number, text, WHAT_BYTES);
		break;
	case TRACE_TRANSLATED:
		strlcpy(text, frame, WHAT_BYTES);
		break;
	case TRACE_SENT:
		snprintf(text, WHAT_BYTES, "%u bytes on %s", event->number, port);
		break;
	case TRACE_REFUSED:
		snprintf(text, WHAT_BYTES, "%s: %s; an ICMP error goes back",
			drop_reason_name(reason), drop_reason_sentence(reason));
		break;
	case TRACE_DROPPED:
		snprintf(text, WHAT_BYTES, "%s: %s", drop_reason_name(reason),
			drop_reason_sentence(reason));
		break;
	case TRACE_PUNTED:
		strlcpy(text, punt_text(event->number), WHAT_BYTES);
		break;
	case TRACE_HANDED:
		snprintf(text, WHAT_BYTES, "to worker %u, who owns it", event->number);
		break;
	case TRACE_CUT:
		snprintf(text, WHAT_BYTES, "into %u fragments for a narrower link", event->number);
		break;
	}
}

static int
trace(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct watch_filter filter = {.interface = PATH_NO_INTERFACE};
	uint32_t count = COUNT_STANDARD;
	struct trace *made;

	if (values[ARGUMENT_INTERFACE].given &&
		command_interface(
			gateway, values[ARGUMENT_INTERFACE].word, &filter.interface, result) != 0)
		return -ENODEV;
	if (values[ARGUMENT_ADDRESS].given)
		filter.address = values[ARGUMENT_ADDRESS].address;
	if (values[ARGUMENT_PORT].given)
		filter.port = (uint16_t)values[ARGUMENT_PORT].number;
	if (values[ARGUMENT_COUNT].given)
		count = (uint32_t)values[ARGUMENT_COUNT].number;
	made = trace_new(gateway->path.worker_count, &filter, count);
	if (made == NULL)
		return result_refuse(result, ENOMEM, "no-memory", NULL, "Raise memory.heap_mb",
			"no memory for the trace");
	watching_arm_trace(gateway, made);
	result_note(result, "Waiting for %u packets. See them with: show trace", count);
	return 0;
}

static int
stop(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;

	(void)values;
	if (gateway->watching.armed.trace == NULL)
		return result_refuse(
			result, ENOENT, "no-trace", NULL, "Type: trace", "no trace is armed");
	watching_disarm_trace(gateway);
	result_number(result, "packets", trace_taken(gateway->watching.trace));
	return 0;
}

static void
add_events(struct gateway *gateway, struct result *result)
{
	struct result_table *table = result_table(result, "events", columns, 5);
	struct trace_event *events;
	uint32_t count = trace_collect(gateway->watching.trace, &events), journey = 0;
	uint64_t began = 0;

	for (uint32_t i = 0; i < count; i++) {
		char what[WHAT_BYTES];

		if (events[i].journey != journey)
			began = events[i].cycles;
		journey = events[i].journey;
		event_text(gateway, &events[i], what);
		result_cell_number(table, journey);
		result_cell_real(table,
			(double)(events[i].cycles - began) * 1e6 / (double)rte_get_tsc_hz(), 2);
		result_cell_number(table, events[i].worker);
		result_cell_text(table, "%s", stage_names[events[i].kind]);
		result_cell_text(table, "%s", what);
	}
	free(events);
}

static int
show_trace(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	uint32_t taken;

	(void)values;
	if (gateway->watching.trace == NULL)
		return result_refuse(
			result, ENOENT, "no-trace", NULL, "Type: trace", "nothing has been traced");
	taken = trace_taken(gateway->watching.trace);
	result_text(result, "state", "%s",
		gateway->watching.armed.trace != NULL && taken < gateway->watching.trace->wanted
			? "waiting"
			: "complete");
	result_number(result, "packets", taken);
	result_number(result, "wanted", gateway->watching.trace->wanted);
	add_events(gateway, result);
	return 0;
}

static const struct command commands[] = {
	{.words = "trace",
		.help = "follow the next packets through the stages",
		.text = "Arms a filter; the next packets that it lets through are followed from "
			"stage "
			"to stage, over other workers too, until they are sent, dropped or handed "
			"to "
			"the control thread. An address or port may be the private one behind a "
			"public "
			"endpoint. A new trace forgets the one before. While nobody traces it "
			"costs one "
			"test a burst.",
		.handler = trace,
		.arguments = {{"interface", "where the packet comes in", COMMAND_WORD, true},
			{"address", "source, destination or private address", COMMAND_ADDRESS,
				true},
			{"port", "likewise; for ping the identifier", COMMAND_NUMBER, true, NULL, 1,
				UINT16_MAX},
			{"count", "packets, 10 unless given", COMMAND_NUMBER, true, NULL, 1,
				TRACE_PACKETS_MAX}}},
	{.words = "trace stop", .help = "stop following packets", .handler = stop},
	{.words = "show trace",
		.help = "the traced packets' journeys",
		.text = "Times are microseconds since the packet was received.",
		.handler = show_trace},
};

const struct command_table trace_commands = {
	.section = "Packets",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
