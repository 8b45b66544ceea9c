/* See punt.h. */
#include "control/punt.h"

#include "control/arp.h"
#include "control/kernel_interface.h"
#include "control/neighbour.h"

#define PUNTS_A_TURN 1024

/* The interface that a punted frame belongs to, or PATH_NO_INTERFACE. */
static unsigned int
interface_of(const struct gateway *gateway, const struct rte_mbuf *packet)
{
	const uint8_t *bytes = rte_pktmbuf_mtod(packet, const uint8_t *);
	unsigned int vlan =
		load_be16(bytes + 12) == ETHERTYPE_VLAN ? load_be16(bytes + 14) & 0xfff : 0;

	return gateway->view->interface_of_tag[packet->port][vlan];
}

static void
to_kernel(struct gateway *gateway, struct rte_mbuf *packet, unsigned int interface)
{
	if (interface != PATH_NO_INTERFACE && gateway->kernels[interface] != NULL)
		kernel_interface_write(gateway, interface, packet);
}

static void
serve(struct gateway *gateway, struct rte_mbuf *packet)
{
	unsigned int interface = PATH_NO_INTERFACE;

	switch ((enum path_punt)packet->hash.usr) {
	case PUNT_ARP:
		if (arp_input(gateway, packet->port, packet, &interface))
			to_kernel(gateway, packet, interface);
		rte_pktmbuf_free(packet);
		break;
	case PUNT_KERNEL:
		to_kernel(gateway, packet, interface_of(gateway, packet));
		rte_pktmbuf_free(packet);
		break;
	case PUNT_RESOLVE:
		neighbour_resolve(gateway, packet);
		break;
	}
}

unsigned int
punt_serve(struct gateway *gateway)
{
	struct rte_mbuf *packets[PATH_BURST];
	unsigned int total = 0, count;

	do {
		count = rte_ring_sc_dequeue_burst(
			gateway->path.punt, (void **)packets, PATH_BURST, NULL);
		for (unsigned int i = 0; i < count; i++)
			serve(gateway, packets[i]);
		total += count;
	} while (count == PATH_BURST && total < PUNTS_A_TURN);
	return total;
}
