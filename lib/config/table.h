/* The loader: rows and a YAML text in, a filled structure out. It knows no program's rows.
 *
 * config_table_load() reads the text (config/source.h), lets libcyaml check its shape against a
 * schema made from the rows (config/tree.h), and stores every value with its default and bounds
 * (config/value.h). What values mean to each other is the program's to check.
 *
 * Threads: any one thread at a time for one table; nothing is kept between calls.
 */
#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include "base/fault.h"
#include "config/row.h"
#include "config/source.h"

#define CONFIG_KEY_BYTES      32 /* the longest key and its NUL */
#define CONFIG_ROW_PATH_BYTES 96 /* the longest path with its indices and its NUL */

/* A list of mappings, such as interfaces: an array of structures beside its counter. */
struct config_list {
	const char *name;
	const char *help;
	unsigned int count_min, count_max;
	uint32_t array_offset, element_size;
	uint32_t count_offset; /* of an unsigned int */
};

/* Rows of one section stand together, in the order of the reference. */
struct config_table {
	const struct config_row *rows;
	unsigned int row_count;
	const struct config_list *lists;
	unsigned int list_count;
	size_t size; /* of the structure that is filled */
};

/* A row's path in pieces: section "interfaces", list; key "addresses", several. */
struct config_path {
	char section[CONFIG_KEY_BYTES];
	char key[CONFIG_KEY_BYTES]; /* "" when the section itself is the value */
	bool section_is_list;
	bool several; /* the value is a sequence of scalars */
};

void config_path_split(const char *path, struct config_path *pieces);

/* The list whose elements hold the row, or NULL. */
const struct config_list *config_table_list(
	const struct config_table *table, const struct config_row *row);

/* Fills `structure` (table->size bytes, all zero before) from an opened source.
 * 0, -EINVAL with a fault, or -ENOMEM. */
int config_table_load(const struct config_table *table, const struct config_source *source,
	void *structure, struct fault *fault);

/* Calls `each` once for every row whose value differs between two filled structures. A list that
 * became longer or shorter is reported at its first row; elements are compared by their position.
 * Returns how many of the rows are not live. */
unsigned int config_table_compare(const struct config_table *table, const void *old,
	const void *new, void (*each)(void *opaque, const struct config_row *row), void *opaque);

#endif
