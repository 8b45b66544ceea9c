/* The readers of value.h's kinds, private to value*.c. Each returns 0, or -EINVAL with `refusal`
 * filled and `destination` unchanged. */
#ifndef CONFIG_VALUE_KINDS_H
#define CONFIG_VALUE_KINDS_H

#include "config/value.h"

int config_store_address(const char *text, void *destination, struct config_refusal *refusal);
int config_store_prefix(const struct config_row *row, const char *text, void *destination,
	struct config_refusal *refusal);
int config_store_endpoint(const struct config_row *row, const char *text, void *destination,
	struct config_refusal *refusal);
int config_store_mac(const char *text, void *destination, struct config_refusal *refusal);

/* Fills `refusal` and returns -EINVAL. */
int config_refuse(struct config_refusal *refusal, const char *code, const char *sentence,
	const char *remedy_format, ...) __attribute__((format(printf, 4, 5)));

/* The "a..b" or "/a../b" at the start of a row's bounds. */
void config_read_range(const char *bounds, uint64_t *minimum, uint64_t *maximum);

#endif
