/* explain h16 forward, explain h16 reverse. See nat_command.h and explain.h. */
#include <errno.h>

#include "nat/explain.h"
#include "nat/nat_command_handlers.h"

static const struct result_column candidate_columns[] = {
	{"index", NULL, RESULT_RIGHT},
	{"port", NULL, RESULT_RIGHT},
	{"verdict", NULL, RESULT_LEFT},
	{"holder", NULL, RESULT_LEFT},
	{"state", NULL, RESULT_LEFT},
	{"class", NULL, RESULT_LEFT},
	{"quarantine_seconds", NULL, RESULT_RIGHT},
	{"choice", NULL, RESULT_LEFT},
};

static const struct result_column endpoint_columns[] = {
	{"private_address", NULL, RESULT_LEFT},
	{"private_port", NULL, RESULT_RIGHT},
	{"index", NULL, RESULT_RIGHT},
	{"holds", NULL, RESULT_LEFT},
};

static void
cell_holder(struct result_table *table, uint64_t word)
{
	struct ipv4_endpoint holder = {nat_word_address(word), nat_word_port(word)};
	char text[ENDPOINT_TEXT_BYTES];

	result_cell_text(table, "%s", ipv4_endpoint_text(holder, text));
	result_cell_text(table, "%s", nat_state_name(nat_word_state(word)));
	result_cell_text(table, "%s", nat_class_name(nat_word_class(word)));
}

static void
add_candidate(
	struct result_table *table, const struct nat_explain_forward *explained, unsigned int index)
{
	const struct nat_explain_candidate *candidate = &explained->candidates[index];
	bool chosen = index == explained->chosen && explained->result == NAT_CLAIMED;

	result_cell_number(table, index);
	result_cell_number(table, candidate->port);
	result_cell_text(table, "%s", nat_explain_reason_text(candidate->reason));
	switch (candidate->reason) {
	case NAT_EXPLAIN_OWN:
	case NAT_EXPLAIN_HELD:
	case NAT_EXPLAIN_QUARANTINE:
		cell_holder(table, candidate->word);
		break;
	default:
		for (unsigned int i = 0; i < 3; i++)
			result_cell_none(table);
	}
	if (candidate->reason == NAT_EXPLAIN_QUARANTINE)
		result_cell_number(table, candidate->quarantine_seconds);
	else
		result_cell_none(table);
	if (chosen)
		result_cell_text(
			table, "%s", explained->slot != NAT_SLOT_NONE ? "has it" : "would get it");
	else if (!candidate->looked_at)
		result_cell_text(table, "not looked at");
	else
		result_cell_none(table);
}

static void
add_decision(
	const struct nat *nat, const struct nat_explain_forward *explained, struct result *result)
{
	bool is_there = explained->slot != NAT_SLOT_NONE;

	if (explained->result != NAT_CLAIMED) {
		result_text(result, "decision", "refused: %s",
			nat_claim_result_text(explained->result));
		return;
	}
	result_text(result, "decision", "%s",
		!is_there                          ? "a first packet would make the mapping"
		: explained->chosen == H16_INDEXES ? "the endpoint has a static mapping"
						   : "the endpoint has the mapping");
	if (explained->chosen < H16_INDEXES)
		result_number(result, "index", explained->chosen);
	if (is_there) {
		char text[IPV4_TEXT_BYTES];

		result_text(result, "mapped_address", "%s",
			ipv4_text(nat_slot_address(nat, explained->slot), text));
		result_number(result, "public_port", nat_slot_port(explained->slot));
	} else {
		result_number(result, "public_port", explained->candidates[explained->chosen].port);
	}
}

static void
add_pool(const struct nat_explain_forward *explained, struct result *result)
{
	const struct nat_pool *pool = explained->pairing.pool;
	char text[IPV4_TEXT_BYTES];

	result_text(result, "pool", "%s", pool->name);
	result_text(result, "mode", "%s", pool->mode == NAT_POOL_PURE ? "pure" : "h16");
	result_text(result, "public_address", "%s", ipv4_text(explained->public_address, text));
	result_real(result, "load", (double)explained->used / explained->usable, 4);
	result_real(result, "refuse_load", pool->refuse_load, 2);
	result_flag(result, "load_refuses", explained->load_refuses);
	result_number(result, "mapping_count", explained->host_mappings);
	result_number(result, "mappings_per_host", pool->mappings_per_host);
	result_flag(result, "quota_refuses", explained->quota_refuses);
}

int
nat_explain_forward_command(void *opaque, const struct command_value *values, struct result *result)
{
	const struct nat_command_context *context = opaque;
	struct nat_endpoint endpoint = {
		.address = values[FORWARD_ADDRESS].address,
		.port = (uint16_t)values[FORWARD_PORT].number,
		.protocol =
			(enum nat_protocol)nat_command_number(&values[FORWARD_PROTOCOL], NAT_UDP),
	};
	struct nat_explain_forward explained;
	struct result_table *table;

	nat_explain_forward(context->nat, &endpoint, context->now_seconds(), &explained);
	if (!explained.paired)
		return result_refuse(result, ENOENT, "no-such-host", values[FORWARD_ADDRESS].word,
			"Give an address of a pool's private prefixes",
			"no pool has this private address");
	result_text(result, "private_address", "%s", values[FORWARD_ADDRESS].word);
	result_number(result, "private_port", endpoint.port);
	result_text(result, "protocol", "%s", nat_protocol_name(endpoint.protocol));
	add_pool(&explained, result);
	add_decision(context->nat, &explained, result);
	table = result_table(result, "candidates", candidate_columns,
		sizeof(candidate_columns) / sizeof(candidate_columns[0]));
	for (unsigned int i = 0; i < H16_INDEXES; i++)
		add_candidate(table, &explained, i);
	if (explained.pairing.pool->mode == NAT_POOL_PURE)
		result_note(result, "The pool is pure: only index 0 is used.");
	return 0;
}

static void
add_holder(const struct nat_explain_reverse *explained, struct result *result)
{
	uint64_t word = explained->word;
	enum nat_state state = nat_word_state(word);
	struct ipv4_endpoint holder = {nat_word_address(word), nat_word_port(word)};
	char text[ENDPOINT_TEXT_BYTES];

	result_text(result, "state", "%s", nat_state_name(state));
	if (state == NAT_FREE || state == NAT_BLOCKED)
		return;
	result_text(result, "holder", "%s", ipv4_endpoint_text(holder, text));
	result_text(result, "class", "%s", nat_class_name(nat_word_class(word)));
	if (explained->index < H16_INDEXES)
		result_number(result, "index", explained->index);
	else
		result_note(result, "The mapping is static: the port is no candidate of its "
				    "endpoint's on this address.");
	if (state == NAT_QUARANTINE)
		result_note(result, "The port is in quarantine: its endpoint may have it back.");
}

static void
add_endpoints(const struct nat_explain_reverse *explained, struct result *result)
{
	struct result_table *table = result_table(result, "endpoints", endpoint_columns,
		sizeof(endpoint_columns) / sizeof(endpoint_columns[0]));
	char text[IPV4_TEXT_BYTES];

	for (unsigned int i = 0; i < explained->endpoint_count; i++) {
		const struct nat_explain_endpoint *row = &explained->endpoints[i];

		result_cell_text(table, "%s", ipv4_text(row->address, text));
		result_cell_number(table, row->port);
		result_cell_number(table, row->index);
		result_cell_text(table, "%s", row->holds ? "yes" : "no");
	}
	if (explained->cut)
		result_note(result, "The list is cut: name one private address with `host`.");
	result_note(result, "A port alone gives candidates; who had it at a given time is in the "
			    "log.");
}

int
nat_explain_reverse_command(void *opaque, const struct command_value *values, struct result *result)
{
	const struct nat_command_context *context = opaque;
	enum nat_protocol protocol =
		(enum nat_protocol)nat_command_number(&values[REVERSE_PROTOCOL], NAT_UDP);
	uint32_t only_host = values[REVERSE_HOST].given ? values[REVERSE_HOST].address : 0;
	struct nat_explain_reverse explained;

	nat_explain_reverse(context->nat, protocol, values[REVERSE_ADDRESS].address,
		(uint16_t)values[REVERSE_PORT].number, only_host, &explained);
	if (explained.slot == NAT_SLOT_NONE)
		return result_refuse(result, ENOENT, "no-such-address",
			values[REVERSE_ADDRESS].word, "See: show nat summary",
			"no pool has this public address");
	result_text(result, "public_address", "%s", values[REVERSE_ADDRESS].word);
	result_number(result, "public_port", values[REVERSE_PORT].number);
	result_text(result, "protocol", "%s", nat_protocol_name(protocol));
	result_text(result, "pool", "%s", explained.pool->name);
	add_holder(&explained, result);
	result_number(result, "paired_hosts", explained.host_count);
	if (!nat_port_usable(protocol, nat_slot_port(explained.slot)))
		result_note(result, "Ports below 1024 are nobody's candidates; only static "
				    "mappings use them.");
	add_endpoints(&explained, result);
	return 0;
}
