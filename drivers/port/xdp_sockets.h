/* The process's AF_XDP sockets, told apart by the kernel's socket cookies.
 *
 * net_af_xdp of DPDK 22.11 with libxdp 1.3 does not close the socket of a queue when the device
 * closes, so that nobody, this process included, can open the queue again. So we note which sockets
 * appeared while a port opened, and close those that are left when it has closed.
 *
 * Threads: control thread, which is the only one that opens devices.
 */
#ifndef PORT_XDP_SOCKETS_H
#define PORT_XDP_SOCKETS_H

#include <stdint.h>

#define XDP_SOCKETS_MAX 64

struct xdp_sockets {
	unsigned int count;
	uint64_t cookies[XDP_SOCKETS_MAX];
};

/* All that are open now, without those of `known` (NULL = none known). */
void xdp_sockets_note(struct xdp_sockets *sockets, const struct xdp_sockets *known);

/* Closes those of `sockets` that are still open. */
void xdp_sockets_close(const struct xdp_sockets *sockets);

#endif
