/* show nat pools, add nat pool, del nat pool. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#include "control/alarms.h"
#include "control/command_tables.h"
#include "control/pools.h"

#define ALARM_STANDARD  50 /* percent; the defaults are the configuration's */
#define REFUSE_STANDARD 75
#define QUOTA_STANDARD  4096
#define QUOTA_MOST      193536

/* In the order of enum config_pool_mode and enum nat_pool_mode. */
static const char *const modes[] = {"h16", "pure", NULL};

static const char *const states[] = {"active", "draining", "closing"};

static const struct result_column columns[] = {
	{"name", NULL, RESULT_LEFT},
	{"state", NULL, RESULT_LEFT},
	{"mode", NULL, RESULT_LEFT},
	{"private", NULL, RESULT_LEFT},
	{"public", NULL, RESULT_LEFT},
	{"mappings", NULL, RESULT_RIGHT},
	{"load", NULL, RESULT_RIGHT},
	{"alarm_load", NULL, RESULT_RIGHT},
	{"refuse_load", NULL, RESULT_RIGHT},
	{"mappings_per_host", NULL, RESULT_RIGHT},
};

/* "10.0.0.0/24, 10.1.0.0/24" */
static void
add_prefixes(struct result_table *table, const struct ipv4_prefix *prefixes, unsigned int count)
{
	char text[NAT_PREFIXES_MAX * (PREFIX_TEXT_BYTES + 2)] = "", one[PREFIX_TEXT_BYTES];

	for (unsigned int i = 0; i < count; i++) {
		if (i > 0)
			strlcat(text, ", ", sizeof(text));
		strlcat(text, ipv4_prefix_text(prefixes[i], one), sizeof(text));
	}
	result_cell_text(table, "%s", text);
}

static int
show_pools(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct result_table *table =
		result_table(result, "pools", columns, sizeof(columns) / sizeof(columns[0]));

	(void)values;
	for (unsigned int i = 0; i < gateway->nat.pools->count; i++) {
		const struct nat_pool *pool = &gateway->nat.pools->pool[i];
		struct pool_load load;

		alarms_pool_load(gateway, i, &load);
		result_cell_text(table, "%s", pool->name);
		result_cell_text(table, "%s", states[pool->state]);
		result_cell_text(table, "%s", modes[pool->mode]);
		add_prefixes(table, pool->private_prefixes, pool->private_count);
		add_prefixes(table, pool->public_prefixes, pool->public_count);
		result_cell_number(table, load.used);
		result_cell_real(table, load.highest, 4);
		result_cell_real(table, pool->alarm_load, 2);
		result_cell_real(table, pool->refuse_load, 2);
		result_cell_number(table, pool->mappings_per_host);
	}
	return 0;
}

/* A name that the configuration could have too. */
static bool
is_name(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";

	return text[0] != '\0' && strchr("-_.", text[0]) == NULL &&
	       strlen(text) < CONFIG_NAME_BYTES && text[strspn(text, letters)] == '\0';
}

/* The index was made for the pools of the start. */
static void
note_index(const struct gateway *gateway, struct result *result)
{
	uint64_t ports = (uint64_t)gateway->nat.pools->address_count * NAT_PLACE_SLOTS;
	uint64_t room = gateway->nat.mappings_max;

	if (ports > room)
		result_note(result,
			"The pools have %llu ports, the index room for %llu mappings: see "
			"limits.mappings.",
			(unsigned long long)ports, (unsigned long long)room);
}

static int
add_pool(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	/* Prefixes by their members: comparing configurations looks at bytes. */
	struct config_pool pool = {
		.mode = values[3].given ? (enum config_pool_mode)values[3].number : CONFIG_POOL_H16,
		.private_count = 1,
		.public_count = 1,
		.private_prefixes = {{values[1].prefix.address, values[1].prefix.length}},
		.public_prefixes = {{values[2].prefix.address, values[2].prefix.length}},
		.alarm_load = (double)(values[4].given ? values[4].number : ALARM_STANDARD) / 100,
		.refuse_load = (double)(values[5].given ? values[5].number : REFUSE_STANDARD) / 100,
		.mappings_per_host = values[6].given ? (uint32_t)values[6].number : QUOTA_STANDARD,
	};
	struct fault fault;

	if (!is_name(values[0].word))
		return result_refuse(result, EINVAL, "bad-name", values[0].word,
			"Use 1 to 31 letters, digits, '-', '_' or '.', a letter or digit first",
			"this cannot be a pool's name");
	strlcpy(pool.name, values[0].word, sizeof(pool.name));
	if (pools_add(gateway, &pool, &fault) != 0)
		return result_fault(result, &fault);
	show_pools(context, values, result);
	note_index(gateway, result);
	result_note(result,
		"It lasts until the gateway stops; put it into the configuration to keep it.");
	return 0;
}

static int
del_pool(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	bool now = values[1].given && values[1].word[0] != '\0';
	struct fault fault;

	if (now && strcmp(values[1].word, "now") != 0)
		return result_refuse(result, EINVAL, "bad-word", values[1].word,
			"Type: del nat pool NAME now", "only `now` may follow the pool's name");
	if (pools_remove(gateway, values[0].word, now, &fault) != 0)
		return result_fault(result, &fault);
	show_pools(context, values, result);
	result_note(result, "It leaves when its last mapping has gone: show nat pools.");
	if (!gateway->running)
		result_note(result, "Mappings go while the gateway runs: type start.");
	return 0;
}

static const struct command commands[] = {
	{.words = "show nat pools",
		.help = "pools with their prefixes, state and load",
		.text = "active: makes mappings. draining: makes none; those that it has go on "
			"until "
			"they idle out. closing: those are being closed too. load is that of the "
			"address and protocol where it is highest.",
		.handler = show_pools},
	{.words = "add nat pool",
		.help = "let private addresses share public ones",
		.text = "The private prefix is cut evenly and in order over the public addresses. "
			"It "
			"must be reached through an inside interface, and nobody else may have "
			"the public addresses. Traffic of other pools is not touched.",
		.handler = add_pool,
		.arguments = {{"name", "how commands and logs call the pool", COMMAND_WORD},
			{"private", "the hosts", COMMAND_PREFIX},
			{"public", "their public addresses", COMMAND_PREFIX},
			{"mode", "h16 (default) or pure", COMMAND_WORD, true, modes},
			{"alarm", "load at which an alarm is raised, percent (default 50)",
				COMMAND_NUMBER, true, NULL, 1, 100},
			{"refuse", "load above which it makes no mapping, percent (default 75)",
				COMMAND_NUMBER, true, NULL, 1, 100},
			{"quota", "mappings of one host, 0 = no quota (default 4096)",
				COMMAND_NUMBER, true, NULL, 0, QUOTA_MOST}}},
	{.words = "del nat pool",
		.help = "drain a pool, or close its mappings",
		.text = "The pool makes no new mappings (drop reason nat-drain). Mappings that it "
			"has "
			"go on until they idle out; then the pool leaves. With `now` they are "
			"closed "
			"at once, static ones too. A pool of the configuration comes back with the "
			"next start.",
		.handler = del_pool,
		.arguments = {{"name", "of the pool", COMMAND_WORD},
			{"now", "the word `now`: close its mappings", COMMAND_REST}}},
};

const struct command_table pool_commands = {
	.section = "NAT",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
