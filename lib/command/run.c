/* Runs one line. See command.h. */
#include "command/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command/arguments.h"
#include "command/registry.h"
#include "command/result_items.h"

/* A line from a socket or a file may hold anything: only printable bytes (UTF-8 included) pass. */
static int
check_line(const char *line, struct fault *fault)
{
	if (strnlen(line, COMMAND_LINE_BYTES) == COMMAND_LINE_BYTES) {
		char start[33];

		snprintf(start, sizeof(start), "%.28s...", line);
		return fault_set(fault, EINVAL, "line-too-long", start,
			"Shorten the line or give its parts in several commands",
			"a line has at most %d bytes", COMMAND_LINE_BYTES - 1);
	}
	for (const char *at = line; *at != '\0'; at++) {
		unsigned char byte = (unsigned char)*at;

		if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
			char value[8];

			snprintf(value, sizeof(value), "0x%02x", byte);
			return fault_set(fault, EINVAL, "bad-character", value,
				"Type printable characters only",
				"the line has a control character at column %zu",
				(size_t)(at - line) + 1);
		}
	}
	return 0;
}

/* No command has exactly the words of `place`: says what is wrong with `word`, the next one. */
static int
no_command(const struct command_registry *registry, const struct command_place *place,
	const char *word, struct fault *fault)
{
	char path[160], expected[140], remedy[sizeof(fault->remedy)];

	command_place_text(place, path, sizeof(path));
	command_expected(registry, place, expected, sizeof(expected));
	snprintf(remedy, sizeof(remedy), "Expected: %s%s", expected,
		place->depth == 0 ? " (`help` lists all)" : "");
	if (word == NULL)
		return fault_set(fault, EINVAL, "incomplete-command", NULL, remedy,
			"`%s` is not a whole command", path);
	return fault_set(fault, EINVAL, "unknown-command", word, remedy,
		place->depth > 0 ? "unknown word after `%s`" : "unknown command%s", path);
}

/* From the line to a command and its values. */
static int
parse(const struct command_registry *registry, struct words *words,
	const struct command_entry **entry, struct command_value *values, struct fault *fault)
{
	struct command_place place;
	int error = command_find(registry, words, &place, fault);

	if (error != 0)
		return error;
	if (place.entry == NULL)
		return no_command(registry, &place, words_peek(words), fault);
	/* Without arguments of its own, what follows was meant as a longer command. */
	if (words_peek(words) != NULL && place.entry->command->arguments[0].name == NULL) {
		unsigned int index = 0;

		if (command_next_word(registry, &place, &index) != NULL)
			return no_command(registry, &place, words_peek(words), fault);
		return fault_set(fault, EINVAL, "unknown-argument", words_peek(words),
			"Leave it out", "`%s` takes no arguments", place.entry->command->words);
	}
	*entry = place.entry;
	return command_arguments_parse(place.entry->command, words, values, fault);
}

int
command_run(struct command_registry *registry, const char *line, struct result *result,
	const char **words)
{
	struct command_value values[COMMAND_ARGUMENTS_MAX];
	const struct command_entry *entry = NULL;
	struct words scanner;
	struct fault fault;
	const char *word;
	int error;

	if (words != NULL)
		*words = NULL;
	if (check_line(line, &fault) != 0)
		return result_usage(result, &fault);
	words_start(&scanner, line);
	word = words_peek(&scanner);
	if (word == NULL || word[0] == '#')
		return 0;
	error = parse(registry, &scanner, &entry, values, &fault);
	if (entry != NULL && words != NULL)
		*words = entry->command->words;
	if (error != 0)
		return result_usage(result, &fault);

	error = entry->command->handler(entry->context, values, result);
	if (result_failure(result) != NULL)
		return error != 0 ? error : -result_failure(result)->error;
	if (error != 0)
		result_refuse(result, -error, "command-failed", NULL, NULL, "`%s` failed: %s",
			entry->command->words, strerror(-error));
	return error;
}
