/* See ports.h. */
#include "ports.h"

#include <errno.h>
#include <string.h>
#include <bsd/string.h>

/* Whether an interface before `number` has the same device already. */
static bool
shares_port(const struct gateway_config *config, unsigned int number)
{
	for (unsigned int i = 0; i < number; i++)
		if (strcmp(config->interfaces[i].device, config->interfaces[number].device) == 0)
			return true;
	return false;
}

/* The largest MTU of the interfaces on a device is the port's. */
static uint16_t
device_mtu(const struct gateway_config *config, const char *device)
{
	uint16_t mtu_bytes = 0;

	for (unsigned int i = 0; i < config->interface_count; i++)
		if (strcmp(config->interfaces[i].device, device) == 0 &&
			config->interfaces[i].mtu_bytes > mtu_bytes)
			mtu_bytes = config->interfaces[i].mtu_bytes;
	return mtu_bytes;
}

static void
fill_request(struct port_request *request, const struct gateway_config *config, unsigned int number,
	struct rte_mempool *pool)
{
	const struct config_interface *interface = &config->interfaces[number];

	memset(request, 0, sizeof(*request));
	strlcpy(request->name, interface->name, sizeof(request->name));
	strlcpy(request->driver, interface->driver, sizeof(request->driver));
	strlcpy(request->device, interface->device, sizeof(request->device));
	strlcpy(request->options, interface->options, sizeof(request->options));
	request->side = interface->side == CONFIG_INSIDE ? PORT_INSIDE : PORT_OUTSIDE;
	request->rx_queues =
		interface->queues != 0 ? interface->queues : (uint16_t)config->worker_count;
	request->tx_queues = (uint16_t)config->worker_count;
	request->mtu_bytes = device_mtu(config, interface->device);
	request->mac_set = interface->mac_set;
	memcpy(request->mac, interface->mac, sizeof(request->mac));
	request->socket_id = -1; /* any */
	request->pool = pool;
}

int
ports_check(const struct gateway_config *config, struct fault *fault)
{
	for (unsigned int i = 0; i < config->interface_count; i++) {
		const struct port_driver *driver = port_driver_find(config->interfaces[i].driver);
		struct port_request request;
		int result;

		if (shares_port(config, i))
			continue;
		if (driver == NULL)
			return fault_set(fault, ENODEV, "no-such-driver",
				config->interfaces[i].driver, "See docs/ports.md",
				"interface %s: this program has no such driver",
				config->interfaces[i].name);
		fill_request(&request, config, i, NULL);
		result = driver->check(&request, fault);
		if (result != 0)
			return result;
	}
	return 0;
}

int
ports_open(struct gateway *gateway, struct fault *fault)
{
	const struct gateway_config *config = &gateway->config;

	for (unsigned int i = 0; i < config->interface_count; i++) {
		const struct port_driver *driver = port_driver_find(config->interfaces[i].driver);
		struct port *port = &gateway->ports[gateway->port_count];
		struct port_request request;
		int result;

		if (shares_port(config, i))
			continue;
		fill_request(&request, config, i, gateway->packet_pool);
		result = driver->open(&request, port, fault);
		if (result != 0) {
			ports_close(gateway);
			return result;
		}
		port->driver = driver;
		gateway->port_list[gateway->port_count++] = port;
	}
	return 0;
}

void
ports_close(struct gateway *gateway)
{
	while (gateway->port_count > 0) {
		struct port *port = &gateway->ports[--gateway->port_count];

		port->driver->close(port);
	}
}
