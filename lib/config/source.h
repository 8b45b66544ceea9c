/* A YAML text that was looked through once: it is safe to hand to a parser, and every value's line
 * is known.
 *
 * config_source_open() refuses what a configuration never needs and what costs parsers dear: NUL
 * bytes, other encodings than UTF-8, directives, anchors, aliases, tags, several documents, deep
 * nesting, keys that are not words, a key twice, more values than any configuration has, characters
 * outside printable ASCII in values (comments may have any). Memory is bounded by CONFIG_NODES_MAX.
 *
 * Threads: a source belongs to one thread. The text must outlive it.
 */
#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include <stddef.h>

#include "base/fault.h"

#define CONFIG_NODES_MAX    16384 /* values of a file; the largest legal gateway.yaml has 6,500 */
#define CONFIG_DEPTH_MAX    8     /* nesting; a gateway.yaml needs 4 */
#define CONFIG_SIBLINGS_MAX 64    /* keys of one mapping */

struct config_node;

struct config_source {
	const char *name; /* file name as messages show it */
	const void *text;
	size_t length;
	struct config_node *nodes;
	unsigned int node_count, node_room;
};

/* 0; -EINVAL, -E2BIG or -ENOMEM with a fault, and nothing to close. */
int config_source_open(struct config_source *source, const char *name, const void *text,
	size_t length, struct fault *fault);
void config_source_close(struct config_source *source);

/* Line of a path such as "pools[0].private[1]", first line = 1; where that is not written in the
 * file, the line of the innermost mapping or sequence around it; 0 = the file as a whole. */
unsigned int config_source_line(const struct config_source *source, const char *path);

/* Fills `fault` with "NAME:LINE: PATH SENTENCE" and returns -EINVAL. `value` and `remedy` as in
 * fault_set(). */
int config_source_refuse(const struct config_source *source, struct fault *fault, const char *path,
	const char *code, const char *value, const char *remedy, const char *sentence_format, ...)
	__attribute__((format(printf, 7, 8)));

#endif
