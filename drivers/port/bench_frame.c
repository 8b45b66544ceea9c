/* See bench_frame.h. */
#include "drivers/port/bench_frame.h"

#define TTL             64
#define TCP_WINDOW      0xffff
#define ICMP_ECHO       8
#define ICMP_ECHO_REPLY 0

static const struct {
	uint8_t protocol;
	uint8_t header_bytes; /* of the transport */
} protocols[BENCH_PROTOCOLS] = {
	[BENCH_UDP] = {IPV4_PROTOCOL_UDP, UDP_HEADER_BYTES},
	[BENCH_TCP] = {IPV4_PROTOCOL_TCP, TCP_HEADER_BYTES},
	[BENCH_ICMP] = {IPV4_PROTOCOL_ICMP, ICMP_HEADER_BYTES},
};

unsigned int
bench_header_bytes(uint8_t protocol)
{
	for (unsigned int i = 0; i < BENCH_PROTOCOLS; i++)
		if (protocols[i].protocol == protocol)
			return ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES +
			       protocols[i].header_bytes;
	return 0;
}

static void
write_transport(uint8_t *l4, unsigned int index, bool replies)
{
	if (index == BENCH_TCP) {
		l4[12] = TCP_HEADER_BYTES / 4 << 4;
		l4[TCP_OFFSET_FLAGS] = 0x10; /* ACK */
		store_be16(l4 + 14, TCP_WINDOW);
	} else if (index == BENCH_ICMP) {
		l4[0] = replies ? ICMP_ECHO_REPLY : ICMP_ECHO;
	}
}

void
bench_headers_prepare(struct bench_headers *headers, const uint8_t source[6],
	const uint8_t destination[6], bool replies)
{
	memset(headers, 0, sizeof(*headers));
	for (unsigned int i = 0; i < BENCH_PROTOCOLS; i++) {
		uint8_t *frame = headers->of[i].bytes;
		uint8_t *l3 = frame + ETHERNET_HEADER_BYTES, *l4 = l3 + IPV4_HEADER_BYTES;
		uint16_t protocol = __builtin_bswap16(protocols[i].protocol);

		memcpy(frame, destination, 6);
		memcpy(frame + 6, source, 6);
		store_be16(frame + 12, ETHERTYPE_IPV4);
		l3[0] = 4 << 4 | IPV4_HEADER_BYTES / 4;
		store_be16(l3 + IPV4_OFFSET_FRAGMENT, IPV4_FRAGMENT_DF);
		l3[IPV4_OFFSET_TTL] = TTL;
		l3[IPV4_OFFSET_PROTOCOL] = protocols[i].protocol;
		write_transport(l4, i, replies);
		headers->of[i].l3_sum = checksum_sum(l3, IPV4_HEADER_BYTES);
		headers->of[i].l4_sum = checksum_sum(l4, protocols[i].header_bytes);
		if (i != BENCH_ICMP) /* the pseudo-header's protocol */
			headers->of[i].l4_sum += protocol;
	}
}
