/* The table of commands: registration with its checks. See command.h. */
#include "command/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A wrong table is a programming error that every start of the program meets: say which, and stop.
 */
static void __attribute__((noreturn))
wrong_table(const struct command *command, const char *what, const char *other)
{
	fprintf(stderr, "command table: `%s` %s%s%s\n", command->words, what,
		other != NULL ? ": " : "", other != NULL ? other : "");
	abort();
}

struct command_registry *
command_registry_new(void)
{
	struct command_registry *registry = calloc(1, sizeof(*registry));

	if (registry == NULL)
		abort();
	command_register(registry, &command_help_table, registry);
	return registry;
}

void
command_registry_free(struct command_registry *registry)
{
	if (registry == NULL)
		return;
	for (unsigned int i = 0; i < registry->count; i++)
		free(registry->entries[i].storage);
	free(registry->entries);
	free(registry);
}

static void
split_words(struct command_entry *entry)
{
	char *rest;

	entry->storage = strdup(entry->command->words);
	if (entry->storage == NULL)
		abort();
	rest = entry->storage;
	for (char *word; (word = strsep(&rest, " ")) != NULL;) {
		if (*word == '\0' || entry->word_count == COMMAND_WORDS_MAX)
			wrong_table(entry->command, "has an empty word or too many words", NULL);
		entry->words[entry->word_count++] = word;
	}
}

static void
check_arguments(const struct command *command)
{
	const struct command_argument *last = NULL;
	unsigned int count = 0;

	for (; count < COMMAND_ARGUMENTS_MAX && command->arguments[count].name != NULL; count++) {
		const struct command_argument *argument = &command->arguments[count];
		bool to_the_end = argument->type == COMMAND_REST || argument->type == COMMAND_NAME;

		if (last != NULL && (last->type == COMMAND_REST || last->type == COMMAND_NAME))
			wrong_table(command, "has arguments after the rest of the line",
				argument->name);
		if (last != NULL && last->named && !argument->named)
			wrong_table(command, "has a positional argument after named ones",
				argument->name);
		if (to_the_end && argument->named)
			wrong_table(command, "names an argument that takes the rest of the line",
				argument->name);
		for (unsigned int i = 0; i < count; i++)
			if (strcmp(command->arguments[i].name, argument->name) == 0)
				wrong_table(command, "has an argument twice", argument->name);
		last = argument;
	}
}

/* True when `word` could be the first argument of `command`. */
static bool
could_be_argument(const struct command *command, const char *word)
{
	const struct command_argument *argument = command->arguments;

	if (argument->name != NULL && !argument->named) {
		if (argument->type == COMMAND_REST || argument->type == COMMAND_NAME)
			return true;
		if (argument->type != COMMAND_WORD)
			return false;
		if (argument->choices == NULL)
			return true;
		for (const char *const *choice = argument->choices; *choice != NULL; choice++)
			if (strcmp(*choice, word) == 0)
				return true;
		return false;
	}
	for (unsigned int i = 0; i < COMMAND_ARGUMENTS_MAX && argument[i].name != NULL; i++)
		if (strcmp(argument[i].name, word) == 0)
			return true;
	return false;
}

static void
check_pair(const struct command_entry *one, const struct command_entry *other)
{
	const struct command_entry *shorter = one->word_count <= other->word_count ? one : other;
	const struct command_entry *longer = shorter == one ? other : one;

	for (unsigned int i = 0; i < shorter->word_count; i++)
		if (strcmp(shorter->words[i], longer->words[i]) != 0)
			return;
	if (shorter->word_count == longer->word_count)
		wrong_table(one->command, "is registered twice", NULL);
	if (could_be_argument(shorter->command, longer->words[shorter->word_count]))
		wrong_table(shorter->command,
			"could read a word of another command as its argument",
			longer->command->words);
}

void
command_register(
	struct command_registry *registry, const struct command_table *table, void *context)
{
	for (unsigned int i = 0; i < table->count; i++) {
		struct command_entry entry = {
			.section = table->section,
			.command = &table->commands[i],
			.context = context,
		};

		split_words(&entry);
		check_arguments(entry.command);
		for (unsigned int j = 0; j < registry->count; j++)
			check_pair(&entry, &registry->entries[j]);
		if (registry->count == registry->capacity) {
			registry->capacity = registry->capacity != 0 ? 2 * registry->capacity : 64;
			registry->entries = reallocarray(
				registry->entries, registry->capacity, sizeof(*registry->entries));
			if (registry->entries == NULL)
				abort();
		}
		registry->entries[registry->count++] = entry;
	}
}

void
command_visit(const struct command_registry *registry, command_visitor *each, void *opaque)
{
	for (unsigned int i = 0; i < registry->count; i++)
		each(opaque, registry->entries[i].section, registry->entries[i].command);
}
