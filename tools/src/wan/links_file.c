/* See links_file.h. */
#include "links_file.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>
#include <cyaml/cyaml.h>

#include "config/source.h"
#include "plan.h"

#define FILE_BYTES_MAX (256u << 10)

/* A link's texts, NULL where the file has none. */
struct entry {
	char *name, *a, *b, *seed, *both, *ab, *ba;
};

struct content {
	struct entry *links;
	unsigned int links_count;
};

#define TEXT(key, flags)        \
	CYAML_FIELD_STRING_PTR( \
		#key, CYAML_FLAG_POINTER | (flags), struct entry, key, 0, CYAML_UNLIMITED)

static const cyaml_schema_field_t entry_fields[] = {
	TEXT(name, CYAML_FLAG_DEFAULT),
	TEXT(a, CYAML_FLAG_DEFAULT),
	TEXT(b, CYAML_FLAG_DEFAULT),
	TEXT(seed, CYAML_FLAG_OPTIONAL),
	TEXT(both, CYAML_FLAG_OPTIONAL),
	TEXT(ab, CYAML_FLAG_OPTIONAL),
	TEXT(ba, CYAML_FLAG_OPTIONAL),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t entry_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct entry, entry_fields)};
static const cyaml_schema_field_t content_fields[] = {
	CYAML_FIELD_SEQUENCE("links", CYAML_FLAG_POINTER, struct content, links, &entry_schema, 1,
		EMULATOR_LINKS_MAX),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t content_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct content, content_fields)};

/* The first thing that libcyaml complains about is the cause, what follows says where. */
static void __attribute__((format(printf, 3, 0)))
note_complaint(cyaml_log_t level, void *opaque, const char *format, va_list arguments)
{
	char *text = opaque;

	if (text[0] == '\0')
		vsnprintf(text, sizeof(((struct fault *)NULL)->value), format, arguments);
	text[strcspn(text, "\n")] = '\0';
}

/* `both` comes before what refines it, wherever the file has it. */
static int
set_link(struct link_plan *link, const struct entry *entry, struct fault *fault)
{
	const struct {
		const char *key, *value;
	} pairs[] = {{"name", entry->name}, {"a", entry->a}, {"b", entry->b}, {"seed", entry->seed},
		{"both", entry->both}, {"ab", entry->ab}, {"ba", entry->ba}};

	for (unsigned int i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		int error = pairs[i].value != NULL
				    ? plan_set(link, pairs[i].key, pairs[i].value, fault)
				    : 0;

		if (error != 0)
			return error;
	}
	return 0;
}

/* Says in which link of which file something is wrong. */
static void
name_place(struct fault *fault, const struct config_source *source, unsigned int number)
{
	char path[32], what[sizeof(fault->what)];

	snprintf(path, sizeof(path), "links[%u]", number);
	strlcpy(what, fault->what, sizeof(what));
	snprintf(fault->what, sizeof(fault->what), "%.60s:%u: %.120s", source->name,
		config_source_line(source, path), what);
}

static int
add_links(struct emulator_plan *plan, const struct config_source *source,
	const struct content *content, struct fault *fault)
{
	for (unsigned int i = 0; i < content->links_count; i++) {
		struct link_plan *link = plan_add_link(plan, fault);
		int error = link != NULL ? set_link(link, &content->links[i], fault) : -E2BIG;

		if (error != 0) {
			name_place(fault, source, i);
			return error;
		}
	}
	return 0;
}

int
links_file_parse(struct emulator_plan *plan, const char *name, const void *text, size_t length,
	struct fault *fault)
{
	char complaint[sizeof(fault->value)] = "";
	cyaml_config_t options = {.log_fn = note_complaint,
		.log_ctx = complaint,
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem};
	struct config_source source;
	struct content *content = NULL;
	int error = config_source_open(&source, name, text, length, fault);

	if (error != 0)
		return error;
	if (cyaml_load_data(text, length, &options, &content_schema, (cyaml_data_t **)&content,
		    NULL) == CYAML_OK)
		error = add_links(plan, &source, content, fault);
	else
		error = fault_set(fault, EINVAL, "bad-file", complaint,
			"See docs/wan.md for what a file of links holds",
			"%.60s is no file of links", name);
	cyaml_free(&options, &content_schema, content, 0);
	config_source_close(&source);
	return error;
}

int
links_file_read(struct emulator_plan *plan, const char *path, struct fault *fault)
{
	char *text = malloc(FILE_BYTES_MAX + 1);
	FILE *file = fopen(path, "re");
	size_t length = 0;
	int error = 0;

	if (text == NULL || file == NULL) {
		error = fault_set(fault, errno, "no-file", path, "Give the path of a file of links",
			"the file cannot be read (%s)", strerror(errno));
	} else {
		length = fread(text, 1, FILE_BYTES_MAX + 1, file);
		if (ferror(file) || length > FILE_BYTES_MAX)
			error = fault_set(fault, EINVAL, "no-file", path,
				"Give a file of links, at most 256 KiB",
				"the file cannot be read or is too large");
	}
	if (error == 0)
		error = links_file_parse(plan, path, text, length, fault);
	if (file != NULL)
		fclose(file);
	free(text);
	return error;
}
