/* See man.h. */
#include "command/man.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include <bsd/string.h>

#include "command/arguments.h"
#include "command/registry.h"

/* Text lines: no line may look like a macro, and a backslash must not begin an escape. A sentence
 * begins a new line, as mdoc wants it; an empty line begins a paragraph. */
static void
write_text(FILE *out, const char *text)
{
	bool line_start = true;

	for (; *text != '\0'; text++) {
		if (text[0] == '\n' && text[1] == '\n') {
			fputs(line_start ? ".Pp\n" : "\n.Pp\n", out);
			text++;
			line_start = true;
			continue;
		}
		if (text[0] == '\n' || (line_start && text[0] == ' ')) {
			if (!line_start)
				fputc('\n', out);
			line_start = true;
			continue;
		}
		if (line_start && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		if (*text == '\\')
			fputs("\\e", out);
		else
			fputc(*text, out);
		line_start = false;
		if ((*text == '.' || *text == '!' || *text == '?') && text[1] == ' ') {
			fputc('\n', out);
			line_start = true;
		}
	}
	if (!line_start)
		fputc('\n', out);
}

/* A sentence from a help line that has neither capital nor full stop. */
static void
write_sentence(FILE *out, const char *text)
{
	char sentence[512];
	size_t length;

	strlcpy(sentence, text, sizeof(sentence) - 1); /* a byte stays for the full stop */
	sentence[0] = (char)toupper((unsigned char)sentence[0]);
	length = strlen(sentence);
	if (length > 0 && sentence[length - 1] != '.')
		strcpy(sentence + length, ".");
	write_text(out, sentence);
}

/* One argument of a macro line, quoted; "Xo" or "." as a word must not act. */
static void
write_word(FILE *out, const char *word)
{
	fputs(" \"\\&", out);
	for (; *word != '\0'; word++) {
		if (*word == '"')
			fputs("\\(dq", out);
		else if (*word == '\\')
			fputs("\\e", out);
		else
			fputc(*word, out);
	}
	fputc('"', out);
}

static void
write_value(FILE *out, const struct command_argument *argument)
{
	if (argument->type != COMMAND_WORD || argument->choices == NULL) {
		fputs("Ar", out);
		write_word(out, argument->named ? "value" : argument->name);
		return;
	}
	for (const char *const *choice = argument->choices; *choice != NULL; choice++) {
		fputs(choice == argument->choices ? "Cm" : " | Cm", out);
		write_word(out, *choice);
	}
}

/* The command as it is typed: ".It Ic show nat host Xo", a line an argument, ".Xc". */
static void
write_heading(FILE *out, const struct command *command)
{
	unsigned int count = command_argument_count(command);

	fputs(".It Ic", out);
	write_word(out, command->words);
	fputs(count > 0 ? " Xo\n" : "\n", out);
	for (unsigned int i = 0; i < count; i++) {
		const struct command_argument *argument = &command->arguments[i];

		fputs(command_argument_is_optional(argument) ? ".Oo " : ".", out);
		if (argument->named) {
			fputs("Cm", out);
			write_word(out, argument->name);
			fputc(' ', out);
		}
		write_value(out, argument);
		fputs(command_argument_is_optional(argument) ? " Oc\n" : "\n", out);
	}
	if (count > 0)
		fputs(".Xc\n", out);
}

static void
write_arguments(FILE *out, const struct command *command)
{
	unsigned int count = command_argument_count(command);

	if (count == 0)
		return;
	fputs(".Bl -tag -width Ds -compact\n", out);
	for (unsigned int i = 0; i < count; i++) {
		const struct command_argument *argument = &command->arguments[i];
		char bounds[256], accepted[300];

		fputs(argument->named ? ".It Cm" : ".It Ar", out);
		write_word(out, argument->name);
		fputc('\n', out);
		write_sentence(out, argument->help);
		snprintf(accepted, sizeof(accepted), "accepts %s%s",
			command_bounds(argument, bounds, sizeof(bounds)),
			argument->named ? "; may be left out" : "");
		write_sentence(out, accepted);
	}
	fputs(".El\n", out);
}

static void
write_section(const struct command_registry *registry, const char *section, FILE *out)
{
	fputs(".Ss", out);
	write_word(out, section);
	fputs("\n.Bl -tag -width Ds\n", out);
	for (unsigned int i = 0; i < registry->count; i++) {
		const struct command *command = registry->entries[i].command;

		if (strcmp(registry->entries[i].section, section) != 0)
			continue;
		write_heading(out, command);
		write_sentence(out, command->help);
		write_arguments(out, command);
		if (command->text != NULL) {
			fputs(".Pp\n", out);
			write_text(out, command->text);
		}
	}
	fputs(".El\n", out);
}

int
command_man_write(
	const struct command_registry *registry, const struct command_man_page *page, FILE *out)
{
	char today[32];
	time_t now = time(NULL);

	strftime(today, sizeof(today), "%B %-d, %Y", gmtime(&now));
	fprintf(out, ".Dd %s\n.Dt ", page->date != NULL ? page->date : today);
	for (const char *at = page->name; *at != '\0'; at++)
		fputc(toupper((unsigned char)*at), out);
	fprintf(out, " %s\n.Os\n.Sh NAME\n.Nm %s\n.Nd ", page->section, page->name);
	fprintf(out, "%s\n", page->summary);
	if (page->description != NULL) {
		fputs(".Sh DESCRIPTION\n", out);
		write_text(out, page->description);
	}
	fputs(".Sh COMMANDS\n", out);
	for (unsigned int i = 0; i < registry->count; i++) {
		unsigned int first = 0;

		while (strcmp(registry->entries[first].section, registry->entries[i].section) != 0)
			first++;
		if (first == i)
			write_section(registry, registry->entries[i].section, out);
	}
	if (page->see_also != NULL)
		fprintf(out, ".Sh SEE ALSO\n.Xr %s\n", page->see_also);
	return fflush(out) != 0 || ferror(out) ? -EIO : 0;
}
