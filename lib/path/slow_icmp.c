/* ICMP errors that cross the NAT: RFC 5508, sections 4 and 5.
 *
 * An error quotes a packet that we translated before. This file finds the mapping; wire/quotation.h
 * rewrites the bytes. Errors are rare and handled one by one. */
#include "path/stages.h"

#include "wire/quotation.h"

/* From outside: somebody refused a packet of ours. The quotation's source is our public endpoint.
 */
static enum drop_reason
error_inward(const struct worker *worker, uint8_t *l3, const struct frame *frame,
	const struct quotation *quoted)
{
	const struct nat *nat = worker->path->nat;
	uint32_t index = nat_pools_find_public(worker->pools, quoted->source);
	uint32_t slot;
	uint64_t word;

	if (index == UINT32_MAX || quoted->source != frame->destination)
		return DROP_ICMP_INNER;
	slot = nat_slot(index, (enum nat_protocol)quoted->kind, quoted->source_port);
	word = nat_word_load(&nat->table, slot);
	if (nat_word_state(word) != NAT_ACTIVE)
		return DROP_NO_MAPPING;
	quotation_translate(quoted, QUOTATION_SOURCE, nat_word_address(word), nat_word_port(word));
	quotation_finish_error(l3, frame->l3_bytes, frame->l4_offset - frame->l3_offset,
		QUOTATION_DESTINATION, nat_word_address(word));
	return DROP_NONE;
}

/* From inside: a host refuses a packet that came in through its mapping. The quotation's
 * destination is its private endpoint; the error's own source must be that host (RFC 5508 REQ-4).
 */
static enum drop_reason
error_outward(const struct nat *nat, uint8_t *l3, const struct frame *frame,
	const struct quotation *quoted)
{
	struct nat_endpoint endpoint = {
		quoted->destination, quoted->destination_port, (enum nat_protocol)quoted->kind, 0};
	uint32_t slot;

	if (quoted->destination != frame->source || quoted->source != frame->destination)
		return DROP_ICMP_INNER;
	slot = nat_find(nat, &endpoint);
	if (slot == NAT_SLOT_NONE || nat_word_state(nat_word_load(&nat->table, slot)) != NAT_ACTIVE)
		return DROP_ICMP_INNER;
	quotation_translate(
		quoted, QUOTATION_DESTINATION, nat_slot_address(nat, slot), nat_slot_port(slot));
	quotation_finish_error(l3, frame->l3_bytes, frame->l4_offset - frame->l3_offset,
		QUOTATION_SOURCE, nat_slot_address(nat, slot));
	return DROP_NONE;
}

void
slow_icmp_error(struct worker *worker, struct rte_mbuf *packet, const struct frame *frame,
	unsigned int interface)
{
	const struct nat *nat = worker->path->nat;
	uint8_t *l3 = rte_pktmbuf_mtod_offset(packet, uint8_t *, frame->l3_offset);
	unsigned int l4_offset = (unsigned int)(frame->l4_offset - frame->l3_offset);
	unsigned int icmp_bytes = frame->l3_bytes - l4_offset;
	struct path_burst *burst = &worker->plain;
	enum drop_reason reason = DROP_ICMP_INNER;
	struct quotation quoted;

	/* RFC 5508 REQ-3: a wrong checksum must not be made right. */
	if (checksum_fold(checksum_sum(l3 + l4_offset, icmp_bytes)) != 0xffff)
		reason = DROP_L4_CHECKSUM;
	else if (quotation_read(l3 + l4_offset + ICMP_HEADER_BYTES, icmp_bytes - ICMP_HEADER_BYTES,
			 &quoted))
		reason = worker->view->interfaces[interface].side == PORT_OUTSIDE
				 ? error_inward(worker, l3, frame, &quoted)
				 : error_outward(nat, l3, frame, &quoted);
	if (reason != DROP_NONE) {
		worker_drop(worker, packet, reason);
		return;
	}
	/* Ready to be routed with the plain burst, which has room: it holds at most what was
	 * received. */
	burst->packets[burst->count] = packet;
	burst->frames[burst->count] = *frame;
	burst->frames[burst->count].destination = load_be32(l3 + IPV4_OFFSET_DESTINATION);
	burst->frames[burst->count].ttl = 0; /* already decremented */
	burst->interfaces[burst->count] = (uint8_t)interface;
	burst->count++;
}
