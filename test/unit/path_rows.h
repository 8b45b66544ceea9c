/* Tests of the packet path as tables: one row is one frame that arrives, and what the gateway then
 * does. Every table runs with 1, 2 and 3 workers, frames arriving on each worker in turn, so that
 * the hand-over between workers is part of every test. */
#ifndef PATH_ROWS_H
#define PATH_ROWS_H

#include "gateway_lab.h"

struct path_row {
	enum lab_side from;
	const char *frame; /* that arrives there; NULL = nothing, only time passes */
	enum lab_side to;
	const char *expected;    /* the only frame that is sent, and where; NULL = none */
	enum drop_reason reason; /* the only reason that counts one more; 0 = none */
};

/* Sends the rows in order through one gateway; `extra` is its YAML. Neighbours are known unless
 * `resolved` is false. */
void path_rows_run(
	const struct path_row *rows, unsigned int count, const char *extra, bool resolved);

/* The same through a gateway that is already open. */
void path_rows_send(struct gateway_lab *lab, const struct path_row *rows, unsigned int count);

#define PATH_ROWS_RUN(rows, extra) \
	path_rows_run(rows, sizeof(rows) / sizeof((rows)[0]), extra, true)

#endif
