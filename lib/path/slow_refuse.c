/* Refusing a packet with a word to its sender: ICMP errors from the gateway itself, RFC 1812
 * section 4.3, at a bounded rate.
 *
 * An error quotes the packet as its sender sent it. When the reason shows only behind the
 * translation (no route, a link too narrow), the translation is taken back first. */
#include "path/stages.h"

#include <string.h>

#include <rte_ether.h>

#include "wire/icmp.h"
#include "wire/quotation.h"

/* A refill each second bounds what we can be made to send (RFC 1812, 4.3.2.8). */
static bool
take_icmp_budget(struct worker *worker)
{
	if (worker->icmp_second != worker->now_seconds) {
		worker->icmp_second = worker->now_seconds;
		worker->icmp_budget = worker->path->icmp_errors_a_second;
	}
	if (worker->icmp_budget == 0)
		return false;
	worker->icmp_budget--;
	return true;
}

/* The address that an error leaves from: the interface's own that shares the sender's subnet, else
 * its first. */
static uint32_t
own_address(const struct path_interface *interface, uint32_t peer)
{
	for (unsigned int i = 0; i < interface->address_count; i++)
		if (ipv4_prefix_contains(interface->addresses[i], peer))
			return interface->addresses[i].address;
	return interface->address_count != 0 ? interface->addresses[0].address : 0;
}

/* Sends a finished frame back where its source came from: addresses swapped. */
static void
send_back(struct worker *worker, struct rte_mbuf *packet, unsigned int interface)
{
	struct rte_ether_hdr *ethernet = rte_pktmbuf_mtod(packet, struct rte_ether_hdr *);

	ethernet->dst_addr = ethernet->src_addr;
	memcpy(&ethernet->src_addr, worker->view->interfaces[interface].mac,
		sizeof(ethernet->src_addr));
	worker_send(worker, worker->view->interfaces[interface].port, packet);
}

void
slow_refuse(struct worker *worker, struct rte_mbuf *packet, const struct frame *frame,
	unsigned int interface, enum drop_reason reason, uint8_t type, uint8_t code,
	uint16_t mtu_bytes)
{
	struct icmp_error error = {.type = type, .code = code, .mtu_bytes = mtu_bytes};
	uint8_t *l3 = rte_pktmbuf_mtod_offset(packet, uint8_t *, frame->l3_offset);
	unsigned int length, wanted = frame->l3_bytes + ICMP_ERROR_HEADER_BYTES;

	error.source = own_address(&worker->view->interfaces[interface], frame->source);
	if (wanted > ICMP_ERROR_MAXIMUM_BYTES)
		wanted = ICMP_ERROR_MAXIMUM_BYTES;
	if (error.source == 0 || !icmp_error_allowed(l3, frame->l3_bytes) ||
		frame->l3_offset + wanted > packet->data_len + rte_pktmbuf_tailroom(packet) ||
		!take_icmp_budget(worker)) {
		worker_drop(worker, packet, reason);
		return;
	}
	worker->drops[reason]++;
	if (unlikely(worker->watch != NULL))
		watch_refused(worker, packet, reason);
	worker->icmp_errors_sent++;
	error.identifier = (uint16_t)worker->icmp_errors_sent;
	length = icmp_error_build(l3, frame->l3_bytes, &error);
	packet->data_len = (uint16_t)(frame->l3_offset + length);
	packet->pkt_len = packet->data_len;
	send_back(worker, packet, interface);
}

void
slow_ttl_exceeded(struct worker *worker, struct rte_mbuf *packet, const struct frame *frame,
	unsigned int interface)
{
	slow_refuse(
		worker, packet, frame, interface, DROP_TTL, ICMP_TIME_EXCEEDED, ICMP_CODE_TTL, 0);
}

/* One more in the TTL, which translation took away. */
static void
restore_ttl(uint8_t *l3, unsigned int header_bytes)
{
	uint16_t checksum;

	l3[IPV4_OFFSET_TTL]++;
	memset(l3 + IPV4_OFFSET_CHECKSUM, 0, sizeof(checksum));
	checksum = checksum_of(l3, header_bytes);
	memcpy(l3 + IPV4_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
}

void
slow_refuse_translated(struct worker *worker, struct path_burst *burst, unsigned int i,
	enum drop_reason reason, uint8_t type, uint8_t code, uint16_t mtu_bytes)
{
	struct rte_mbuf *packet = burst->packets[i];
	struct frame *frame = &burst->frames[i];
	uint8_t *l3 = rte_pktmbuf_mtod_offset(packet, uint8_t *, frame->l3_offset);
	struct quotation whole;

	/* What we translated ourselves reads well; a plain packet was not translated. */
	if (burst != &worker->plain && quotation_read(l3, frame->l3_bytes, &whole)) {
		if (burst == &worker->out) {
			quotation_translate(
				&whole, QUOTATION_SOURCE, frame->source, frame->source_port);
		} else {
			uint32_t slot = burst->slots[i];

			frame->destination = nat_slot_address(worker->path->nat, slot);
			quotation_translate(&whole, QUOTATION_DESTINATION, frame->destination,
				nat_slot_port(slot));
		}
	}
	restore_ttl(l3, (unsigned int)(frame->l4_offset - frame->l3_offset));
	slow_refuse(worker, packet, frame, burst->interfaces[i], reason, type, code, mtu_bytes);
}
