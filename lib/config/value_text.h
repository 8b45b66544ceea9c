/* Values back into text, as they would stand in the YAML file: what `show config` prints.
 *
 * Pure; any thread.
 */
#ifndef CONFIG_VALUE_TEXT_H
#define CONFIG_VALUE_TEXT_H

#include "config/table.h"

#define CONFIG_VALUE_TEXT_BYTES 1024 /* eight of the longest texts and their commas */

/* The value of a row: `member` is the first of `count` values (1 for a row that has one; several
 * are written as "[a, b]"). Cut at `size`. Returns `text`. */
char *config_value_text(const struct config_row *row, const void *member, unsigned int count,
	char *text, size_t size);

/* Calls `each` for every row of a filled structure, for every element of a list: its path with the
 * index ("interfaces[0].name") and its value. */
typedef void config_value_visitor(
	void *opaque, const struct config_row *row, const char *path, const char *value);
void config_table_visit(const struct config_table *table, const void *structure,
	config_value_visitor *each, void *opaque);

#endif
