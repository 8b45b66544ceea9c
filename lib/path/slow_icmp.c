/* ICMP errors that cross the NAT: RFC 5508, sections 4 and 5.
 *
 * An error quotes a packet that we translated before. The quotation is translated back, so that the
 * receiver recognises its own packet; the outer addresses follow; inner IPv4 checksum, inner
 * transport checksum (where the quotation holds it) and outer ICMP checksum are all corrected.
 * Errors are rare and handled one by one. */
#include "path/stages.h"

#include <string.h>

/* The quoted packet, as far as the error carries it. */
struct quotation {
	uint8_t *l3, *l4;
	unsigned int l4_bytes;
	uint32_t source, destination;
	uint16_t source_port, destination_port;
	enum nat_protocol protocol;
};

static bool
quotation_read(uint8_t *l3, unsigned int length, struct quotation *quoted)
{
	unsigned int header;

	if (length < IPV4_HEADER_BYTES || l3[0] >> 4 != 4)
		return false;
	header = (unsigned int)(l3[0] & 15) * 4;
	if (header < IPV4_HEADER_BYTES || length < header + ICMP_HEADER_BYTES ||
		(load_be16(l3 + IPV4_OFFSET_FRAGMENT) & IPV4_FRAGMENT_OFFSET) != 0)
		return false;
	quoted->l3 = l3;
	quoted->l4 = l3 + header;
	quoted->l4_bytes = length - header;
	quoted->source = load_be32(l3 + IPV4_OFFSET_SOURCE);
	quoted->destination = load_be32(l3 + IPV4_OFFSET_DESTINATION);
	quoted->source_port = load_be16(quoted->l4);
	quoted->destination_port = load_be16(quoted->l4 + 2);
	switch (l3[IPV4_OFFSET_PROTOCOL]) {
	case IPV4_PROTOCOL_UDP:
		quoted->protocol = NAT_UDP;
		return true;
	case IPV4_PROTOCOL_TCP:
		quoted->protocol = NAT_TCP;
		return true;
	case IPV4_PROTOCOL_ICMP:
		quoted->protocol = NAT_ICMP;
		quoted->source_port = load_be16(quoted->l4 + ICMP_OFFSET_IDENTIFIER);
		quoted->destination_port = quoted->source_port;
		/* Only queries have mappings: echo, timestamp, information, mask. */
		return quoted->l4[0] == 0 || quoted->l4[0] == 8 ||
			(quoted->l4[0] >= 13 && quoted->l4[0] <= 18);
	default:
		return false;
	}
}

static void
update_checksum(uint8_t *field, uint64_t changes)
{
	uint16_t checksum;

	memcpy(&checksum, field, sizeof(checksum));
	checksum = checksum_update(checksum, changes);
	memcpy(field, &checksum, sizeof(checksum));
}

/* Replaces an address in an IPv4 header; returns the change to the header's words. */
static uint64_t
replace_address(uint8_t *field, uint32_t address)
{
	uint32_t before, after = __builtin_bswap32(address);

	memcpy(&before, field, sizeof(before));
	memcpy(field, &after, sizeof(after));
	return checksum_change32(before, after);
}

static uint64_t
replace_port(uint8_t *field, uint16_t port)
{
	uint16_t before, after = __builtin_bswap16(port);

	memcpy(&before, field, sizeof(before));
	memcpy(field, &after, sizeof(after));
	return checksum_change16(before, after);
}

/* Where the quoted transport header keeps its checksum, or NULL when it was cut off or unused. */
static uint8_t *
quoted_checksum(const struct quotation *quoted)
{
	unsigned int offset = quoted->protocol == NAT_UDP ? UDP_OFFSET_CHECKSUM
		: quoted->protocol == NAT_TCP		  ? TCP_OFFSET_CHECKSUM
							  : ICMP_OFFSET_CHECKSUM;

	if (quoted->l4_bytes < offset + 2)
		return NULL;
	if (quoted->protocol == NAT_UDP && load_be16(quoted->l4 + offset) == 0)
		return NULL;
	return quoted->l4 + offset;
}

/* Rewrites one side of the quotation (`address_offset` and `port_field`), its checksums, and the
 * outer address; decrements the outer TTL. */
static void
translate_error(uint8_t *outer, unsigned int l4_offset, const struct frame *frame,
	const struct quotation *quoted, unsigned int inner_offset, uint8_t *port_field,
	uint32_t address, uint16_t port, unsigned int outer_offset)
{
	uint8_t *checksum = quoted_checksum(quoted), *icmp = outer + l4_offset;
	uint64_t address_change = replace_address(quoted->l3 + inner_offset, address);
	uint64_t port_change = replace_port(port_field, port), outer_change;
	uint16_t sum;

	update_checksum(quoted->l3 + IPV4_OFFSET_CHECKSUM, address_change);
	if (checksum != NULL)
		update_checksum(checksum,
			quoted->protocol == NAT_ICMP ? port_change : address_change + port_change);
	outer_change = replace_address(outer + outer_offset, address);
	outer[IPV4_OFFSET_TTL]--;
	/* The TTL is the first byte of its word: one less is ~1 added, as it lies in memory. */
	update_checksum(outer + IPV4_OFFSET_CHECKSUM, outer_change + 0xfffe);
	/* The error is short: its own checksum is computed anew over what we now send. */
	memset(icmp + ICMP_OFFSET_CHECKSUM, 0, sizeof(sum));
	sum = checksum_of(icmp, frame->l3_bytes - l4_offset);
	memcpy(icmp + ICMP_OFFSET_CHECKSUM, &sum, sizeof(sum));
}

/* From outside: somebody refused a packet of ours. The quotation's source is our public endpoint. */
static enum drop_reason
error_inward(struct worker *worker, uint8_t *outer, unsigned int l4_offset,
	const struct frame *frame, struct quotation *quoted)
{
	const struct nat *nat = worker->path->nat;
	uint32_t index = nat_pools_find_public(&nat->pools, quoted->source);
	uint32_t slot;
	uint64_t word;

	if (index == UINT32_MAX || quoted->source != frame->destination)
		return DROP_ICMP_INNER;
	slot = nat_slot(index, quoted->protocol, quoted->source_port);
	word = nat_word_load(&nat->table, slot);
	if (nat_word_state(word) != NAT_ACTIVE)
		return DROP_NO_MAPPING;
	translate_error(outer, l4_offset, frame, quoted, IPV4_OFFSET_SOURCE,
		quoted->protocol == NAT_ICMP ? quoted->l4 + ICMP_OFFSET_IDENTIFIER : quoted->l4,
		nat_word_address(word), nat_word_port(word), IPV4_OFFSET_DESTINATION);
	return DROP_NONE;
}

/* From inside: a host refuses a packet that came in through its mapping. The quotation's destination
 * is its private endpoint; the error's own source must be that host (RFC 5508 REQ-4). */
static enum drop_reason
error_outward(struct worker *worker, uint8_t *outer, unsigned int l4_offset,
	const struct frame *frame, struct quotation *quoted)
{
	const struct nat *nat = worker->path->nat;
	struct nat_endpoint endpoint = {quoted->destination, quoted->destination_port,
		quoted->protocol, 0};
	uint32_t slot;

	if (quoted->destination != frame->source || quoted->source != frame->destination)
		return DROP_ICMP_INNER;
	slot = nat_find(nat, &endpoint);
	if (slot == NAT_SLOT_NONE ||
		nat_word_state(nat_word_load(&nat->table, slot)) != NAT_ACTIVE)
		return DROP_ICMP_INNER;
	translate_error(outer, l4_offset, frame, quoted, IPV4_OFFSET_DESTINATION,
		quoted->protocol == NAT_ICMP ? quoted->l4 + ICMP_OFFSET_IDENTIFIER
					     : quoted->l4 + 2,
		nat_slot_address(nat, slot), nat_slot_port(slot), IPV4_OFFSET_SOURCE);
	return DROP_NONE;
}

void
slow_icmp_error(struct worker *worker, struct rte_mbuf *packet, const struct frame *frame,
	unsigned int interface)
{
	uint8_t *outer = rte_pktmbuf_mtod_offset(packet, uint8_t *, frame->l3_offset);
	unsigned int l4_offset = (unsigned int)(frame->l4_offset - frame->l3_offset);
	struct path_burst *burst = &worker->plain;
	enum drop_reason reason = DROP_ICMP_INNER;
	struct quotation quoted;

	/* RFC 5508 REQ-3: a wrong checksum must not be made right. */
	if (checksum_fold(checksum_sum(outer + l4_offset, frame->l3_bytes - l4_offset)) != 0xffff)
		reason = DROP_L4_CHECKSUM;
	else if (quotation_read(outer + l4_offset + ICMP_HEADER_BYTES,
		    frame->l3_bytes - l4_offset - ICMP_HEADER_BYTES, &quoted))
		reason = worker->view->interfaces[interface].side == PORT_OUTSIDE
			? error_inward(worker, outer, l4_offset, frame, &quoted)
			: error_outward(worker, outer, l4_offset, frame, &quoted);
	if (reason != DROP_NONE) {
		worker_drop(worker, packet, reason);
		return;
	}
	/* Ready to be routed with the plain burst, which has room: it holds at most what was received. */
	burst->packets[burst->count] = packet;
	burst->frames[burst->count] = *frame;
	burst->frames[burst->count].destination = load_be32(outer + IPV4_OFFSET_DESTINATION);
	burst->frames[burst->count].ttl = 0; /* already decremented */
	burst->interfaces[burst->count] = (uint8_t)interface;
	burst->count++;
}
