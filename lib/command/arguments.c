/* See arguments.h. */
#include "command/arguments.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

unsigned int
command_argument_count(const struct command *command)
{
	unsigned int count = 0;

	while (count < COMMAND_ARGUMENTS_MAX && command->arguments[count].name != NULL)
		count++;
	return count;
}

unsigned int
command_positional_count(const struct command *command)
{
	unsigned int count = 0;

	while (count < COMMAND_ARGUMENTS_MAX && command->arguments[count].name != NULL &&
		!command->arguments[count].named)
		count++;
	return count;
}

int
command_named_find(const struct command *command, const char *word)
{
	unsigned int count = command_argument_count(command);
	int found = -ENOENT;

	for (unsigned int i = command_positional_count(command); i < count; i++) {
		const char *name = command->arguments[i].name;

		if (strcmp(name, word) == 0)
			return (int)i;
		if (strncmp(name, word, strlen(word)) == 0)
			found = found == -ENOENT ? (int)i : -ENOTUNIQ;
	}
	return found;
}

/* The choice that `word` means: its index, or -EINVAL. */
static int
choice_find(const char *const *choices, const char *word)
{
	int found = -ENOENT;

	for (int i = 0; choices[i] != NULL; i++) {
		if (strcmp(choices[i], word) == 0)
			return i;
		if (strncmp(choices[i], word, strlen(word)) == 0)
			found = found == -ENOENT ? i : -EINVAL;
	}
	return found >= 0 ? found : -EINVAL;
}

static int
number_within(const struct command_argument *argument, const char *word, uint64_t *number)
{
	uint64_t maximum = argument->maximum != 0 ? argument->maximum : UINT64_MAX, value;

	if (number_parse(word, maximum, &value) != 0 || value < argument->minimum)
		return -EINVAL;
	*number = value;
	return 0;
}

static int
value_parse(const struct command_argument *argument, const char *word, struct command_value *value)
{
	int choice;

	value->given = true;
	value->word = word;
	switch (argument->type) {
	case COMMAND_WORD:
		if (argument->choices == NULL)
			return 0;
		choice = choice_find(argument->choices, word);
		if (choice < 0)
			return -EINVAL;
		value->word = argument->choices[choice];
		value->number = (uint64_t)choice;
		return 0;
	case COMMAND_NUMBER:
		return number_within(argument, word, &value->number);
	case COMMAND_ADDRESS:
		return ipv4_parse(word, &value->address);
	case COMMAND_PREFIX:
		return ipv4_prefix_parse(word, false, &value->prefix);
	case COMMAND_ENDPOINT:
		return ipv4_endpoint_parse(word, &value->endpoint);
	case COMMAND_REST:
	case COMMAND_NAME:
		return 0;
	}
	return -EINVAL;
}

static int
bad_value(const struct command *command, const struct command_argument *argument, const char *word,
	struct fault *fault)
{
	char bounds[160], remedy[sizeof(fault->remedy)];

	snprintf(remedy, sizeof(remedy), "Give %s",
		command_bounds(argument, bounds, sizeof(bounds)));
	return fault_set(fault, EINVAL, "bad-argument", word, remedy,
		"`%s` does not accept this %s", command->words, argument->name);
}

/* A fault whose remedy is the usage line. */
static int
bad_usage(const struct command *command, const char *code, const char *word, const char *what,
	const char *name, struct fault *fault)
{
	char usage[160], remedy[sizeof(fault->remedy)];

	snprintf(remedy, sizeof(remedy), "Type %s", command_usage(command, usage, sizeof(usage)));
	return fault_set(
		fault, EINVAL, code, word, remedy, "`%s` %s%s", command->words, what, name);
}

static int
rest_parse(const struct command *command, const struct command_argument *argument,
	struct words *words, struct command_value *value, struct fault *fault)
{
	const char *rest = words_rest(words);

	value->word = rest;
	value->given = rest[0] != '\0';
	if (argument->type == COMMAND_REST && strlen(rest) < argument->minimum)
		return bad_usage(
			command, "missing-argument", NULL, "needs ", argument->name, fault);
	return 0;
}

static int
positional_parse(const struct command *command, struct words *words, struct command_value *values,
	struct fault *fault)
{
	unsigned int count = command_positional_count(command);

	for (unsigned int i = 0; i < count; i++) {
		const struct command_argument *argument = &command->arguments[i];
		const char *word;

		if (command_argument_is_rest(argument))
			return rest_parse(command, argument, words, &values[i], fault);
		word = words_peek(words);
		if (word == NULL)
			return bad_usage(
				command, "missing-argument", NULL, "needs ", argument->name, fault);
		words_take(words);
		if (value_parse(argument, word, &values[i]) != 0)
			return bad_value(command, argument, word, fault);
	}
	return 0;
}

static int
named_parse(const struct command *command, struct words *words, struct command_value *values,
	struct fault *fault)
{
	const char *word;

	while ((word = words_peek(words)) != NULL) {
		int index = command_named_find(command, word);
		const struct command_argument *argument;

		words_take(words);
		if (index == -ENOTUNIQ)
			return bad_usage(command, "ambiguous-word", word,
				"has several arguments that begin so", "", fault);
		if (index < 0)
			return bad_usage(command, "unknown-argument", word,
				"has no argument of this name", "", fault);
		argument = &command->arguments[index];
		if (values[index].given)
			return bad_usage(command, "repeated-argument", word, "got twice ",
				argument->name, fault);
		word = words_peek(words);
		if (word == NULL)
			return bad_usage(command, "missing-argument", NULL, "needs a value after ",
				argument->name, fault);
		words_take(words);
		if (value_parse(argument, word, &values[index]) != 0)
			return bad_value(command, argument, word, fault);
	}
	return 0;
}

int
command_arguments_parse(const struct command *command, struct words *words,
	struct command_value *values, struct fault *fault)
{
	int error;

	memset(values, 0, COMMAND_ARGUMENTS_MAX * sizeof(*values));
	error = positional_parse(command, words, values, fault);
	if (error != 0)
		return error;
	return named_parse(command, words, values, fault);
}
