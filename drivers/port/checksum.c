/* See checksum.h. */
#include "drivers/port/checksum.h"

#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>

#include "base/bytes.h"

#define TAGS_MOST           2
#define TCP_HEADER_BYTES    20
#define TCP_CHECKSUM_OFFSET 16
#define UDP_HEADER_BYTES    8
#define UDP_CHECKSUM_OFFSET 6
#define FRAGMENT_BITS       0x3fff /* more-fragments and offset */

/* The IPv4 header of a frame, or NULL when it does not hold one whole. */
static uint8_t *
ipv4_header(uint8_t *frame, uint32_t length)
{
	uint32_t offset = 2 * RTE_ETHER_ADDR_LEN;

	for (int tags = 0; tags <= TAGS_MOST; tags++) {
		uint16_t type;

		if (offset + 2 + sizeof(struct rte_ipv4_hdr) > length)
			return NULL;
		type = load_be16(frame + offset);
		if (type == RTE_ETHER_TYPE_IPV4)
			return frame + offset + 2;
		if (type != RTE_ETHER_TYPE_VLAN && type != RTE_ETHER_TYPE_QINQ)
			return NULL;
		offset += sizeof(struct rte_vlan_hdr);
	}
	return NULL;
}

bool
checksum_complete(uint8_t *frame, uint32_t length)
{
	uint8_t *header = ipv4_header(frame, length), *field;
	const struct rte_ipv4_hdr *ip = (const void *)header;
	uint32_t header_bytes, packet_bytes, payload_bytes;
	uint16_t pseudo, sum;

	if (header == NULL || header[0] >> 4 != 4 || (load_be16(header + 6) & FRAGMENT_BITS) != 0)
		return false;
	header_bytes = (header[0] & 0x0fu) * 4;
	packet_bytes = load_be16(header + 2);
	if (header_bytes < sizeof(*ip) || packet_bytes < header_bytes ||
		packet_bytes > length - (uint32_t)(header - frame))
		return false;
	payload_bytes = packet_bytes - header_bytes;
	if (ip->next_proto_id == IPPROTO_TCP && payload_bytes >= TCP_HEADER_BYTES)
		field = header + header_bytes + TCP_CHECKSUM_OFFSET;
	else if (ip->next_proto_id == IPPROTO_UDP && payload_bytes >= UDP_HEADER_BYTES)
		field = header + header_bytes + UDP_CHECKSUM_OFFSET;
	else
		return false;

	pseudo = rte_ipv4_phdr_cksum(ip, 0);
	memcpy(&sum, field, sizeof(sum));
	/* An absent UDP checksum (zero) is no unfinished one. */
	if (sum != pseudo || sum == 0)
		return false;
	sum = rte_raw_cksum(header + header_bytes, payload_bytes);
	/* The field already holds the pseudo header's sum, so this adds it in. What is right as it
	 * stands gives all ones when the pseudo header is added once more. */
	if (__rte_raw_cksum_reduce((uint32_t)sum + pseudo) == 0xffff)
		return false;
	sum = (uint16_t)~sum;
	if (sum == 0)
		sum = 0xffff; /* RFC 768: a computed zero is sent as all ones; equal for TCP */
	memcpy(field, &sum, sizeof(sum));
	return true;
}

uint16_t
checksum_completing_rx(struct port *port, uint16_t queue, struct rte_mbuf **packets, uint16_t count)
{
	uint16_t received = rte_eth_rx_burst(port->ethdev, queue, packets, count);

	for (uint16_t i = 0; i < received; i++) {
		if (packets[i]->nb_segs == 1)
			checksum_complete(
				rte_pktmbuf_mtod(packets[i], uint8_t *), packets[i]->data_len);
	}
	return received;
}
