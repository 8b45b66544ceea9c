/* See tree.h. libcyaml fills arrays of slots, one slot a row, in the order of the rows. */
#include "config/tree_load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const cyaml_schema_value_t item_schema = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};

/* Where a slot of libcyaml's lies, and how it counts. */
static void
place_field(cyaml_schema_field_t *field, unsigned int index)
{
	field->data_offset = (uint32_t)(index * sizeof(struct config_slot));
	field->count_offset = field->data_offset + (uint32_t)offsetof(struct config_slot, count);
	field->count_size = sizeof(((struct config_slot *)NULL)->count);
}

static void
describe_scalar(
	cyaml_schema_field_t *field, const char *key, const struct config_row *row, bool several)
{
	enum cyaml_flag optional = row->standard[0] ? CYAML_FLAG_OPTIONAL : CYAML_FLAG_DEFAULT;

	field->key = key;
	if (several)
		field->value = (cyaml_schema_value_t){
			.type = CYAML_SEQUENCE,
			.flags = CYAML_FLAG_POINTER | optional,
			.data_size = sizeof(char *),
			.sequence = {&item_schema, row->count_min, row->count_max},
		};
	else
		field->value = (cyaml_schema_value_t){CYAML_VALUE_STRING(
			CYAML_FLAG_POINTER | optional, char, 0, CYAML_UNLIMITED)};
}

/* A section: a mapping of its rows, or a list of such mappings. */
static void
describe_section(struct config_tree *tree, struct config_section *section)
{
	const struct config_list *list = section->list;
	cyaml_schema_field_t *field = &tree->root_fields[section->index];
	cyaml_schema_value_t mapping = {
		.type = CYAML_MAPPING,
		.data_size = (uint32_t)(section->row_count * sizeof(struct config_slot)),
		.mapping = {section->fields},
	};

	field->key = section->name;
	if (list == NULL) {
		mapping.flags = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL;
		field->value = mapping;
		return;
	}
	section->element = mapping;
	field->value = (cyaml_schema_value_t){
		.type = CYAML_SEQUENCE,
		.flags = CYAML_FLAG_POINTER |
			 (list->count_min > 0 ? CYAML_FLAG_DEFAULT : CYAML_FLAG_OPTIONAL),
		.data_size = mapping.data_size,
		.sequence = {&section->element, list->count_min, list->count_max},
	};
}

/* Makes libcyaml's schema from the rows. Both field arrays are zeroed and one longer than needed,
 * which ends them. */
static void
describe(struct config_tree *tree)
{
	const struct config_table *table = tree->table;
	struct config_section *section = NULL;

	for (unsigned int i = 0; i < table->row_count; i++) {
		const struct config_row *row = &table->rows[i];
		struct config_path path;

		config_path_split(row->path, &path);
		if (section == NULL || strcmp(section->name, path.section) != 0) {
			section = &tree->sections[tree->section_count];
			section->index = tree->section_count++;
			section->first_row = i;
			section->list = config_table_list(table, row);
			strcpy(section->name, path.section);
			place_field(&tree->root_fields[section->index], section->index);
		}
		strcpy(tree->keys[i], path.key);
		if (path.key[0] == '\0') {
			describe_scalar(&tree->root_fields[section->index], section->name, row,
				path.several);
			continue;
		}
		place_field(&section->fields[section->row_count], section->row_count);
		describe_scalar(
			&section->fields[section->row_count++], tree->keys[i], row, path.several);
		describe_section(tree, section);
	}
	tree->schema = (cyaml_schema_value_t){
		.type = CYAML_MAPPING,
		.flags = CYAML_FLAG_POINTER,
		.data_size = (uint32_t)(tree->section_count * sizeof(struct config_slot)),
		.mapping = {tree->root_fields},
	};
}

static cyaml_config_t
settings(struct config_tree *tree)
{
	return (cyaml_config_t){
		.log_fn = config_tree_log,
		.log_ctx = tree,
		.mem_fn = cyaml_mem,
		.log_level = CYAML_LOG_ERROR,
		.flags = CYAML_CFG_NO_ALIAS,
	};
}

int
config_tree_load(const struct config_table *table, const struct config_source *source,
	struct config_tree **tree, struct fault *fault)
{
	struct config_tree *new = calloc(1, sizeof(*new));
	cyaml_config_t config;
	cyaml_err_t result;
	int error = 0;

	if (new == NULL)
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Free memory and try again",
			"no memory to read the file");
	new->table = table;
	describe(new);
	config = settings(new);
	result = cyaml_load_data(source->text, source->length, &config, &new->schema,
		(cyaml_data_t **)&new->root, NULL);
	if (result != CYAML_OK) {
		error = config_tree_fault(new, source, result, fault);
		config_tree_free(new);
		return error;
	}
	*tree = new;
	return 0;
}

void
config_tree_free(struct config_tree *tree)
{
	cyaml_config_t config = settings(tree);

	if (tree->root != NULL)
		cyaml_free(&config, &tree->schema, tree->root, 0);
	free(tree);
}

unsigned int
config_tree_elements(const struct config_tree *tree, const struct config_list *list)
{
	for (unsigned int i = 0; i < tree->section_count && tree->root != NULL; i++) {
		if (tree->sections[i].list == list)
			return tree->root[i].data != NULL ? tree->root[i].count : 0;
	}
	return 0;
}

static const struct config_slot *
find_slot(const struct config_tree *tree, unsigned int row_index, unsigned int element)
{
	const struct config_section *section = tree->sections;
	const struct config_slot *slot;

	if (tree->root == NULL)
		return NULL;
	while (section + 1 < tree->sections + tree->section_count &&
		section[1].first_row <= row_index)
		section++;
	slot = &tree->root[section->index];
	if (section->row_count == 0)
		return slot;
	if (slot->data == NULL || (section->list != NULL && element >= slot->count))
		return NULL;
	slot = slot->data;
	return slot + element * section->row_count + (row_index - section->first_row);
}

int
config_tree_texts(const struct config_tree *tree, const struct config_row *row,
	unsigned int element, char *const **texts)
{
	unsigned int row_index = (unsigned int)(row - tree->table->rows);
	const struct config_slot *slot = find_slot(tree, row_index, element);

	if (slot == NULL || slot->data == NULL)
		return -1;
	if (row->count_max > 0) {
		*texts = slot->data;
		return (int)slot->count;
	}
	*texts = (char *const *)&slot->data;
	return 1;
}
