/* The text of one value into its member, checked against its row's kind and bounds.
 *
 * Pure; any thread.
 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "config/row.h"

/* Why a text was refused, to be put behind the path of the value. */
struct config_refusal {
	const char *code;  /* stable short name: "out-of-bounds" */
	char sentence[96]; /* "has host bits set" */
	char remedy[160];  /* "Write 10.0.0.0/24" */
};

/* Stores `text` at `destination` (row->size bytes). 0, or -EINVAL with `refusal` filled and
 * `destination` unchanged. */
int config_value_store(const struct config_row *row, const char *text, void *destination,
	struct config_refusal *refusal);

#endif
