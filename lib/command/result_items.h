/* What a result is made of; only lib/command's own files look inside. */
#ifndef COMMAND_RESULT_ITEMS_H
#define COMMAND_RESULT_ITEMS_H

#include <stddef.h>
#include <sys/queue.h>

#include "command/result.h"

enum result_kind { RESULT_NONE, RESULT_TEXT, RESULT_NUMBER, RESULT_REAL, RESULT_FLAG };

struct result_value {
	enum result_kind kind;
	int decimals;    /* RESULT_REAL */
	char *text;      /* RESULT_TEXT; owned */
	uint64_t number; /* RESULT_NUMBER */
	double real;     /* RESULT_REAL */
	bool flag;       /* RESULT_FLAG */
};

struct result_table {
	const struct result_column *columns;
	unsigned int column_count;
	struct result_value *cells; /* row after row */
	size_t cell_count, cell_capacity;
};

/* A named value, or a table when `table` is set. */
struct result_item {
	STAILQ_ENTRY(result_item) next;
	char *name;
	struct result_value value;
	struct result_table *table;
};

struct result_sentence {
	STAILQ_ENTRY(result_sentence) next;
	char *text;
};

struct result {
	STAILQ_HEAD(, result_item) items;
	STAILQ_HEAD(, result_sentence) notes;
	bool failed; /* then only `fault` counts; items stay allocated, since a handler may still
		      * hold a pointer to one of its tables */
	struct fault fault;
	bool found_faults;
	bool usage; /* the line did not parse */
	bool ends_input;
};

/* Memory for a result; ends the program when there is none. */
void *result_memory(size_t bytes);

/* result_fault() for a line that is no command: exit status 2. */
int result_usage(struct result *result, const struct fault *fault);

/* Rows of a table, a last unfinished one included. */
size_t result_table_rows(const struct result_table *table);

/* The cell at `row`, `column`; RESULT_NONE for the missing ones of an unfinished row. */
const struct result_value *result_table_cell(
	const struct result_table *table, size_t row, unsigned int column);

#endif
