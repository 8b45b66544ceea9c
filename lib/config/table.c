/* See table.h. */
#include "config/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "config/tree.h"
#include "config/value.h"

#define DEFAULT_BYTES 128 /* a default as text, INSTANCE replaced */

/* One value on its way: where it comes from and where it goes. */
struct place {
	const struct config_table *table;
	const struct config_source *source;
	const struct config_row *row;
	unsigned int element; /* of the row's list */
	unsigned int item;    /* of the row itself, when it has several values */
	struct fault *fault;
};

void
config_path_split(const char *path, struct config_path *pieces)
{
	size_t length = strcspn(path, ".[");

	*pieces = (struct config_path){0};
	strlcpy(pieces->section, path, length + 1);
	path += length;
	pieces->section_is_list = strncmp(path, "[].", 3) == 0;
	if (pieces->section_is_list)
		path += 2;
	if (*path == '.') {
		path++;
		length = strcspn(path, "[");
		strlcpy(pieces->key, path, length + 1);
		path += length;
	}
	pieces->several = strcmp(path, "[]") == 0;
}

const struct config_list *
config_table_list(const struct config_table *table, const struct config_row *row)
{
	struct config_path path;

	config_path_split(row->path, &path);
	for (unsigned int i = 0; i < table->list_count && path.section_is_list; i++) {
		if (strcmp(table->lists[i].name, path.section) == 0)
			return &table->lists[i];
	}
	return NULL;
}

/* "interfaces[0].addresses[1]" */
static void
format_path(const struct place *place, char *text, size_t size)
{
	struct config_path path;
	size_t used;

	config_path_split(place->row->path, &path);
	used = strlcpy(text, path.section, size);
	if (path.section_is_list)
		used += (size_t)snprintf(text + used, size - used, "[%u]", place->element);
	if (path.key[0] != '\0')
		used += (size_t)snprintf(text + used, size - used, ".%s", path.key);
	if (path.several)
		snprintf(text + used, size - used, "[%u]", place->item);
}

static int
store(const struct place *place, const char *text, void *destination)
{
	struct config_refusal refusal = {0};
	char path[CONFIG_ROW_PATH_BYTES];

	if (config_value_store(place->row, text, destination, &refusal) == 0)
		return 0;
	format_path(place, path, sizeof(path));
	return config_source_refuse(place->source, place->fault, path, refusal.code, text,
		refusal.remedy, "%s", refusal.sentence);
}

/* The default's text without its quotes, with the instance's name put in. */
static void
default_text(const struct place *place, const void *structure, char *text)
{
	const char *standard = place->row->standard;
	const char *mark = strstr(standard, "INSTANCE");

	if (strcmp(standard, "\"\"") == 0)
		text[0] = '\0';
	else if (mark != NULL)
		snprintf(text, DEFAULT_BYTES, "%.*s%s%s", (int)(mark - standard), standard,
			(const char *)structure + place->table->rows[0].offset,
			mark + strlen("INSTANCE"));
	else
		strlcpy(text, standard, DEFAULT_BYTES);
}

/* "[1, 2]" as a default: each piece is stored like a value from the file. */
static int
store_default_several(struct place *place, char *text, char *values, unsigned int *count)
{
	char *rest = text + 1, *piece;

	text[strcspn(text, "]")] = '\0';
	for (*count = 0; (piece = strsep(&rest, ",")) != NULL; ++*count) {
		int error;

		piece += strspn(piece, " ");
		if (*piece == '\0')
			break;
		place->item = *count;
		error = store(place, piece, values + (size_t)*count * place->row->size);
		if (error != 0)
			return error;
	}
	return 0;
}

/* Fills one row of `base`: the structure, or the element of a list that it lies in. */
static int
fill(struct place *place, const struct config_tree *tree, const void *structure, char *base)
{
	const struct config_row *row = place->row;
	unsigned int *count = (unsigned int *)(base + row->count_offset);
	char *values = base + row->offset;
	char standard[DEFAULT_BYTES];
	char *const *texts;
	int found = config_tree_texts(tree, row, place->element, &texts);

	if (found < 0)
		default_text(place, structure, standard);
	if (found < 0 && row->count_max > 0)
		return store_default_several(place, standard, values, count);
	if (found < 0)
		return store(place, standard, values);
	for (int i = 0; i < found; i++) {
		int error;

		place->item = (unsigned int)i;
		error = store(place, texts[i], values + (size_t)i * row->size);
		if (error != 0)
			return error;
	}
	if (row->count_max > 0)
		*count = (unsigned int)found;
	return 0;
}

int
config_table_load(const struct config_table *table, const struct config_source *source,
	void *structure, struct fault *fault)
{
	struct place place = {.table = table, .source = source, .fault = fault};
	struct config_tree *tree;
	char *bytes = structure;
	int error = config_tree_load(table, source, &tree, fault);

	if (error != 0)
		return error;
	for (unsigned int i = 0; i < table->list_count; i++)
		*(unsigned int *)(bytes + table->lists[i].count_offset) =
			config_tree_elements(tree, &table->lists[i]);
	for (unsigned int i = 0; i < table->row_count && error == 0; i++) {
		const struct config_list *list = config_table_list(table, &table->rows[i]);
		unsigned int elements = list != NULL ? config_tree_elements(tree, list) : 1;

		place.row = &table->rows[i];
		for (place.element = 0; place.element < elements && error == 0; place.element++)
			error = fill(&place, tree, structure,
				list == NULL ? bytes
					     : bytes + list->array_offset +
						       (size_t)place.element * list->element_size);
	}
	config_tree_free(tree);
	return error;
}

/* Whether a row has the same values in two structures or two elements. Bytes say so: the structures
 * begin as zeros, and values are stored with their padding. */
static bool
same(const struct config_row *row, const char *old, const char *new)
{
	size_t count = 1;

	if (row->count_max > 0) {
		count = *(const unsigned int *)(old + row->count_offset);
		if (*(const unsigned int *)(new + row->count_offset) != count)
			return false;
	}
	return memcmp(old + row->offset, new + row->offset, count * row->size) == 0;
}

static bool
same_in_list(const struct config_table *table, const struct config_list *list,
	const struct config_row *row, const char *old, const char *new)
{
	unsigned int old_count = *(const unsigned int *)(old + list->count_offset);
	unsigned int new_count = *(const unsigned int *)(new + list->count_offset);
	bool first = row == table->rows || config_table_list(table, row - 1) != list;

	if (first && old_count != new_count)
		return false;
	for (unsigned int i = 0; i < old_count && i < new_count; i++) {
		size_t offset = list->array_offset + (size_t)i * list->element_size;

		if (!same(row, old + offset, new + offset))
			return false;
	}
	return true;
}

unsigned int
config_table_compare(const struct config_table *table, const void *old, const void *new,
	void (*each)(void *opaque, const struct config_row *row), void *opaque)
{
	unsigned int restarts = 0;

	for (unsigned int i = 0; i < table->row_count; i++) {
		const struct config_row *row = &table->rows[i];
		const struct config_list *list = config_table_list(table, row);

		if (list != NULL ? same_in_list(table, list, row, old, new) : same(row, old, new))
			continue;
		each(opaque, row);
		restarts += !row->live;
	}
	return restarts;
}
