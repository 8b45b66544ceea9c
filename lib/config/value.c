/* Numbers, words and texts, and the choice of the reader; see value.h. Each reader checks its row's
 * bounds as they stand there. */
#include "config/value_kinds.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "base/ipv4.h"

#define REAL_UNITS                                                                    \
	1000000 /* a real is read as millionths: six decimals, no rounding on the way \
		 */

int
config_refuse(struct config_refusal *refusal, const char *code, const char *sentence,
	const char *remedy_format, ...)
{
	va_list arguments;

	refusal->code = code;
	strlcpy(refusal->sentence, sentence, sizeof(refusal->sentence));
	va_start(arguments, remedy_format);
	vsnprintf(refusal->remedy, sizeof(refusal->remedy), remedy_format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/* Reads decimal digits with at most six decimals as millionths; false when it is not that. */
static bool
read_millionths(const char *text, uint64_t *millionths)
{
	char whole[16];
	size_t length = strcspn(text, ".");
	uint64_t value, scale = REAL_UNITS;

	if (length >= sizeof(whole))
		return false;
	strlcpy(whole, text, length + 1);
	if (number_parse(whole, UINT32_MAX, &value) != 0)
		return false;
	value *= REAL_UNITS;
	if (text[length] == '.') {
		const char *digit = text + length + 1;

		if (*digit == '\0')
			return false;
		for (; *digit != '\0'; digit++) {
			scale /= 10;
			if (!isdigit((unsigned char)*digit) || scale == 0)
				return false;
			value += (uint64_t)(*digit - '0') * scale;
		}
	}
	*millionths = value;
	return true;
}

/* The "a..b" at the start of bounds; a row without it is a programming error that the unit test
 * of the rows finds. */
void
config_read_range(const char *bounds, uint64_t *minimum, uint64_t *maximum)
{
	char *end;

	*minimum = strtoull(bounds + strspn(bounds, "/"), &end, 10);
	*maximum = strncmp(end, "..", 2) == 0 ? strtoull(end + 2 + strspn(end + 2, "/"), NULL, 10)
					      : *minimum;
}

static int
store_number(const struct config_row *row, const char *text, void *destination,
	struct config_refusal *refusal)
{
	uint64_t minimum, maximum, number;

	config_read_range(row->bounds, &minimum, &maximum);
	if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0' ||
		(text[0] == '0' && text[1] != '\0'))
		return config_refuse(refusal, "not-a-number", "is not a number",
			"Write a decimal number within %s%s%s", row->bounds,
			row->unit[0] ? " " : "", row->unit);
	if (number_parse(text, maximum, &number) != 0 || number < minimum)
		return config_refuse(refusal, "out-of-bounds", "is out of bounds",
			"Write a number within %s%s%s", row->bounds, row->unit[0] ? " " : "",
			row->unit);
	if (row->size == sizeof(uint16_t))
		*(uint16_t *)destination = (uint16_t)number;
	else if (row->size == sizeof(uint32_t))
		*(uint32_t *)destination = (uint32_t)number;
	else
		*(uint64_t *)destination = number;
	return 0;
}

static int
store_real(const struct config_row *row, const char *text, void *destination,
	struct config_refusal *refusal)
{
	uint64_t value, minimum = 0, maximum = 0;
	char low[16];
	size_t length = strcspn(row->bounds, ".");
	const char *dots = strstr(row->bounds, "..");

	if (dots != NULL && (size_t)(dots - row->bounds) < sizeof(low)) {
		length = (size_t)(dots - row->bounds);
		strlcpy(low, row->bounds, length + 1);
		read_millionths(low, &minimum);
		read_millionths(dots + 2, &maximum);
	}
	if (!read_millionths(text, &value))
		return config_refuse(refusal, "not-a-number", "is not a number",
			"Write a number within %s, such as 0.5, with at most six decimals",
			row->bounds);
	if (value < minimum || value > maximum)
		return config_refuse(refusal, "out-of-bounds", "is out of bounds",
			"Write a number within %s", row->bounds);
	*(double *)destination = (double)value / REAL_UNITS;
	return 0;
}

static int
store_flag(const char *text, void *destination, struct config_refusal *refusal)
{
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return config_refuse(
			refusal, "not-a-flag", "is neither true nor false", "Write true or false");
	*(bool *)destination = text[0] == 't';
	return 0;
}

/* The position of `text` among the words of bounds, -1 when it is none of them. */
static int
word_index(const char *bounds, const char *text)
{
	size_t wanted = strlen(text);

	for (int index = 0; *bounds != '\0'; index++) {
		size_t length = strcspn(bounds, " |");

		if (length == wanted && strncmp(bounds, text, length) == 0)
			return index;
		bounds += length;
		bounds += strspn(bounds, " |");
	}
	return -1;
}

static int
store_word(const struct config_row *row, const char *text, void *destination,
	struct config_refusal *refusal)
{
	int index = word_index(row->bounds, text);

	if (index < 0)
		return config_refuse(refusal, "unknown-word", "is not one of the words known here",
			"Write one of: %s", row->bounds);
	if (row->kind == CONFIG_KIND_CHOICE)
		*(unsigned int *)destination = (unsigned int)index;
	else
		strlcpy(destination, text, row->size);
	return 0;
}

static bool
name_is_good(const char *text)
{
	static const char letters_and_digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	return isalnum((unsigned char)text[0]) && text[strspn(text, letters_and_digits)] == '\0';
}

/* Linux' rules for an interface: dev_valid_name() in net/core/dev.c. */
static bool
netdev_is_good(const char *text)
{
	return strcspn(text, "/: \t") == strlen(text) && strcmp(text, ".") != 0 &&
	       strcmp(text, "..") != 0;
}

static int
store_text(const struct config_row *row, const char *text, void *destination,
	struct config_refusal *refusal)
{
	uint64_t minimum, maximum;
	size_t length = strlen(text);

	config_read_range(row->bounds, &minimum, &maximum);
	if (length < minimum || length > maximum || length >= row->size)
		return config_refuse(refusal, "bad-length",
			length < minimum ? "is too short" : "is too long", "Write %s", row->bounds);
	if (row->kind == CONFIG_KIND_NAME && !name_is_good(text))
		return config_refuse(refusal, "bad-name", "has characters that a name may not have",
			"Use letters, digits, '-', '_' and '.', a letter or digit first");
	if (row->kind == CONFIG_KIND_NETDEV && !netdev_is_good(text))
		return config_refuse(refusal, "bad-name",
			"is no name for a Linux network interface",
			"Use at most 15 characters without '/', ':' and spaces");
	if (row->kind == CONFIG_KIND_PATH && text[0] != '/')
		return config_refuse(refusal, "bad-path", "is not an absolute path",
			"Write a path that begins with /");
	strlcpy(destination, text, row->size);
	return 0;
}

int
config_value_store(const struct config_row *row, const char *text, void *destination,
	struct config_refusal *refusal)
{
	switch (row->kind) {
	case CONFIG_KIND_NAME:
	case CONFIG_KIND_TEXT:
	case CONFIG_KIND_PATH:
	case CONFIG_KIND_NETDEV:
		return store_text(row, text, destination, refusal);
	case CONFIG_KIND_WORD:
	case CONFIG_KIND_CHOICE:
		return store_word(row, text, destination, refusal);
	case CONFIG_KIND_FLAG:
		return store_flag(text, destination, refusal);
	case CONFIG_KIND_NUMBER:
		return store_number(row, text, destination, refusal);
	case CONFIG_KIND_REAL:
		return store_real(row, text, destination, refusal);
	case CONFIG_KIND_ADDRESS:
		return config_store_address(text, destination, refusal);
	case CONFIG_KIND_NETWORK:
	case CONFIG_KIND_INTERFACE:
		return config_store_prefix(row, text, destination, refusal);
	case CONFIG_KIND_ENDPOINT:
	case CONFIG_KIND_LISTEN:
		return config_store_endpoint(row, text, destination, refusal);
	case CONFIG_KIND_MAC:
		return config_store_mac(text, destination, refusal);
	}
	return config_refuse(refusal, "no-kind", "has no reader", "Report this as a bug");
}
