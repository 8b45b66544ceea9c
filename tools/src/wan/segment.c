/* See segment.h. */
#include "segment.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <linux/if_ether.h>
#include <netinet/in.h>

#include "base/bytes.h"

/* Virtio 1.2; Debian 12's headers have no name for it. */
#define GSO_UDP_L4 5

#define ADDRESSES_BYTES 12 /* Ethernet's, before the type */
#define IPV4_BYTES      20
#define IPV6_BYTES      40
#define TCP_BYTES       20
#define TCP_SEQUENCE    4
#define TCP_DATA_OFFSET 12
#define TCP_FLAGS       13
#define TCP_CHECKSUM    16
#define TCP_FIN         0x01
#define TCP_PSH         0x08
#define TCP_CWR         0x80
#define UDP_BYTES       8
#define UDP_LENGTH      4
#define UDP_CHECKSUM    6

/* Where the headers of a large frame are. */
struct layout {
	size_t network, transport, payload;
	bool ipv6, tcp;
};

/* RFC 1071: the sum of 16-bit words, not yet folded. */
static uint64_t
sum_words(const uint8_t *bytes, size_t length, uint64_t sum)
{
	for (; length >= 2; bytes += 2, length -= 2)
		sum += load_be16(bytes);
	return length > 0 ? sum + ((uint64_t)*bytes << 8) : sum;
}

static uint16_t
fold(uint64_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* The sender has put the pseudo header's sum where the checksum belongs. */
static int
finish_checksum(const struct virtio_net_hdr *offload, uint8_t *frame, size_t length)
{
	size_t start = offload->csum_start, place = start + offload->csum_offset;
	uint16_t checksum;

	if (start > length || place + 2 > length)
		return -EBADMSG;
	checksum = fold(sum_words(frame + start, length - start, 0));
	/* UDP means "none" by 0, and no other protocol minds the other form of it. */
	store_be16(frame + place, checksum != 0 ? checksum : 0xffff);
	return 0;
}

static int
find_network(const uint8_t *frame, size_t length, struct layout *layout)
{
	size_t place = ADDRESSES_BYTES;
	uint16_t type;

	for (;; place += 4) {
		if (place + 2 + IPV4_BYTES > length)
			return -EBADMSG;
		type = load_be16(frame + place);
		if (type != ETH_P_8021Q && type != ETH_P_8021AD)
			break;
	}
	layout->network = place + 2;
	layout->ipv6 = type == ETH_P_IPV6;
	if (layout->ipv6)
		return layout->network + IPV6_BYTES <= length ? 0 : -EBADMSG;
	return type == ETH_P_IP ? 0 : -EBADMSG;
}

static int
find_layout(const struct virtio_net_hdr *offload, const uint8_t *frame, size_t length,
	struct layout *layout)
{
	size_t headers;

	if (find_network(frame, length, layout) != 0)
		return -EBADMSG;
	switch (offload->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
	case VIRTIO_NET_HDR_GSO_TCPV6:
		layout->tcp = true;
		break;
	case GSO_UDP_L4:
		layout->tcp = false;
		break;
	default:
		return -EBADMSG;
	}
	layout->transport = offload->csum_start;
	if (layout->transport < layout->network + (layout->ipv6 ? IPV6_BYTES : IPV4_BYTES) ||
		layout->transport + (layout->tcp ? TCP_BYTES : UDP_BYTES) > length)
		return -EBADMSG;
	headers = layout->tcp ? (size_t)(frame[layout->transport + TCP_DATA_OFFSET] >> 4) * 4
			      : UDP_BYTES;
	layout->payload = layout->transport + headers;
	if (headers < (layout->tcp ? TCP_BYTES : UDP_BYTES) || layout->payload >= length)
		return -EBADMSG; /* with nothing to cut, too */
	return 0;
}

static void
write_network(const struct layout *layout, uint8_t *frame, size_t length, uint16_t number)
{
	uint8_t *header = frame + layout->network;

	if (layout->ipv6) {
		store_be16(header + 4, (uint16_t)(length - layout->network - IPV6_BYTES));
		return;
	}
	store_be16(header + 2, (uint16_t)(length - layout->network));
	store_be16(header + 4, (uint16_t)(load_be16(header + 4) + number));
	store_be16(header + 10, 0);
	store_be16(header + 10, fold(sum_words(header, layout->transport - layout->network, 0)));
}

/* Sums the addresses, the protocol and the length, then everything from the header on. */
static void
write_checksum(const struct layout *layout, uint8_t *frame, size_t length)
{
	size_t place = layout->transport + (layout->tcp ? TCP_CHECKSUM : UDP_CHECKSUM);
	size_t bytes = length - layout->transport;
	uint64_t sum = bytes + (layout->tcp ? IPPROTO_TCP : IPPROTO_UDP);
	uint16_t checksum;

	sum = layout->ipv6 ? sum_words(frame + layout->network + 8, 32, sum)
			   : sum_words(frame + layout->network + 12, 8, sum);
	store_be16(frame + place, 0);
	checksum = fold(sum_words(frame + layout->transport, bytes, sum));
	store_be16(frame + place, checksum != 0 ? checksum : 0xffff);
}

static void
write_transport(
	const struct layout *layout, uint8_t *frame, size_t length, size_t offset, bool last)
{
	uint8_t *header = frame + layout->transport;

	if (layout->tcp) {
		store_be32(
			header + TCP_SEQUENCE, load_be32(header + TCP_SEQUENCE) + (uint32_t)offset);
		if (!last)
			header[TCP_FLAGS] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
		if (offset > 0)
			header[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
	} else {
		store_be16(header + UDP_LENGTH, (uint16_t)(length - layout->transport));
	}
	write_checksum(layout, frame, length);
}

static int
cut(const struct virtio_net_hdr *offload, const uint8_t *frame, size_t length, segment_sink *sink,
	void *opaque)
{
	uint8_t piece[SEGMENT_BYTES_MAX];
	struct layout layout;
	uint16_t number = 0;

	if (find_layout(offload, frame, length, &layout) != 0 || offload->gso_size == 0 ||
		layout.payload + offload->gso_size > sizeof(piece))
		return -EBADMSG;
	for (size_t offset = 0; offset < length - layout.payload; offset += offload->gso_size) {
		size_t rest = length - layout.payload - offset;
		size_t bytes = rest < offload->gso_size ? rest : offload->gso_size;

		memcpy(piece, frame, layout.payload);
		memcpy(piece + layout.payload, frame + layout.payload + offset, bytes);
		write_network(&layout, piece, layout.payload + bytes, number++);
		write_transport(&layout, piece, layout.payload + bytes, offset, bytes == rest);
		sink(opaque, piece, (uint32_t)(layout.payload + bytes));
	}
	return 0;
}

int
segment_frame(const struct virtio_net_hdr *offload, uint8_t *frame, size_t length,
	segment_sink *sink, void *opaque)
{
	if (offload->gso_type != VIRTIO_NET_HDR_GSO_NONE)
		return cut(offload, frame, length, sink, opaque);
	if ((offload->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) &&
		finish_checksum(offload, frame, length) != 0)
		return -EBADMSG;
	sink(opaque, frame, (uint32_t)length);
	return 0;
}
