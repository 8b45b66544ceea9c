/* See render.h. Columns are as wide as their widest cell, counted in characters, so that a person
 * can read down a column at a glance. */
#include "command/render.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/result_items.h"
#include "command/utf8.h"

#define COLUMN_GAP "  "

#define ONE_LINE   (-1)
#define NOTE_WIDTH 80

/* Writes text with control characters and invalid bytes as \xNN. Line breaks stay and are followed
 * by `indent` spaces, unless it is ONE_LINE. */
static void
print_clean(FILE *out, const char *text, int indent)
{
	while (*text != '\0') {
		unsigned int length = utf8_length(text);
		unsigned char byte = (unsigned char)*text;

		if (byte == '\n' && indent != ONE_LINE) {
			fprintf(out, "\n%*s", indent, "");
			text++;
		} else if (length == 0 || byte < ' ' || byte == 0x7f ||
			   /* U+0080..U+009F are control characters too */
			   (byte == 0xc2 && (unsigned char)text[1] < 0xa0)) {
			fprintf(out, "\\x%02x", byte);
			text++;
		} else {
			fwrite(text, 1, length, out);
			text += length;
		}
	}
}

/* The value as it is printed; the caller frees it. */
static char *
value_string(const struct result_value *value, int indent)
{
	char *string = NULL;
	size_t size;
	FILE *out = open_memstream(&string, &size);

	switch (value->kind) {
	case RESULT_TEXT:
		print_clean(out, value->text, indent);
		break;
	case RESULT_NUMBER:
		fprintf(out, "%llu", (unsigned long long)value->number);
		break;
	case RESULT_REAL:
		if (isfinite(value->real))
			fprintf(out, "%.*f", value->decimals, value->real);
		else
			fputs("-", out);
		break;
	case RESULT_FLAG:
		fputs(value->flag ? "yes" : "no", out);
		break;
	case RESULT_NONE:
		fputs("-", out);
		break;
	}
	fclose(out);
	return string;
}

/* Characters of a line, as a terminal shows them. */
static unsigned int
text_width(const char *text)
{
	unsigned int width = 0;

	for (; *text != '\0'; text++)
		if (((unsigned char)*text & 0xc0) != 0x80)
			width++;
	return width;
}

static void
print_padded(FILE *out, const char *text, unsigned int width, enum result_align align, bool last)
{
	unsigned int used = text_width(text);
	int space = used < width ? (int)(width - used) : 0;

	if (align == RESULT_RIGHT)
		fprintf(out, "%*s%s", space, "", text);
	else if (last) /* no spaces at the end of a line */
		fputs(text, out);
	else
		fprintf(out, "%s%*s", text, space, "");
}

static char *
heading_string(const char *name, const char *heading)
{
	char *text = strdup(heading != NULL ? heading : name);

	if (heading == NULL)
		for (char *at = text; *at != '\0'; at++)
			if (*at == '_')
				*at = ' ';
	return text;
}

static void
print_line(
	FILE *out, const struct result_table *table, char *const *cells, const unsigned int *widths)
{
	for (unsigned int i = 0; i < table->column_count; i++) {
		bool last = i + 1 == table->column_count;

		print_padded(out, cells[i], widths[i], table->columns[i].align, last);
		fputs(last ? "\n" : COLUMN_GAP, out);
	}
}

static void
print_table(FILE *out, const struct result_table *table)
{
	unsigned int columns = table->column_count;
	size_t lines = 1 + result_table_rows(table); /* the first line is the headings */
	char **cells = result_memory(lines * columns * sizeof(*cells));
	unsigned int *widths = result_memory(columns * sizeof(*widths));
	bool headings = false;

	for (size_t i = 0; i < lines * columns; i++) {
		unsigned int column = (unsigned int)(i % columns), width;

		if (i < columns)
			cells[i] =
				heading_string(table->columns[i].name, table->columns[i].heading);
		else
			cells[i] = value_string(
				result_table_cell(table, i / columns - 1, column), ONE_LINE);
		width = text_width(cells[i]);
		if (width > widths[column])
			widths[column] = width;
		if (i < columns && width > 0)
			headings = true;
	}
	for (size_t line = headings ? 0 : 1; line < lines; line++)
		print_line(out, table, cells + line * columns, widths);
	if (lines == 1)
		fputs("(none)\n", out);
	for (size_t i = 0; i < lines * columns; i++)
		free(cells[i]);
	free(cells);
	free(widths);
}

/* Prints the block of named values that begins at `item`; returns the item after it. */
static const struct result_item *
print_values(FILE *out, const struct result_item *item)
{
	const struct result_item *end;
	unsigned int width = 0;

	for (end = item; end != NULL && end->table == NULL; end = STAILQ_NEXT(end, next)) {
		unsigned int used = text_width(end->name);

		if (used > width)
			width = used;
	}
	for (; item != end; item = STAILQ_NEXT(item, next)) {
		char *heading = heading_string(item->name, NULL);
		char *value = value_string(&item->value, (int)width + 3);

		print_padded(out, heading, width, RESULT_LEFT, false);
		fprintf(out, "   %s\n", value);
		free(heading);
		free(value);
	}
	return end;
}

/* Writes a note, its lines broken between words. */
static void
print_note(FILE *out, const struct result_sentence *note)
{
	struct result_value value = {.kind = RESULT_TEXT, .text = note->text};
	char *text = value_string(&value, 0), *break_at = NULL;
	unsigned int column = 0;

	for (char *at = text; *at != '\0'; at++) {
		if (*at == '\n') {
			column = 0;
			break_at = NULL;
			continue;
		}
		if (*at == ' ')
			break_at = at;
		if (((unsigned char)*at & 0xc0) != 0x80 && ++column > NOTE_WIDTH &&
			break_at != NULL) {
			*break_at = '\n';
			column = (unsigned int)(at - break_at);
			break_at = NULL;
		}
	}
	fprintf(out, "%s\n", text);
	free(text);
}

static void
print_data(FILE *out, const struct result *result)
{
	const struct result_item *item;
	const struct result_sentence *note;
	unsigned int tables = 0;
	bool first = true;

	STAILQ_FOREACH (item, &result->items, next)
		tables += item->table != NULL;
	for (item = STAILQ_FIRST(&result->items); item != NULL; first = false) {
		if (!first)
			fputs("\n", out);
		if (item->table == NULL) {
			item = print_values(out, item);
			continue;
		}
		if (tables > 1) {
			char *title = heading_string(item->name, NULL);

			fprintf(out, "%s:\n", title);
			free(title);
		}
		print_table(out, item->table);
		item = STAILQ_NEXT(item, next);
	}
	STAILQ_FOREACH (note, &result->notes, next) {
		if (!first && note == STAILQ_FIRST(&result->notes))
			fputs("\n", out);
		print_note(out, note);
	}
}

static void
print_fault(FILE *out, const struct fault *fault)
{
	fputs("error: ", out);
	print_clean(out, fault->what, 7);
	if (fault->value[0] != '\0') {
		fputs("\nvalue: ", out);
		print_clean(out, fault->value, 7);
	}
	if (fault->remedy[0] != '\0') {
		fputs("\nremedy: ", out);
		print_clean(out, fault->remedy, 8);
	}
	fputs("\n", out);
}

char *
render_text(const struct result *result)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL) {
		fprintf(stderr, "out of memory for the answer of a command\n");
		abort();
	}
	if (result_failure(result) != NULL)
		print_fault(out, result_failure(result));
	else
		print_data(out, result);
	fclose(out);
	return text;
}
