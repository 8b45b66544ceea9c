/* See sample_commands.h. */
#include "sample_commands.h"

#include <errno.h>
#include <string.h>
#include <bsd/string.h>

struct sample_seen sample_seen;

static const char *const protocols[] = {"tcp", "udp", "icmp", NULL};

static const struct result_column mapping_columns[] = {
	{"private", NULL, RESULT_LEFT},
	{"public_port", NULL, RESULT_RIGHT},
	{"load", NULL, RESULT_RIGHT},
};

/* Remembers the values, checks them for sanity and answers with all that were given. */
static int
remember(void *context, const struct command_value *values, struct result *result)
{
	sample_seen.ran++;
	for (unsigned int i = 0; i < COMMAND_ARGUMENTS_MAX; i++) {
		sample_seen.values[i] = values[i];
		sample_seen.words[i][0] = '\0';
		if (!values[i].given)
			continue;
		strlcpy(sample_seen.words[i], values[i].word, sizeof(sample_seen.words[i]));
		result_text(result, "given", "%s", values[i].word);
	}
	return 0;
}

static int
summary(void *context, const struct command_value *values, struct result *result)
{
	struct result_table *table;

	result_number(result, "mappings", 2);
	result_real(result, "load", 0.25, 2);
	result_flag(result, "running", true);
	table = result_table(result, "pools", mapping_columns, 3);
	result_cell_text(table, "10.0.0.1:%u", 5060);
	result_cell_number(table, 40001);
	result_cell_real(table, 0.5, 1);
	result_cell_text(table, "10.0.0.200:5060");
	result_cell_number(table, 7);
	result_cell_none(table);
	result_note(result, "two of 64512 ports are in use");
	return 0;
}

static int
refuse(void *context, const struct command_value *values, struct result *result)
{
	result_number(result, "before", 1);
	return result_refuse(result, EBUSY, "running", "gateway", "Stop it first",
		"the gateway is %s", "running");
}

static int
fail_silently(void *context, const struct command_value *values, struct result *result)
{
	return -EIO;
}

static int
check(void *context, const struct command_value *values, struct result *result)
{
	result_number(result, "wrong_slots", 3);
	result_found_faults(result);
	return 0;
}

static int
large(void *context, const struct command_value *values, struct result *result)
{
	for (uint64_t i = 0; i < values[0].number; i++)
		result_text(result, "line", "%064d", 0);
	return 0;
}

static int
quit(void *context, const struct command_value *values, struct result *result)
{
	result_end_input(result);
	return 0;
}

static const struct command commands[] = {
	{"show nat summary", "load of the pools", "First paragraph.\n\n.second: \\ \"x\".", summary,
		{{NULL}}},
	{"show nat mappings", "mappings in use", NULL, remember,
		{{"protocol", "only this protocol", COMMAND_WORD, true, protocols},
			{"limit", "rows at most", COMMAND_NUMBER, true, NULL, 1, 1000},
			{"longer", "than limit", COMMAND_NUMBER, true}}},
	{"show nat host", "mappings of one host", NULL, remember,
		{{"address", "private address", COMMAND_ADDRESS}}},
	{"show nat", "an overview", NULL, remember, {{NULL}}},
	{"add nat static", "reserve a port", NULL, remember,
		{{"protocol", "its protocol", COMMAND_WORD, false, protocols},
			{"private", "private endpoint", COMMAND_ENDPOINT},
			{"port", "public port", COMMAND_NUMBER, false, NULL, 1024, 65535},
			{"note", "why", COMMAND_WORD, true}}},
	{"add nat pool", "add a pool", NULL, remember,
		{{"prefix", "public prefix", COMMAND_PREFIX}}},
	{"capture", "write packets to a file", NULL, remember,
		{{"file", "name of the file", COMMAND_WORD},
			{"filter", "which packets", COMMAND_REST, false, NULL, 3, 0}}},
	{"say", "say something or nothing", NULL, remember,
		{{"text", "what to say", COMMAND_REST}}},
	{"start", "begin to forward", NULL, refuse, {{NULL}}},
	{"stop", "stop forwarding", NULL, fail_silently, {{NULL}}},
	{"check table", "check the table", NULL, check, {{NULL}}},
	{"large", "a long answer", NULL, large,
		{{"lines", "how many", COMMAND_NUMBER, false, NULL, 0, 20000}}},
	{"quit", "end the program", NULL, quit, {{NULL}}},
};

const struct command_table sample_table = {
	"Samples", commands, sizeof(commands) / sizeof(commands[0])};

struct command_registry *
sample_registry(void)
{
	struct command_registry *registry = command_registry_new();

	command_register(registry, &sample_table, NULL);
	memset(&sample_seen, 0, sizeof(sample_seen));
	return registry;
}
