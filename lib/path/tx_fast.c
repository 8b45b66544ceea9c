/* Stage tx: sends what forward queued for a port.
 *
 * A worker has the transmit queue of its own number. A port with fewer queues than workers is
 * served by the workers that have one: the others pass their frames over a bounded ring. */
#include "path/stages.h"

/* The frames did not fit: they are dropped and counted, never waited for. */
static void
drop_rest(struct worker *worker, struct rte_mbuf **packets, unsigned int count)
{
	worker->drops[DROP_TX_FULL] += count;
	if (unlikely(worker->watch != NULL))
		for (unsigned int i = 0; i < count; i++)
			watch_dropped(worker, packets[i], DROP_TX_FULL);
	rte_pktmbuf_free_bulk(packets, count);
}

void
stage_tx(struct worker *worker, unsigned int port)
{
	struct path_tx *tx = &worker->tx[port];
	struct port *device = worker->path->ports[port];
	unsigned int sent;

	if (unlikely(worker->watch != NULL))
		watch_sent(worker, port, tx->packets, tx->count);
	if (worker->number < device->tx_queues) {
		sent = device->tx(
			device, (uint16_t)worker->number, tx->packets, (uint16_t)tx->count);
	} else {
		struct worker *sender = worker->path->workers[worker->number % device->tx_queues];

		for (unsigned int i = 0; i < tx->count; i++)
			tx->packets[i]->port = (uint16_t)port;
		sent = rte_ring_mp_enqueue_burst(
			sender->transmit, (void **)tx->packets, tx->count, NULL);
	}
	if (unlikely(sent < tx->count))
		drop_rest(worker, tx->packets + sent, tx->count - sent);
	tx->count = 0;
}
