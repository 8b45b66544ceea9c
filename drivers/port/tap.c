/* Driver tap: a kernel interface that the port itself makes (net_tap). What the kernel sends into
 * the interface the port receives. It is useful where there is no cable and no veth.
 *
 * The port's own hardware address differs from the interface's, as those of two neighbours do.
 *
 * Source: DPDK 22.11 guides/nics/tap.rst.
 */
#include "drivers/port/list.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/capability.h>

#include "drivers/port/checks.h"
#include "drivers/port/ethdev.h"
#include "drivers/port/options.h"
#include "drivers/port/system.h"

#define MTU_MOST    9600
#define QUEUES_MOST 16
#define TUN_DEVICE  "/dev/net/tun"

static int
tap_check(const struct port_request *request, struct fault *fault)
{
	struct system_interface look;
	int error;

	if ((error = options_parse(request->options, NULL, 0, NULL, fault)) != 0 ||
		(error = check_device_text(request->device, "an interface name", fault)) != 0 ||
		(error = check_mtu(request, MTU_MOST, fault)) != 0)
		return error;
	if (strlen(request->device) >= IFNAMSIZ || strchr(request->device, '/') != NULL)
		return fault_set(fault, EINVAL, "bad-device", request->device,
			"Use at most 15 characters and no slash", "not the name of an interface");
	if (system_interface_look(request->device, &look) == 0)
		return fault_set(fault, EEXIST, "interface-exists", request->device,
			"Use a name that is free, or driver af_packet for an interface that is "
			"there",
			"driver tap makes its interface, and this one exists");
	if (access(TUN_DEVICE, R_OK | W_OK) != 0)
		return fault_set(fault, errno, "no-tun-device", TUN_DEVICE,
			"Load the module (`modprobe tun`) and give the process access",
			"driver tap needs a device that cannot be opened (%s)", strerror(errno));
	return check_capability(CAP_NET_ADMIN, "CAP_NET_ADMIN", "tap", fault);
}

static int
tap_open(const struct port_request *request, struct port *port, struct fault *fault)
{
	struct ethdev_plan plan = {.bus = "vdev", .own_mac = true, .sets_mtu = true};
	struct port_request paired = *request;
	int error = tap_check(request, fault);

	if (error != 0)
		return error;
	paired.rx_queues = paired.tx_queues = ethdev_queue_pairs(request, QUEUES_MOST);
	ethdev_name(&plan, "net_tap", request);
	snprintf(plan.claim, sizeof(plan.claim), CLAIM_INTERFACE "%s", request->device);
	snprintf(plan.arguments, sizeof(plan.arguments), "iface=%s", request->device);
	return ethdev_open(&paired, &plan, port, fault);
}

const struct port_driver port_tap = {
	.name = "tap",
	.device_help = "the name of the interface to make",
	.options_help = "",
	.check = tap_check,
	.open = tap_open,
	.close = ethdev_close,
	.counters = ethdev_counters,
	.link = interface_link,
};
