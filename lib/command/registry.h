/* The registry as lib/command's own files see it: rows in order of registration, each cut into its
 * words, and the search for the command that a line begins with. */
#ifndef COMMAND_REGISTRY_H
#define COMMAND_REGISTRY_H

#include "command/command.h"
#include "command/words.h"

struct command_entry {
	const char *section;
	const struct command *command;
	void *context;
	unsigned int word_count;
	char *words[COMMAND_WORDS_MAX]; /* in `storage` */
	char *storage;
};

struct command_registry {
	struct command_entry *entries;
	unsigned int count, capacity;
};

/* A place in the table: the first `depth` words of `example` (any command that has them). */
struct command_place {
	const struct command_entry *example; /* NULL at depth 0 */
	unsigned int depth;
	const struct command_entry *entry; /* the command with exactly these words, or NULL */
};

/* True when the command's words begin with those of the place. */
bool command_under(const struct command_entry *entry, const struct command_place *place);

/* The distinct words that can follow a place: called with *index = 0 first, returns an entry whose
 * words[place->depth] is the next of them, or NULL after the last. */
const struct command_entry *command_next_word(const struct command_registry *registry,
	const struct command_place *place, unsigned int *index);

/* Takes the words of a command from the line, as far as they go. A word that fits nothing is left
 * for the caller to judge. Returns 0, or -EINVAL with `fault` when a short word is ambiguous. */
int command_find(const struct command_registry *registry, struct words *words,
	struct command_place *place, struct fault *fault);

/* "host, mappings, summary": the words that can follow a place, cut with ", ..." at `size`. */
char *command_expected(const struct command_registry *registry, const struct command_place *place,
	char *text, size_t size);

/* "show nat": the words of a place; "" at the top. */
char *command_place_text(const struct command_place *place, char *text, size_t size);

/* The table of `help` (help.c). */
extern const struct command_table command_help_table;

#endif
