/* See bench.h. The queues share the stream; each has its own place in it, so that workers do not
 * send the same flows at the same time. */
#include "drivers/port/bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include <rte_mbuf.h>

#include "drivers/port/bench_frame.h"

#define BUFFERS_A_QUEUE 512
#define BUFFER_CACHE    128
#define ANSWERS_MAX     128
#define BURST_MAX       128

#define ARP_OFFSET_OPERATION 6
#define ARP_REQUEST          1
#define ARP_REPLY            2
#define ARP_PACKET_BYTES     28

const uint8_t bench_peer_mac[6] = {0x02, 'b', 'e', 'n', 'c', 'h'};
static const uint8_t standard_mac[6] = {0x02, 'b', 'f', 'p', 'o', 'r'};

struct bench_queue {
	uint32_t next;
	uint64_t left; /* frames still to be received */
	unsigned int answer_count;
	struct rte_mbuf *answers[ANSWERS_MAX]; /* received before the stream */
	struct port_counters counters;
} __attribute__((aligned(64)));

struct bench {
	struct rte_mempool *pool;
	const struct bench_descriptor *stream;
	uint32_t count;
	bool echo;
	struct bench_headers headers;
	struct bench_queue queues[BENCH_QUEUES_MAX];
};

static uint16_t
receive_answers(struct bench_queue *queue, struct rte_mbuf **packets, uint16_t count)
{
	unsigned int taken = RTE_MIN(count, queue->answer_count);

	queue->answer_count -= taken;
	memcpy(packets, queue->answers, taken * sizeof(packets[0]));
	memmove(queue->answers, queue->answers + taken,
		queue->answer_count * sizeof(queue->answers[0]));
	for (unsigned int i = 0; i < taken; i++)
		queue->counters.rx_bytes += packets[i]->pkt_len;
	queue->counters.rx_packets += taken;
	return (uint16_t)taken;
}

static uint16_t
bench_rx(struct port *port, uint16_t number, struct rte_mbuf **packets, uint16_t count)
{
	struct bench *bench = port->state;
	struct bench_queue *queue = &bench->queues[number];
	uint64_t bytes = 0;

	if (unlikely(queue->answer_count != 0))
		return receive_answers(queue, packets, count);
	count = (uint16_t)RTE_MIN(count, queue->left);
	if (count == 0)
		return 0;
	if (unlikely(rte_pktmbuf_alloc_bulk(bench->pool, packets, count) != 0)) {
		queue->counters.rx_no_buffers++;
		return 0;
	}
	for (unsigned int i = 0; i < count; i++) {
		const struct bench_descriptor *descriptor = &bench->stream[queue->next];

		if (++queue->next == bench->count)
			queue->next = 0;
		bench_frame_write(
			rte_pktmbuf_mtod(packets[i], uint8_t *), &bench->headers, descriptor, 0);
		packets[i]->data_len = descriptor->frame_bytes;
		packets[i]->pkt_len = descriptor->frame_bytes;
		bytes += descriptor->frame_bytes;
	}
	queue->left -= count;
	queue->counters.rx_packets += count;
	queue->counters.rx_bytes += bytes;
	return count;
}

/* The peer has every address that is asked for (RFC 826), except the asker's own: probes and
 * announcements of an address are no questions to it (RFC 5227). */
static bool
answer_arp(struct rte_mbuf *packet)
{
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *), *arp = frame + ETHERNET_HEADER_BYTES;
	uint8_t asked[4];

	if (packet->data_len < ETHERNET_HEADER_BYTES + ARP_PACKET_BYTES ||
		load_be16(arp + ARP_OFFSET_OPERATION) != ARP_REQUEST)
		return false;
	if (load_be32(arp + 14) == 0 || load_be32(arp + 14) == load_be32(arp + 24))
		return false;
	memcpy(asked, arp + 24, sizeof(asked));
	memcpy(arp + 18, arp + 8, 10); /* the asker becomes the target */
	memcpy(arp + 8, bench_peer_mac, 6);
	memcpy(arp + 14, asked, sizeof(asked));
	store_be16(arp + ARP_OFFSET_OPERATION, ARP_REPLY);
	memcpy(frame, frame + 6, 6);
	memcpy(frame + 6, bench_peer_mac, 6);
	return true;
}

static void
swap_bytes(uint8_t *one, uint8_t *other, size_t length)
{
	uint8_t kept[8];

	memcpy(kept, one, length);
	memcpy(one, other, length);
	memcpy(other, kept, length);
}

/* Sends a UDP or TCP packet back to where it came from; no checksum changes by that. */
static bool
turn_round(struct rte_mbuf *packet)
{
	uint8_t *bytes = rte_pktmbuf_mtod(packet, uint8_t *);
	struct frame frame;

	if (frame_parse(bytes, packet->data_len, &frame) != DROP_NONE ||
		(frame.kind != FRAME_UDP && frame.kind != FRAME_TCP))
		return false;
	swap_bytes(bytes, bytes + 6, 6);
	swap_bytes(bytes + frame.l3_offset + IPV4_OFFSET_SOURCE,
		bytes + frame.l3_offset + IPV4_OFFSET_DESTINATION, 4);
	swap_bytes(bytes + frame.l4_offset, bytes + frame.l4_offset + 2, 2);
	return true;
}

static bool
is_arp(const struct rte_mbuf *packet)
{
	return load_be16(rte_pktmbuf_mtod_offset(packet, const uint8_t *, 12)) == ETHERTYPE_ARP;
}

static uint16_t
bench_tx(struct port *port, uint16_t number, struct rte_mbuf **packets, uint16_t count)
{
	struct bench *bench = port->state;
	struct bench_queue *queue = &bench->queues[number];
	struct rte_mbuf *done[BURST_MAX];
	unsigned int done_count = 0;
	uint64_t bytes = 0;

	count = RTE_MIN(count, (uint16_t)BURST_MAX);
	for (unsigned int i = 0; i < count; i++) {
		bool answered = false;

		bytes += packets[i]->pkt_len;
		if (unlikely(queue->answer_count < ANSWERS_MAX &&
			     (bench->echo || is_arp(packets[i]))))
			answered = is_arp(packets[i]) ? answer_arp(packets[i])
						      : turn_round(packets[i]);
		if (unlikely(answered))
			queue->answers[queue->answer_count++] = packets[i];
		else
			done[done_count++] = packets[i];
	}
	rte_pktmbuf_free_bulk(done, done_count);
	queue->counters.tx_packets += count;
	queue->counters.tx_bytes += bytes;
	return count;
}

void
bench_port_play(
	struct port *port, const struct bench_descriptor *stream, uint32_t count, uint64_t limit)
{
	struct bench *bench = port->state;

	bench->stream = stream;
	bench->count = count;
	for (unsigned int i = 0; i < port->rx_queues; i++) {
		bench->queues[i].next = (uint32_t)((uint64_t)count * i / port->rx_queues);
		bench->queues[i].left = count == 0 ? 0 : limit == 0 ? UINT64_MAX : limit;
	}
}

const struct bench_descriptor *
bench_port_stream(const struct port *port)
{
	const struct bench *bench = port->state;

	return bench->stream;
}

/* The payload of every buffer is zero for good: the path writes headers only. */
static void
clear_buffer(struct rte_mempool *pool, void *opaque, void *buffer, unsigned int index)
{
	struct rte_mbuf *packet = buffer;

	(void)pool;
	(void)opaque;
	(void)index;
	memset(packet->buf_addr, 0, packet->buf_len);
}

static struct rte_mempool *
make_pool(const struct bench_plan *plan)
{
	unsigned int room = RTE_PKTMBUF_HEADROOM + ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES +
			    RTE_MAX(plan->mtu_bytes, BENCH_HEADER_BYTES);
	struct rte_mempool *pool;
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "b_%.20s", plan->name);
	pool = rte_pktmbuf_pool_create(name, BUFFERS_A_QUEUE * plan->queues, BUFFER_CACHE, 0,
		(uint16_t)RTE_ALIGN_CEIL(room, RTE_CACHE_LINE_SIZE), plan->socket_id);
	if (pool != NULL)
		rte_mempool_obj_iter(pool, clear_buffer, NULL);
	return pool;
}

int
bench_port_open(struct port *port, const struct bench_plan *plan, struct fault *fault)
{
	struct bench *bench = aligned_alloc(64, sizeof(*bench));
	struct rte_mempool *pool = make_pool(plan);

	if (bench == NULL || pool == NULL) {
		free(bench);
		rte_mempool_free(pool);
		return fault_set(fault, ENOMEM, "no-memory", plan->name,
			"Give DPDK more memory (memory.heap_mb)",
			"no memory for the buffers of a bench port");
	}
	memset(bench, 0, sizeof(*bench));
	bench->pool = pool;
	bench->echo = plan->echo;
	*port = (struct port){
		.rx = bench_rx,
		.tx = bench_tx,
		.state = bench,
		.ethdev = UINT16_MAX,
		.rx_queues = plan->queues,
		.tx_queues = plan->queues,
		.mtu_bytes = plan->mtu_bytes,
	};
	memcpy(port->mac, plan->mac != NULL ? plan->mac : standard_mac, sizeof(port->mac));
	strlcpy(port->name, plan->name, sizeof(port->name));
	bench_headers_prepare(&bench->headers, bench_peer_mac, port->mac, false);
	return 0;
}

void
bench_port_close(struct port *port)
{
	struct bench *bench = port->state;

	for (unsigned int i = 0; i < port->rx_queues; i++)
		rte_pktmbuf_free_bulk(bench->queues[i].answers, bench->queues[i].answer_count);
	rte_mempool_free(bench->pool);
	free(bench);
	port->state = NULL;
}

int
bench_port_counters(struct port *port, struct port_counters *counters)
{
	const struct bench *bench = port->state;

	memset(counters, 0, sizeof(*counters));
	for (unsigned int i = 0; i < port->rx_queues; i++) {
		const struct port_counters *of = &bench->queues[i].counters;

		counters->rx_packets += of->rx_packets;
		counters->rx_bytes += of->rx_bytes;
		counters->rx_no_buffers += of->rx_no_buffers;
		counters->tx_packets += of->tx_packets;
		counters->tx_bytes += of->tx_bytes;
	}
	return 0;
}
