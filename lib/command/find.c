/* Finds the command that a line begins with. See registry.h. */
#include "command/registry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

bool
command_under(const struct command_entry *entry, const struct command_place *place)
{
	if (entry->word_count < place->depth)
		return false;
	for (unsigned int i = 0; i < place->depth; i++)
		if (strcmp(entry->words[i], place->example->words[i]) != 0)
			return false;
	return true;
}

const struct command_entry *
command_next_word(const struct command_registry *registry, const struct command_place *place,
	unsigned int *index)
{
	while (*index < registry->count) {
		const struct command_entry *entry = &registry->entries[(*index)++];
		bool seen = false;

		if (!command_under(entry, place) || entry->word_count == place->depth)
			continue;
		for (const struct command_entry *earlier = registry->entries;
			earlier < entry && !seen; earlier++)
			seen = command_under(earlier, place) &&
			       earlier->word_count > place->depth &&
			       strcmp(earlier->words[place->depth], entry->words[place->depth]) ==
				       0;
		if (!seen)
			return entry;
	}
	return NULL;
}

/* Appends `item` to a list, or ", ..." once when it does not fit any more. */
static void
list_append(char *list, size_t size, const char *item)
{
	size_t used = strlen(list), needed = used + strlen(item) + strlen(", , ...") + 1;

	if (used >= 3 && strcmp(list + used - 3, "...") == 0)
		return;
	if (used > 0)
		strlcat(list, ", ", size);
	strlcat(list, needed <= size ? item : "...", size);
}

char *
command_expected(const struct command_registry *registry, const struct command_place *place,
	char *text, size_t size)
{
	const struct command_entry *entry;
	unsigned int index = 0;

	text[0] = '\0';
	while ((entry = command_next_word(registry, place, &index)) != NULL)
		list_append(text, size, entry->words[place->depth]);
	return text;
}

char *
command_place_text(const struct command_place *place, char *text, size_t size)
{
	text[0] = '\0';
	for (unsigned int i = 0; i < place->depth; i++) {
		if (i > 0)
			strlcat(text, " ", size);
		strlcat(text, place->example->words[i], size);
	}
	return text;
}

static void
place_enter(const struct command_registry *registry, struct command_place *place,
	const struct command_entry *example)
{
	place->example = example;
	place->depth++;
	place->entry = NULL;
	for (unsigned int i = 0; i < registry->count; i++) {
		const struct command_entry *entry = &registry->entries[i];

		if (entry->word_count == place->depth && command_under(entry, place))
			place->entry = entry;
	}
}

/* The entry whose next word is `word`, or begins with it when only one does. Returns NULL when none
 * does; `candidates` gets the list of those that do when there are several. */
static const struct command_entry *
choose(const struct command_registry *registry, const struct command_place *place, const char *word,
	char *candidates, size_t size)
{
	const struct command_entry *entry, *found = NULL;
	unsigned int index = 0, count = 0;

	candidates[0] = '\0';
	while ((entry = command_next_word(registry, place, &index)) != NULL) {
		if (strcmp(entry->words[place->depth], word) == 0) {
			candidates[0] = '\0';
			return entry;
		}
		if (strncmp(entry->words[place->depth], word, strlen(word)) == 0) {
			list_append(candidates, size, entry->words[place->depth]);
			found = entry;
			count++;
		}
	}
	/* A short word after a complete command is rather its argument. */
	if (place->entry != NULL && place->entry->command->arguments[0].name != NULL) {
		candidates[0] = '\0';
		return NULL;
	}
	return count == 1 ? found : NULL;
}

int
command_find(const struct command_registry *registry, struct words *words,
	struct command_place *place, struct fault *fault)
{
	const char *word;

	memset(place, 0, sizeof(*place));
	while ((word = words_peek(words)) != NULL) {
		char candidates[160], path[160];
		const struct command_entry *entry =
			choose(registry, place, word, candidates, sizeof(candidates));

		if (entry == NULL && candidates[0] == '\0')
			return 0;
		if (entry == NULL) {
			char remedy[sizeof(fault->remedy)];

			snprintf(remedy, sizeof(remedy), "Type more of it: %s", candidates);
			command_place_text(place, path, sizeof(path));
			return fault_set(fault, EINVAL, "ambiguous-word", word, remedy,
				place->depth > 0 ? "ambiguous word after `%s`" : "ambiguous word%s",
				path);
		}
		words_take(words);
		place_enter(registry, place, entry);
	}
	return 0;
}
