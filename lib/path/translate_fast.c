/* Stage translate: addresses, ports, TTL and checksums, by the incremental update of RFC 1624.
 *
 * One sum holds the change of the address (and port) and serves both checksums: the IPv4 header's
 * takes the address's change, the transport's the same plus the port's, since the pseudo-header has
 * the address too. Nothing is recomputed, so a checksum that was wrong stays wrong. */
#include "path/stages.h"

#include <string.h>

/* One less in the TTL byte, which is the first of its 16-bit word in memory: add ~1. */
#define TTL_CHANGE UINT64_C(0xfffe)

static inline void
update_ip(uint8_t *l3, uint64_t change)
{
	uint16_t checksum;

	l3[IPV4_OFFSET_TTL]--;
	memcpy(&checksum, l3 + IPV4_OFFSET_CHECKSUM, sizeof(checksum));
	checksum = checksum_update(checksum, change + TTL_CHANGE);
	memcpy(l3 + IPV4_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
}

/* `port_offset` is 0 for a source, 2 for a destination port; `port` in network order. */
static inline void
update_l4(uint8_t *l4, enum frame_kind kind, unsigned int port_offset, uint16_t port,
	uint64_t address_change)
{
	uint16_t before, checksum;
	unsigned int offset;

	if (kind == FRAME_ICMP_QUERY) { /* no pseudo-header: only the identifier counts */
		port_offset = ICMP_OFFSET_IDENTIFIER;
		offset = ICMP_OFFSET_CHECKSUM;
		address_change = 0;
	} else {
		offset = kind == FRAME_TCP ? TCP_OFFSET_CHECKSUM : UDP_OFFSET_CHECKSUM;
	}
	memcpy(&before, l4 + port_offset, sizeof(before));
	memcpy(l4 + port_offset, &port, sizeof(port));
	memcpy(&checksum, l4 + offset, sizeof(checksum));
	if (kind == FRAME_UDP && checksum == 0) /* RFC 768: the sender computed none */
		return;
	checksum = checksum_update(checksum, address_change + checksum_change16(before, port));
	if (kind == FRAME_UDP && checksum == 0)
		checksum = 0xffff;
	memcpy(l4 + offset, &checksum, sizeof(checksum));
}

static inline void
translate(struct rte_mbuf *packet, const struct frame *frame, unsigned int address_offset,
	uint32_t address_be, unsigned int port_offset, uint16_t port)
{
	uint8_t *bytes = rte_pktmbuf_mtod(packet, uint8_t *);
	uint8_t *l3 = bytes + frame->l3_offset;
	uint64_t change;
	uint32_t before;

	memcpy(&before, l3 + address_offset, sizeof(before));
	memcpy(l3 + address_offset, &address_be, sizeof(address_be));
	change = checksum_change32(before, address_be);
	update_ip(l3, change);
	update_l4(bytes + frame->l4_offset, (enum frame_kind)frame->kind, port_offset,
		__builtin_bswap16(port), change);
}

void
stage_translate_out(struct worker *worker, struct path_burst *burst)
{
	const uint32_t *public_be = worker->path->public_addresses_be;

	for (unsigned int i = 0; i < burst->count; i++) {
		uint32_t slot = burst->slots[i];

		translate(burst->packets[i], &burst->frames[i], IPV4_OFFSET_SOURCE,
			public_be[slot >> 16], 0, nat_slot_port(slot));
	}
}

void
stage_translate_in(struct worker *worker, struct path_burst *burst)
{
	(void)worker;
	for (unsigned int i = 0; i < burst->count; i++) {
		uint64_t word = burst->words[i];

		burst->frames[i].destination = nat_word_address(word);
		translate(burst->packets[i], &burst->frames[i], IPV4_OFFSET_DESTINATION,
			__builtin_bswap32(nat_word_address(word)), 2, nat_word_port(word));
	}
}

void
stage_translate_plain(struct path_burst *burst)
{
	for (unsigned int i = 0; i < burst->count; i++)
		if (burst->frames[i].ttl != 0) /* 0: an ICMP error that was rewritten already */
			update_ip(rte_pktmbuf_mtod_offset(
					  burst->packets[i], uint8_t *, burst->frames[i].l3_offset),
				0);
}
