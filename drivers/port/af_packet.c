/* Driver af_packet: a kernel interface through packet sockets with mapped rings (net_af_packet).
 *
 * The interface stays the kernel's: its MTU is not changed, and what open() changes (features, and
 * the hardware address when the request has one) close() puts back. Received segments that the
 * kernel or a virtual peer merged do not fit a ring frame, so merging is switched off.
 * docs/ports.md lists the traps.
 *
 * Source: DPDK 22.11 guides/nics/af_packet.rst, packet(7), kernel networking/packet_mmap.rst.
 */
#include "drivers/port/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <linux/capability.h>

#include "drivers/port/checks.h"
#include "drivers/port/checksum.h"
#include "drivers/port/ethdev.h"
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

static int
af_packet_open(const struct port_request *request, struct port *port, struct fault *fault)
{
	uint16_t queues = ethdev_queue_pairs(request, QUEUES_MOST);
	uint32_t frame = PORT_BUFFER_BYTES(request->mtu_bytes), block = block_bytes(frame);
	uint32_t frames_a_block = block / frame;
	struct ethdev_plan plan = {.bus = "vdev"};
	struct port_request paired = *request;
	struct features *features;
	uint64_t values[OPTIONS];
	int error = af_packet_check(request, fault);

	if (error != 0)
		return error;
	options_parse(request->options, options, OPTIONS, values, NULL);
	ethdev_name(&plan, "net_af_packet", request);
	snprintf(plan.claim, sizeof(plan.claim), "interface %s", request->device);
	snprintf(plan.arguments, sizeof(plan.arguments),
		"iface=%s,qpairs=%u,blocksz=%u,framesz=%u,framecnt=%u,qdisc_bypass=%u",
		request->device, queues, block, frame,
		(unsigned int)(values[FRAMES] + frames_a_block - 1) / frames_a_block *
			frames_a_block,
		(unsigned int)values[QDISC_BYPASS]);
	paired.rx_queues = paired.tx_queues = queues; /* a packet socket does both */
	error = ethdev_open(&paired, &plan, port, fault);
	if (error != 0)
		return error;
	error = features_disable_merging(request->device, &features, fault);
	if (error != 0) {
		ethdev_close(port);
		return error;
	}
	((struct ethdev *)port->state)->driver_state = features;
	port->rx = checksum_completing_rx;
	return 0;
}

static void
af_packet_close(struct port *port)
{
	features_restore(((struct ethdev *)port->state)->driver_state);
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
