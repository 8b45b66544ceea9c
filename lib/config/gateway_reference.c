/* docs/configuration.md and config/gateway.yaml, printed from the rows.
 *
 * Both files are committed as printed; a unit test compares them, so that neither can fall behind.
 */
#include "config/gateway_table.h"

#include <stdio.h>
#include <string.h>

#define EXAMPLE_COLUMNS 98

/* Values of the example. Rows without one show their default, in lists as a comment. */
static const struct sample {
	const char *path, *value;
} samples[] = {
	{"interfaces[0].name", "lan0"},
	{"interfaces[0].driver", "af_packet"},
	{"interfaces[0].device", "lan0"},
	{"interfaces[0].side", "inside"},
	{"interfaces[0].addresses", "[10.0.0.1/24]"},
	{"interfaces[0].kernel_interface", "klan0"},
	{"interfaces[1].name", "wan0"},
	{"interfaces[1].driver", "af_packet"},
	{"interfaces[1].device", "wan0"},
	{"interfaces[1].side", "outside"},
	{"interfaces[1].addresses", "[198.51.100.1/24]"},
	{"interfaces[1].kernel_interface", "kwan0"},
	{"routes[0].prefix", "0.0.0.0/0"},
	{"routes[0].via", "198.51.100.254"},
	{"pools[0].name", "edge"},
	{"pools[0].mode", "h16"},
	{"pools[0].private", "[10.0.0.0/24]"},
	{"pools[0].public", "[198.51.100.16/30]"},
	{"pools[0].alarm_load", "0.5"},
	{"pools[0].refuse_load", "0.75"},
	{"pools[0].mappings_per_host", "4096"},
	{"statics[0].protocol", "tcp"},
	{"statics[0].private", "10.0.0.10:80"},
	{"statics[0].public", "198.51.100.16:8080"},
	{"prompt.socket", "/run/binfm/gateway.sock"},
};

static const char *
find_sample(const char *path)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		if (strcmp(samples[i].path, path) == 0)
			return samples[i].value;
	}
	return NULL;
}

/* Bounds for a reader: "inside, outside" for "inside | outside", and the unit. */
static void
print_bounds(FILE *file, const struct config_row *row)
{
	for (const char *at = row->bounds; *at != '\0'; at++) {
		if (strncmp(at, " | ", 3) == 0) {
			fputs(", ", file);
			at += 2;
		} else {
			fputc(*at, file);
		}
	}
	if (row->unit[0] != '\0')
		fprintf(file, " %s", row->unit);
}

static const char *
kind_text(const struct config_row *row)
{
	switch (row->kind) {
	case CONFIG_KIND_ADDRESS:
		return "IPv4 address";
	case CONFIG_KIND_NETWORK:
		return "IPv4 prefix";
	case CONFIG_KIND_INTERFACE:
		return "IPv4 address/length";
	case CONFIG_KIND_ENDPOINT:
	case CONFIG_KIND_LISTEN:
		return "IPv4 address:port";
	case CONFIG_KIND_MAC:
		return "MAC address";
	case CONFIG_KIND_PATH:
		return "absolute path";
	default:
		return "";
	}
}

/* "IPv4 prefix /8../32, 1 to 8 of them" */
static void
print_form(FILE *file, const struct config_row *row)
{
	const char *kind = kind_text(row);

	fprintf(file, "%s%s", kind, kind[0] && row->bounds[0] ? " " : "");
	if (kind[0] && row->bounds[0] && row->bounds[0] != '/')
		fputs("of ", file);
	print_bounds(file, row);
	if (row->count_max > 0)
		fprintf(file, ", %u to %u of them", row->count_min, row->count_max);
}

static void
print_section_rows(FILE *file, const char *section)
{
	fputs("| value | bounds | default | a change applies | what it is |\n"
	      "|---|---|---|---|---|\n",
		file);
	for (unsigned int i = 0; i < gateway_table.row_count; i++) {
		const struct config_row *row = &gateway_table.rows[i];
		struct config_path path;

		config_path_split(row->path, &path);
		if (strcmp(path.section, section) != 0)
			continue;
		fprintf(file, "| `%s` | ", path.key[0] ? path.key : path.section);
		print_form(file, row);
		fprintf(file, " | %s%s%s | %s | %s |\n", row->standard[0] ? "`" : "",
			row->standard[0] ? row->standard : "required", row->standard[0] ? "`" : "",
			row->live ? "live" : "at restart", row->help);
	}
}

void
gateway_config_print_reference(FILE *file)
{
	struct config_path path, before = {0};

	fputs("# Configuration of binfm-gateway\n\n"
	      "This page is printed from the program's own table of values (`lib/config`); a unit\n"
	      "test compares the two. The file is YAML, `/etc/binfm/gateway.yaml`;\n"
	      "`binfm-gateway --check FILE` names the line, the value and the remedy of what is\n"
	      "wrong and touches nothing. A commented example is `config/gateway.yaml`.\n\n"
	      "What is not listed here is refused, and so are keys twice, anchors, aliases, tags,\n"
	      "a second document, values outside printable ASCII and files above 1 MiB.\n"
	      "`reload` applies changes marked `live` and names those that need a restart.\n",
		file);
	for (unsigned int i = 0; i < gateway_table.row_count; i++) {
		const struct config_list *list =
			config_table_list(&gateway_table, &gateway_table.rows[i]);

		config_path_split(gateway_table.rows[i].path, &path);
		if (strcmp(path.section, before.section) == 0)
			continue;
		before = path;
		fprintf(file, "\n## %s\n\n%s.", path.section, gateway_section_help(path.section));
		if (list != NULL)
			fprintf(file, " A list of %u to %u entries.", list->count_min,
				list->count_max);
		fputs("\n\n", file);
		print_section_rows(file, path.section);
	}
}

/* "# help [bounds; default; live]" above a value, on two lines where one is too short. */
static void
print_comment(FILE *file, const struct config_row *row, const char *indent)
{
	char facts[256] = "";
	FILE *memory = fmemopen(facts, sizeof(facts), "w");
	bool two_lines;

	if (memory == NULL)
		return;
	print_form(memory, row);
	fprintf(memory, "%s%s%s; %s", ftell(memory) > 0 ? "; " : "",
		row->standard[0] ? "default " : "required", row->standard,
		row->live ? "live" : "restart");
	fclose(memory);
	two_lines = strlen(indent) + strlen(row->help) + strlen(facts) + 5 > EXAMPLE_COLUMNS;
	fprintf(file, "%s# %s", indent, row->help);
	if (two_lines)
		fprintf(file, "\n%s# [%s]\n", indent, facts);
	else
		fprintf(file, " [%s]\n", facts);
}

/* One element of a list; the first one carries the comments. False when it has no samples. */
static bool
print_element(FILE *file, unsigned int first_row, unsigned int element)
{
	const struct config_list *list =
		config_table_list(&gateway_table, &gateway_table.rows[first_row]);
	const char *mark = "  - ";

	for (unsigned int i = first_row; i < gateway_table.row_count; i++) {
		const struct config_row *row = &gateway_table.rows[i];
		char name[CONFIG_ROW_PATH_BYTES];
		struct config_path path;
		const char *value;

		if (config_table_list(&gateway_table, row) != list)
			break;
		config_path_split(row->path, &path);
		snprintf(name, sizeof(name), "%s[%u].%s", path.section, element, path.key);
		value = find_sample(name);
		if (value == NULL && i == first_row)
			return false;
		if (element == 0)
			print_comment(file, row, "    ");
		if (value != NULL)
			fprintf(file, "%s%s: %s\n", mark, path.key, value);
		else if (element == 0)
			fprintf(file, "    # %s: %s\n", path.key, row->standard);
		mark = "    ";
	}
	return true;
}

void
gateway_config_print_example(FILE *file)
{
	struct config_path path, before = {0};

	fputs("# binfm-gateway: an example with every value. Check a file with\n"
	      "#     binfm-gateway --check FILE\n"
	      "# Above each value stand its meaning and [bounds; default; whether `reload` applies "
	      "a change,\n"
	      "# `live`, or the gateway must be restarted, `restart`].\n",
		file);
	for (unsigned int i = 0; i < gateway_table.row_count; i++) {
		const struct config_row *row = &gateway_table.rows[i];
		const char *value;

		config_path_split(row->path, &path);
		if (strcmp(path.section, before.section) != 0) {
			fprintf(file, "\n# %s.\n", gateway_section_help(path.section));
			if (path.key[0] != '\0')
				fprintf(file, "%s:\n", path.section);
			for (unsigned int element = 0; path.section_is_list; element++) {
				if (!print_element(file, i, element))
					break;
			}
		}
		before = path;
		if (path.section_is_list)
			continue;
		print_comment(file, row, path.key[0] ? "  " : "");
		value = find_sample(row->path);
		fprintf(file, "%s%s: %s\n", path.key[0] ? "  " : "",
			path.key[0] ? path.key : path.section,
			value != NULL ? value : row->standard);
	}
}
