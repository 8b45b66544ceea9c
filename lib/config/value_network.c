/* Addresses, prefixes and endpoints; see value.h. */
#include "config/value_kinds.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "base/ipv4.h"

int
config_store_address(const char *text, void *destination, struct config_refusal *refusal)
{
	if (ipv4_parse(text, destination) != 0)
		return config_refuse(refusal, "bad-address", "is not an IPv4 address",
			"Write four numbers 0..255, such as 192.0.2.1");
	return 0;
}

int
config_store_prefix(const struct config_row *row, const char *text, void *destination,
	struct config_refusal *refusal)
{
	bool network = row->kind == CONFIG_KIND_NETWORK;
	char suggestion[PREFIX_TEXT_BYTES];
	struct ipv4_prefix prefix = {0};
	uint64_t minimum, maximum;

	config_read_range(row->bounds, &minimum, &maximum);
	if (ipv4_prefix_parse(text, true, &prefix) != 0)
		return config_refuse(refusal, "bad-prefix", "is not an IPv4 prefix",
			"Write address/length, such as %s",
			network ? "192.0.2.0/24" : "192.0.2.1/24");
	if (prefix.length < minimum || prefix.length > maximum)
		return config_refuse(refusal, "out-of-bounds", "has a prefix length out of bounds",
			"Write a length within %s", row->bounds);
	if (network && (prefix.address & ~ipv4_mask(prefix.length)) != 0) {
		prefix.address &= ipv4_mask(prefix.length);
		return config_refuse(refusal, "host-bits", "has host bits set", "Write %s",
			ipv4_prefix_text(prefix, suggestion));
	}
	memcpy(destination, &prefix,
		sizeof(prefix)); /* padding too: values are compared as bytes */
	return 0;
}

int
config_store_endpoint(const struct config_row *row, const char *text, void *destination,
	struct config_refusal *refusal)
{
	struct ipv4_endpoint endpoint = {0};
	bool off = row->kind == CONFIG_KIND_LISTEN && text[0] == '\0';

	if (!off && ipv4_endpoint_parse(text, &endpoint) != 0)
		return config_refuse(refusal, "bad-endpoint", "is not an IPv4 address and port",
			"Write address:port, such as %s",
			row->kind == CONFIG_KIND_LISTEN ? "127.0.0.1:9723, or \"\" for off"
							: "192.0.2.1:8080");
	if (row->kind == CONFIG_KIND_LISTEN && !off && endpoint.port == 0)
		return config_refuse(
			refusal, "bad-endpoint", "has port 0", "Write a port within 1..65535");
	if (row->kind == CONFIG_KIND_LISTEN)
		strlcpy(destination, text, row->size);
	else
		memcpy(destination, &endpoint, sizeof(endpoint));
	return 0;
}

int
config_store_mac(const char *text, void *destination, struct config_refusal *refusal)
{
	uint8_t mac[6] = {0};
	const char *at = text;

	if (text[0] != '\0' && strlen(text) != 17)
		goto bad;
	for (int i = 0; i < 6 && text[0] != '\0'; i++, at += 3) {
		if (!isxdigit((unsigned char)at[0]) || !isxdigit((unsigned char)at[1]) ||
			at[2] != (i < 5 ? ':' : '\0'))
			goto bad;
		mac[i] = (uint8_t)strtoul(at, NULL, 16);
	}
	if (text[0] != '\0' && ((mac[0] & 1) != 0 || memcmp(mac, "\0\0\0\0\0", 6) == 0))
		return config_refuse(refusal, "bad-mac", "is not the address of one station",
			"Write a unicast MAC address, such as 02:00:00:00:00:01");
	memcpy(destination, mac, sizeof(mac));
	return 0;
bad:
	return config_refuse(refusal, "bad-mac", "is not a MAC address",
		"Write six pairs of hexadecimal digits, such as 02:00:00:00:00:01");
}
