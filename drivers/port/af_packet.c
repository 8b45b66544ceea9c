/* Driver af_packet: a kernel interface through packet sockets with mapped rings (net_af_packet).
 *
 * The interface stays the kernel's: its MTU and hardware address are not changed, and what open()
 * changes (features, ARP) close() puts back. Received segments that the kernel or a virtual peer
 * merged do not fit a ring frame, so merging is switched off.
 *
 * The kernel's own stack sees every frame too. So that it does not answer beside us, the port has a
 * hardware address of its own (the kernel drops what is addressed to somebody else; the interface
 * is promiscuous for us), and the kernel's ARP is silenced. docs/ports.md lists the traps.
 *
 * Source: DPDK 22.11 guides/nics/af_packet.rst, packet(7), kernel networking/packet_mmap.rst.
 */
#include "drivers/port/list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/capability.h>

#include <rte_ethdev.h>

#include "drivers/port/checks.h"
#include "drivers/port/checksum.h"
#include "drivers/port/ethdev.h"
#include "drivers/port/interface_arp.h"
#include "drivers/port/interface_features.h"
#include "drivers/port/options.h"
#include "drivers/port/system.h"

#define MTU_MOST    9600
#define QUEUES_MOST 16
#define BLOCK_UNIT  4096 /* a block is whole pages */

enum { FRAMES, QDISC_BYPASS, OPTIONS };

static const struct option_row options[OPTIONS] = {
	[FRAMES] = {.key = "frames",
		.type = OPTION_NUMBER,
		.standard = 512,
		.minimum = 64,
		.maximum = 16384},
	[QDISC_BYPASS] = {.key = "qdisc_bypass", .type = OPTION_FLAG, .standard = 1},
};

static int
af_packet_check(const struct port_request *request, struct fault *fault)
{
	uint64_t values[OPTIONS];
	int error;

	if ((error = options_parse(request->options, options, OPTIONS, values, fault)) != 0 ||
		(error = check_mtu(request, MTU_MOST, fault)) != 0 ||
		(error = check_interface(request, fault)) != 0 ||
		(error = check_capability(CAP_NET_RAW, "CAP_NET_RAW", "af_packet", fault)) != 0)
		return error;
	return check_capability(CAP_NET_ADMIN, "CAP_NET_ADMIN", "af_packet", fault);
}

/* A ring is blocks of whole pages, and net_af_packet expects the frames to follow each other
 * without a gap: so a block is the least common multiple of page and frame. */
static uint32_t
block_bytes(uint32_t frame_bytes)
{
	uint32_t block = frame_bytes;

	while (block % BLOCK_UNIT != 0)
		block += frame_bytes;
	return block;
}

/* What close() puts back. */
struct af_packet {
	struct features *features;
	int arp_ignore;
};

static int
af_packet_open(const struct port_request *request, struct port *port, struct fault *fault)
{
	uint16_t queues = ethdev_queue_pairs(request, QUEUES_MOST);
	uint32_t frame = PORT_BUFFER_BYTES(request->mtu_bytes), block = block_bytes(frame);
	uint32_t frames_a_block = block / frame;
	struct ethdev_plan plan = {.bus = "vdev", .own_mac = true};
	struct port_request paired = *request;
	struct af_packet *state;
	uint64_t values[OPTIONS];
	int error = af_packet_check(request, fault);

	if (error != 0)
		return error;
	options_parse(request->options, options, OPTIONS, values, NULL);
	ethdev_name(&plan, "net_af_packet", request);
	snprintf(plan.claim, sizeof(plan.claim), CLAIM_INTERFACE "%s", request->device);
	snprintf(plan.arguments, sizeof(plan.arguments),
		"iface=%s,qpairs=%u,blocksz=%u,framesz=%u,framecnt=%u,qdisc_bypass=%u",
		request->device, queues, block, frame,
		(unsigned int)(values[FRAMES] + frames_a_block - 1) / frames_a_block *
			frames_a_block,
		(unsigned int)values[QDISC_BYPASS]);
	paired.rx_queues = paired.tx_queues = queues; /* a packet socket does both */
	state = calloc(1, sizeof(*state));
	if (state == NULL)
		return fault_set(fault, ENOMEM, "no-memory", request->name, NULL, "no memory");
	error = ethdev_open(&paired, &plan, port, fault);
	if (error != 0)
		goto free_state;
	error = features_disable_merging(request->device, &state->features, fault);
	if (error != 0)
		goto close_device;
	error = rte_eth_promiscuous_enable(port->ethdev);
	if (error != 0) {
		fault_set(fault, -error, "no-promiscuous-mode", request->device,
			"Use an interface that can be promiscuous, or driver af_xdp",
			"port %s cannot receive under its own hardware address", request->name);
		goto restore_features;
	}
	state->arp_ignore = interface_arp_silence(request->device);
	((struct ethdev *)port->state)->driver_state = state;
	port->rx = checksum_completing_rx;
	return 0;
restore_features:
	features_restore(state->features);
close_device:
	ethdev_close(port);
free_state:
	free(state);
	return error;
}

static void
af_packet_close(struct port *port)
{
	struct af_packet *state = ((struct ethdev *)port->state)->driver_state;

	interface_arp_restore(port->device, state->arp_ignore);
	features_restore(state->features);
	free(state);
	rte_eth_promiscuous_disable(port->ethdev);
	ethdev_close(port);
}

const struct port_driver port_af_packet = {
	.name = "af_packet",
	.device_help = "a kernel interface, up, without an address of its own",
	.options_help = "frames=64..16384 (ring frames a queue, 512), qdisc_bypass=yes|no (yes)",
	.check = af_packet_check,
	.open = af_packet_open,
	.close = af_packet_close,
	.counters = ethdev_counters,
	.link = interface_link,
};
