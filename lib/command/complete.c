/* Completion. The line is read as command_run() reads it, up to the word under the cursor; what
 * could stand there are the candidates. See command.h. */
#include "command/command.h"

#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#include "command/arguments.h"
#include "command/registry.h"

struct completion {
	const struct command_registry *registry;
	const char *start; /* what was typed of the last word */
	command_candidate *each;
	void *opaque;
	unsigned int count;
};

static void
offer(struct completion *completion, const char *word, const char *help)
{
	if (strncmp(word, completion->start, strlen(completion->start)) != 0)
		return;
	completion->each(completion->opaque, word, help != NULL ? help : "");
	completion->count++;
}

/* Words that continue the command; a word that only leads on to others shows those as its help. */
static void
offer_words(struct completion *completion, const struct command_place *place)
{
	const struct command_entry *entry;
	unsigned int index = 0;

	while ((entry = command_next_word(completion->registry, place, &index)) != NULL) {
		struct command_place next = {.example = entry, .depth = place->depth + 1};
		const char *help = NULL;
		char below[80];

		for (unsigned int i = 0; i < completion->registry->count; i++) {
			const struct command_entry *other = &completion->registry->entries[i];

			if (other->word_count == next.depth && command_under(other, &next))
				help = other->command->help;
		}
		if (help == NULL)
			help = command_expected(completion->registry, &next, below, sizeof(below));
		offer(completion, entry->words[place->depth], help);
	}
}

static void
offer_value(struct completion *completion, const struct command_argument *argument)
{
	char hint[48], help[256], bounds[128];

	if (argument->type == COMMAND_WORD && argument->choices != NULL) {
		for (const char *const *choice = argument->choices; *choice != NULL; choice++)
			offer(completion, *choice, argument->help);
		return;
	}
	if (completion->start[0] != '\0')
		return;
	snprintf(hint, sizeof(hint), "<%s>", argument->name);
	snprintf(help, sizeof(help), "%s: %s", argument->help,
		command_bounds(argument, bounds, sizeof(bounds)));
	offer(completion, hint, help);
}

static void
offer_named(struct completion *completion, const struct command *command, struct words *words)
{
	unsigned int count = command_argument_count(command);
	bool given[COMMAND_ARGUMENTS_MAX] = {false};
	const char *word;

	while ((word = words_peek(words)) != NULL) {
		int index = command_named_find(command, word);

		words_take(words);
		if (index < 0)
			return;
		given[index] = true;
		if (words_peek(words) == NULL) {
			offer_value(completion, &command->arguments[index]);
			return;
		}
		words_take(words);
	}
	for (unsigned int i = command_positional_count(command); i < count; i++)
		if (!given[i])
			offer(completion, command->arguments[i].name, command->arguments[i].help);
}

static void
offer_arguments(struct completion *completion, const struct command *command, struct words *words)
{
	unsigned int count = command_positional_count(command);

	for (unsigned int i = 0; i < count; i++) {
		const struct command_argument *argument = &command->arguments[i];

		if (argument->type == COMMAND_NAME) {
			struct command_place place;

			if (command_find(completion->registry, words, &place, NULL) == 0 &&
				words_peek(words) == NULL)
				offer_words(completion, &place);
			return;
		}
		if (words_peek(words) == NULL) {
			offer_value(completion, argument);
			return;
		}
		if (argument->type == COMMAND_REST)
			return;
		words_take(words);
	}
	offer_named(completion, command, words);
}

unsigned int
command_complete(
	struct command_registry *registry, const char *line, command_candidate *each, void *opaque)
{
	struct completion completion = {.registry = registry, .each = each, .opaque = opaque};
	struct command_place place;
	char head[COMMAND_LINE_BYTES];
	struct words words;
	size_t length = strnlen(line, COMMAND_LINE_BYTES);

	if (length == COMMAND_LINE_BYTES)
		return 0;
	while (length > 0 && !words_blank(line[length - 1]))
		length--;
	completion.start = line + length;
	memcpy(head, line, length);
	head[length] = '\0';

	words_start(&words, head);
	if (command_find(registry, &words, &place, NULL) != 0)
		return 0;
	if (words_peek(&words) == NULL)
		offer_words(&completion, &place);
	if (place.entry != NULL)
		offer_arguments(&completion, place.entry->command, &words);
	return completion.count;
}
