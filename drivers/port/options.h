/* The text after a driver's device: "key=value,key=value".
 *
 * A driver lists its keys once, as rows; the parser refuses unknown keys, keys given twice, values
 * out of bounds and anything malformed, and names what would be accepted. Pure and bounds-checked;
 * any thread.
 */
#ifndef PORT_OPTIONS_H
#define PORT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum option_type {
	OPTION_NUMBER, /* decimal, minimum..maximum */
	OPTION_FLAG,   /* yes or no */
	OPTION_CHOICE, /* one word of `choices` */
};

struct option_row {
	const char *key;
	enum option_type type;
	uint64_t standard; /* when the key is not given; a choice's index, a flag's 0 or 1 */
	uint64_t minimum, maximum;  /* OPTION_NUMBER */
	const char *const *choices; /* OPTION_CHOICE: NULL-terminated */
};

/* Fills values[i] for rows[i]: the number, 0 or 1 for a flag, the index of a choice; its standard
 * where the key was not given. An empty text is valid. Returns 0 or -EINVAL with a fault of code
 * "bad-options", "unknown-option", "duplicate-option" or "bad-option-value". */
int options_parse(const char *text, const struct option_row *rows, size_t count, uint64_t *values,
	struct fault *fault);

#endif
