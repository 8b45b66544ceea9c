/* Checks that several drivers share. Each looks and changes nothing, returns 0 or -errno and says
 * in the fault what is wrong, with which value, and what to do. Control thread. */
#ifndef PORT_CHECKS_H
#define PORT_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "path/port.h"

/* The device may stand in a DPDK argument list: not empty, and without the characters that
 * separate there. `what` is how the sentence calls it: "an interface name".
 * Fault: "bad-device". */
int check_device_text(const char *device, const char *what, struct fault *fault);

/* The kernel interface of request->device exists, is up and has at least the MTU asked for.
 * Faults: "no-such-interface", "interface-down", "mtu-too-small". */
int check_interface(const struct port_request *request, struct fault *fault);

/* The capability is in effect; `name` is its name for the reader: "CAP_NET_RAW".
 * Fault: "no-permission". */
int check_capability(
	unsigned int capability, const char *name, const char *driver, struct fault *fault);

/* The MTU lies within what IPv4 and the driver can carry. Fault: "bad-mtu". */
int check_mtu(const struct port_request *request, uint16_t maximum_bytes, struct fault *fault);

/* The wanted queues are within the limit of a driver that cannot simply give fewer. `why` stands in
 * the remedy. Fault: "too-many-queues". */
int check_queues(
	const struct port_request *request, uint16_t maximum, const char *why, struct fault *fault);

/* The `link` of drivers over a kernel interface: what the kernel says about request->device, since
 * DPDK's drivers for them always say "up". Returns 1 up, 0 down. */
int interface_link(struct port *port, uint32_t *speed_mbps);

#endif
