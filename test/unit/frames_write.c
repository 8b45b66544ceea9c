/* Text to frame; see frames.h. */
#include "frames.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "base/ipv4.h"
#include "frames_common.h"
#include "wire/frame.h"

#define WORDS_MAX 40

/* A frame in the making; offsets are from the first byte. */
struct writer {
	const char *text; /* whole, for complaints */
	char copy[FRAMES_TEXT];
	char *words[WORDS_MAX];
	unsigned int count, at;
	uint8_t *bytes;
	unsigned int l3, l4, length;
	uint8_t ttl, protocol;
	unsigned int data, vlan, mtu, cut;
	bool df, no_checksum, own_ip_checksum;
	struct ipv4_endpoint source, destination;
};

static _Noreturn void
refuse(const struct writer *writer, const char *why)
{
	fprintf(stderr, "frame text \"%s\": %s\n", writer->text, why);
	exit(2);
}

static const char *
next(struct writer *writer)
{
	if (writer->at == writer->count)
		refuse(writer, "ends too early");
	return writer->words[writer->at++];
}

static void
expect(struct writer *writer, const char *word)
{
	if (strcmp(next(writer), word) != 0)
		refuse(writer, word);
}

static unsigned int
number(struct writer *writer)
{
	uint64_t value;

	if (number_parse(next(writer), UINT16_MAX, &value) != 0)
		refuse(writer, "not a number");
	return (unsigned int)value;
}

static void
endpoint(struct writer *writer, struct ipv4_endpoint *endpoint, bool with_port)
{
	const char *word = next(writer);

	if (with_port ? ipv4_endpoint_parse(word, endpoint) : ipv4_parse(word, &endpoint->address))
		refuse(writer, "not an endpoint");
}

static void
endpoints(struct writer *writer, bool with_ports)
{
	endpoint(writer, &writer->source, with_ports);
	expect(writer, ">");
	endpoint(writer, &writer->destination, with_ports);
}

static void
fill_data(struct writer *writer)
{
	for (unsigned int i = 0; i < writer->data; i++)
		writer->bytes[writer->length + i] = frames_data(i);
	writer->length += writer->data;
}

/* Options up to the end, a quotation, or bytes to write over. */
static void
options(struct writer *writer)
{
	while (writer->at < writer->count) {
		const char *word = writer->words[writer->at];

		if (word[0] == '(' || strchr(word, '=') != NULL)
			return;
		writer->at++;
		if (strcmp(word, "ttl") == 0)
			writer->ttl = (uint8_t)number(writer);
		else if (strcmp(word, "data") == 0)
			writer->data = number(writer);
		else if (strcmp(word, "vlan") == 0)
			writer->vlan = number(writer);
		else if (strcmp(word, "mtu") == 0)
			writer->mtu = number(writer);
		else if (strcmp(word, "cut") == 0)
			writer->cut = number(writer);
		else if (strcmp(word, "quoted") == 0)
			writer->cut = writer->l3 + number(writer);
		else if (strcmp(word, "df") == 0)
			writer->df = true;
		else if (strcmp(word, "no-checksum") == 0)
			writer->no_checksum = true;
		else
			refuse(writer, word);
	}
}

static void
write_udp(struct writer *writer)
{
	uint8_t *l4 = writer->bytes + writer->l4;

	writer->protocol = IPV4_PROTOCOL_UDP;
	endpoints(writer, true);
	options(writer);
	store_be16(l4, writer->source.port);
	store_be16(l4 + 2, writer->destination.port);
	store_be16(l4 + 4, (uint16_t)(UDP_HEADER_BYTES + writer->data));
	writer->length = writer->l4 + UDP_HEADER_BYTES;
	fill_data(writer);
}

static uint8_t
tcp_flags(struct writer *writer)
{
	char words[32], *rest = words, *word;
	uint8_t flags = 0;

	strlcpy(words, next(writer), sizeof(words));
	while ((word = strsep(&rest, "+")) != NULL)
		for (unsigned int i = 0; i < FRAMES_TCP_FLAGS; i++)
			if (strcmp(word, frames_tcp_flags[i]) == 0)
				flags |= (uint8_t)(1 << i);
	return flags;
}

static void
write_tcp(struct writer *writer)
{
	uint8_t *l4 = writer->bytes + writer->l4;

	writer->protocol = IPV4_PROTOCOL_TCP;
	endpoints(writer, true);
	l4[12] = TCP_HEADER_BYTES / 4 << 4;
	l4[TCP_OFFSET_FLAGS] = tcp_flags(writer);
	options(writer);
	store_be16(l4, writer->source.port);
	store_be16(l4 + 2, writer->destination.port);
	store_be32(l4 + 4, 1000);
	store_be16(l4 + 14, 0xffff);
	writer->length = writer->l4 + TCP_HEADER_BYTES;
	fill_data(writer);
}

static void
write_echo(struct writer *writer, uint8_t type)
{
	uint8_t *l4 = writer->bytes + writer->l4;

	writer->protocol = IPV4_PROTOCOL_ICMP;
	endpoints(writer, false);
	expect(writer, "id");
	l4[0] = type;
	store_be16(l4 + ICMP_OFFSET_IDENTIFIER, (uint16_t)number(writer));
	store_be16(l4 + 6, 1);
	options(writer);
	writer->length = writer->l4 + ICMP_HEADER_BYTES;
	fill_data(writer);
}

/* The quoted datagram is a frame of its own, without its Ethernet header. */
static void
quote(struct writer *writer)
{
	static const uint8_t nobody[6];
	uint8_t inner[FRAMES_BYTES];
	char text[FRAMES_TEXT] = "";
	unsigned int length;

	expect(writer, "(");
	while (writer->at < writer->count && strcmp(writer->words[writer->at], ")") != 0) {
		strlcat(text, next(writer), sizeof(text));
		strlcat(text, " ", sizeof(text));
	}
	expect(writer, ")");
	length = frames_write(text, nobody, nobody, inner) - ETHERNET_HEADER_BYTES;
	memcpy(writer->bytes + writer->length, inner + ETHERNET_HEADER_BYTES, length);
	writer->length += length;
}

static void
write_icmp_error(struct writer *writer)
{
	uint8_t *l4 = writer->bytes + writer->l4;
	const char *name = next(writer);
	unsigned int i = 0;

	while (i < FRAMES_ERRORS && strcmp(frames_errors[i].name, name) != 0)
		i++;
	if (i == FRAMES_ERRORS)
		refuse(writer, "no such error");
	writer->protocol = IPV4_PROTOCOL_ICMP;
	endpoints(writer, false);
	options(writer);
	l4[0] = frames_errors[i].type;
	l4[1] = frames_errors[i].code;
	store_be16(l4 + 6, (uint16_t)writer->mtu);
	writer->length = writer->l4 + ICMP_HEADER_BYTES;
	quote(writer);
}

/* After everything else of the datagram is known. */
static void
write_ipv4(struct writer *writer)
{
	uint8_t *l3 = writer->bytes + writer->l3;
	uint16_t sum;

	l3[0] = 0x45;
	store_be16(l3 + IPV4_OFFSET_TOTAL_LENGTH, (uint16_t)(writer->length - writer->l3));
	store_be16(l3 + IPV4_OFFSET_IDENTIFIER, 0x1234);
	store_be16(l3 + IPV4_OFFSET_FRAGMENT, writer->df ? IPV4_FRAGMENT_DF : 0);
	l3[IPV4_OFFSET_TTL] = writer->ttl;
	l3[IPV4_OFFSET_PROTOCOL] = writer->protocol;
	store_be32(l3 + IPV4_OFFSET_SOURCE, writer->source.address);
	store_be32(l3 + IPV4_OFFSET_DESTINATION, writer->destination.address);
	if (writer->no_checksum)
		return;
	sum = frames_l4_checksum(l3, writer->bytes + writer->l4, writer->length - writer->l4);
	if (writer->protocol == IPV4_PROTOCOL_UDP && sum == 0)
		sum = 0xffff;
	memcpy(writer->bytes + writer->l4 + frames_checksum_offset(writer->protocol), &sum, 2);
}

/* "ip[0]=65": bytes written over whatever was there. */
static void
overwrite(struct writer *writer)
{
	const char *word = next(writer), *hex = strchr(word, '=');
	unsigned int base = strncmp(word, "eth[", 4) == 0  ? 0
			    : strncmp(word, "ip[", 3) == 0 ? writer->l3
							   : writer->l4;
	unsigned int offset = (unsigned int)strtoul(strchr(word, '[') + 1, NULL, 10);

	if (base == writer->l3 && offset == IPV4_OFFSET_CHECKSUM)
		writer->own_ip_checksum = true;
	for (hex++; hex[0] != '\0' && hex[1] != '\0'; hex += 2, offset++) {
		char digits[3] = {hex[0], hex[1], '\0'};

		writer->bytes[base + offset] = (uint8_t)strtoul(digits, NULL, 16);
	}
}

static void
write_arp(struct writer *writer, bool ask, const uint8_t source_mac[6],
	const uint8_t destination_mac[6])
{
	uint8_t *arp = writer->bytes + writer->l3;

	endpoint(writer, ask ? &writer->destination : &writer->source, false);
	expect(writer, ask ? "from" : "to");
	endpoint(writer, ask ? &writer->source : &writer->destination, false);
	options(writer);
	memcpy(arp, "\0\1\10\0\6\4\0", 7);
	arp[7] = ask ? 1 : 2;
	memcpy(arp + 8, source_mac, 6);
	store_be32(arp + 14, writer->source.address);
	if (ask)
		memset(writer->bytes, 0xff, 6);
	else
		memcpy(arp + 18, destination_mac, 6);
	store_be32(arp + 24, writer->destination.address);
	writer->length = writer->l3 + 28;
}

/* The tag comes last in the text but first in the frame. */
static void
read_words(struct writer *writer, const char *text)
{
	char *rest = writer->copy, *word;

	writer->text = text;
	strlcpy(writer->copy, text, sizeof(writer->copy));
	while ((word = strsep(&rest, " ")) != NULL) {
		if (word[0] == '\0')
			continue;
		if (writer->count == WORDS_MAX)
			refuse(writer, "too many words");
		writer->words[writer->count++] = word;
	}
	writer->l3 = ETHERNET_HEADER_BYTES;
	for (unsigned int i = 0; i + 1 < writer->count && writer->words[i][0] != '('; i++)
		if (strcmp(writer->words[i], "vlan") == 0)
			writer->l3 += VLAN_TAG_BYTES;
	writer->l4 = writer->l3 + IPV4_HEADER_BYTES;
}

static void
write_ethernet(struct writer *writer, const uint8_t destination_mac[6], const uint8_t source_mac[6],
	uint16_t ethertype)
{
	memcpy(writer->bytes, destination_mac, 6);
	memcpy(writer->bytes + 6, source_mac, 6);
	store_be16(writer->bytes + writer->l3 - 2, ethertype);
}

unsigned int
frames_write(const char *text, const uint8_t destination_mac[6], const uint8_t source_mac[6],
	uint8_t bytes[FRAMES_BYTES])
{
	struct writer writer = {.bytes = bytes, .ttl = 64, .data = FRAMES_DATA_BYTES};
	const char *kind;
	bool arp;

	memset(bytes, 0, FRAMES_BYTES);
	read_words(&writer, text);
	kind = next(&writer);
	arp = strncmp(kind, "arp-", 4) == 0;
	write_ethernet(&writer, destination_mac, source_mac, arp ? ETHERTYPE_ARP : ETHERTYPE_IPV4);
	if (arp)
		write_arp(&writer, strcmp(kind, "arp-ask") == 0, source_mac, destination_mac);
	else if (strcmp(kind, "udp") == 0)
		write_udp(&writer);
	else if (strcmp(kind, "tcp") == 0)
		write_tcp(&writer);
	else if (strcmp(kind, "echo") == 0)
		write_echo(&writer, 8);
	else if (strcmp(kind, "echo-reply") == 0)
		write_echo(&writer, 0);
	else if (strcmp(kind, "icmp") == 0)
		write_icmp_error(&writer);
	else
		refuse(&writer, "unknown kind");
	if (!arp)
		write_ipv4(&writer);
	if (writer.vlan != 0) {
		store_be16(bytes + 12, ETHERTYPE_VLAN);
		store_be16(bytes + 14, (uint16_t)writer.vlan);
	}
	while (writer.at < writer.count)
		overwrite(&writer);
	if (!arp && !writer.own_ip_checksum) {
		unsigned int header = (bytes[writer.l3] & 15u) * 4;
		uint16_t sum = checksum_of(bytes + writer.l3, header);

		memcpy(bytes + writer.l3 + IPV4_OFFSET_CHECKSUM, &sum, sizeof(sum));
	}
	return writer.cut != 0 ? writer.cut : writer.length;
}
