/* See lane.h. */
#include "lane.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_mbuf.h>

#include "stamp.h"

#define BUFFERS      8192 /* more than the rings of a port and its peer hold */
#define BUFFER_CACHE 256

static void
clear_buffer(struct rte_mempool *pool, void *opaque, void *buffer, unsigned int index)
{
	struct rte_mbuf *packet = buffer;

	(void)pool;
	(void)opaque;
	(void)index;
	memset(packet->buf_addr, 0, packet->buf_len);
}

int
lane_open(struct lane *lane, enum lane_number number, struct port *from, uint32_t count)
{
	char name[RTE_MEMPOOL_NAMESIZE];

	*lane = (struct lane){.number = (uint8_t)number, .from = from, .count = count};
	snprintf(name, sizeof(name), "lane-%d", (int)number);
	lane->pool = rte_pktmbuf_pool_create(name, BUFFERS, BUFFER_CACHE, 0,
		(uint16_t)(RTE_PKTMBUF_HEADROOM + PORT_BUFFER_BYTES(from->mtu_bytes)),
		SOCKET_ID_ANY);
	lane->stream = calloc(count, sizeof(lane->stream[0]));
	if (lane->pool == NULL || lane->stream == NULL)
		return -ENOMEM;
	rte_mempool_obj_iter(lane->pool, clear_buffer, NULL);
	return 0;
}

void
lane_close(struct lane *lane)
{
	rte_pktmbuf_free_bulk(lane->pending, lane->pending_count);
	lane->pending_count = 0;
	/* The pool stays with DPDK until it ends: a closed port may still hold buffers. */
	free(lane->stream);
	lane->stream = NULL;
}

void
lane_begin(struct lane *lane, uint8_t run)
{
	rte_pktmbuf_free_bulk(lane->pending, lane->pending_count);
	lane->pending_count = 0;
	lane->run = run;
	lane->place = 0;
	lane->round = 0;
	lane->sent = 0;
}

static void
advance(struct lane *lane)
{
	if (++lane->place < lane->count)
		return;
	lane->place = 0;
	lane->round++;
}

static void
write_next(struct lane *lane, struct rte_mbuf *packet)
{
	const struct bench_descriptor *descriptor;
	struct stamp stamp;
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);

	while (lane->stream[lane->place].frame_bytes == 0)
		advance(lane);
	descriptor = &lane->stream[lane->place];
	stamp = stamp_make(lane->run, lane->number, lane->place, lane->round,
		(uint16_t)(descriptor->frame_bytes - ETHERNET_HEADER_BYTES));
	bench_frame_write(frame, &lane->headers, descriptor, checksum_sum(&stamp, sizeof(stamp)));
	memcpy(frame + bench_header_bytes(descriptor->protocol), &stamp, sizeof(stamp));
	packet->data_len = descriptor->frame_bytes;
	packet->pkt_len = descriptor->frame_bytes;
	advance(lane);
}

unsigned int
lane_send(struct lane *lane, unsigned int most)
{
	unsigned int taken;

	if (lane->pending_count == 0) {
		most = RTE_MIN(most, (unsigned int)LANE_BURST);
		if (rte_pktmbuf_alloc_bulk(lane->pool, lane->pending, most) != 0)
			return 0;
		for (unsigned int i = 0; i < most; i++)
			write_next(lane, lane->pending[i]);
		lane->pending_count = most;
	}
	taken = lane->from->tx(lane->from, 0, lane->pending, (uint16_t)lane->pending_count);
	lane->pending_count -= taken;
	memmove(lane->pending, lane->pending + taken,
		lane->pending_count * sizeof(lane->pending[0]));
	lane->sent += taken;
	return taken;
}
