/* Fragmentation, RFC 791 section 3.2: packets without DF that the next link is too narrow for.
 *
 * Fragments are copies in buffers of their own, since ports want whole frames in one buffer. A
 * large packet towards a narrow link is rare: hosts find the path's MTU. The identification is the
 * sender's; that several hosts behind one public address may use the same is RFC 6864's trouble
 * with every NAT, and a reason why DF is the rule today. */
#include "path/stages.h"

#include <string.h>

#define OPTION_COPIED  0x80 /* in every fragment, not in the first alone */
#define OPTION_END     0
#define OPTION_NOP     1
#define FRAGMENT_UNITS 8 /* offsets count these bytes */

#define IPV4_HEADER_MAXIMUM 60

struct header {
	uint8_t bytes[IPV4_HEADER_MAXIMUM];
	unsigned int length;
};

/* The header of the fragments after the first: only options that are to be copied. The packet's
 * options are consistent, frame_check_options() has seen to that. */
static void
make_later_header(struct header *later, const struct header *first)
{
	unsigned int at = IPV4_HEADER_BYTES;

	memcpy(later->bytes, first->bytes, IPV4_HEADER_BYTES);
	later->length = IPV4_HEADER_BYTES;
	while (at < first->length && first->bytes[at] != OPTION_END) {
		unsigned int length = first->bytes[at] == OPTION_NOP ? 1 : first->bytes[at + 1];

		if ((first->bytes[at] & OPTION_COPIED) != 0) {
			memcpy(later->bytes + later->length, first->bytes + at, length);
			later->length += length;
		}
		at += length;
	}
	while (later->length % 4 != 0)
		later->bytes[later->length++] = OPTION_END;
	later->bytes[0] = (uint8_t)(0x40 | later->length / 4);
}

/* One fragment: Ethernet header, `header`, `length` bytes of payload that were at `offset`. */
static struct rte_mbuf *
make_fragment(const struct rte_mbuf *packet, const struct frame *frame, const struct header *header,
	const uint8_t *payload, unsigned int offset, unsigned int length, bool more)
{
	struct rte_mbuf *fragment = rte_pktmbuf_alloc(packet->pool);
	uint16_t field = (uint16_t)(offset / FRAGMENT_UNITS | (more ? IPV4_FRAGMENT_MF : 0));
	uint16_t checksum;
	uint8_t *bytes;

	if (fragment == NULL)
		return NULL;
	bytes = (uint8_t *)rte_pktmbuf_append(
		fragment, (uint16_t)(frame->l3_offset + header->length + length));
	if (bytes == NULL) {
		rte_pktmbuf_free(fragment);
		return NULL;
	}
	memcpy(bytes, rte_pktmbuf_mtod(packet, const uint8_t *), frame->l3_offset);
	bytes += frame->l3_offset;
	memcpy(bytes, header->bytes, header->length);
	memcpy(bytes + header->length, payload + offset, length);
	store_be16(bytes + IPV4_OFFSET_TOTAL_LENGTH, (uint16_t)(header->length + length));
	store_be16(bytes + IPV4_OFFSET_FRAGMENT, field);
	memset(bytes + IPV4_OFFSET_CHECKSUM, 0, sizeof(checksum));
	checksum = checksum_of(bytes, header->length);
	memcpy(bytes + IPV4_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
	return fragment;
}

unsigned int
slow_fragment(struct worker *worker, struct rte_mbuf *packet, const struct frame *frame,
	uint16_t mtu_bytes, struct rte_mbuf *fragments[SLOW_FRAGMENTS_MAX])
{
	const uint8_t *l3 = rte_pktmbuf_mtod_offset(packet, const uint8_t *, frame->l3_offset);
	struct header first = {.length = (unsigned int)(frame->l4_offset - frame->l3_offset)};
	struct header later;
	unsigned int total = frame->l3_bytes - first.length, offset = 0, count = 0;

	memcpy(first.bytes, l3, first.length);
	make_later_header(&later, &first);
	while (offset < total && count < SLOW_FRAGMENTS_MAX) {
		const struct header *header = count == 0 ? &first : &later;
		unsigned int length = total - offset;
		bool more = header->length + length > mtu_bytes;

		if (more)
			length = (mtu_bytes - header->length) & ~(FRAGMENT_UNITS - 1u);
		fragments[count] = make_fragment(
			packet, frame, header, l3 + first.length, offset, length, more);
		if (fragments[count] == NULL)
			break;
		offset += length;
		count++;
	}
	if (offset < total) { /* no buffers: half a packet is of no use to anybody */
		rte_pktmbuf_free_bulk(fragments, count);
		worker_drop(worker, packet, DROP_TOO_BIG);
		return 0;
	}
	worker->fragmented++;
	if (unlikely(worker->watch != NULL))
		watch_cut(worker, packet, count);
	rte_pktmbuf_free(packet);
	return count;
}
