/* The nodes of a source, private to source*.c: one per key of a mapping and per item of a sequence,
 * linked to its parent and to the sibling before it. Node 0 is the document. */
#ifndef CONFIG_SOURCE_NODE_H
#define CONFIG_SOURCE_NODE_H

#include "config/source.h"
#include "config/table.h"

#define CONFIG_NO_NODE UINT32_MAX

struct config_node {
	uint32_t parent;
	uint32_t previous;          /* sibling, CONFIG_NO_NODE = it is the first */
	uint32_t last_child;        /* CONFIG_NO_NODE = none */
	uint32_t index;             /* position among its siblings */
	uint32_t line;              /* first line = 1 */
	char key[CONFIG_KEY_BYTES]; /* "" for an item of a sequence */
};

/* Writes the path of a node ("" for the document), cut at `size`; returns `path`. */
char *config_node_path(const struct config_source *source, uint32_t node, char *path, size_t size);

/* config_source_refuse() with the line given, for places that have no node of their own. */
int config_source_refuse_line(const struct config_source *source, struct fault *fault,
	unsigned int line, const char *path, const char *code, const char *value,
	const char *remedy, const char *sentence);

/* 0, or -EINVAL with a fault that names the first byte that is not UTF-8 text. */
int config_source_check_bytes(const struct config_source *source, struct fault *fault);

/* The line that the byte at `offset` stands in, first line = 1. */
unsigned int config_source_byte_line(const char *text, size_t offset);

#endif
