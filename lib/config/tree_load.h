/* libcyaml's schema and data of a tree, private to tree*.c. */
#ifndef CONFIG_TREE_LOAD_H
#define CONFIG_TREE_LOAD_H

#include <stdarg.h>
#include <stdbool.h>

#include <cyaml/cyaml.h>

#include "config/tree.h"

#define CONFIG_ROWS_MAX         96
#define CONFIG_SECTIONS_MAX     24
#define CONFIG_SECTION_ROWS_MAX 24
#define CONFIG_LOG_BYTES        1024

/* What libcyaml fills for one row or section: a text, an array of texts, or an array of slots. */
struct config_slot {
	void *data;
	unsigned int count;
};

struct config_section {
	char name[CONFIG_KEY_BYTES];
	const struct config_list *list; /* NULL: one mapping, or a value at the top */
	unsigned int index;             /* among the sections */
	unsigned int first_row;         /* in the table */
	unsigned int row_count;         /* keys; 0 = the section itself is the value */
	cyaml_schema_field_t fields[CONFIG_SECTION_ROWS_MAX + 1];
	cyaml_schema_value_t element; /* one mapping of a list */
};

struct config_tree {
	const struct config_table *table;
	struct config_slot *root; /* one slot a section; NULL when the file has none of them */
	unsigned int section_count;
	struct config_section sections[CONFIG_SECTIONS_MAX];
	cyaml_schema_field_t root_fields[CONFIG_SECTIONS_MAX + 1];
	char keys[CONFIG_ROWS_MAX][CONFIG_KEY_BYTES];
	cyaml_schema_value_t schema;
	char log[CONFIG_LOG_BYTES]; /* what libcyaml said, cut */
	size_t log_used;
};

/* libcyaml's log callback; `context` is the tree. */
void config_tree_log(cyaml_log_t level, void *context, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

/* Turns libcyaml's result and the log into a fault. Returns -EINVAL or -ENOMEM. */
int config_tree_fault(const struct config_tree *tree, const struct config_source *source,
	cyaml_err_t result, struct fault *fault);

#endif
