/* show nat summary. See nat_command.h. */
#include "nat/claim.h"
#include "nat/nat_command_handlers.h"

static const struct result_column load_columns[] = {
	{"public_address", NULL, RESULT_LEFT},
	{"protocol", NULL, RESULT_LEFT},
	{"used", NULL, RESULT_RIGHT},
	{"usable", NULL, RESULT_RIGHT},
	{"load", NULL, RESULT_RIGHT},
	{"alarm", NULL, RESULT_LEFT},
	{"pool", NULL, RESULT_LEFT},
};

static const struct result_column probe_columns[] = {
	{"index", NULL, RESULT_RIGHT},
	{"mappings", NULL, RESULT_RIGHT},
	{"share", NULL, RESULT_RIGHT},
};

static const struct result_column refusal_columns[] = {
	{"reason", NULL, RESULT_LEFT},
	{"refused", NULL, RESULT_RIGHT},
	{"meaning", NULL, RESULT_LEFT},
};

struct load {
	uint32_t used, usable;
	bool alarm, refuses;
	const struct nat_pool *pool;
};

/* Of one public address and protocol; `pool` is NULL where there is no address (a pool has gone).
 */
static struct load
load_of(const struct nat *nat, uint32_t table)
{
	struct load load = {.pool = nat_pools_of_address(nat->pools, table / NAT_PROTOCOLS)};

	if (load.pool == NULL)
		return load;
	load.used = __atomic_load_n(&nat->loads[table].used, __ATOMIC_RELAXED);
	load.usable = nat_usable_ports((enum nat_protocol)(table % NAT_PROTOCOLS));
	load.alarm = load.used >= load.pool->alarm_load * load.usable;
	load.refuses = nat_load_refuses(nat, load.pool, table);
	return load;
}

static void
add_totals(const struct nat *nat, struct result *result)
{
	uint64_t used = 0, created = 0, reclaimed = 0;
	unsigned int alarms = 0, refusing = 0;

	for (uint32_t table = 0; table < nat->table.slot_count >> 16; table++) {
		struct load load = load_of(nat, table);

		used += load.used;
		alarms += load.alarm;
		refusing += load.refuses;
	}
	for (unsigned int i = 0; i < nat->shard_count; i++) {
		created += counter_read(&nat->shards[i].created);
		reclaimed += counter_read(&nat->shards[i].reclaimed);
	}
	result_number(result, "public_addresses", nat->pools->address_count);
	result_number(result, "private_hosts", nat->pools->host_count);
	result_number(result, "ports_used", used);
	result_number(result, "alarms", alarms);
	result_number(result, "refusing", refusing);
	result_number(result, "mappings_created", created);
	result_number(result, "mappings_reclaimed", reclaimed);
}

static void
add_flows(const struct nat_command_context *context, struct result *result)
{
	struct nat_flow_figures figures = {0};

	context->flow_figures(context->opaque, &figures);
	result_number(result, "flow_records", figures.records);
	result_number(result, "flow_records_free", figures.records_free);
	result_number(result, "flow_records_created", figures.created);
	result_number(result, "flow_records_refused", figures.refused);
}

static void
add_loads(const struct nat *nat, uint64_t from, uint64_t limit, struct result *result)
{
	struct result_table *table = result_table(
		result, "loads", load_columns, sizeof(load_columns) / sizeof(load_columns[0]));
	const uint64_t count = nat->table.slot_count >> 16;
	uint64_t end = from < count && limit < count - from ? from + limit : count;
	char text[IPV4_TEXT_BYTES];

	for (uint64_t number = from; number < end; number++) {
		struct load load = load_of(nat, (uint32_t)number);

		if (load.pool == NULL)
			continue;
		result_cell_text(table, "%s",
			ipv4_text(nat->pools->addresses[number / NAT_PROTOCOLS], text));
		result_cell_text(table, "%s",
			nat_protocol_name((enum nat_protocol)(number % NAT_PROTOCOLS)));
		result_cell_number(table, load.used);
		result_cell_number(table, load.usable);
		result_cell_real(table, (double)load.used / load.usable, 4);
		result_cell_text(table, "%s",
			load.refuses ? "refuses"
			: load.alarm ? "alarm"
				     : "no");
		result_cell_text(table, "%s", load.pool->name);
	}
	if (end < count) {
		result_number(result, "next_cursor", end);
		result_note(result, "There are more loads: repeat the command with `from %lu`.",
			(unsigned long)end);
	}
}

static void
add_probes(const struct nat *nat, struct result *result)
{
	struct result_table *table = result_table(
		result, "probes", probe_columns, sizeof(probe_columns) / sizeof(probe_columns[0]));
	uint64_t mappings[H16_INDEXES] = {0}, all = 0;

	for (unsigned int index = 0; index < H16_INDEXES; index++) {
		for (unsigned int i = 0; i < nat->shard_count; i++)
			mappings[index] += counter_read(&nat->shards[i].probe_histogram[index]);
		all += mappings[index];
	}
	for (unsigned int index = 0; index < H16_INDEXES; index++) {
		result_cell_number(table, index);
		result_cell_number(table, mappings[index]);
		if (all != 0)
			result_cell_real(table, (double)mappings[index] / (double)all, 4);
		else
			result_cell_none(table);
	}
}

static void
add_refusal(struct result_table *table, const char *reason, uint64_t refused,
	enum nat_claim_result meaning)
{
	result_cell_text(table, "%s", reason);
	result_cell_number(table, refused);
	result_cell_text(table, "%s", nat_claim_result_text(meaning));
}

static void
add_refusals(const struct nat *nat, struct result *result)
{
	struct result_table *table = result_table(result, "refusals", refusal_columns,
		sizeof(refusal_columns) / sizeof(refusal_columns[0]));
	uint64_t pool = 0, load = 0, quota = 0, ports = 0, index = 0, drain = 0;

	for (unsigned int i = 0; i < nat->shard_count; i++) {
		const struct nat_shard *shard = &nat->shards[i];

		pool += counter_read(&shard->refused_pool);
		load += counter_read(&shard->refused_load);
		quota += counter_read(&shard->refused_quota);
		ports += counter_read(&shard->refused_ports);
		index += counter_read(&shard->refused_index);
		drain += counter_read(&shard->refused_drain);
	}
	add_refusal(table, "pool", pool, NAT_REFUSED_POOL);
	add_refusal(table, "load", load, NAT_REFUSED_LOAD);
	add_refusal(table, "quota", quota, NAT_REFUSED_QUOTA);
	add_refusal(table, "ports", ports, NAT_REFUSED_PORTS);
	add_refusal(table, "index", index, NAT_REFUSED_INDEX);
	add_refusal(table, "drain", drain, NAT_REFUSED_DRAIN);
}

int
nat_show_summary(void *opaque, const struct command_value *values, struct result *result)
{
	const struct nat_command_context *context = opaque;

	add_totals(context->nat, result);
	add_flows(context, result);
	add_loads(context->nat, nat_command_number(&values[SUMMARY_FROM], 0),
		nat_command_number(&values[SUMMARY_LIMIT], SUMMARY_LIMIT_DEFAULT), result);
	add_probes(context->nat, result);
	add_refusals(context->nat, result);
	return 0;
}
