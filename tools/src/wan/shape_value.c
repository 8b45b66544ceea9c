/* See shape_value.h. */
#include "shape_value.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 15 /* that a double holds exactly */

/* Units grow, so that the last that fits is the largest. */
const struct shape_unit shape_times[] = {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {NULL, 0}};
const struct shape_unit shape_rates[] = {
	{"bit", 1}, {"kbit", 1e3}, {"mbit", 1e6}, {"gbit", 1e9}, {NULL, 0}};
const struct shape_unit shape_sizes[] = {{"", 1}, {"K", 1024}, {"M", 1048576}, {NULL, 0}};

/* Digits with at most one point: strtod() would also read "inf", "0x1p3" and " 1". Returns what
 * follows, or NULL. */
static const char *
read_decimal(const char *text, double *number)
{
	unsigned int digits = 0;
	double value = 0, divisor = 1;
	bool fraction = false;

	for (; isdigit((unsigned char)*text) || (*text == '.' && !fraction); text++) {
		if (*text == '.') {
			fraction = true;
			if (digits == 0)
				return NULL;
			continue;
		}
		if (++digits > DIGITS_MAX)
			return NULL;
		value = value * 10 + (*text - '0');
		if (fraction)
			divisor *= 10;
	}
	*number = value / divisor;
	return digits > 0 ? text : NULL;
}

int
shape_amount(const char *text, const struct shape_unit *units, uint64_t most, uint64_t *amount)
{
	double number;
	const char *unit = read_decimal(text, &number);

	if (unit == NULL)
		return -EINVAL;
	if (number == 0 && *unit == '\0') {
		*amount = 0;
		return 0;
	}
	for (; units->name != NULL; units++) {
		if (strcmp(unit, units->name) != 0)
			continue;
		if (number * units->worth > (double)most)
			return -EINVAL;
		*amount = (uint64_t)(number * units->worth + 0.5);
		return 0;
	}
	return -EINVAL;
}

int
shape_share(const char *text, double *share)
{
	double number;
	const char *unit = read_decimal(text, &number);

	if (unit == NULL || strcmp(unit, "%") != 0 || number > 100)
		return -EINVAL;
	*share = number / 100;
	return 0;
}

char *
shape_amount_text(uint64_t amount, const struct shape_unit *units, char *text, size_t size)
{
	const struct shape_unit *best = units;

	for (; units->name != NULL; units++)
		if ((double)amount >= units->worth && amount * 1000 % (uint64_t)units->worth == 0)
			best = units;
	snprintf(text, size, "%.10g%s", (double)amount / best->worth, best->name);
	return text;
}
