/* See row.h. */
#include "row.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define CASE_WIDTH  20
#define FIELD_LEAST 8

void
row_add(struct row *row, const char *name, double value, int decimals)
{
	assert(row->count < ROW_FIELDS_MAX);
	row->fields[row->count++] = (struct row_field){name, value, decimals};
}

static void
print_json(const char *bench, const struct row *row)
{
	printf("{\"bench\":\"%s\",\"case\":\"%s\"", bench, row->case_name);
	if (row->direction != NULL)
		printf(",\"direction\":\"%s\"", row->direction);
	for (unsigned int i = 0; i < row->count; i++)
		printf(",\"%s\":%.*f", row->fields[i].name, row->fields[i].decimals,
			row->fields[i].value);
	printf("}\n");
}

static int
width_of(const char *name)
{
	int width = (int)strlen(name);

	return width < FIELD_LEAST ? FIELD_LEAST : width;
}

/* Rows with the same first field belong to one table. */
static void
print_heading(const struct row *row)
{
	static const char *last;

	if (last != NULL && strcmp(last, row->fields[0].name) == 0)
		return;
	last = row->fields[0].name;
	printf("\n%-*s", CASE_WIDTH, "case");
	if (row->direction != NULL)
		printf("  dir");
	for (unsigned int i = 0; i < row->count; i++)
		printf("  %*s", width_of(row->fields[i].name), row->fields[i].name);
	printf("\n");
}

static void
print_text(const struct row *row)
{
	print_heading(row);
	printf("%-*s", CASE_WIDTH, row->case_name);
	if (row->direction != NULL)
		printf("  %3s", row->direction);
	for (unsigned int i = 0; i < row->count; i++)
		printf("  %*.*f", width_of(row->fields[i].name), row->fields[i].decimals,
			row->fields[i].value);
	printf("\n");
}

void
row_print(const char *bench, const struct row *row, bool json)
{
	if (json)
		print_json(bench, row);
	else
		print_text(row);
	fflush(stdout);
}
