/* Rows of a bench's result: one JSON object a line, or a table to read. */
#ifndef BENCH_ROW_H
#define BENCH_ROW_H

#include <stdbool.h>
#include <stdint.h>

#define ROW_FIELDS_MAX 16

struct row_field {
	const char *name; /* with its unit: "index_bytes_per_endpoint" */
	double value;
	int decimals;
};

struct row {
	const char *case_name;
	const char *direction; /* "out", "in", or NULL: the row has none */
	unsigned int count;
	struct row_field fields[ROW_FIELDS_MAX]; /* in the order of printing */
};

void row_add(struct row *row, const char *name, double value, int decimals);

/* Prints the row of bench `bench` at once. The first text row of a kind prints its heading. */
void row_print(const char *bench, const struct row *row, bool json);

#endif
