/* See capture.h. */
#include "path/capture.h"

#include <errno.h>
#include <stdio.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "base/counter.h"

#define BUFFER_BYTES 2048 /* a longer copy is a chain */

int
capture_new(const struct capture_request *request, struct capture **result)
{
	static unsigned int made; /* the former pool may live until its last copy is freed */
	struct capture *capture = rte_zmalloc("capture", sizeof(*capture), RTE_CACHE_LINE_SIZE);
	char name[RTE_RING_NAMESIZE];

	if (capture == NULL)
		return -ENOMEM;
	capture->request = *request;
	snprintf(name, sizeof(name), "capture-%u", made++);
	/* A cache serves EAL threads only, and would hide buffers from the others. */
	capture->pool = rte_pktmbuf_pool_create(name, CAPTURE_BUFFERS, 0,
		RTE_ALIGN(sizeof(struct capture_mark), RTE_MBUF_PRIV_ALIGN),
		RTE_PKTMBUF_HEADROOM + BUFFER_BYTES, SOCKET_ID_ANY);
	capture->ring = rte_ring_create(name, CAPTURE_BUFFERS + 1, SOCKET_ID_ANY, RING_F_SC_DEQ);
	if (capture->pool == NULL || capture->ring == NULL) {
		capture_free(capture);
		return -ENOMEM;
	}
	*result = capture;
	return 0;
}

void
capture_free(struct capture *capture)
{
	struct rte_mbuf *copy;

	if (capture == NULL)
		return;
	while (capture->ring != NULL && (copy = capture_next(capture)) != NULL)
		rte_pktmbuf_free(copy);
	rte_ring_free(capture->ring);
	rte_mempool_free(capture->pool);
	rte_free(capture);
}

static bool
is_wanted(const struct capture *capture, const struct worker *worker, const struct rte_mbuf *packet,
	enum capture_where where, unsigned int port, enum drop_reason reason)
{
	const struct capture_request *request = &capture->request;
	const uint8_t *bytes = rte_pktmbuf_mtod(packet, const uint8_t *);
	unsigned int vlan = 0;

	if ((request->where & where) == 0 || packet->data_len < ETHERNET_HEADER_BYTES ||
		(request->reason != DROP_NONE && request->reason != reason))
		return false;
	if (request->interface == PATH_NO_INTERFACE)
		return true;
	if (port >= worker->path->port_count)
		return false;
	if (load_be16(bytes + 12) == ETHERTYPE_VLAN &&
		packet->data_len >= ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES)
		vlan = load_be16(bytes + 14) & 0xfff;
	return worker->view->interface_of_tag[port][vlan] == request->interface;
}

void
capture_take(struct capture *capture, const struct worker *worker, const struct rte_mbuf *packet,
	enum capture_where where, unsigned int port, enum drop_reason reason)
{
	struct capture_mark *mark;
	struct rte_mbuf *copy;

	if (!is_wanted(capture, worker, packet, where, port, reason) || capture_is_full(capture))
		return;
	copy = rte_pktmbuf_copy(packet, capture->pool, 0, capture->request.snap_bytes);
	if (copy == NULL) {
		counter_add(&capture->missed[worker->number], 1);
		return;
	}
	mark = rte_mbuf_to_priv(copy);
	*mark = (struct capture_mark){
		.cycles = rte_rdtsc(),
		.original_bytes = packet->pkt_len,
		.port = (uint8_t)port,
		.where = (uint8_t)where,
		.reason = (uint8_t)reason,
	};
	/* Counted before it is passed on, so that two workers cannot both take the last. */
	if (capture->request.packets != 0 &&
		__atomic_fetch_add(&capture->taken, 1, __ATOMIC_RELAXED) >=
			capture->request.packets) {
		rte_pktmbuf_free(copy);
		return;
	}
	if (rte_ring_mp_enqueue(capture->ring, copy) != 0) {
		rte_pktmbuf_free(copy);
		counter_add(&capture->missed[worker->number], 1);
	}
}

struct rte_mbuf *
capture_next(struct capture *capture)
{
	void *copy;

	return rte_ring_sc_dequeue(capture->ring, &copy) == 0 ? copy : NULL;
}

bool
capture_is_full(const struct capture *capture)
{
	return capture->request.packets != 0 &&
	       __atomic_load_n(&capture->taken, __ATOMIC_RELAXED) >= capture->request.packets;
}

uint64_t
capture_missed(const struct capture *capture)
{
	uint64_t missed = 0;

	for (unsigned int i = 0; i < PATH_WORKERS_MAX; i++)
		missed += counter_read(&capture->missed[i]);
	return missed;
}
