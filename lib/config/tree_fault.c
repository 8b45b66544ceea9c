/* What libcyaml refused, in an operator's words.
 *
 * libcyaml gives a result code and a log:
 *     Load: Unexpected key: mtx
 *     Load: Backtrace:
 *       in mapping (line: 2, column: 11)
 *       in sequence entry '1' (line: 2, column: 5)
 *       in mapping field 'interfaces' (line: 2, column: 3)
 * The log's frames, read from the last to the first, are the path of the value: interfaces[0].mtx.
 */
#include "config/tree_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#define FRAMES_MAX (CONFIG_DEPTH_MAX + 2)

/* Keys that this version has nothing behind; an operator may expect them from the documentation of
 * the whole system. */
static const char *const future_keys[] = {"carrier", "cluster", "grants", "ipfix", "ipv6", "ledger",
	"mirror", "nat64", "pcp", "redis", "registration", "seal", "sip", "super_nodes", "vrf",
	NULL};

void
config_tree_log(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
	struct config_tree *tree = context;
	size_t room = sizeof(tree->log) - tree->log_used;
	int length;

	if (level < CYAML_LOG_ERROR)
		return;
	length = vsnprintf(tree->log + tree->log_used, room, format, arguments);
	if (length > 0)
		tree->log_used += (size_t)length < room ? (size_t)length : room - 1;
}

/* Copies what stands behind `mark` in the log's first line, up to the line's end. */
static void
copy_behind(const char *log, const char *mark, char *text, size_t size)
{
	const char *start = strstr(log, mark);
	size_t length;

	text[0] = '\0';
	if (start == NULL)
		return;
	start += strlen(mark);
	length = strcspn(start, "\n");
	strlcpy(text, start, length + 1 < size ? length + 1 : size);
}

/* Appends one frame of the log to the path. */
static void
append_frame(char *path, size_t size, const char *frame)
{
	size_t used = strlen(path);
	char key[CONFIG_KEY_BYTES];
	unsigned int entry;

	if (sscanf(frame, "in mapping field '%31[^']'", key) == 1)
		snprintf(path + used, size - used, "%s%s", used ? "." : "", key);
	else if (sscanf(frame, "in sequence entry '%u'", &entry) == 1 && entry > 0)
		snprintf(path + used, size - used, "[%u]", entry - 1);
}

/* The path of the value, without its innermost frame when `outer` says so. */
static void
build_path(const char *log, bool outer, char *path, size_t size)
{
	const char *frames[FRAMES_MAX];
	unsigned int count = 0;

	path[0] = '\0';
	for (const char *at = strstr(log, "  in "); at != NULL && count < FRAMES_MAX;
		at = strstr(at + 1, "  in "))
		frames[count++] = at + 2;
	while (count > (outer ? 1u : 0u))
		append_frame(path, size, frames[--count]);
}

static void
append_key(char *path, size_t size, const char *key)
{
	size_t used = strlen(path);

	snprintf(path + used, size - used, "%s%s", used ? "." : "", key);
}

/* "instance, cores, ..." or, within a section, its keys. */
static void
list_known_keys(const struct config_tree *tree, const char *path, char *text, size_t size)
{
	size_t length = strcspn(path, ".[");

	text[0] = '\0';
	for (unsigned int i = 0; i < tree->section_count; i++) {
		const struct config_section *section = &tree->sections[i];

		if (length == 0) {
			strlcat(text, i > 0 ? ", " : "", size);
			strlcat(text, section->name, size);
		}
		if (strncmp(section->name, path, length) != 0 || section->name[length] != '\0')
			continue;
		for (unsigned int k = 0; k < section->row_count; k++) {
			strlcat(text, k > 0 ? ", " : "", size);
			strlcat(text, section->fields[k].key, size);
		}
	}
}

static int
refuse_key(const struct config_tree *tree, const struct config_source *source, struct fault *fault)
{
	char key[CONFIG_KEY_BYTES], path[CONFIG_ROW_PATH_BYTES], known[160], remedy[192];

	copy_behind(tree->log, "Unexpected key: ", key, sizeof(key));
	build_path(tree->log, true, path, sizeof(path));
	list_known_keys(tree, path, known, sizeof(known));
	append_key(path, sizeof(path), key);
	for (const char *const *future = future_keys; *future != NULL; future++) {
		if (strcmp(*future, key) == 0)
			return config_source_refuse(source, fault, path, "not-implemented", key,
				"Remove it", "is not implemented in this version");
	}
	snprintf(remedy, sizeof(remedy), "Known here: %s", known);
	return config_source_refuse(
		source, fault, path, "unknown-key", key, remedy, "is not a configuration key");
}

static int
refuse_missing(
	const struct config_tree *tree, const struct config_source *source, struct fault *fault)
{
	char key[CONFIG_KEY_BYTES], path[CONFIG_ROW_PATH_BYTES], remedy[96];

	copy_behind(tree->log, "mapping field: ", key, sizeof(key));
	build_path(tree->log, true, path, sizeof(path));
	append_key(path, sizeof(path), key);
	snprintf(remedy, sizeof(remedy), "Add `%s:` here; it has no default", key);
	return config_source_refuse(
		source, fault, path, "missing-value", key, remedy, "is missing");
}

/* A scalar where a mapping belongs, and the like. */
static int
refuse_shape(
	const struct config_tree *tree, const struct config_source *source, struct fault *fault)
{
	static const struct {
		const char *expected, *sentence, *remedy;
	} shapes[] = {
		{"MAPPING", "is not a mapping", "Write `key: value` lines below it"},
		{"SEQUENCE", "is not a sequence", "Write [a, b], or lines that begin with `- `"},
		{"STRING", "is not a single value", "Write one value behind the key"},
	};
	char expected[16], path[CONFIG_ROW_PATH_BYTES];

	copy_behind(tree->log, "Expecting ", expected, sizeof(expected));
	expected[strcspn(expected, ",")] = '\0';
	build_path(tree->log, false, path, sizeof(path));
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (strcmp(shapes[i].expected, expected) == 0)
			return config_source_refuse(source, fault, path, "wrong-shape", NULL,
				shapes[i].remedy, "%s", shapes[i].sentence);
	}
	return config_source_refuse(source, fault, path, "wrong-shape", NULL,
		"Compare it with the example in config/gateway.yaml", "has another shape: %.60s",
		tree->log);
}

static int
refuse_count(const struct config_tree *tree, const struct config_source *source, bool many,
	struct fault *fault)
{
	char path[CONFIG_ROW_PATH_BYTES], remedy[64];
	const char *bound = strstr(tree->log, many ? "entries (" : " of ");
	unsigned long limit =
		bound != NULL ? strtoul(bound + strcspn(bound, "0123456789"), NULL, 10) : 0;

	build_path(tree->log, true, path, sizeof(path));
	snprintf(remedy, sizeof(remedy), many ? "Write at most %lu" : "Write at least %lu", limit);
	return config_source_refuse(source, fault, path, many ? "too-many" : "too-few", NULL,
		remedy, many ? "has too many entries" : "has too few entries");
}

int
config_tree_fault(const struct config_tree *tree, const struct config_source *source,
	cyaml_err_t result, struct fault *fault)
{
	switch (result) {
	case CYAML_ERR_INVALID_KEY:
		return refuse_key(tree, source, fault);
	case CYAML_ERR_MAPPING_FIELD_MISSING:
		return refuse_missing(tree, source, fault);
	case CYAML_ERR_INVALID_VALUE:
	case CYAML_ERR_UNEXPECTED_EVENT:
		return refuse_shape(tree, source, fault);
	case CYAML_ERR_SEQUENCE_ENTRIES_MIN:
	case CYAML_ERR_SEQUENCE_ENTRIES_MAX:
		return refuse_count(tree, source, result == CYAML_ERR_SEQUENCE_ENTRIES_MAX, fault);
	case CYAML_ERR_OOM:
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Free memory and try again",
			"no memory to read the file");
	default:
		return config_source_refuse(source, fault, "", "bad-yaml", NULL,
			"Compare it with the example in config/gateway.yaml",
			"the file cannot be read: %s", cyaml_strerror(result));
	}
}
