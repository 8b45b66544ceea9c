/* IPv4 addresses and prefixes as numbers and as text.
 *
 * Everywhere above the wire an address is a host-order uint32_t and a port a host-order uint16_t;
 * only lib/wire and the path's header accesses see network order.
 *
 * Parsers accept one canonical form (no leading zeros, no spaces, no short forms), return 0 or
 * -EINVAL and leave the result untouched on failure. Pure; any thread.
 */
#ifndef BASE_IPV4_H
#define BASE_IPV4_H

#include <stdbool.h>
#include <stdint.h>

#define IPV4_TEXT_BYTES     16 /* "255.255.255.255" and its NUL */
#define PREFIX_TEXT_BYTES   19 /* "255.255.255.255/32" and its NUL */
#define ENDPOINT_TEXT_BYTES 22 /* "255.255.255.255:65535" and its NUL */

struct ipv4_prefix {
	uint32_t address; /* host order; the bits beyond `length` are zero in a network prefix */
	uint8_t length;   /* 0..32 */
};

struct ipv4_endpoint {
	uint32_t address; /* host order */
	uint16_t port;    /* host order; for ICMP the query identifier */
};

int ipv4_parse(const char *text, uint32_t *address);

/* "a.b.c.d/len". With `host_bits_allowed` the address may carry bits beyond the length (an
 * interface address such as 10.0.0.1/24); otherwise such bits are an error. */
int ipv4_prefix_parse(const char *text, bool host_bits_allowed, struct ipv4_prefix *prefix);

/* "a.b.c.d:port" */
int ipv4_endpoint_parse(const char *text, struct ipv4_endpoint *endpoint);

/* Decimal number of at most `maximum`, digits only. */
int number_parse(const char *text, uint64_t maximum, uint64_t *number);

/* The writers return `text`, which must have the sizes above. */
char *ipv4_text(uint32_t address, char text[IPV4_TEXT_BYTES]);
char *ipv4_prefix_text(struct ipv4_prefix prefix, char text[PREFIX_TEXT_BYTES]);
char *ipv4_endpoint_text(struct ipv4_endpoint endpoint, char text[ENDPOINT_TEXT_BYTES]);

/* The mask of a prefix length, e.g. 24 -> 0xffffff00; 0 -> 0. */
static inline uint32_t
ipv4_mask(uint8_t length)
{
	return length == 0 ? 0 : UINT32_MAX << (32 - length);
}

static inline bool
ipv4_prefixes_equal(
	const struct ipv4_prefix *one, const struct ipv4_prefix *other, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (one[i].address != other[i].address || one[i].length != other[i].length)
			return false;
	return true;
}

/* How many addresses a prefix has. */
static inline uint64_t
ipv4_prefix_size(struct ipv4_prefix prefix)
{
	return UINT64_C(1) << (32 - prefix.length);
}

static inline bool
ipv4_prefix_contains(struct ipv4_prefix prefix, uint32_t address)
{
	return ((address ^ prefix.address) & ipv4_mask(prefix.length)) == 0;
}

#endif
