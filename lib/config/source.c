/* Paths, lines and faults of a source; see source.h. source_scan.c makes the nodes. */
#include "config/source_node.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#define NAME_SHOWN 64 /* characters of a file name in a message: what is wrong needs the room */

void
config_source_close(struct config_source *source)
{
	free(source->nodes);
	source->nodes = NULL;
	source->node_count = 0;
	source->node_room = 0;
}

char *
config_node_path(const struct config_source *source, uint32_t node, char *path, size_t size)
{
	uint32_t chain[CONFIG_DEPTH_MAX + 1];
	unsigned int depth = 0;
	size_t used = 0;

	path[0] = '\0';
	for (; node != 0 && depth < CONFIG_DEPTH_MAX + 1; node = source->nodes[node].parent)
		chain[depth++] = node;
	while (depth > 0 && used < size) {
		const struct config_node *at = &source->nodes[chain[--depth]];

		if (at->key[0] != '\0')
			used += (size_t)snprintf(
				path + used, size - used, "%s%s", used ? "." : "", at->key);
		else
			used += (size_t)snprintf(path + used, size - used, "[%u]", at->index);
	}
	return path;
}

/* The child called `key` (`length` characters), or with that index when `key` is NULL. */
static uint32_t
find_child(const struct config_source *source, uint32_t parent, const char *key, size_t length,
	unsigned long index)
{
	uint32_t child = source->nodes[parent].last_child;

	for (; child != CONFIG_NO_NODE; child = source->nodes[child].previous) {
		const struct config_node *at = &source->nodes[child];

		if (key == NULL ? at->index == index && at->key[0] == '\0'
				: strncmp(at->key, key, length) == 0 && at->key[length] == '\0')
			return child;
	}
	return CONFIG_NO_NODE;
}

unsigned int
config_source_line(const struct config_source *source, const char *path)
{
	uint32_t node = 0;

	if (source->node_count == 0)
		return 0;
	while (*path != '\0') {
		uint32_t child;

		if (*path == '[') {
			char *end;
			unsigned long index = strtoul(path + 1, &end, 10);

			child = find_child(source, node, NULL, 0, index);
			path = *end == ']' ? end + 1 : end;
		} else {
			size_t length = strcspn(path, ".[");

			if (length >= CONFIG_KEY_BYTES)
				break;
			child = find_child(source, node, path, length, 0);
			path += length;
		}
		if (child == CONFIG_NO_NODE)
			break;
		node = child;
		if (*path == '.')
			path++;
	}
	return source->nodes[node].line;
}

int
config_source_refuse_line(const struct config_source *source, struct fault *fault,
	unsigned int line, const char *path, const char *code, const char *value,
	const char *remedy, const char *sentence)
{
	size_t length = strlen(source->name);
	const char *name = length > NAME_SHOWN ? source->name + length - NAME_SHOWN : source->name;
	char place[16] = "";

	if (line > 0)
		snprintf(place, sizeof(place), ":%u", line);
	return fault_set(fault, EINVAL, code, value, remedy, "%s%s%s: %s%s%s",
		name != source->name ? "..." : "", name, place, path, path[0] ? " " : "", sentence);
}

int
config_source_refuse(const struct config_source *source, struct fault *fault, const char *path,
	const char *code, const char *value, const char *remedy, const char *sentence_format, ...)
{
	char sentence[160];
	va_list arguments;

	va_start(arguments, sentence_format);
	vsnprintf(sentence, sizeof(sentence), sentence_format, arguments);
	va_end(arguments);
	return config_source_refuse_line(source, fault, config_source_line(source, path), path,
		code, value, remedy, sentence);
}
