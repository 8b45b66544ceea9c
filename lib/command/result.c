/* See result.h. Values and tables are kept in lists in the order in which they were added. */
#include "command/result_items.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *
result_memory(size_t bytes)
{
	void *memory = calloc(1, bytes);

	if (memory == NULL) {
		fprintf(stderr, "out of memory for the answer of a command\n");
		abort();
	}
	return memory;
}

static char *__attribute__((format(printf, 1, 0)))
format_text(const char *format, va_list arguments)
{
	char *text = NULL;

	if (vasprintf(&text, format, arguments) < 0) {
		fprintf(stderr, "out of memory for the answer of a command\n");
		abort();
	}
	return text;
}

struct result *
result_new(void)
{
	struct result *result = result_memory(sizeof(*result));

	STAILQ_INIT(&result->items);
	STAILQ_INIT(&result->notes);
	return result;
}

static void
table_free(struct result_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->cell_count; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}

void
result_free(struct result *result)
{
	struct result_item *item;
	struct result_sentence *note;

	if (result == NULL)
		return;
	while ((item = STAILQ_FIRST(&result->items)) != NULL) {
		STAILQ_REMOVE_HEAD(&result->items, next);
		table_free(item->table);
		free(item->value.text);
		free(item->name);
		free(item);
	}
	while ((note = STAILQ_FIRST(&result->notes)) != NULL) {
		STAILQ_REMOVE_HEAD(&result->notes, next);
		free(note->text);
		free(note);
	}
	free(result);
}

static struct result_item *
item_add(struct result *result, const char *name)
{
	struct result_item *item = result_memory(sizeof(*item));

	item->name = result_memory(strlen(name) + 1);
	strcpy(item->name, name);
	STAILQ_INSERT_TAIL(&result->items, item, next);
	return item;
}

void
result_text(struct result *result, const char *name, const char *format, ...)
{
	struct result_item *item = item_add(result, name);
	va_list arguments;

	va_start(arguments, format);
	item->value.kind = RESULT_TEXT;
	item->value.text = format_text(format, arguments);
	va_end(arguments);
}

void
result_number(struct result *result, const char *name, uint64_t value)
{
	item_add(result, name)->value =
		(struct result_value){.kind = RESULT_NUMBER, .number = value};
}

void
result_real(struct result *result, const char *name, double value, int decimals)
{
	item_add(result, name)->value =
		(struct result_value){.kind = RESULT_REAL, .real = value, .decimals = decimals};
}

void
result_flag(struct result *result, const char *name, bool value)
{
	item_add(result, name)->value = (struct result_value){.kind = RESULT_FLAG, .flag = value};
}

void
result_note(struct result *result, const char *format, ...)
{
	struct result_sentence *note = result_memory(sizeof(*note));
	va_list arguments;

	va_start(arguments, format);
	note->text = format_text(format, arguments);
	va_end(arguments);
	STAILQ_INSERT_TAIL(&result->notes, note, next);
}

int
result_fault(struct result *result, const struct fault *fault)
{
	result->failed = true;
	result->fault = *fault;
	return -fault->error;
}

int
result_usage(struct result *result, const struct fault *fault)
{
	result->usage = true;
	return result_fault(result, fault);
}

int
result_refuse(struct result *result, int error, const char *code, const char *value,
	const char *remedy, const char *what_format, ...)
{
	struct fault fault;
	char what[sizeof(fault.what)];
	va_list arguments;

	va_start(arguments, what_format);
	vsnprintf(what, sizeof(what), what_format, arguments);
	va_end(arguments);
	fault_set(&fault, error, code, value, remedy, "%s", what);
	return result_fault(result, &fault);
}

const struct fault *
result_failure(const struct result *result)
{
	return result->failed ? &result->fault : NULL;
}

void
result_found_faults(struct result *result)
{
	result->found_faults = true;
}

void
result_end_input(struct result *result)
{
	result->ends_input = true;
}

bool
result_ends_input(const struct result *result)
{
	return result->ends_input;
}

enum result_exit
result_exit_status(const struct result *result)
{
	if (result->failed)
		return result->usage ? RESULT_USAGE : RESULT_FAILED;
	return result->found_faults ? RESULT_FOUND_FAULTS : RESULT_DONE;
}

struct result_table *
result_table(struct result *result, const char *name, const struct result_column *columns,
	unsigned int column_count)
{
	struct result_table *table = result_memory(sizeof(*table));

	table->columns = columns;
	table->column_count = column_count;
	item_add(result, name)->table = table;
	return table;
}

static struct result_value *
cell_add(struct result_table *table)
{
	struct result_value *cell;

	if (table->cell_count == table->cell_capacity) {
		size_t capacity = table->cell_capacity != 0 ? 2 * table->cell_capacity : 64;
		struct result_value *cells = result_memory(capacity * sizeof(*cells));

		if (table->cell_count != 0)
			memcpy(cells, table->cells, table->cell_count * sizeof(*cells));
		free(table->cells);
		table->cells = cells;
		table->cell_capacity = capacity;
	}
	cell = &table->cells[table->cell_count++];
	return cell;
}

void
result_cell_text(struct result_table *table, const char *format, ...)
{
	struct result_value *cell = cell_add(table);
	va_list arguments;

	va_start(arguments, format);
	cell->kind = RESULT_TEXT;
	cell->text = format_text(format, arguments);
	va_end(arguments);
}

void
result_cell_number(struct result_table *table, uint64_t value)
{
	*cell_add(table) = (struct result_value){.kind = RESULT_NUMBER, .number = value};
}

void
result_cell_real(struct result_table *table, double value, int decimals)
{
	*cell_add(table) =
		(struct result_value){.kind = RESULT_REAL, .real = value, .decimals = decimals};
}

void
result_cell_none(struct result_table *table)
{
	cell_add(table)->kind = RESULT_NONE;
}

size_t
result_table_rows(const struct result_table *table)
{
	return (table->cell_count + table->column_count - 1) / table->column_count;
}

const struct result_value *
result_table_cell(const struct result_table *table, size_t row, unsigned int column)
{
	static const struct result_value none = {.kind = RESULT_NONE};
	size_t index = row * table->column_count + column;

	return index < table->cell_count ? &table->cells[index] : &none;
}
