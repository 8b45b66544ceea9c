/* What went wrong, for a person and for a program.
 *
 * A fault says what happened, which value caused it and what to do about it. The prompt prints it
 * as three lines, JSON answers carry it as {"code","what","value","remedy"}, --check prints it with
 * the line of the file. Functions that can fail for reasons an operator must read take a
 * `struct fault *` as their last parameter and return 0 or -errno.
 *
 * Threads: a fault belongs to its caller; nothing here is shared.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

struct fault {
	int error;        /* positive errno */
	char code[32];    /* short stable name for scripts: "no-such-interface" */
	char what[192];   /* one sentence, no final full stop */
	char value[96];   /* the offending value, "" when there is none */
	char remedy[192]; /* what to do, an imperative sentence */
};

/* Fills `fault` (which may be NULL: then only the return value counts) and returns -error.
 * `value` and `remedy` may be NULL. */
int fault_set(struct fault *fault, int error, const char *code, const char *value,
	const char *remedy, const char *what_format, ...) __attribute__((format(printf, 6, 7)));

/* Prints "what: value. Remedy." into `text`, cut at `size`. Returns `text`. */
char *fault_text(const struct fault *fault, char *text, unsigned long size);

#endif
