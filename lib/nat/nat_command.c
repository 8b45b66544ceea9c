/* The table of the NAT's commands. See nat_command.h. */
#include "nat/nat_command.h"

#include "nat/nat_command_handlers.h"

/* In the order of enum nat_protocol, nat_class and nat_state; free ports carry no mapping. */
static const char *const protocols[] = {"udp", "tcp", "icmp", NULL};
static const char *const classes[] = {"ephemeral", "registered", NULL};
static const char *const states[] = {
	"claiming", "active", "quarantine", "closing", "blocked", NULL};

#define PROTOCOL_ARGUMENT(help_text)                                                        \
	{                                                                                   \
		.name = "protocol", .help = help_text, .type = COMMAND_WORD, .named = true, \
		.choices = protocols                                                        \
	}

static const struct command commands[] = {
	{.words = "show nat mappings",
		.help = "list mappings: who holds which public port",
		.text = "A mapping is a private endpoint with its public address and port. `index` "
			"is "
			"the H16 index at which the port was found, empty for a static mapping. "
			"`idle_seconds` counts as the mapping's timer does: from the last outbound "
			"packet for UDP and ICMP, from the last in either direction for TCP. "
			"Counters "
			"wrap at 2^28 packets and 2^36 bytes.\n"
			"\n"
			"Without filters all mappings are listed, in the order of public address, "
			"protocol and public port. When there are more than `limit`, the answer "
			"gives "
			"`next_cursor`; continue with `from` and that number. An answer may have "
			"fewer "
			"rows than `limit` and still a cursor, because one call looks at no more "
			"than "
			"4194304 ports.",
		.handler = nat_show_mappings,
		.arguments =
			{
				[MAPPINGS_PROTOCOL] = PROTOCOL_ARGUMENT("only this protocol"),
				[MAPPINGS_PRIVATE] = {.name = "private",
					.help = "only this private address",
					.type = COMMAND_ADDRESS,
					.named = true},
				[MAPPINGS_PUBLIC] = {.name = "public",
					.help = "only this public address",
					.type = COMMAND_ADDRESS,
					.named = true},
				[MAPPINGS_CLASS] = {.name = "class",
					.help = "only this class",
					.type = COMMAND_WORD,
					.named = true,
					.choices = classes},
				[MAPPINGS_STATE] = {.name = "state",
					.help = "only this state",
					.type = COMMAND_WORD,
					.named = true,
					.choices = states},
				[MAPPINGS_LIMIT] = {.name = "limit",
					.help = "most rows of an answer; 50 when not given",
					.type = COMMAND_NUMBER,
					.named = true,
					.minimum = 1,
					.maximum = 10000},
				[MAPPINGS_FROM] = {.name = "from",
					.help = "the next_cursor of the answer before",
					.type = COMMAND_NUMBER,
					.named = true,
					.maximum = UINT32_MAX},
			}},
	{.words = "show nat host",
		.help = "one private host: its public address, quota and mappings",
		.text = "The pairing is arithmetic: it is there before the host has sent anything.",
		.handler = nat_show_host,
		.arguments =
			{
				[HOST_ADDRESS] = {.name = "address",
					.help = "private address",
					.type = COMMAND_ADDRESS},
				[HOST_LIMIT] = {.name = "limit",
					.help = "most mappings listed; 100 when not given",
					.type = COMMAND_NUMBER,
					.named = true,
					.minimum = 1,
					.maximum = 10000},
			}},
	{.words = "show nat summary",
		.help = "loads, refusals, probes, flow records",
		.text = "Load is the share of the usable ports of one public address and protocol "
			"that "
			"are not free; quarantined ports count. `alarm` says that it has reached "
			"the "
			"pool's alarm_load; above refuse_load new ephemeral mappings are refused. "
			"`probes` counts mappings by the H16 index that they got.",
		.handler = nat_show_summary,
		.arguments =
			{
				[SUMMARY_LIMIT] = {.name = "limit",
					.help = "most rows of loads; 96 when not given",
					.type = COMMAND_NUMBER,
					.named = true,
					.minimum = 1,
					.maximum = 12288},
				[SUMMARY_FROM] = {.name = "from",
					.help = "the next_cursor of the answer before",
					.type = COMMAND_NUMBER,
					.named = true,
					.maximum = UINT32_MAX},
			}},
	{.words = "explain h16 forward",
		.help = "which public port a private endpoint has or would get, and why",
		.text = "Shows all sixteen candidates c_0 to c_15 of the endpoint, whether each "
			"can be "
			"used and who holds it, and the decision: the mapping that is there, the "
			"one "
			"that a first packet would make, or why it would be refused.",
		.handler = nat_explain_forward_command,
		.arguments =
			{
				[FORWARD_ADDRESS] = {.name = "address",
					.help = "private address",
					.type = COMMAND_ADDRESS},
				[FORWARD_PORT] = {.name = "port",
					.help = "private port, or ICMP identifier",
					.type = COMMAND_NUMBER,
					.maximum = 65535},
				[FORWARD_PROTOCOL] = PROTOCOL_ARGUMENT("udp when not given"),
			}},
	{.words = "explain h16 reverse",
		.help = "who holds a public port, and which private endpoints could",
		.text = "Lists private endpoints that have the port among their candidates: index "
			"0 of "
			"every host that is paired with the public address, then index 1, and so "
			"on, "
			"64 endpoints at most. About one endpoint of a host has a given port at a "
			"given index. The search hashes up to 8 million endpoints, which takes the "
			"control core some tenths of a second.",
		.handler = nat_explain_reverse_command,
		.arguments =
			{
				[REVERSE_ADDRESS] = {.name = "address",
					.help = "public address",
					.type = COMMAND_ADDRESS},
				[REVERSE_PORT] = {.name = "port",
					.help = "public port, or ICMP identifier",
					.type = COMMAND_NUMBER,
					.maximum = 65535},
				[REVERSE_PROTOCOL] = PROTOCOL_ARGUMENT("udp when not given"),
				[REVERSE_HOST] = {.name = "host",
					.help = "only endpoints of this private address",
					.type = COMMAND_ADDRESS,
					.named = true},
			}},
};

const struct command_table nat_commands = {
	.section = "NAT",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
