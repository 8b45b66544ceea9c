/* tools/src/wan/segment.c: large frames cut as a sender's hardware would, checksums finished. */
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "segment.h"

const char *const unit_suite = "wan_segment";

#define ETHERNET     14
#define PIECE_BYTES  1000
#define PIECES_MAX   8
#define SEQUENCE     0xfffffc00u /* passes 2^32 in the third piece */
#define NUMBER       0xffff      /* of the IPv4 packet; the next is 0 */
#define TCP_FLAGS_ON 0x99        /* CWR, ACK, PSH, FIN */

struct pieces {
	unsigned int count;
	uint32_t lengths[PIECES_MAX];
	uint8_t bytes[PIECES_MAX][SEGMENT_BYTES_MAX];
};

static struct pieces pieces;

static void
keep(void *opaque, const uint8_t *frame, uint32_t length_bytes)
{
	CU_ASSERT_TRUE_FATAL(pieces.count < PIECES_MAX && length_bytes <= SEGMENT_BYTES_MAX);
	pieces.lengths[pieces.count] = length_bytes;
	memcpy(pieces.bytes[pieces.count++], frame, length_bytes);
}

struct kind {
	const char *name;
	bool ipv6, tcp, tagged;
	uint8_t offload;
};

static const struct kind kinds[] = {
	{"TCP over IPv4", false, true, false, VIRTIO_NET_HDR_GSO_TCPV4},
	{"TCP over IPv6", true, true, false, VIRTIO_NET_HDR_GSO_TCPV6},
	{"UDP over IPv4", false, false, false, 5},
	{"UDP over IPv6", true, false, false, 5},
	{"TCP over IPv4 with a VLAN tag", false, true, true, VIRTIO_NET_HDR_GSO_TCPV4},
};

static size_t
network_of(const struct kind *kind)
{
	return ETHERNET + (kind->tagged ? 4 : 0);
}

static size_t
transport_of(const struct kind *kind)
{
	return network_of(kind) + (kind->ipv6 ? 40 : 20);
}

static size_t
payload_of(const struct kind *kind)
{
	return transport_of(kind) + (kind->tcp ? 32 : 8);
}

/* A large frame without checksums, its payload counted from 0. Returns its length. */
static size_t
make_frame(const struct kind *kind, uint8_t *frame, size_t payload_bytes)
{
	size_t network = network_of(kind), transport = transport_of(kind);
	size_t payload = payload_of(kind);

	memset(frame, 0x11, payload);
	if (kind->tagged)
		memcpy(frame + 12, "\x81\x00\x00\x07", 4);
	store_be16(frame + network - 2, kind->ipv6 ? 0x86dd : 0x0800);
	frame[network] = kind->ipv6 ? 0x60 : 0x45;
	if (kind->ipv6) {
		frame[network + 6] = kind->tcp ? 6 : 17;
	} else {
		store_be16(frame + network + 4, NUMBER);
		frame[network + 9] = kind->tcp ? 6 : 17;
	}
	if (kind->tcp) {
		store_be32(frame + transport + 4, SEQUENCE);
		frame[transport + 12] = 32 / 4 << 4;
		frame[transport + 13] = TCP_FLAGS_ON;
	}
	for (size_t i = 0; i < payload_bytes; i++)
		frame[payload + i] = (uint8_t)(i * 31 / 7);
	return payload + payload_bytes;
}

static struct virtio_net_hdr
offload_of(const struct kind *kind)
{
	return (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = kind->offload,
		.gso_size = PIECE_BYTES,
		.csum_start = (uint16_t)transport_of(kind),
		.csum_offset = kind->tcp ? 16 : 6};
}

static uint32_t
sum_words(const uint8_t *bytes, size_t length, uint32_t sum)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* RFC 1071: everything with its checksum sums up to all ones. */
static void
check_checksums(const struct kind *kind, const uint8_t *frame, size_t length)
{
	size_t network = network_of(kind), transport = transport_of(kind);
	uint32_t sum = (uint32_t)(length - transport) + (kind->tcp ? 6 : 17);

	sum = kind->ipv6 ? sum_words(frame + network + 8, 32, sum)
			 : sum_words(frame + network + 12, 8, sum);
	CU_ASSERT_EQUAL(sum_words(frame + transport, length - transport, sum), 0xffff);
	if (!kind->ipv6)
		CU_ASSERT_EQUAL(sum_words(frame + network, 20, 0), 0xffff);
}

static void
check_headers(
	const struct kind *kind, const uint8_t *frame, size_t length, unsigned int piece, bool last)
{
	size_t network = network_of(kind), transport = transport_of(kind);
	uint8_t flags = TCP_FLAGS_ON;

	if (kind->ipv6) {
		CU_ASSERT_EQUAL(load_be16(frame + network + 4), length - transport);
	} else {
		CU_ASSERT_EQUAL(load_be16(frame + network + 2), length - network);
		CU_ASSERT_EQUAL(load_be16(frame + network + 4), (uint16_t)(NUMBER + piece));
	}
	if (!kind->tcp) {
		CU_ASSERT_EQUAL(load_be16(frame + transport + 4), length - transport);
		return;
	}
	CU_ASSERT_EQUAL(load_be32(frame + transport + 4), SEQUENCE + piece * PIECE_BYTES);
	flags &= last ? 0xff : 0xf6;       /* PSH and FIN belong to the last */
	flags &= piece == 0 ? 0xff : 0x7f; /* CWR to the first */
	CU_ASSERT_EQUAL(frame[transport + 13], flags);
}

static void
large_frames_are_cut(void)
{
	for (size_t row = 0; row < sizeof(kinds) / sizeof(kinds[0]); row++) {
		const struct kind *kind = &kinds[row];
		struct virtio_net_hdr offload = offload_of(kind);
		uint8_t frame[4096], whole[4096];
		size_t length = make_frame(kind, frame, 3001), payload = payload_of(kind);

		memcpy(whole, frame, length);
		pieces.count = 0;
		CU_ASSERT_EQUAL(segment_frame(&offload, frame, length, keep, NULL), 0);
		CU_ASSERT_EQUAL(pieces.count, 4);
		for (unsigned int i = 0; i < pieces.count; i++) {
			size_t wanted = i < 3 ? PIECE_BYTES : 1;

			CU_ASSERT_EQUAL(pieces.lengths[i], payload + wanted);
			CU_ASSERT_EQUAL(memcmp(pieces.bytes[i] + payload,
						whole + payload + i * PIECE_BYTES, wanted),
				0);
			check_headers(kind, pieces.bytes[i], pieces.lengths[i], i, i == 3);
			check_checksums(kind, pieces.bytes[i], pieces.lengths[i]);
		}
	}
}

/* The sender has left the pseudo header's sum in the checksum's place. */
static void
checksums_are_finished(void)
{
	const struct kind *kind = &kinds[2];
	struct virtio_net_hdr offload = offload_of(kind);
	uint8_t frame[256];
	size_t length = make_frame(kind, frame, 101), transport = transport_of(kind);
	uint32_t sum =
		sum_words(frame + network_of(kind) + 12, 8, (uint32_t)(length - transport) + 17);

	offload.gso_type = VIRTIO_NET_HDR_GSO_NONE;
	store_be16(frame + transport + 4, (uint16_t)(length - transport));
	store_be16(frame + transport + 6, (uint16_t)sum);
	pieces.count = 0;
	CU_ASSERT_EQUAL(segment_frame(&offload, frame, length, keep, NULL), 0);
	CU_ASSERT_EQUAL(pieces.count, 1);
	CU_ASSERT_EQUAL(pieces.lengths[0], length);
	CU_ASSERT_EQUAL(sum_words(pieces.bytes[0] + transport, length - transport,
				(uint32_t)sum_words(frame + network_of(kind) + 12, 8,
					(uint32_t)(length - transport) + 17)),
		0xffff);
}

static void
finished_frames_pass_untouched(void)
{
	struct virtio_net_hdr offload = {0};
	uint8_t frame[200], before[200];

	memset(frame, 0x5a, sizeof(frame));
	memcpy(before, frame, sizeof(frame));
	pieces.count = 0;
	CU_ASSERT_EQUAL(segment_frame(&offload, frame, sizeof(frame), keep, NULL), 0);
	CU_ASSERT_EQUAL(pieces.lengths[0], sizeof(frame));
	CU_ASSERT_EQUAL(memcmp(pieces.bytes[0], before, sizeof(before)), 0);
}

/* Words that do not fit the frame, one at a time. */
static void
wrong_words_are_refused(void)
{
	enum {
		OTHER_KIND,
		NO_SIZE,
		HUGE_SIZE,
		LATE_START,
		EARLY_START,
		LONG_TCP,
		NO_IP,
		SHORT,
		ROWS
	};

	for (int row = 0; row < ROWS; row++) {
		const struct kind *kind = &kinds[0];
		struct virtio_net_hdr offload = offload_of(kind);
		uint8_t frame[4096];
		size_t length = make_frame(kind, frame, 3001);

		switch (row) {
		case OTHER_KIND:
			offload.gso_type = VIRTIO_NET_HDR_GSO_UDP;
			break;
		case NO_SIZE:
			offload.gso_size = 0;
			break;
		case HUGE_SIZE:
			offload.gso_size = UINT16_MAX;
			break;
		case LATE_START:
			offload.csum_start = UINT16_MAX;
			break;
		case EARLY_START:
			offload.csum_start = 20;
			break;
		case LONG_TCP:
			frame[transport_of(kind) + 12] = 0x10;
			break;
		case NO_IP:
			frame[12] = 0x99;
			break;
		case SHORT:
			length = transport_of(kind) + 10;
			break;
		}
		pieces.count = 0;
		CU_ASSERT_EQUAL(segment_frame(&offload, frame, length, keep, NULL), -EBADMSG);
		CU_ASSERT_EQUAL(pieces.count, 0);
	}
}

const struct unit_test unit_tests[] = {
	{"large_frames_are_cut", large_frames_are_cut},
	{"checksums_are_finished", checksums_are_finished},
	{"finished_frames_pass_untouched", finished_frames_pass_untouched},
	{"wrong_words_are_refused", wrong_words_are_refused},
	{NULL, NULL},
};
