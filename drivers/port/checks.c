/* See checks.h. */
#include "drivers/port/checks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/port/system.h"

#define IPV4_MTU_LEAST 68 /* RFC 791, section 3.2: every module forwards 68 octets unfragmented */

int
check_device_text(const char *device, const char *what, struct fault *fault)
{
	if (device[0] == '\0')
		return fault_set(fault, EINVAL, "bad-device", NULL, "Give it in `device`",
			"%s is missing", what);
	for (const char *c = device; *c != '\0'; c++) {
		if ((unsigned char)*c <= ' ' || strchr(",=[]\"'", *c) != NULL)
			return fault_set(fault, EINVAL, "bad-device", device,
				"Use a name without spaces, quotes, brackets, commas and equal "
				"signs",
				"%s has a character that cannot stand there", what);
	}
	return 0;
}

int
check_interface(const struct port_request *request, struct fault *fault)
{
	struct system_interface look;
	char value[256], remedy[256];
	int error = check_device_text(request->device, "an interface name", fault);

	if (error != 0)
		return error;
	error = system_interface_look(request->device, &look);
	if (error == -ENODEV)
		return fault_set(fault, ENODEV, "no-such-interface", request->device,
			"Create it in this network namespace or correct the name; `ip link` lists "
			"them",
			"the interface of port %s does not exist", request->name);
	if (error != 0)
		return fault_set(fault, -error, "interface-unreadable", request->device,
			"Try `ip link show` on it",
			"the kernel refuses to describe an interface (%s)", strerror(-error));
	if (!look.up) {
		snprintf(remedy, sizeof(remedy), "Run `ip link set %s up`", request->device);
		return fault_set(fault, ENETDOWN, "interface-down", request->device, remedy,
			"the interface of port %s is down", request->name);
	}
	if (look.mtu_bytes < request->mtu_bytes) {
		snprintf(value, sizeof(value), "%s has %u, %u is asked for", request->device,
			look.mtu_bytes, request->mtu_bytes);
		snprintf(remedy, sizeof(remedy),
			"Run `ip link set %s mtu %u` or lower the port's MTU", request->device,
			request->mtu_bytes);
		return fault_set(fault, EMSGSIZE, "mtu-too-small", value, remedy,
			"the interface of port %s has a smaller MTU than the port", request->name);
	}
	return 0;
}

int
check_capability(unsigned int capability, const char *name, const char *driver, struct fault *fault)
{
	if (system_has_capability(capability))
		return 0;
	return fault_set(fault, EPERM, "no-permission", name,
		"Start as root, or give the program this capability (setcap, AmbientCapabilities=)",
		"driver %s needs a capability that the process does not have", driver);
}

int
check_mtu(const struct port_request *request, uint16_t maximum_bytes, struct fault *fault)
{
	char value[16], remedy[96];

	if (request->mtu_bytes >= IPV4_MTU_LEAST && request->mtu_bytes <= maximum_bytes)
		return 0;
	snprintf(value, sizeof(value), "%u", request->mtu_bytes);
	snprintf(
		remedy, sizeof(remedy), "Give an MTU from %d to %u", IPV4_MTU_LEAST, maximum_bytes);
	return fault_set(fault, EINVAL, "bad-mtu", value, remedy,
		"driver %s cannot carry the MTU of port %s", request->driver, request->name);
}

int
check_queues(
	const struct port_request *request, uint16_t maximum, const char *why, struct fault *fault)
{
	uint16_t wanted =
		request->rx_queues > request->tx_queues ? request->rx_queues : request->tx_queues;
	char value[16], remedy[160];

	if (wanted <= maximum)
		return 0;
	snprintf(value, sizeof(value), "%u", wanted);
	snprintf(remedy, sizeof(remedy), "Ask for at most %u (%s)", maximum, why);
	return fault_set(fault, EINVAL, "too-many-queues", value, remedy,
		"driver %s cannot give port %s as many queues", request->driver, request->name);
}

int
interface_link(struct port *port, uint32_t *speed_mbps)
{
	struct system_interface look;

	*speed_mbps = 0;
	if (system_interface_look(port->device, &look) != 0)
		return 0;
	*speed_mbps = look.speed_mbps;
	return look.up && look.running;
}
