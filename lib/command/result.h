/* What a command answers.
 *
 * A handler fills a result with named values and tables; the renderers print it as text for a
 * person or as JSON for a program, so the two can never disagree. A result holds either data or one
 * fault. Values appear in the order in which they were added.
 *
 * Text may hold any bytes: JSON output replaces invalid UTF-8 by U+FFFD, text output shows control
 * characters as \xNN, so that no value can break a parser or drive a terminal. JSON has no integers
 * above INT64_MAX: larger numbers become strings of digits.
 *
 * Threads: a result belongs to the thread that runs the command (the control thread).
 * Memory: allocation failure ends the program; results are small and never made on a packet path.
 */
#ifndef COMMAND_RESULT_H
#define COMMAND_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"

struct result;
struct result_table;

enum result_align { RESULT_LEFT, RESULT_RIGHT };

struct result_column {
	const char *name;    /* JSON key, snake_case with its unit: "idle_seconds" */
	const char *heading; /* text heading; NULL = the name with spaces for underscores. A table
			      * whose headings are all "" is printed without its heading line */
	enum result_align align;
};

struct result *result_new(void);
void result_free(struct result *result);

/* Named values of the answer; text output aligns them as "heading   value". */
void result_text(struct result *result, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void result_number(struct result *result, const char *name, uint64_t value);
void result_real(struct result *result, const char *name, double value, int decimals);
void result_flag(struct result *result, const char *name, bool value);

/* A sentence for the reader; JSON collects them in an array "notes". */
void result_note(struct result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A table: a JSON array of objects under `name`. `columns` must outlive the result. Cells are added
 * left to right; the row ends after the last column. A cell left out with result_cell_none() is
 * null in JSON and "-" in text. */
struct result_table *result_table(struct result *result, const char *name,
	const struct result_column *columns, unsigned int column_count);
void result_cell_text(struct result_table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void result_cell_number(struct result_table *table, uint64_t value);
void result_cell_real(struct result_table *table, double value, int decimals);
void result_cell_none(struct result_table *table);

/* Turns the result into a failure; data added before is dropped. Returns -fault->error, so that a
 * handler can `return result_fault(...)`. */
int result_fault(struct result *result, const struct fault *fault);
int result_refuse(struct result *result, int error, const char *code, const char *value,
	const char *remedy, const char *what_format, ...) __attribute__((format(printf, 6, 7)));

/* The fault that result_fault() or result_refuse() stored, or NULL when the command is well. */
const struct fault *result_failure(const struct result *result);

/* For commands that check something: the check ran, its data stays in the answer, and it found
 * faults. Gives exit status 4 instead of 0. */
void result_found_faults(struct result *result);

/* For `quit`: no further line of the same input (script, terminal) is to be read. */
void result_end_input(struct result *result);
bool result_ends_input(const struct result *result);

/* Exit status that the answer gives to a program (binfm-cli). */
enum result_exit {
	RESULT_DONE = 0,
	RESULT_FAILED = 1,       /* refused or failed */
	RESULT_USAGE = 2,        /* the line was no command */
	RESULT_UNREACHABLE = 3,  /* only binfm-cli: nobody answers at the socket */
	RESULT_FOUND_FAULTS = 4, /* result_found_faults() */
};
enum result_exit result_exit_status(const struct result *result);

#endif
