/* A kernel interface beside a port: local traffic meets the machine's own programs there.
 *
 * A TAP device with the port's Ethernet address and the interface's addresses. What the path finds
 * to be for the gateway itself (ping, ssh, DHCP, routing protocols) is written to it; what the
 * kernel sends there leaves by the port as it is. ARP for our addresses is answered by the gateway
 * alone, so the kernel sees only answers to its own questions.
 *
 * The device lives as long as the process holds it. Threads: control thread.
 */
#ifndef CONTROL_KERNEL_INTERFACE_H
#define CONTROL_KERNEL_INTERFACE_H

#include "control/gateway.h"

/* Makes the device of interface `number` of the view and begins to watch it. 0 or -errno with a
 * fault (no /dev/net/tun, no permission, name taken). */
int kernel_interface_open(
	struct gateway *gateway, unsigned int number, const char *name, struct fault *fault);
void kernel_interface_close(struct gateway *gateway, unsigned int number);

/* Writes a received frame to the device, without its 802.1Q tag. Does not consume the packet. */
void kernel_interface_write(struct gateway *gateway, unsigned int number, struct rte_mbuf *packet);

#endif
