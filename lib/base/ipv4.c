/* See ipv4.h. */
#include "base/ipv4.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Reads a decimal number without leading zeros; returns the first character after it or NULL. */
static const char *
read_decimal(const char *text, uint64_t maximum, uint64_t *number)
{
	uint64_t value = 0;
	const char *at = text;

	if (*at < '0' || *at > '9' || (at[0] == '0' && at[1] >= '0' && at[1] <= '9'))
		return NULL;
	for (; *at >= '0' && *at <= '9'; at++) {
		unsigned int digit = (unsigned int)(*at - '0');

		if (value > (maximum - digit) / 10 || digit > maximum)
			return NULL;
		value = value * 10 + digit;
	}
	*number = value;
	return at;
}

/* Reads a dotted quad; returns the first character after it or NULL. */
static const char *
read_address(const char *text, uint32_t *address)
{
	uint32_t value = 0;

	for (int octet = 0; octet < 4; octet++) {
		uint64_t number;

		if (octet > 0 && *text++ != '.')
			return NULL;
		text = read_decimal(text, 255, &number);
		if (text == NULL)
			return NULL;
		value = value << 8 | (uint32_t)number;
	}
	*address = value;
	return text;
}

int
number_parse(const char *text, uint64_t maximum, uint64_t *number)
{
	uint64_t value;
	const char *end = read_decimal(text, maximum, &value);

	if (end == NULL || *end != '\0')
		return -EINVAL;
	*number = value;
	return 0;
}

int
ipv4_parse(const char *text, uint32_t *address)
{
	uint32_t value;
	const char *end = read_address(text, &value);

	if (end == NULL || *end != '\0')
		return -EINVAL;
	*address = value;
	return 0;
}

int
ipv4_prefix_parse(const char *text, bool host_bits_allowed, struct ipv4_prefix *prefix)
{
	uint32_t address;
	uint64_t length;
	const char *end = read_address(text, &address);

	if (end == NULL || *end != '/' || number_parse(end + 1, 32, &length) != 0)
		return -EINVAL;
	if (!host_bits_allowed && (address & ~ipv4_mask((uint8_t)length)) != 0)
		return -EINVAL;
	prefix->address = address;
	prefix->length = (uint8_t)length;
	return 0;
}

int
ipv4_endpoint_parse(const char *text, struct ipv4_endpoint *endpoint)
{
	uint32_t address;
	uint64_t port;
	const char *end = read_address(text, &address);

	if (end == NULL || *end != ':' || number_parse(end + 1, 65535, &port) != 0)
		return -EINVAL;
	endpoint->address = address;
	endpoint->port = (uint16_t)port;
	return 0;
}

char *
ipv4_text(uint32_t address, char text[IPV4_TEXT_BYTES])
{
	snprintf(text, IPV4_TEXT_BYTES, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
		address >> 8 & 255, address & 255);
	return text;
}

char *
ipv4_prefix_text(struct ipv4_prefix prefix, char text[PREFIX_TEXT_BYTES])
{
	size_t used = strlen(ipv4_text(prefix.address, text));

	snprintf(text + used, PREFIX_TEXT_BYTES - used, "/%u", prefix.length & 63u);
	return text;
}

char *
ipv4_endpoint_text(struct ipv4_endpoint endpoint, char text[ENDPOINT_TEXT_BYTES])
{
	size_t used = strlen(ipv4_text(endpoint.address, text));

	snprintf(text + used, ENDPOINT_TEXT_BYTES - used, ":%u", endpoint.port);
	return text;
}
