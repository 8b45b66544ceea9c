/* How a command and its arguments are written in help, faults and man pages. See command.h. */
#include "command/arguments.h"

#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#define CHOICES_SHOWN_BYTES 48 /* longer lists of choices show the argument's name instead */

/* "in|out" or "in, out", cut at `size`. */
static void
join_choices(const char *const *choices, const char *separator, char *text, size_t size)
{
	text[0] = '\0';
	for (; *choices != NULL; choices++) {
		if (text[0] != '\0')
			strlcat(text, separator, size);
		strlcat(text, *choices, size);
	}
}

/* What stands for the value of an argument: "<address>", or its choices when they are few. */
static void
value_usage(const struct command_argument *argument, char *text, size_t size)
{
	static const char *const type_names[] = {
		[COMMAND_WORD] = "word",
		[COMMAND_NUMBER] = "number",
		[COMMAND_ADDRESS] = "address",
		[COMMAND_PREFIX] = "prefix",
		[COMMAND_ENDPOINT] = "endpoint",
		[COMMAND_REST] = "text",
		[COMMAND_NAME] = "command",
	};

	if (argument->type == COMMAND_WORD && argument->choices != NULL) {
		char choices[256];

		join_choices(argument->choices, "|", choices, sizeof(choices));
		if (strlen(choices) <= CHOICES_SHOWN_BYTES) {
			strlcpy(text, choices, size);
			return;
		}
	}
	snprintf(text, size, "<%s>", argument->named ? type_names[argument->type] : argument->name);
}

char *
command_usage(const struct command *command, char *text, size_t size)
{
	unsigned int count = command_argument_count(command);

	strlcpy(text, command->words, size);
	for (unsigned int i = 0; i < count; i++) {
		const struct command_argument *argument = &command->arguments[i];
		bool optional = command_argument_is_optional(argument);
		char value[64], word[160];

		value_usage(argument, value, sizeof(value));
		snprintf(word, sizeof(word), " %s%s%s%s%s", optional ? "[" : "",
			argument->named ? argument->name : "", argument->named ? " " : "", value,
			optional ? "]" : "");
		strlcat(text, word, size);
	}
	return text;
}

static void
number_bounds(const struct command_argument *argument, char *text, size_t size)
{
	unsigned long long minimum = argument->minimum, maximum = argument->maximum;

	if (maximum != 0)
		snprintf(text, size, "a number within %llu..%llu", minimum, maximum);
	else if (minimum != 0)
		snprintf(text, size, "a number of at least %llu", minimum);
	else
		strlcpy(text, "a number", size);
}

char *
command_bounds(const struct command_argument *argument, char *text, size_t size)
{
	switch (argument->type) {
	case COMMAND_WORD:
		if (argument->choices == NULL) {
			strlcpy(text, "a word", size);
		} else {
			char choices[256];

			join_choices(argument->choices, ", ", choices, sizeof(choices));
			snprintf(text, size, "one of %s", choices);
		}
		break;
	case COMMAND_NUMBER:
		number_bounds(argument, text, size);
		break;
	case COMMAND_ADDRESS:
		strlcpy(text, "an IPv4 address such as 10.0.0.1", size);
		break;
	case COMMAND_PREFIX:
		strlcpy(text, "an IPv4 prefix without host bits such as 10.0.0.0/8", size);
		break;
	case COMMAND_ENDPOINT:
		strlcpy(text, "an IPv4 address and port such as 10.0.0.1:5060", size);
		break;
	case COMMAND_REST:
		strlcpy(text, "the rest of the line", size);
		break;
	case COMMAND_NAME:
		strlcpy(text, "the words of a command", size);
		break;
	}
	return text;
}
