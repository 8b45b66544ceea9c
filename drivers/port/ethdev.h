/* What all drivers over a DPDK ethdev share: attach the device, set it up as the request asks,
 * start it, and undo all of that.
 *
 * A driver's open() is: parse its options, fill a struct ethdev_plan, call ethdev_open(). Its
 * close() is ethdev_close(), after it has taken port->state's driver_state. Whatever fails, what
 * was done before is undone, so that a failed open() leaves nothing behind.
 *
 * Threads: all on the control thread, except the burst functions: one worker per queue at a time.
 * Source: DPDK 22.11 programmer's guide, "Poll Mode Driver" and "Device hotplug".
 */
#ifndef PORT_ETHDEV_H
#define PORT_ETHDEV_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_dev.h>
#include <rte_ether.h>

#include "base/fault.h"
#include "drivers/port/claims.h"
#include "path/port.h"

#define ETHDEV_ARGUMENTS_BYTES 512

/* What a driver wants of DPDK. */
struct ethdev_plan {
	const char *bus;                        /* "vdev" or "pci" */
	char name[RTE_DEV_NAME_MAX_LEN];        /* "net_memif_wan0", or the PCI address */
	char arguments[ETHDEV_ARGUMENTS_BYTES]; /* "iface=lan0,qpairs=1" */
	char claim[CLAIM_BYTES];                /* see claims.h */
	/* Sets the device's MTU. Left out where that would change the operator's kernel interface.
	 */
	bool sets_mtu;
	/* The port's hardware address is our affair alone: the device filters nothing by it and is
	 * not told (two ends of a memory channel). Without one in the request it comes from the
	 * port's name and stays the same over restarts, so that neighbours need not learn it again.
	 */
	bool own_mac;
	/* Makes the ethdev itself when it does not come from hot-plug (net_ring); returns the DPDK
	 * port id or a negative number. */
	int (*make)(void *context);
	void *context;
	/* False: the device is set up but dev_start is left to the driver (memif's waiting client).
	 */
	bool starts_later;
};

/* port->state of every driver over an ethdev. */
struct ethdev {
	const char *bus;
	char name[RTE_DEV_NAME_MAX_LEN];
	char claim[CLAIM_BYTES];
	struct rte_ether_addr found_mac; /* the device's address before we changed it */
	bool changed_mac;
	void *driver_state;
};

/* How many queue pairs serve the request, where a device has receive and transmit queues in pairs
 * and `most` of them. */
uint16_t ethdev_queue_pairs(const struct port_request *request, uint16_t most);

/* "net_DRIVER_PORT" in `plan->name`. */
void ethdev_name(struct ethdev_plan *plan, const char *pmd, const struct port_request *request);

/* Fills `port`, except port->driver. Faults: "device-in-use", "device-refused",
 * "buffers-too-small", "no-descriptors", "device-setup-failed", "mtu-refused", "mac-refused". */
int ethdev_open(const struct port_request *request, const struct ethdev_plan *plan,
	struct port *port, struct fault *fault);

void ethdev_close(struct port *port);
int ethdev_counters(struct port *port, struct port_counters *counters);
int ethdev_link(struct port *port, uint32_t *speed_mbps);

uint16_t ethdev_rx(struct port *port, uint16_t queue, struct rte_mbuf **packets, uint16_t count);
uint16_t ethdev_tx(struct port *port, uint16_t queue, struct rte_mbuf **packets, uint16_t count);

#endif
