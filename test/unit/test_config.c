/* lib/config: gateway.yaml. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/gateway.h"
#include "config/table.h"
#include "config/value.h"
#include "config_wrong.h"

const char *const unit_suite = "config";

/* The least that a gateway needs; everything else is a default. */
static const char minimal[] =
	"interfaces:\n"
	"  - {name: lan0, driver: tap, device: t0, side: inside, addresses: [10.0.0.1/24]}\n"
	"  - {name: wan0, driver: tap, device: t1, side: outside, addresses: [198.51.100.1/24]}\n";
static const char minimal_pool[] =
	"pools:\n"
	"  - {name: edge, private: [10.0.0.0/24], public: [198.51.100.16/30]}\n";

#define POOL_FORM \
	"%spools:\n  - {name: a, private: [10.0.0.0/24], public: [198.51.100.16/30], %s}\n"

static struct gateway_config config, other;
static struct fault fault;
static char message[640];

/* Parses `text`; a failure is printed, since CUnit shows only the condition. */
static int
parse(const char *text, struct gateway_config *into)
{
	int error = gateway_config_parse("w.yaml", text, strlen(text), into, &fault);

	if (error != 0)
		printf("    %s\n", fault_text(&fault, message, sizeof(message)));
	return error;
}

static void
wrong_files_are_refused_with_line_value_and_remedy(void)
{
	for (unsigned int i = 0; i < config_wrong_count; i++) {
		const struct config_wrong *row = &config_wrong[i];
		int error = gateway_config_parse(
			"w.yaml", row->text, strlen(row->text), &config, &fault);
		char place[32] = "w.yaml: ";
		bool good;

		if (row->line > 0)
			snprintf(place, sizeof(place), "w.yaml:%u: ", row->line);
		fault_text(&fault, message, sizeof(message));
		good = error == -EINVAL && strcmp(fault.code, row->code) == 0 &&
		       strncmp(message, place, strlen(place)) == 0 &&
		       strstr(message, row->piece) != NULL && fault.remedy[0] != '\0';
		if (!good)
			printf("    row %u: line %u %s \"%s\" but got %d %s \"%s\" for\n%s\n", i,
				row->line, row->code, row->piece, error, fault.code, message,
				row->text);
		CU_ASSERT_TRUE(good);
	}
	CU_ASSERT_TRUE(config_wrong_count >= 40);
}

static void
the_old_configuration_survives_a_refusal(void)
{
	CU_ASSERT_EQUAL(parse(minimal, &config), 0);
	memcpy(&other, &config, sizeof(other));
	CU_ASSERT_EQUAL(gateway_config_parse("w.yaml", "a: b\n", 5, &config, &fault), -EINVAL);
	CU_ASSERT_EQUAL(memcmp(&config, &other, sizeof(config)), 0);
}

/* The bytes of a value as the loader keeps them: the row's default stored on its own must be what
 * a file without the row gives. */
static void
check_default(const struct config_row *row, const char *base)
{
	char text[128], stored[256] = {0};
	struct config_refusal refusal;

	if (row->count_max > 0) {
		unsigned int expected = strcmp(row->standard, "[]") == 0 ? 0 : 1;

		CU_ASSERT_EQUAL(*(const unsigned int *)(base + row->count_offset), expected);
		if (expected == 0)
			return;
		snprintf(text, sizeof(text), "%.*s", (int)strlen(row->standard) - 2,
			row->standard + 1);
	} else if (strstr(row->standard, "INSTANCE") != NULL) {
		snprintf(text, sizeof(text), "/run/binfm/gateway.sock");
	} else {
		snprintf(text, sizeof(text), "%s",
			strcmp(row->standard, "\"\"") == 0 ? "" : row->standard);
	}
	CU_ASSERT_EQUAL_FATAL(config_value_store(row, text, stored, &refusal), 0);
	if (memcmp(stored, base + row->offset, row->size) != 0)
		printf("    default of %s is not %s\n", row->path, row->standard);
	CU_ASSERT_EQUAL(memcmp(stored, base + row->offset, row->size), 0);
}

static void
defaults_are_those_of_the_rows(void)
{
	char text[512];
	size_t count;
	const struct config_row *rows = gateway_config_rows(&count);

	snprintf(text, sizeof(text), "%s%s", minimal, minimal_pool);
	CU_ASSERT_EQUAL_FATAL(parse(text, &config), 0);
	for (size_t i = 0; i < count; i++) {
		const char *base = (const char *)&config;

		if (rows[i].standard[0] == '\0')
			continue;
		if (strncmp(rows[i].path, "interfaces[].", 13) == 0)
			base = (const char *)&config.interfaces[1];
		else if (strncmp(rows[i].path, "pools[].", 8) == 0)
			base = (const char *)&config.pools[0];
		check_default(&rows[i], base);
	}
	CU_ASSERT_EQUAL(config.udp_idle_seconds, 300);
	CU_ASSERT_EQUAL(config.tcp_established_seconds, 7440);
	CU_ASSERT_STRING_EQUAL(config.metrics_listen, "127.0.0.1:9723");
	CU_ASSERT_EQUAL(config.worker_count, 1);
	CU_ASSERT_EQUAL(config.worker_cores[0], 1);
	CU_ASSERT_DOUBLE_EQUAL(config.pools[0].refuse_load, 0.75, 0);
}

/* The floors that no configuration may go below, whoever edits the rows. */
static void
rows_keep_the_floors_of_the_rfcs(void)
{
	static const struct {
		const char *path;
		unsigned long floor;
	} floors[] = {
		{"timers.udp_idle_seconds", 120},         /* RFC 4787 REQ-5 */
		{"timers.tcp_established_seconds", 7440}, /* RFC 5382 REQ-5 */
		{"timers.tcp_transitory_seconds", 240},   /* RFC 5382 REQ-5 */
		{"timers.icmp_idle_seconds", 60},         /* RFC 5508 REQ-2 */
		{"timers.quarantine_seconds", 120},       /* RFC 6888 REQ-8 */
	};
	size_t count;
	const struct config_row *rows = gateway_config_rows(&count);

	for (size_t f = 0; f < sizeof(floors) / sizeof(floors[0]); f++) {
		size_t i = 0;

		while (i < count && strcmp(rows[i].path, floors[f].path) != 0)
			i++;
		CU_ASSERT_TRUE_FATAL(i < count);
		CU_ASSERT_EQUAL(strtoul(rows[i].bounds, NULL, 10), floors[f].floor);
	}
}

static void
rows_are_whole(void)
{
	size_t count;
	const struct config_row *rows = gateway_config_rows(&count);

	for (size_t i = 0; i < count; i++) {
		struct config_path path;

		config_path_split(rows[i].path, &path);
		CU_ASSERT_TRUE(rows[i].help != NULL && rows[i].help[0] != '\0');
		CU_ASSERT_TRUE(rows[i].size > 0);
		CU_ASSERT_EQUAL(path.several, rows[i].count_max > 0);
		CU_ASSERT_PTR_NULL(
			strchr(rows[i].help, '|')); /* would break the reference's table */
		for (size_t k = 0; k < i; k++)
			CU_ASSERT_STRING_NOT_EQUAL(rows[k].path, rows[i].path);
	}
}

static void
every_value_lands_in_its_member(void)
{
	static const char text[] =
		"instance: edge1\n"
		"cores: {control: 3, workers: [4, 5], idle_sleep: false}\n"
		"memory: {hugepages: false, table_directory: /x/y, heap_mb: 512, packet_buffers: "
		"2048}\n"
		"interfaces:\n"
		"  - {name: lan0, driver: memif, device: /run/a.sock, options: 'role=client', "
		"side: "
		"inside,\n     addresses: [10.0.0.1/24, 10.1.0.1/16], prefixes: [10.9.0.0/16], "
		"vlan: 7,"
		"\n     mtu: 9000, queues: 2, mac: '02:00:00:00:aB:01', kernel_interface: k0}\n"
		"  - {name: wan0, driver: tap, device: t1, side: outside, addresses: "
		"[198.51.100.1/24]}\n"
		"routes:\n  - {prefix: 0.0.0.0/0, via: 198.51.100.254}\n"
		"pools:\n  - {name: p, mode: pure, private: [10.0.0.0/24, 10.9.1.0/24], public:\n"
		"     [198.51.100.16/30, 198.51.100.64/32], alarm_load: 0.25, refuse_load: 0.5,\n"
		"     mappings_per_host: 0}\n"
		"statics:\n  - {protocol: icmp, private: 10.0.0.9:5, public: 198.51.100.17:0}\n"
		"timers: {udp_idle_seconds: 301, tcp_established_seconds: 7441,\n"
		"  tcp_transitory_seconds: 241, icmp_idle_seconds: 61, quarantine_seconds: 121}\n"
		"limits: {flows: 4096, neighbours: 99}\n"
		"prompt: {socket: /tmp/s}\nmetrics: {listen: \"\"}\nlog: {level: debug}\n";
	const struct config_interface *lan = &config.interfaces[0];
	const struct config_pool *pool = &config.pools[0];

	CU_ASSERT_EQUAL_FATAL(parse(text, &config), 0);
	CU_ASSERT_STRING_EQUAL(config.instance, "edge1");
	CU_ASSERT_TRUE(config.control_core == 3 && config.worker_count == 2 &&
		       config.worker_cores[1] == 5 && !config.idle_sleep);
	CU_ASSERT_TRUE(!config.hugepages && config.memory_mb == 512 &&
		       config.packet_buffers == 2048 &&
		       strcmp(config.table_directory, "/x/y") == 0);
	CU_ASSERT_EQUAL(config.interface_count, 2);
	CU_ASSERT_TRUE(strcmp(lan->name, "lan0") == 0 && strcmp(lan->driver, "memif") == 0 &&
		       strcmp(lan->device, "/run/a.sock") == 0 &&
		       strcmp(lan->options, "role=client") == 0 &&
		       strcmp(lan->kernel_interface, "k0") == 0);
	CU_ASSERT_TRUE(lan->side == CONFIG_INSIDE && config.interfaces[1].side == CONFIG_OUTSIDE);
	CU_ASSERT_TRUE(lan->address_count == 2 && lan->addresses[1].address == 0x0a010001 &&
		       lan->addresses[1].length == 16);
	CU_ASSERT_TRUE(lan->prefix_count == 1 && lan->prefixes[0].address == 0x0a090000);
	CU_ASSERT_TRUE(lan->vlan == 7 && lan->mtu_bytes == 9000 && lan->queues == 2);
	CU_ASSERT_TRUE(lan->mac_set && memcmp(lan->mac, "\x02\0\0\0\xab\x01", 6) == 0);
	CU_ASSERT_FALSE(config.interfaces[1].mac_set);
	CU_ASSERT_TRUE(config.route_count == 1 && config.routes[0].via == 0xc63364fe &&
		       config.routes[0].prefix.length == 0);
	CU_ASSERT_TRUE(config.pool_count == 1 && pool->mode == CONFIG_POOL_PURE &&
		       pool->private_count == 2 && pool->public_count == 2 &&
		       pool->public_prefixes[1].length == 32 && pool->mappings_per_host == 0);
	CU_ASSERT_DOUBLE_EQUAL(pool->alarm_load, 0.25, 0);
	CU_ASSERT_DOUBLE_EQUAL(pool->refuse_load, 0.5, 0);
	CU_ASSERT_TRUE(config.static_count == 1 && config.statics[0].protocol == CONFIG_ICMP &&
		       config.statics[0].private_endpoint.port == 5 &&
		       config.statics[0].public_endpoint.address == 0xc6336411);
	CU_ASSERT_TRUE(config.udp_idle_seconds == 301 && config.tcp_established_seconds == 7441 &&
		       config.tcp_transitory_seconds == 241 && config.icmp_idle_seconds == 61 &&
		       config.quarantine_seconds == 121);
	CU_ASSERT_TRUE(config.flows_max == 4096 && config.neighbours_max == 99);
	CU_ASSERT_STRING_EQUAL(config.prompt_socket, "/tmp/s");
	CU_ASSERT_STRING_EQUAL(config.metrics_listen, "");
	CU_ASSERT_STRING_EQUAL(config.log_level, "debug");
}

static void
vlans_may_share_a_device(void)
{
	CU_ASSERT_EQUAL(parse("interfaces:\n"
			      "  - {name: a, driver: tap, device: t0, side: inside, vlan: 5, "
			      "addresses: [10.0.0.1/24]}\n"
			      "  - {name: b, driver: tap, device: t0, side: inside, vlan: 6, "
			      "addresses: [10.0.1.1/24]}\n",
				&config),
		0);
}

static void
a_sleeping_worker_may_share_the_control_core(void)
{
	char text[512];

	snprintf(text, sizeof(text), "%scores: {control: 0, workers: [0]}\n", minimal);
	CU_ASSERT_EQUAL(parse(text, &config), 0);
}

static void
files_that_cost_too_much_are_refused(void)
{
	size_t length = CONFIG_FILE_BYTES + 1;
	char *text = malloc(length);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	memset(text, '#', length);
	CU_ASSERT_EQUAL(gateway_config_parse("w.yaml", text, length, &config, &fault), -E2BIG);
	CU_ASSERT_STRING_EQUAL(fault.code, "file-too-large");

	/* 170,000 values in one sequence, then one line of open brackets: both end early. */
	memset(text, ' ', length);
	memcpy(text, "a:\n", 3);
	for (size_t i = 3; i + 6 < length; i += 6)
		memcpy(text + i, " - a \n", 6);
	CU_ASSERT_EQUAL(gateway_config_parse("w.yaml", text, length - 1, &config, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "too-many-values");
	memset(text, '[', length);
	memcpy(text, "a: ", 3);
	CU_ASSERT_EQUAL(gateway_config_parse("w.yaml", text, length - 1, &config, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "too-deep");
	CU_ASSERT_EQUAL(gateway_config_parse("w.yaml", "a\0b", 3, &config, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "nul-byte");
	free(text);
}

static void
the_largest_configuration_loads(void)
{
	size_t room = 256 * 1024, used;
	char *text = malloc(room);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	used = (size_t)snprintf(text, room, "%s%sstatics:\n", minimal, minimal_pool);
	for (unsigned int i = 0; i < CONFIG_STATICS_MAX; i++)
		used += (size_t)snprintf(text + used, room - used,
			"  - {protocol: udp, private: 10.0.0.%u:%u, public: 198.51.100.16:%u}\n",
			2 + i % 200, 1 + i, 2000 + i);
	used += (size_t)snprintf(text + used, room - used, "routes:\n");
	for (unsigned int i = 0; i < CONFIG_ROUTES_MAX; i++)
		used += (size_t)snprintf(text + used, room - used,
			"  - {prefix: 172.16.%u.0/24, via: 198.51.100.254}\n", i);
	CU_ASSERT_EQUAL(parse(text, &config), 0);
	CU_ASSERT_EQUAL(config.static_count, CONFIG_STATICS_MAX);
	CU_ASSERT_EQUAL(config.route_count, CONFIG_ROUTES_MAX);
	CU_ASSERT_EQUAL(config.statics[1023].public_endpoint.port, 3023);

	snprintf(text + used, room - used, "  - {prefix: 172.17.0.0/24, via: 198.51.100.254}\n");
	CU_ASSERT_EQUAL(
		gateway_config_parse("w.yaml", text, strlen(text), &config, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "too-many");
	free(text);
}

static void
collect(void *opaque, const struct config_row *row)
{
	char *list = opaque;
	size_t used = strlen(list);

	snprintf(list + used, 512 - used, "%s ", row->path);
}

static void
compare_names_each_row_and_counts_restarts(void)
{
	static const struct {
		const char *change, *rows;
		unsigned int restarts;
	} rows[] = {
		{"", "", 0},
		{"timers: {udp_idle_seconds: 600}\nlog: {level: warn}\n",
			"timers.udp_idle_seconds log.level ", 0},
		{"limits: {flows: 2048}\ntimers: {icmp_idle_seconds: 90}\n",
			"timers.icmp_idle_seconds limits.flows ", 1},
		{"routes:\n  - {prefix: 0.0.0.0/0, via: 198.51.100.254}\n", "routes[].prefix ", 0},
		{"cores: {workers: [1, 2]}\nmemory: {hugepages: false}\n",
			"cores.workers[] memory.hugepages ", 2},
		{"instance: other\n", "instance prompt.socket ", 2},
	};
	static const struct {
		const char *old, *new, *rows;
		unsigned int restarts;
	} lists[] = {
		{"alarm_load: 0.5", "alarm_load: 0.4", "pools[].alarm_load ", 0},
		{"refuse_load: 0.75, mappings_per_host: 1", "mappings_per_host: 2",
			"pools[].mappings_per_host ", 0},
		{"mode: h16", "mode: pure", "pools[].mode ", 0},
	};
	char text[1024], list[512];

	CU_ASSERT_EQUAL_FATAL(parse(minimal, &config), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "%s%s", minimal, rows[i].change);
		CU_ASSERT_EQUAL_FATAL(parse(text, &other), 0);
		list[0] = '\0';
		CU_ASSERT_EQUAL(
			gateway_config_compare(&config, &other, collect, list), rows[i].restarts);
		CU_ASSERT_STRING_EQUAL(list, rows[i].rows);
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		snprintf(text, sizeof(text), POOL_FORM, minimal, lists[i].old);
		CU_ASSERT_EQUAL_FATAL(parse(text, &config), 0);
		snprintf(text, sizeof(text), POOL_FORM, minimal, lists[i].new);
		CU_ASSERT_EQUAL_FATAL(parse(text, &other), 0);
		list[0] = '\0';
		CU_ASSERT_EQUAL(
			gateway_config_compare(&config, &other, collect, list), lists[i].restarts);
		CU_ASSERT_STRING_EQUAL(list, lists[i].rows);
	}
}

/* Reads a file of the source tree or a printed stream whole. */
static char *
slurp(FILE *file)
{
	char *text = calloc(1, 65536);

	rewind(file);
	if (text != NULL && fread(text, 1, 65535, file) == 0)
		text[0] = '\0';
	fclose(file);
	return text;
}

static void
check_committed(const char *path, const char *option, void (*print)(FILE *file))
{
	FILE *committed = fopen(path, "r"), *printed = tmpfile();
	char *expected, *got;

	if (committed == NULL)
		printf("    %s is not there\n", path);
	CU_ASSERT_FATAL(committed != NULL && printed != NULL);
	print(printed);
	expected = slurp(printed);
	got = slurp(committed);
	if (strcmp(expected, got) != 0)
		printf("    %s is old; print it anew: binfm-gateway %s\n", path, option);
	CU_ASSERT_STRING_EQUAL(expected, got);
	free(expected);
	free(got);
}

static void
committed_reference_and_example_are_as_printed(void)
{
	check_committed(SOURCE_ROOT "/docs/configuration.md", "--print-config-reference",
		gateway_config_print_reference);
	check_committed(SOURCE_ROOT "/config/gateway.yaml", "--print-config-example",
		gateway_config_print_example);
}

static void
the_example_loads_from_its_file(void)
{
	int error = gateway_config_load(SOURCE_ROOT "/config/gateway.yaml", &config, &fault);

	if (error != 0)
		printf("    %s\n", fault_text(&fault, message, sizeof(message)));
	CU_ASSERT_EQUAL(error, 0);
	CU_ASSERT_EQUAL(config.pools[0].public_prefixes[0].address, 0xc6336410);
}

static void
unreadable_files_are_faults(void)
{
	CU_ASSERT_EQUAL(gateway_config_load("/nowhere/x.yaml", &config, &fault), -ENOENT);
	CU_ASSERT_STRING_EQUAL(fault.value, "/nowhere/x.yaml");
	CU_ASSERT_EQUAL(gateway_config_load("/", &config, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "not-a-file");
}

const struct unit_test unit_tests[] = {
	{"wrong_files_are_refused_with_line_value_and_remedy",
		wrong_files_are_refused_with_line_value_and_remedy},
	{"the_old_configuration_survives_a_refusal", the_old_configuration_survives_a_refusal},
	{"defaults_are_those_of_the_rows", defaults_are_those_of_the_rows},
	{"rows_keep_the_floors_of_the_rfcs", rows_keep_the_floors_of_the_rfcs},
	{"rows_are_whole", rows_are_whole},
	{"every_value_lands_in_its_member", every_value_lands_in_its_member},
	{"vlans_may_share_a_device", vlans_may_share_a_device},
	{"a_sleeping_worker_may_share_the_control_core",
		a_sleeping_worker_may_share_the_control_core},
	{"files_that_cost_too_much_are_refused", files_that_cost_too_much_are_refused},
	{"the_largest_configuration_loads", the_largest_configuration_loads},
	{"compare_names_each_row_and_counts_restarts", compare_names_each_row_and_counts_restarts},
	{"committed_reference_and_example_are_as_printed",
		committed_reference_and_example_are_as_printed},
	{"the_example_loads_from_its_file", the_example_loads_from_its_file},
	{"unreadable_files_are_faults", unreadable_files_are_faults},
	{NULL, NULL},
};
