/* lib/nat's commands and explanations, as text and as JSON. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "command/render.h"
#include "nat/explain.h"
#include "nat/nat_command.h"
#include "nat_fixture.h"

const char *const unit_suite = "nat_command";

#define HOST_1 0x0a000001u /* 10.0.0.1 */
#define PUBLIC 0xc6336400u /* 198.51.100.0 */

static struct nat_fixture fixture;
static struct command_registry *registry;
static struct result *result;
static uint32_t now;

static uint32_t
now_seconds(void)
{
	return now;
}

static void
flow_figures(void *opaque, struct nat_flow_figures *figures)
{
	*figures = (struct nat_flow_figures){.records = 1, .records_free = 63};
}

static struct nat_command_context context = {
	.nat = &fixture.nat, .now_seconds = now_seconds, .flow_figures = flow_figures};

/* 256 hosts over two addresses: 10.0.0.0-127 -> .0, 128-255 -> .1 */
static void
begin(void)
{
	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.0/31");
	nat_fixture_open(&fixture, 2);
	registry = command_registry_new();
	command_register(registry, &nat_commands, &context);
	result = NULL;
	now = 100;
}

static void
end(void)
{
	if (result != NULL)
		result_free(result);
	command_registry_free(registry);
	nat_fixture_close(&fixture);
}

/* Runs a line; its "data" as JSON (a new reference), or its "error". Text must render as well. */
static json_t *
run(const char *line)
{
	const char *words = NULL;
	json_t *answer, *part;
	char *text;

	if (result != NULL)
		result_free(result);
	result = result_new();
	command_run(registry, line, result, &words);
	text = render_text(result);
	CU_ASSERT_TRUE(text[0] != '\0');
	free(text);
	answer = render_json_object(result, words);
	part = json_object_get(
		answer, json_is_true(json_object_get(answer, "ok")) ? "data" : "error");
	json_incref(part);
	json_decref(answer);
	CU_ASSERT_PTR_NOT_NULL_FATAL(part);
	return part;
}

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static json_int_t
number_of(const json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static json_t *
row(const json_t *data, const char *table, size_t index)
{
	return json_array_get(json_object_get(data, table), index);
}

static size_t
rows(const json_t *data, const char *table)
{
	return json_array_size(json_object_get(data, table));
}

static void
a_mapping_is_one_row(void)
{
	uint32_t slot;
	json_t *data, *mapping;

	begin();
	slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 60, NULL);
	fixture.table.out[slot].counters = 3 * NAT_COUNTER_PACKET + 1500;
	fixture.table.in[slot].counters = 2 * NAT_COUNTER_PACKET + 700;
	data = run("show nat mappings");
	CU_ASSERT_EQUAL(rows(data, "mappings"), 1);
	mapping = row(data, "mappings", 0);
	CU_ASSERT_STRING_EQUAL(text_of(mapping, "protocol"), "udp");
	CU_ASSERT_STRING_EQUAL(text_of(mapping, "private_address"), "10.0.0.1");
	CU_ASSERT_EQUAL(number_of(mapping, "private_port"), 40000);
	CU_ASSERT_STRING_EQUAL(text_of(mapping, "public_address"), "198.51.100.0");
	CU_ASSERT_EQUAL(number_of(mapping, "public_port"), 49300);
	CU_ASSERT_EQUAL(number_of(mapping, "index"), 0);
	CU_ASSERT_STRING_EQUAL(text_of(mapping, "class"), "ephemeral");
	CU_ASSERT_STRING_EQUAL(text_of(mapping, "state"), "active");
	CU_ASSERT_STRING_EQUAL(text_of(mapping, "remote_address"), "203.0.113.7");
	CU_ASSERT_EQUAL(number_of(mapping, "remote_port"), 443);
	CU_ASSERT_EQUAL(number_of(mapping, "packets_out"), 3);
	CU_ASSERT_EQUAL(number_of(mapping, "packets_in"), 2);
	CU_ASSERT_EQUAL(number_of(mapping, "bytes_out"), 1500);
	CU_ASSERT_EQUAL(number_of(mapping, "bytes_in"), 700);
	CU_ASSERT_EQUAL(number_of(mapping, "idle_seconds"), 40);
	CU_ASSERT_EQUAL(json_object_size(mapping), 15);
	CU_ASSERT_PTR_NULL(json_object_get(data, "next_cursor"));
	json_decref(data);
	end();
}

static void
filters_choose_rows(void)
{
	static const struct {
		const char *line;
		size_t rows;
	} lines[] = {
		{"show nat mappings", 5},
		{"show nat mappings protocol udp", 3},
		{"show nat mappings protocol icmp", 0},
		{"show nat mappings private 10.0.0.1", 3},
		{"show nat mappings private 10.0.0.9", 0},
		{"show nat mappings public 198.51.100.1", 2},
		{"show nat mappings public 198.51.100.1 protocol udp", 1},
		{"show nat mappings class registered", 1},
		{"show nat mappings state quarantine", 1},
		{"show nat mappings state active", 4},
		{"show nat mappings state blocked", 1},
		{"show nat mappings state active class ephemeral protocol udp", 2},
	};
	const struct nat_endpoint server = {HOST_1, 80, NAT_TCP, 0};
	uint32_t slot;
	uint64_t word;

	begin();
	nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	slot = nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40001, 0, NULL);
	word = nat_word_load(&fixture.table, slot);
	nat_word_swap(&fixture.table, slot, &word, nat_word_with_state(word, NAT_QUARANTINE));
	nat_fixture_claim(&fixture, NAT_UDP, HOST_1 + 199, 40000, 0, NULL);
	nat_fixture_claim(&fixture, NAT_TCP, HOST_1 + 1, 40000, 0, NULL);
	CU_ASSERT_EQUAL(nat_reserve(&fixture.nat, &server, PUBLIC + 1, 8080, 0, &slot), 0);
	CU_ASSERT_EQUAL(nat_publish(&fixture.nat, slot), 0);
	CU_ASSERT_EQUAL(nat_block(&fixture.nat, NAT_UDP, PUBLIC, 2000), 0);
	for (unsigned int i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		json_t *data = run(lines[i].line);

		CU_ASSERT_EQUAL(rows(data, "mappings"), lines[i].rows);
		json_decref(data);
	}
	end();
}

static void
static_and_blocked_rows_have_nulls(void)
{
	const struct nat_endpoint server = {HOST_1, 80, NAT_TCP, 0};
	json_t *data;
	uint32_t slot;

	begin();
	CU_ASSERT_EQUAL(nat_reserve(&fixture.nat, &server, PUBLIC, 8080, 0, &slot), 0);
	CU_ASSERT_EQUAL(nat_publish(&fixture.nat, slot), 0);
	CU_ASSERT_EQUAL(nat_block(&fixture.nat, NAT_UDP, PUBLIC, 2000), 0);
	data = run("show nat mappings");
	CU_ASSERT_TRUE(json_is_null(json_object_get(row(data, "mappings", 0), "index")));
	CU_ASSERT_TRUE(json_is_null(json_object_get(row(data, "mappings", 0), "remote_address")));
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "mappings", 0), "class"), "registered");
	json_decref(data);
	data = run("show nat mappings state blocked");
	CU_ASSERT_TRUE(json_is_null(json_object_get(row(data, "mappings", 0), "private_address")));
	CU_ASSERT_TRUE(json_is_null(json_object_get(row(data, "mappings", 0), "idle_seconds")));
	CU_ASSERT_EQUAL(number_of(row(data, "mappings", 0), "public_port"), 2000);
	json_decref(data);
	end();
}

/* Page by page, every mapping comes once. */
static void
a_cursor_leads_through_all(void)
{
	json_int_t cursor = 0, last_port = -1;
	unsigned int pages = 0, seen = 0, disorder = 0;

	begin();
	for (uint16_t port = 1; port <= 1000; port++)
		nat_fixture_claim(&fixture, NAT_UDP, HOST_1, port, 0, NULL);
	while (cursor >= 0) {
		char line[80];
		json_t *data;

		snprintf(line, sizeof(line), "show nat mappings limit 64 from %d", (int)cursor);
		data = run(line);
		for (size_t i = 0; i < rows(data, "mappings"); i++) {
			json_int_t port = number_of(row(data, "mappings", i), "public_port");

			disorder += port <= last_port;
			last_port = port;
			seen++;
		}
		cursor = number_of(data, "next_cursor");
		pages++;
		json_decref(data);
	}
	CU_ASSERT_EQUAL(seen, 1000);
	CU_ASSERT_EQUAL(disorder, 0);
	CU_ASSERT_EQUAL(pages, 16);
	end();
}

static void
a_host_shows_its_pairing_quota_and_mappings(void)
{
	const struct nat_endpoint server = {HOST_1 + 199, 80, NAT_TCP, 0};
	json_t *data;
	uint32_t slot;

	begin();
	data = run("show nat host 10.0.0.200");
	CU_ASSERT_STRING_EQUAL(text_of(data, "public_address"), "198.51.100.1");
	CU_ASSERT_EQUAL(number_of(data, "mapping_count"), 0);
	json_decref(data);
	nat_fixture_claim(&fixture, NAT_UDP, HOST_1 + 199, 40000, 0, NULL);
	nat_fixture_claim(&fixture, NAT_UDP, HOST_1 + 198, 40000, 0, NULL);
	/* A static mapping on another address is the host's as well. */
	CU_ASSERT_EQUAL(nat_reserve(&fixture.nat, &server, PUBLIC, 8080, 0, &slot), 0);
	CU_ASSERT_EQUAL(nat_publish(&fixture.nat, slot), 0);
	data = run("show nat host 10.0.0.200");
	CU_ASSERT_EQUAL(number_of(data, "mapping_count"), 2);
	CU_ASSERT_EQUAL(number_of(data, "mappings_per_host"), 0);
	CU_ASSERT_EQUAL(rows(data, "mappings"), 2);
	json_decref(data);
	data = run("show nat host 10.0.1.0");
	CU_ASSERT_STRING_EQUAL(text_of(data, "code"), "no-such-host");
	json_decref(data);
	end();
}

static void
a_summary_adds_up(void)
{
	json_t *data, *load;

	begin();
	nat_fixture_live_pool(&fixture)->alarm_load = 0.001;
	nat_fixture_live_pool(&fixture)->refuse_load = 0.002;
	for (uint16_t port = 1; port <= 200; port++)
		nat_fixture_claim(&fixture, NAT_UDP, HOST_1, port, 0, NULL);
	for (uint16_t port = 1; port <= 70; port++)
		nat_fixture_claim(&fixture, NAT_TCP, HOST_1 + 199, port, 0, NULL);
	nat_fixture_claim(&fixture, NAT_TCP, 0x0b000000, 1, 0, NULL);
	data = run("show nat summary");
	CU_ASSERT_EQUAL(number_of(data, "ports_used"), 129 + 70);
	CU_ASSERT_EQUAL(number_of(data, "mappings_created"), 129 + 70);
	CU_ASSERT_EQUAL(number_of(data, "alarms"), 2);
	CU_ASSERT_EQUAL(number_of(data, "refusing"), 1);
	CU_ASSERT_EQUAL(number_of(data, "flow_records"), 1);
	CU_ASSERT_EQUAL(number_of(data, "flow_records_free"), 63);
	CU_ASSERT_EQUAL(rows(data, "loads"), 6);
	load = row(data, "loads", 0);
	CU_ASSERT_STRING_EQUAL(text_of(load, "public_address"), "198.51.100.0");
	CU_ASSERT_STRING_EQUAL(text_of(load, "protocol"), "udp");
	CU_ASSERT_EQUAL(number_of(load, "used"), 129);
	CU_ASSERT_EQUAL(number_of(load, "usable"), 64512);
	CU_ASSERT_STRING_EQUAL(text_of(load, "alarm"), "refuses");
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "loads", 4), "alarm"), "alarm");
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "loads", 5), "alarm"), "no");
	CU_ASSERT_EQUAL(rows(data, "probes"), H16_INDEXES);
	CU_ASSERT_TRUE(number_of(row(data, "probes", 0), "mappings") > 180);
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "refusals", 0), "reason"), "pool");
	CU_ASSERT_EQUAL(number_of(row(data, "refusals", 0), "refused"), 1);
	CU_ASSERT_EQUAL(number_of(row(data, "refusals", 1), "refused"), 71);
	json_decref(data);
	data = run("show nat summary limit 4");
	CU_ASSERT_EQUAL(rows(data, "loads"), 4);
	CU_ASSERT_EQUAL(number_of(data, "next_cursor"), 4);
	json_decref(data);
	data = run("show nat summary from 4");
	CU_ASSERT_EQUAL(rows(data, "loads"), 2);
	json_decref(data);
	end();
}

static void
forward_tells_what_would_happen(void)
{
	json_t *data;

	begin();
	data = run("explain h16 forward 10.0.0.1 40000");
	CU_ASSERT_EQUAL(rows(data, "candidates"), H16_INDEXES);
	CU_ASSERT_EQUAL(number_of(row(data, "candidates", 0), "port"), 49300);
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "candidates", 0), "choice"), "would get it");
	CU_ASSERT_EQUAL(number_of(data, "index"), 0);
	CU_ASSERT_EQUAL(number_of(data, "public_port"), 49300);
	CU_ASSERT_STRING_EQUAL(text_of(data, "public_address"), "198.51.100.0");
	CU_ASSERT_STRING_EQUAL(text_of(data, "mode"), "h16");
	json_decref(data);
	nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	data = run("explain h16 forward 10.0.0.1 40000");
	CU_ASSERT_STRING_EQUAL(text_of(data, "decision"), "the endpoint has the mapping");
	CU_ASSERT_STRING_EQUAL(
		text_of(row(data, "candidates", 0), "verdict"), "the endpoint's own");
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "candidates", 0), "choice"), "has it");
	json_decref(data);
	data = run("explain h16 forward 10.0.0.1 40000 protocol tcp");
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "candidates", 0), "choice"), "would get it");
	json_decref(data);
	data = run("explain h16 forward 10.1.0.1 40000");
	CU_ASSERT_STRING_EQUAL(text_of(data, "code"), "no-such-host");
	json_decref(data);
	end();
}

/* Why each kind of candidate is skipped. Candidate 0 is below 1024; 1, 2 and 3 are made held,
 * quarantined and blocked; 4 is chosen. */
static void
forward_tells_why_candidates_are_skipped(void)
{
	uint16_t port = fixture_port(HOST_1, 2000, false);
	const struct nat_endpoint other = {HOST_1 + 7, 777, NAT_UDP, 0};
	const struct nat_endpoint former = {HOST_1 + 8, 888, NAT_UDP, 0};
	struct nat_endpoint endpoint = {HOST_1, port, NAT_UDP, 0};
	struct nat_explain_forward explained;
	uint32_t slot;
	uint64_t word;
	json_t *data;
	char line[80];

	begin();
	for (unsigned int i = 1; i < 5; i++)
		CU_ASSERT_TRUE_FATAL(fixture_candidate(HOST_1, port, i) >= NAT_PORT_LOWEST);
	nat_reserve(&fixture.nat, &other, PUBLIC, fixture_candidate(HOST_1, port, 1), 0, &slot);
	nat_publish(&fixture.nat, slot);
	nat_reserve(&fixture.nat, &former, PUBLIC, fixture_candidate(HOST_1, port, 2), 70, &slot);
	nat_publish(&fixture.nat, slot);
	word = nat_word_load(&fixture.table, slot);
	nat_word_swap(&fixture.table, slot, &word, nat_word_with_state(word, NAT_QUARANTINE));
	nat_block(&fixture.nat, NAT_UDP, PUBLIC, fixture_candidate(HOST_1, port, 3));
	snprintf(line, sizeof(line), "explain h16 forward 10.0.0.1 %u", port);
	data = run(line);
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "candidates", 0), "verdict"), "below 1024");
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "candidates", 1), "verdict"), "held");
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "candidates", 1), "holder"), "10.0.0.8:777");
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "candidates", 1), "class"), "registered");
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "candidates", 2), "verdict"), "in quarantine");
	CU_ASSERT_EQUAL(number_of(row(data, "candidates", 2), "quarantine_seconds"), 30);
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "candidates", 3), "verdict"), "blocked");
	CU_ASSERT_STRING_EQUAL(text_of(row(data, "candidates", 4), "choice"), "would get it");
	CU_ASSERT_EQUAL(number_of(data, "index"), 4);
	json_decref(data);

	/* The explanation and the deed agree, also when it is refused. */
	nat_fixture_live_pool(&fixture)->mode = NAT_POOL_PURE;
	nat_explain_forward(&fixture.nat, &endpoint, now, &explained);
	CU_ASSERT_EQUAL(explained.result, NAT_REFUSED_PORTS);
	nat_fixture_live_pool(&fixture)->mode = NAT_POOL_H16;
	nat_fixture_live_pool(&fixture)->refuse_load = 0;
	nat_explain_forward(&fixture.nat, &endpoint, now, &explained);
	CU_ASSERT_EQUAL(explained.result, NAT_REFUSED_LOAD);
	nat_fixture_live_pool(&fixture)->refuse_load = 1;
	nat_explain_forward(&fixture.nat, &endpoint, now, &explained);
	CU_ASSERT_EQUAL(explained.result, NAT_CLAIMED);
	CU_ASSERT_EQUAL(
		nat_slot_port(nat_fixture_claim(&fixture, NAT_UDP, HOST_1, port, now, NULL)),
		explained.candidates[explained.chosen].port);
	nat_fixture_live_pool(&fixture)->mappings_per_host = 1;
	endpoint.port++;
	nat_explain_forward(&fixture.nat, &endpoint, now, &explained);
	CU_ASSERT_EQUAL(explained.result, NAT_REFUSED_QUOTA);
	end();
}

static void
reverse_names_holder_and_candidates(void)
{
	struct nat_explain_reverse explained;
	unsigned int holders = 0, wrong = 0;
	json_t *data;

	begin();
	nat_fixture_claim(&fixture, NAT_UDP, HOST_1, 40000, 0, NULL);
	nat_explain_reverse(&fixture.nat, NAT_UDP, PUBLIC, 49300, HOST_1, &explained);
	CU_ASSERT_EQUAL(explained.host_count, 1);
	CU_ASSERT_FALSE(explained.cut);
	CU_ASSERT_TRUE(explained.endpoint_count > 1);
	for (unsigned int i = 0; i < explained.endpoint_count; i++) {
		const struct nat_explain_endpoint *found = &explained.endpoints[i];

		wrong += fixture_candidate(found->address, found->port, found->index) != 49300;
		holders += found->holds;
		CU_ASSERT_EQUAL(found->holds, found->port == 40000 && found->index == 0);
	}
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(holders, 1);

	data = run("explain h16 reverse 198.51.100.0 49300");
	CU_ASSERT_STRING_EQUAL(text_of(data, "holder"), "10.0.0.1:40000");
	CU_ASSERT_EQUAL(number_of(data, "index"), 0);
	CU_ASSERT_EQUAL(number_of(data, "paired_hosts"), 128);
	CU_ASSERT_EQUAL(rows(data, "endpoints"), NAT_EXPLAIN_ENDPOINTS);
	CU_ASSERT_PTR_NOT_NULL(strstr(
		json_string_value(json_array_get(json_object_get(data, "notes"), 0)), "cut"));
	json_decref(data);
	data = run("explain h16 reverse 198.51.100.1 49300 host 10.0.0.1");
	CU_ASSERT_STRING_EQUAL(text_of(data, "state"), "free");
	CU_ASSERT_EQUAL(rows(data, "endpoints"), 0); /* paired with the other address */
	json_decref(data);
	data = run("explain h16 reverse 198.51.100.0 80");
	CU_ASSERT_EQUAL(rows(data, "endpoints"), 0);
	json_decref(data);
	data = run("explain h16 reverse 203.0.113.1 80");
	CU_ASSERT_STRING_EQUAL(text_of(data, "code"), "no-such-address");
	json_decref(data);
	end();
}

const struct unit_test unit_tests[] = {
	{"a_mapping_is_one_row", a_mapping_is_one_row},
	{"filters_choose_rows", filters_choose_rows},
	{"static_and_blocked_rows_have_nulls", static_and_blocked_rows_have_nulls},
	{"a_cursor_leads_through_all", a_cursor_leads_through_all},
	{"a_host_shows_its_pairing_quota_and_mappings",
		a_host_shows_its_pairing_quota_and_mappings},
	{"a_summary_adds_up", a_summary_adds_up},
	{"forward_tells_what_would_happen", forward_tells_what_would_happen},
	{"forward_tells_why_candidates_are_skipped", forward_tells_why_candidates_are_skipped},
	{"reverse_names_holder_and_candidates", reverse_names_holder_and_candidates},
	{NULL, NULL},
};
