/* See ethdev.h. */
#include "drivers/port/ethdev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "drivers/port/spread.h"

#define DESCRIPTORS      512
#define FRAME_BYTES(mtu) ((mtu) + RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN + RTE_ETHER_CRC_LEN)

uint16_t
ethdev_rx(struct port *port, uint16_t queue, struct rte_mbuf **packets, uint16_t count)
{
	return rte_eth_rx_burst(port->ethdev, queue, packets, count);
}

uint16_t
ethdev_tx(struct port *port, uint16_t queue, struct rte_mbuf **packets, uint16_t count)
{
	return rte_eth_tx_burst(port->ethdev, queue, packets, count);
}

uint16_t
ethdev_queue_pairs(const struct port_request *request, uint16_t most)
{
	uint16_t pairs = RTE_MAX(request->rx_queues, request->tx_queues);

	return RTE_MIN(RTE_MAX(pairs, 1), most);
}

void
ethdev_name(struct ethdev_plan *plan, const char *pmd, const struct port_request *request)
{
	snprintf(plan->name, sizeof(plan->name), "%s_%s", pmd, request->name);
}

static int
refuse_setup(const struct port_request *request, int error, const char *step, struct fault *fault)
{
	return fault_set(fault, error < 0 ? -error : error, "device-setup-failed", request->device,
		"Look at the DPDK messages just before this one", "port %s: %s failed (%s)",
		request->name, step, strerror(error < 0 ? -error : error));
}

static int
attach(const struct port_request *request, const struct ethdev_plan *plan, uint16_t *id,
	struct fault *fault)
{
	int made;

	if (rte_eth_dev_get_port_by_name(plan->name, id) == 0) {
		/* The EAL probes the PCI devices of its allow-list by itself. */
		if (strcmp(plan->bus, "pci") == 0)
			return 0;
		return fault_set(fault, EEXIST, "port-exists", plan->name,
			"Give every port a name of its own",
			"DPDK already has a device of this name");
	}
	if (plan->make != NULL) {
		made = plan->make(plan->context);
		if (made < 0)
			return refuse_setup(request, ENODEV, "making the device", fault);
		*id = (uint16_t)made;
		return 0;
	}
	made = rte_eal_hotplug_add(plan->bus, plan->name, plan->arguments);
	if (made == 0 && rte_eth_dev_get_port_by_name(plan->name, id) == 0)
		return 0;
	if (made == 0)
		rte_eal_hotplug_remove(plan->bus, plan->name);
	return fault_set(fault, made < 0 ? -made : ENODEV, "device-refused", plan->arguments,
		"Look at the DPDK messages just before this one",
		"port %s: DPDK's driver refuses the device", request->name);
}

static void
detach(uint16_t id, const char *bus, const char *name)
{
	struct rte_eth_dev_info info;

	if (rte_eth_dev_info_get(id, &info) == 0) {
		rte_eth_dev_stop(id);
		rte_eth_dev_close(id);
	}
	rte_eal_hotplug_remove(bus, name);
}

/* A received frame must fit one mbuf, or the device must be able to chain several. */
static int
choose_offloads(const struct port_request *request, const struct rte_eth_dev_info *info,
	struct rte_eth_conf *conf, struct fault *fault)
{
	uint32_t room = rte_pktmbuf_data_room_size(request->pool) - RTE_PKTMBUF_HEADROOM;
	uint32_t frame = FRAME_BYTES(request->mtu_bytes);
	uint64_t checksums = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM |
			     RTE_ETH_RX_OFFLOAD_TCP_CKSUM;

	if (frame > room) {
		char value[128];

		if (!(info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER)) {
			snprintf(value, sizeof(value), "%u bytes, frames of this MTU need %u", room,
				frame);
			return fault_set(fault, EMSGSIZE, "buffers-too-small", value,
				"Enlarge the packet buffers or lower the port's MTU",
				"the packet buffers are too small for port %s", request->name);
		}
		conf->rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
	}
	if ((info->rx_offload_capa & checksums) == checksums)
		conf->rxmode.offloads |= checksums;
	conf->txmode.offloads |= info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	return 0;
}

static int
set_up_queues(const struct port_request *request, const struct rte_eth_dev_info *info,
	const struct rte_eth_conf *conf, struct port *port, struct fault *fault)
{
	uint16_t rx_count = request->rx_descriptors ? request->rx_descriptors : DESCRIPTORS;
	uint16_t tx_count = request->tx_descriptors ? request->tx_descriptors : DESCRIPTORS;
	struct rte_eth_rxconf rx_conf = info->default_rxconf;
	struct rte_eth_txconf tx_conf = info->default_txconf;
	int error = rte_eth_dev_adjust_nb_rx_tx_desc(port->ethdev, &rx_count, &tx_count);

	if (error != 0)
		return refuse_setup(request, error, "choosing the descriptors", fault);
	rx_conf.offloads = conf->rxmode.offloads;
	tx_conf.offloads = conf->txmode.offloads;
	for (uint16_t queue = 0; queue < port->rx_queues && error == 0; queue++)
		error = rte_eth_rx_queue_setup(port->ethdev, queue, rx_count,
			(unsigned int)request->socket_id, &rx_conf, request->pool);
	if (error == -ENOMEM)
		return fault_set(fault, ENOMEM, "buffers-too-small", request->device,
			"Make each packet buffer at least PORT_BUFFER_BYTES of the MTU, or add "
			"memory",
			"port %s cannot set up a receive queue on this pool", request->name);
	if (error != 0)
		return refuse_setup(request, error, "setting up a receive queue", fault);
	for (uint16_t queue = 0; queue < port->tx_queues && error == 0; queue++)
		error = rte_eth_tx_queue_setup(
			port->ethdev, queue, tx_count, (unsigned int)request->socket_id, &tx_conf);
	if (error != 0)
		return refuse_setup(request, error, "setting up a transmit queue", fault);
	return 0;
}

/* DPDK's purely virtual devices have no MTU and no address filter to set: they take any. */
static int
set_mtu(const struct port_request *request, uint16_t id, struct fault *fault)
{
	int error = rte_eth_dev_set_mtu(id, request->mtu_bytes);
	char value[16];

	if (error == 0 || error == -ENOTSUP)
		return 0;
	snprintf(value, sizeof(value), "%u", request->mtu_bytes);
	return fault_set(fault, -error, "mtu-refused", value, "Lower the port's MTU",
		"the device of port %s refuses the MTU (%s)", request->name, strerror(-error));
}

/* Locally administered, unicast, always the same for a name. */
static void
mac_from_name(const char *name, struct rte_ether_addr *mac)
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */

	for (; *name != '\0'; name++)
		hash = (hash ^ (uint8_t)*name) * 0x100000001b3;
	mac->addr_bytes[0] = 0x02;
	for (int i = 1; i < RTE_ETHER_ADDR_LEN; i++)
		mac->addr_bytes[i] = (uint8_t)(hash >> (8 * i));
}

static int
set_mac(const struct port_request *request, const struct ethdev_plan *plan, struct port *port,
	struct fault *fault)
{
	struct ethdev *ethdev = port->state;
	struct rte_ether_addr mac;
	int error = rte_eth_macaddr_get(port->ethdev, &ethdev->found_mac);

	if (error != 0)
		return refuse_setup(request, error, "reading the hardware address", fault);
	mac = ethdev->found_mac;
	if (request->mac_set)
		memcpy(mac.addr_bytes, request->mac, sizeof(mac.addr_bytes));
	else if (plan->own_mac)
		mac_from_name(request->name, &mac);
	memcpy(port->mac, mac.addr_bytes, sizeof(port->mac));
	if (plan->own_mac || rte_is_same_ether_addr(&mac, &ethdev->found_mac))
		return 0;
	error = rte_eth_dev_default_mac_addr_set(port->ethdev, &mac);
	if (error == 0) {
		ethdev->changed_mac = true;
		return 0;
	}
	char text[RTE_ETHER_ADDR_FMT_SIZE];
	rte_ether_format_addr(text, sizeof(text), &mac);
	return fault_set(fault, -error, "mac-refused", text, "Leave out the port's address",
		"the device of port %s refuses the hardware address (%s)", request->name,
		strerror(-error));
}

/* From an attached to a started device. */
static int
set_up(const struct port_request *request, const struct ethdev_plan *plan, struct port *port,
	struct fault *fault)
{
	struct rte_eth_conf conf = {0};
	struct rte_eth_dev_info info;
	uint16_t rx_wanted = RTE_MAX(request->rx_queues, 1),
		 tx_wanted = RTE_MAX(request->tx_queues, 1);
	int error = rte_eth_dev_info_get(port->ethdev, &info);

	if (error != 0)
		return refuse_setup(request, error, "asking for the device's abilities", fault);
	port->rx_queues = RTE_MIN(rx_wanted, info.max_rx_queues);
	port->tx_queues = RTE_MIN(tx_wanted, info.max_tx_queues);
	error = choose_offloads(request, &info, &conf, fault);
	if (error != 0)
		return error;
	port->checks_rx_checksums = conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;
	port->source_only_rss = port->rx_queues > 1 &&
				spread_configure(info.flow_type_rss_offloads, request->side, &conf);
	error = rte_eth_dev_configure(port->ethdev, port->rx_queues, port->tx_queues, &conf);
	if (error != 0)
		return refuse_setup(request, error, "configuring the device", fault);
	if (plan->sets_mtu && (error = set_mtu(request, port->ethdev, fault)) != 0)
		return error;
	if ((error = set_up_queues(request, &info, &conf, port, fault)) != 0)
		return error;
	if ((error = set_mac(request, plan, port, fault)) != 0)
		return error;
	if (plan->starts_later)
		return 0;
	error = rte_eth_dev_start(port->ethdev);
	return error == 0 ? 0 : refuse_setup(request, error, "starting the device", fault);
}

int
ethdev_open(const struct port_request *request, const struct ethdev_plan *plan, struct port *port,
	struct fault *fault)
{
	struct ethdev *ethdev;
	int error;

	memset(port, 0, sizeof(*port));
	port->ethdev = UINT16_MAX;
	ethdev = calloc(1, sizeof(*ethdev));
	if (ethdev == NULL)
		return fault_set(fault, ENOMEM, "no-memory", request->name, "Free some memory",
			"no memory for a port");
	ethdev->bus = plan->bus;
	strlcpy(ethdev->name, plan->name, sizeof(ethdev->name));
	strlcpy(ethdev->claim, plan->claim, sizeof(ethdev->claim));
	error = claim_take(ethdev->claim, request->name, fault);
	if (error != 0)
		goto free_state;
	error = attach(request, plan, &port->ethdev, fault);
	if (error != 0)
		goto release_claim;
	port->state = ethdev;
	port->rx = ethdev_rx;
	port->tx = ethdev_tx;
	port->mtu_bytes = request->mtu_bytes;
	strlcpy(port->name, request->name, sizeof(port->name));
	strlcpy(port->device, request->device, sizeof(port->device));
	error = set_up(request, plan, port, fault);
	if (error == 0)
		return 0;
	ethdev_close(port);
	return error;

release_claim:
	claim_release(ethdev->claim);
free_state:
	free(ethdev);
	port->ethdev = UINT16_MAX;
	return error;
}

void
ethdev_close(struct port *port)
{
	struct ethdev *ethdev = port->state;

	if (ethdev->changed_mac)
		rte_eth_dev_default_mac_addr_set(port->ethdev, &ethdev->found_mac);
	detach(port->ethdev, ethdev->bus, ethdev->name);
	claim_release(ethdev->claim);
	free(ethdev);
	port->state = NULL;
	port->ethdev = UINT16_MAX;
}

int
ethdev_counters(struct port *port, struct port_counters *counters)
{
	struct rte_eth_stats stats;
	int error = rte_eth_stats_get(port->ethdev, &stats);

	if (error != 0)
		return error;
	*counters = (struct port_counters){
		.rx_packets = stats.ipackets,
		.rx_bytes = stats.ibytes,
		.rx_missed = stats.imissed,
		.rx_errors = stats.ierrors,
		.rx_no_buffers = stats.rx_nombuf,
		.tx_packets = stats.opackets,
		.tx_bytes = stats.obytes,
		.tx_errors = stats.oerrors,
	};
	return 0;
}

int
ethdev_link(struct port *port, uint32_t *speed_mbps)
{
	struct rte_eth_link link;
	int error = rte_eth_link_get_nowait(port->ethdev, &link);

	if (error != 0)
		return error;
	*speed_mbps = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed;
	return link.link_status == RTE_ETH_LINK_UP;
}
