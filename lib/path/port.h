/* A port: where packets come from and go to, and the interface that the port drivers implement.
 *
 * The drivers (drivers/port, one file each) translate the configuration's words into DPDK device
 * arguments, check limits before anything starts, and undo what they did. DPDK's own poll-mode
 * drivers do the work. The packet path sees only `struct port`: two burst functions and facts.
 *
 * Life cycle: check() for every port -> open() for every port -> workers run -> close() in reverse.
 * check() has no side effect; it may look at the system (does the interface exist, is there
 * permission, is the socket stale) and must name what is missing and what to do.
 *
 * Threads: check, open, close, counters on the control thread. rx and tx on workers: one worker per
 * queue at a time.
 */
#ifndef PATH_PORT_H
#define PATH_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"

struct rte_mbuf;
struct rte_mempool;

/* Bytes that one mbuf must hold for frames of an MTU, whatever the driver: the Ethernet header, two
 * tags, the CRC and af_packet's own header, rounded up to what its rings can be cut into. A pool's
 * data room is RTE_PKTMBUF_HEADROOM + PORT_BUFFER_BYTES(the largest MTU): 2048 bytes for 1500. */
#define PORT_BUFFER_BYTES(mtu_bytes) ((((mtu_bytes) + 88u) + 511u) / 512u * 512u)

#define PORT_NAME_BYTES   32
#define PORT_DEVICE_BYTES 128

enum port_side { PORT_INSIDE, PORT_OUTSIDE, PORT_SIDES };

/* What the configuration asks for. */
struct port_request {
	char name[PORT_NAME_BYTES];      /* as the operator calls it: "lan0" */
	char driver[16];                 /* "af_packet", "memif", ... */
	char device[PORT_DEVICE_BYTES];  /* kernel interface, socket path, PCI address, pcap file */
	char options[PORT_DEVICE_BYTES]; /* driver's own "key=value,key=value"; unknown keys refused
					  */
	enum port_side side;             /* decides by which end of a packet a NIC spreads it */
	/* Wanted. The driver may give less, or as many of both where its queues come in pairs;
	 * struct port says what there is, and every receive queue wants to be polled. */
	uint16_t rx_queues, tx_queues;
	uint16_t rx_descriptors, tx_descriptors; /* 0 = the driver's default */
	uint16_t mtu_bytes;                      /* layer 3 */
	bool mac_set;
	uint8_t mac[6]; /* used when mac_set */
	int socket_id;
	struct rte_mempool *pool; /* where received packets live; af_xdp makes its own instead */
};

struct port;

typedef uint16_t port_rx_burst(
	struct port *port, uint16_t queue, struct rte_mbuf **packets, uint16_t count);
/* Takes the packets it returns as sent; the caller keeps (and frees) the rest. */
typedef uint16_t port_tx_burst(
	struct port *port, uint16_t queue, struct rte_mbuf **packets, uint16_t count);

struct port_driver;

struct port {
	port_rx_burst *rx;
	port_tx_burst *tx;
	void *state;                   /* the driver's own */
	uint16_t ethdev;               /* DPDK port id; UINT16_MAX when it is not an ethdev */
	uint16_t rx_queues, tx_queues; /* what it really has */
	uint16_t mtu_bytes;
	bool checks_rx_checksums; /* sets RTE_MBUF_F_RX_IP_CKSUM_* and L4_CKSUM_* */
	bool source_only_rss;     /* spreads by the private (inside: source) or public (outside:
				   * destination) address and port alone, so that each queue belongs
				   * to one owner; false: a software distributor is needed */
	uint8_t mac[6];
	char name[PORT_NAME_BYTES];
	char device[PORT_DEVICE_BYTES];
	const struct port_driver *driver;
};

struct port_counters {
	uint64_t rx_packets, rx_bytes, rx_missed, rx_errors, rx_no_buffers;
	uint64_t tx_packets, tx_bytes, tx_errors;
};

struct port_driver {
	const char *name;
	const char *device_help;  /* what `device` means for it */
	const char *options_help; /* its option keys, "" when it has none */
	int (*check)(const struct port_request *request, struct fault *fault);
	int (*open)(const struct port_request *request, struct port *port, struct fault *fault);
	/* No packet that the port received may be held any more: its pool may go with it. */
	void (*close)(struct port *port);
	int (*counters)(struct port *port, struct port_counters *counters);
	/* Link state: 1 up, 0 down. speed_mbps 0 = unknown. */
	int (*link)(struct port *port, uint32_t *speed_mbps);
};

/* The drivers that this binary has, NULL-terminated; defined by the application's driver list
 * (drivers/port/drivers.c), so that lib/ never depends on drivers/. */
extern const struct port_driver *const port_drivers[];

/* NULL when there is no driver of that name. */
const struct port_driver *port_driver_find(const char *name);

#endif
