/* The texts of a configuration, found by their rows.
 *
 * libcyaml reads the source with a schema made from the rows: every scalar is a text, every section
 * a mapping, every list a sequence within its bounds. It refuses unknown and missing keys and wrong
 * shapes; what it writes to its log becomes the fault.
 *
 * Threads: a tree belongs to one thread.
 */
#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include "config/table.h"

struct config_tree;

/* 0, -EINVAL with a fault, or -ENOMEM. On success the caller frees *tree. */
int config_tree_load(const struct config_table *table, const struct config_source *source,
	struct config_tree **tree, struct fault *fault);
void config_tree_free(struct config_tree *tree);

/* How many elements the list has in the file. */
unsigned int config_tree_elements(const struct config_tree *tree, const struct config_list *list);

/* The texts of a row: of element `element` when the row lies in a list. Returns how many there are
 * (at most one unless the row's path ends in "[]") and points `texts` at them; -1 when the file
 * does not mention the value. */
int config_tree_texts(const struct config_tree *tree, const struct config_row *row,
	unsigned int element, char *const **texts);

#endif
