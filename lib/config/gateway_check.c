/* Cores, names and devices against each other, and what all checks share. */
#include "config/gateway_table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
gateway_refuse(const struct gateway_check *check, const char *code, const char *value,
	const char *remedy, const char *sentence, const char *path_format, ...)
{
	char path[CONFIG_ROW_PATH_BYTES];
	va_list arguments;

	va_start(arguments, path_format);
	vsnprintf(path, sizeof(path), path_format, arguments);
	va_end(arguments);
	if (check->source == NULL)
		return fault_set(
			check->fault, EINVAL, code, value, remedy, "%s %s", path, sentence);
	return config_source_refuse(
		check->source, check->fault, path, code, value, remedy, "%s", sentence);
}

/* Special-purpose blocks that no host has (RFC 6890; RFC 1112 for 224.0.0.0 and above). */
const char *
gateway_address_flaw(uint32_t address)
{
	if (address >> 24 == 0)
		return "is in 0.0.0.0/8, which no host has";
	if (address >> 24 == 127)
		return "is a loopback address";
	if (address >> 28 == 0xe)
		return "is a multicast address";
	if (address >> 28 == 0xf)
		return "is a reserved address";
	return NULL;
}

const char *
gateway_host_flaw(struct ipv4_prefix subnet, uint32_t address)
{
	uint32_t hosts = ~ipv4_mask(subnet.length);

	if (subnet.length >= 31) /* RFC 3021: both addresses are hosts */
		return NULL;
	if ((address & hosts) == 0)
		return "is the network address of the subnet";
	if ((address & hosts) == hosts)
		return "is the broadcast address of the subnet";
	return NULL;
}

static int
check_cores(const struct gateway_check *check)
{
	const struct gateway_config *config = check->config;

	for (unsigned int i = 0; i < config->worker_count; i++) {
		char value[8];

		snprintf(value, sizeof(value), "%u", config->worker_cores[i]);
		for (unsigned int k = 0; k < i; k++) {
			if (config->worker_cores[k] == config->worker_cores[i])
				return gateway_refuse(check, "duplicate-core", value,
					"Give each worker a core of its own",
					"is a core that another worker has", "cores.workers[%u]",
					i);
		}
		if (config->worker_cores[i] == config->control_core && !config->idle_sleep)
			return gateway_refuse(check, "core-shared", value,
				"Choose another core, or set cores.idle_sleep: true",
				"is the control thread's core, which a polling worker would starve",
				"cores.workers[%u]", i);
	}
	return 0;
}

/* DPDK deletes files whose names match *map_* when it starts. */
static int
check_instance(const struct gateway_check *check)
{
	const char *instance = check->config->instance;

	if (strstr(instance, "map_") == NULL)
		return 0;
	return gateway_refuse(check, "bad-name", instance, "Choose a name without map_",
		"has map_ in it; DPDK deletes files with such names", "instance");
}

static bool
same_port(const struct config_interface *one, const struct config_interface *other)
{
	return strcmp(one->driver, other->driver) == 0 && strcmp(one->device, other->device) == 0;
}

static bool
device_is_netdev(const struct config_interface *interface)
{
	return strcmp(interface->driver, "af_packet") == 0 ||
	       strcmp(interface->driver, "af_xdp") == 0 || strcmp(interface->driver, "tap") == 0;
}

/* Two drivers would both take the packets of one kernel interface. */
static int
check_two_drivers(const struct gateway_check *check, unsigned int first, unsigned int second)
{
	const struct config_interface *one = &check->config->interfaces[first];
	const struct config_interface *other = &check->config->interfaces[second];
	char sentence[96];

	if (strcmp(one->driver, other->driver) == 0 || strcmp(one->device, other->device) != 0 ||
		!device_is_netdev(one) || !device_is_netdev(other))
		return 0;
	snprintf(sentence, sizeof(sentence), "is what %s has under another driver", one->name);
	return gateway_refuse(check, "duplicate-device", other->device,
		"Use one driver for a device, or give one of them another device", sentence,
		"interfaces[%u].device", second);
}

/* Two interfaces on one device: 802.1Q subinterfaces. The first one defines the device. */
static int
check_subinterface(const struct gateway_check *check, unsigned int first, unsigned int second)
{
	const struct config_interface *one = &check->config->interfaces[first];
	const struct config_interface *other = &check->config->interfaces[second];
	char sentence[96];

	if (one->vlan == other->vlan) {
		snprintf(sentence, sizeof(sentence), "is the device and VLAN of %s already",
			one->name);
		return gateway_refuse(check, "duplicate-device", other->device,
			"Give one of them another device or another vlan", sentence,
			"interfaces[%u].device", second);
	}
	snprintf(sentence, sizeof(sentence), "differs from %s on the same device", one->name);
	if (strcmp(one->options, other->options) != 0)
		return gateway_refuse(check, "device-differs", other->options,
			"Write the same options for every VLAN of a device", sentence,
			"interfaces[%u].options", second);
	if (one->queues != other->queues)
		return gateway_refuse(check, "device-differs", NULL,
			"Write the same queues for every VLAN of a device", sentence,
			"interfaces[%u].queues", second);
	if (memcmp(one->mac, other->mac, sizeof(one->mac)) != 0)
		return gateway_refuse(check, "device-differs", NULL,
			"Write the same mac for every VLAN of a device", sentence,
			"interfaces[%u].mac", second);
	if (other->mtu_bytes > one->mtu_bytes)
		return gateway_refuse(check, "device-differs", NULL,
			"Give the device's first interface the largest mtu",
			"is larger than that of the device's first interface", "interfaces[%u].mtu",
			second);
	return 0;
}

static int
check_kernel_interface(const struct gateway_check *check, unsigned int index)
{
	const struct gateway_config *config = check->config;
	const char *name = config->interfaces[index].kernel_interface;

	for (unsigned int i = 0; i < config->interface_count && name[0] != '\0'; i++) {
		const struct config_interface *other = &config->interfaces[i];

		if (i < index && strcmp(other->kernel_interface, name) == 0)
			return gateway_refuse(check, "duplicate-name", name, "Choose another name",
				"is another interface's kernel interface",
				"interfaces[%u].kernel_interface", index);
		if (device_is_netdev(other) && strcmp(other->device, name) == 0)
			return gateway_refuse(check, "duplicate-name", name,
				"Choose a name that the kernel does not have yet",
				"is the device of an interface", "interfaces[%u].kernel_interface",
				index);
	}
	return 0;
}

/* One interface against those before it. */
static int
check_interface(const struct gateway_check *check, unsigned int index)
{
	const struct config_interface *interfaces = check->config->interfaces;
	const struct config_interface *interface = &interfaces[index];
	bool first = true;
	int error = 0;

	for (unsigned int i = 0; i < index && error == 0; i++) {
		const struct config_interface *other = &interfaces[i];

		if (strcmp(other->name, interface->name) == 0)
			return gateway_refuse(check, "duplicate-name", interface->name,
				"Choose another name", "is another interface's name",
				"interfaces[%u].name", index);
		error = check_two_drivers(check, i, index);
		if (error == 0 && same_port(other, interface) &&
			(first || other->vlan == interface->vlan))
			error = check_subinterface(check, i, index);
		first = first && !same_port(other, interface);
	}
	return error != 0 ? error : check_kernel_interface(check, index);
}

int
gateway_check_machine(const struct gateway_check *check)
{
	int error = check_instance(check);

	if (error == 0)
		error = check_cores(check);
	for (unsigned int i = 0; i < check->config->interface_count && error == 0; i++)
		error = check_interface(check, i);
	return error;
}
