/* Looks once through a YAML text; see source.h.
 *
 * libyaml's event parser does the reading: it keeps no tree, so that nesting, aliases and sizes are
 * refused before anything is built from them. */
#include "config/source_node.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>
#include <yaml.h>

#define NODES_FIRST 256

/* A mapping or sequence that is open while the events go by. */
struct level {
	uint32_t node;
	bool mapping;
	bool wants_value; /* mapping: the key was read */
	unsigned int children;
};

struct scan {
	struct config_source *source;
	struct fault *fault;
	struct level levels[CONFIG_DEPTH_MAX];
	unsigned int depth;
	unsigned int documents;
};

static int
refuse(const struct scan *scan, const yaml_event_t *event, const char *code, const char *value,
	const char *remedy, const char *sentence)
{
	char path[CONFIG_ROW_PATH_BYTES] = "";
	unsigned int line = (unsigned int)event->start_mark.line + 1;

	if (scan->depth > 0)
		config_node_path(
			scan->source, scan->levels[scan->depth - 1].node, path, sizeof(path));
	return config_source_refuse_line(
		scan->source, scan->fault, line, path, code, value, remedy, sentence);
}

/* Adds a child of `level`, with `key` or, in a sequence, NULL. */
static int
add_node(struct scan *scan, struct level *level, const yaml_event_t *event, const char *key)
{
	struct config_source *source = scan->source;
	struct config_node *node;

	if (source->node_count == CONFIG_NODES_MAX)
		return refuse(scan, event, "too-many-values", NULL, "Remove what is not needed",
			"the file has more values than any configuration may have");
	if (source->node_count == source->node_room) {
		unsigned int room = source->node_room * 2;
		struct config_node *nodes = reallocarray(source->nodes, room, sizeof(*nodes));

		if (nodes == NULL)
			return fault_set(scan->fault, ENOMEM, "no-memory", NULL,
				"Free memory and try again", "no memory to read the file");
		source->nodes = nodes;
		source->node_room = room;
	}
	node = &source->nodes[source->node_count];
	node->parent = level->node;
	node->previous = source->nodes[level->node].last_child;
	node->last_child = CONFIG_NO_NODE;
	node->index = level->children++;
	node->line = (uint32_t)event->start_mark.line + 1;
	strlcpy(node->key, key != NULL ? key : "", sizeof(node->key));
	source->nodes[level->node].last_child = source->node_count++;
	return 0;
}

static int
take_key(struct scan *scan, struct level *level, const yaml_event_t *event)
{
	const struct config_node *nodes = scan->source->nodes;
	const char *key;

	if (event->type != YAML_SCALAR_EVENT)
		return refuse(scan, event, "bad-key", NULL, "Write `key: value`",
			"a key is not a single word");
	key = (const char *)event->data.scalar.value;
	if (key[0] == '\0' || event->data.scalar.length >= CONFIG_KEY_BYTES)
		return refuse(scan, event, "bad-key", key[0] ? "longer than 31 characters" : NULL,
			"Write `key: value`", "a key is empty or too long");
	if (level->children == CONFIG_SIBLINGS_MAX)
		return refuse(scan, event, "too-many-values", key, "Remove what is not needed",
			"there are too many keys in one mapping");
	for (uint32_t sibling = nodes[level->node].last_child; sibling != CONFIG_NO_NODE;
		sibling = nodes[sibling].previous) {
		char remedy[64];

		if (strcmp(nodes[sibling].key, key) != 0)
			continue;
		snprintf(remedy, sizeof(remedy), "Keep one of them; the first is in line %u",
			nodes[sibling].line);
		return refuse(scan, event, "duplicate-key", key, remedy, "the key is there twice");
	}
	level->wants_value = true;
	return add_node(scan, level, event, key);
}

/* Characters outside printable ASCII would travel into logs, paths and terminals. */
static int
check_scalar(struct scan *scan, const yaml_event_t *event)
{
	for (size_t i = 0; i < event->data.scalar.length; i++) {
		unsigned char byte = event->data.scalar.value[i];
		char value[8];

		if (byte >= 0x20 && byte <= 0x7e)
			continue;
		snprintf(value, sizeof(value), "0x%02x", byte);
		return refuse(scan, event, "bad-character", value,
			"Write values in printable ASCII on one line; comments may have any text",
			"a value has a character that is not printable ASCII");
	}
	return 0;
}

/* A scalar, or the start of a mapping or sequence. */
static int
take_content(struct scan *scan, const yaml_event_t *event)
{
	struct level *level = scan->depth > 0 ? &scan->levels[scan->depth - 1] : NULL;
	uint32_t node = 0;
	int error = 0;

	if (event->type == YAML_SCALAR_EVENT)
		error = check_scalar(scan, event);
	if (error != 0)
		return error;
	if (level != NULL && level->mapping && !level->wants_value)
		return take_key(scan, level, event);
	if (level != NULL && !level->mapping)
		error = add_node(scan, level, event, NULL);
	if (error != 0)
		return error;
	if (level != NULL) {
		level->wants_value = false;
		node = scan->source->nodes[level->node].last_child;
	} else if (event->type != YAML_MAPPING_START_EVENT) {
		return refuse(scan, event, "wrong-shape", NULL, "Begin with `key: value` lines",
			"the file is not a mapping of keys to values");
	}
	if (event->type == YAML_SCALAR_EVENT)
		return 0;
	if (scan->depth == CONFIG_DEPTH_MAX)
		return refuse(scan, event, "too-deep", NULL, "Remove the inner level",
			"values are nested deeper than any configuration is");
	scan->levels[scan->depth++] = (struct level){
		.node = node,
		.mapping = event->type == YAML_MAPPING_START_EVENT,
	};
	return 0;
}

static int
check_anchor_and_tag(struct scan *scan, const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (event->type == YAML_SCALAR_EVENT) {
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
	}
	if (anchor != NULL)
		return refuse(scan, event, "alias", "&", "Write the value out where it is used",
			"anchors and aliases are not allowed");
	if (tag != NULL)
		return refuse(scan, event, "tag", NULL, "Remove the word that begins with `!`",
			"YAML tags are not allowed");
	return 0;
}

static int
take_event(struct scan *scan, const yaml_event_t *event)
{
	int error;

	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (++scan->documents > 1)
			return refuse(scan, event, "two-documents", "---",
				"Keep one document in the file", "a second document begins here");
		return 0;
	case YAML_ALIAS_EVENT:
		return refuse(scan, event, "alias", "*", "Write the value out where it is used",
			"anchors and aliases are not allowed");
	case YAML_SCALAR_EVENT:
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		error = check_anchor_and_tag(scan, event);
		return error != 0 ? error : take_content(scan, event);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		scan->depth--;
		return 0;
	default:
		return 0;
	}
}

/* What libyaml itself refuses. */
static int
refuse_yaml(const struct scan *scan, const yaml_parser_t *parser)
{
	const struct config_source *source = scan->source;
	unsigned int line = (unsigned int)parser->problem_mark.line + 1;
	char sentence[120];

	if (parser->error == YAML_MEMORY_ERROR)
		return fault_set(scan->fault, ENOMEM, "no-memory", NULL,
			"Free memory and try again", "no memory to read the file");
	if (parser->error == YAML_READER_ERROR)
		line = config_source_byte_line(source->text, parser->problem_offset < source->length
								     ? parser->problem_offset
								     : source->length);
	snprintf(sentence, sizeof(sentence), "this is not YAML: %.80s",
		parser->problem != NULL ? parser->problem : "unknown reason");
	return config_source_refuse_line(source, scan->fault, line, "", "bad-yaml", NULL,
		"Check indentation (spaces, no tabs), quotes and colons here and in the line above",
		sentence);
}

static int
scan_events(struct scan *scan)
{
	yaml_parser_t parser;
	int error = 0;

	if (!yaml_parser_initialize(&parser))
		return fault_set(scan->fault, ENOMEM, "no-memory", NULL,
			"Free memory and try again", "no memory to read the file");
	yaml_parser_set_input_string(&parser, scan->source->text, scan->source->length);
	for (bool more = true; more && error == 0;) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			error = refuse_yaml(scan, &parser);
			break;
		}
		error = take_event(scan, &event);
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	if (error == 0 && scan->documents == 0)
		error = config_source_refuse_line(scan->source, scan->fault, 0, "", "empty-file",
			NULL, "Write a configuration; docs/configuration.md lists its values",
			"the file has no values");
	return error;
}

int
config_source_open(struct config_source *source, const char *name, const void *text, size_t length,
	struct fault *fault)
{
	struct scan scan = {.source = source, .fault = fault};
	int error;

	*source = (struct config_source){.name = name, .text = text, .length = length};
	error = config_source_check_bytes(source, fault);
	if (error != 0)
		return error;
	source->nodes = reallocarray(NULL, NODES_FIRST, sizeof(*source->nodes));
	if (source->nodes == NULL)
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Free memory and try again",
			"no memory to read the file");
	source->node_room = NODES_FIRST;
	source->node_count = 1;
	source->nodes[0] =
		(struct config_node){.previous = CONFIG_NO_NODE, .last_child = CONFIG_NO_NODE};
	error = scan_events(&scan);
	if (error != 0)
		config_source_close(source);
	return error;
}
