/* drivers/port, the ports over a kernel interface: af_packet, af_xdp, tap, in a network namespace
 * of this program's own (root; skipped otherwise).
 *
 *     port "lan0" -- pa ===veth=== pb -- packet socket, or the kernel's stack at 192.0.2.1
 */
#include "unit.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <bsd/string.h>
#include <linux/if_packet.h>

#include <rte_ethdev.h>

#include "base/bytes.h"
#include "drivers/port/ethdev.h"
#include "drivers/port/system.h"
#include "port_veth.h"

const char *const unit_suite = "port_kernel";

/* More queues are asked for than a veth has: the port gives what there is. */
static void
af_xdp_gives_the_queues_that_there_are(void)
{
	struct rte_mempool *pool;
	struct port_request request;
	struct port port;

	if (!make_veth(__func__, 1500))
		return;
	pool = lab_pool(1500);
	request = lab_request("lan0", "af_xdp", "pa", "", pool);
	request.rx_queues = request.tx_queues = 3;
	if (lab_open(&request, &port)) {
		CU_ASSERT_EQUAL(port.rx_queues, 1);
		CU_ASSERT_EQUAL(port.tx_queues, 1);
		lab_close(&port);
	}
	lab_pool_check(pool);
}

/* Frames of the smallest and largest size go both ways; everything is counted. */
static void
exchange(const char *driver, const char *options, uint16_t mtu_bytes)
{
	const uint16_t most = (uint16_t)(mtu_bytes + RTE_ETHER_HDR_LEN);
	struct rte_mempool *pool = lab_pool(mtu_bytes);
	struct port_request request = lab_request("lan0", driver, "pa", options, pool);
	struct port_counters counters;
	struct fault fault;
	struct port port, second;
	int peer;

	request.mtu_bytes = mtu_bytes;
	if (!lab_open(&request, &port))
		return;
	CU_ASSERT_EQUAL(port.mtu_bytes, mtu_bytes);
	strlcpy(request.name, "lan1", sizeof(request.name));
	CU_ASSERT_EQUAL(port.driver->open(&request, &second, &fault), -EBUSY);
	CU_ASSERT_STRING_EQUAL(fault.code, "device-in-use");
	peer = lab_packet_socket("pb");
	socket_sends(peer, 0, 32, 60);
	lab_expect(&port, 0, 32, 60);
	socket_sends(peer, 100, 32, most);
	lab_expect(&port, 100, 32, most);
	lab_send(&port, pool, 200, 32, 60);
	lab_send(&port, pool, 300, 32, most);
	/* The peer's socket also sees what it sent itself no more than once: it skips its own. */
	socket_expects(peer, 200, 32, 60);
	socket_expects(peer, 300, 32, most);
	CU_ASSERT_EQUAL(port.driver->counters(&port, &counters), 0);
	CU_ASSERT_EQUAL(counters.tx_packets, 64);
	CU_ASSERT_TRUE(counters.rx_packets >= 64);
	CU_ASSERT_TRUE(link_becomes(&port, 1));
	lab_run("ip link set pb down");
	CU_ASSERT_TRUE(link_becomes(&port, 0));
	close(peer);
	lab_close(&port);
	CU_ASSERT_EQUAL(rte_eth_dev_count_avail(), 0);
	lab_pool_check(pool);
}

static void
af_packet_carries_frames(void)
{
	if (make_veth(__func__, 1500))
		exchange("af_packet", "", 1500);
}

static void
af_packet_carries_jumbo_frames(void)
{
	if (make_veth(__func__, 9000))
		exchange("af_packet", "frames=64", 9000);
}

static void
af_xdp_carries_frames(void)
{
	if (make_veth(__func__, 1500))
		exchange("af_xdp", "", 1500);
}

static void
af_xdp_carries_frames_when_copying_is_forced(void)
{
	if (make_veth(__func__, 1500))
		exchange("af_xdp", "force_copy=yes,busy_budget=64", 1500);
}

static bool
is_tagged(const struct rte_mbuf *packet)
{
	return packet->data_len > 18 &&
	       load_be16(rte_pktmbuf_mtod_offset(packet, uint8_t *, 12)) == RTE_ETHER_TYPE_VLAN;
}

/* The kernel takes the tag out of what a packet socket receives; the port has it in the frame, as
 * it was sent. The other way round the port's tag reaches the kernel. */
static void
exchange_tagged(const char *driver)
{
	enum { LENGTH = 100, TAG = 7 };
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("lan0", driver, "pa", "", pool);
	uint8_t plain[LENGTH], tagged[LENGTH + 4];
	struct rte_mbuf *packet;
	struct port port;
	int peer, yes = 1;

	lab_frame(plain, LENGTH, 5);
	memcpy(tagged, plain, 12);
	store_be16(tagged + 12, RTE_ETHER_TYPE_VLAN);
	store_be16(tagged + 14, TAG);
	memcpy(tagged + 16, plain + 12, LENGTH - 12);
	if (!lab_open(&request, &port))
		return;
	peer = lab_packet_socket("pb");
	setsockopt(peer, SOL_PACKET, PACKET_AUXDATA, &yes, sizeof(yes));
	CU_ASSERT_EQUAL(send(peer, tagged, sizeof(tagged), 0), sizeof(tagged));
	CU_ASSERT_EQUAL_FATAL(lab_receive(&port, &packet, 1, 3000, is_tagged), 1);
	CU_ASSERT_EQUAL(packet->pkt_len, sizeof(tagged));
	CU_ASSERT_EQUAL(memcmp(rte_pktmbuf_mtod(packet, void *), tagged, sizeof(tagged)), 0);
	CU_ASSERT_EQUAL(port.tx(&port, 0, &packet, 1), 1);
	socket_expects_tag(peer, TAG, 5, LENGTH);
	close(peer);
	lab_close(&port);
	lab_pool_check(pool);
}

static void
af_packet_keeps_tags(void)
{
	if (make_veth(__func__, 1500))
		exchange_tagged("af_packet");
}

static void
af_xdp_keeps_tags(void)
{
	if (make_veth(__func__, 1500))
		exchange_tagged("af_xdp");
}

/* The kernel leaves the checksum of a local datagram to a device that the packet never meets. */
static void
receive_local_datagram(const char *driver)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("lan0", driver, "pa", "", pool);
	struct rte_mbuf *packet;
	port_rx_burst *completing;
	struct port port;

	lab_run("ip addr add 192.0.2.1/24 dev pb && "
		"ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev pb");
	if (!lab_open(&request, &port))
		return;
	kernel_sends_udp(8);
	CU_ASSERT_EQUAL_FATAL(lab_receive(&port, &packet, 1, 3000, is_udp), 1);
	CU_ASSERT_TRUE(udp_checksum_is_right(packet));
	rte_pktmbuf_free(packet);
	/* Without our completion the same datagram is wrong: so there was something to complete. */
	completing = port.rx;
	port.rx = ethdev_rx;
	kernel_sends_udp(8);
	CU_ASSERT_EQUAL_FATAL(lab_receive(&port, &packet, 1, 3000, is_udp), 1);
	CU_ASSERT_FALSE(udp_checksum_is_right(packet));
	rte_pktmbuf_free(packet);
	port.rx = completing;
	lab_close(&port);
	lab_pool_check(pool);
}

static void
af_packet_completes_local_checksums(void)
{
	if (make_veth(__func__, 1500))
		receive_local_datagram("af_packet");
}

static void
af_xdp_completes_local_checksums(void)
{
	if (make_veth(__func__, 1500))
		receive_local_datagram("af_xdp");
}

/* What the driver changes while the port is open (`changed` is a shell test) is as before when it
 * has closed. */
static void
restores_the_interface(const char *driver, const char *changed)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("lan0", driver, "pa", "", pool);
	struct port port;
	char command[256];

	lab_run("ethtool -K pa gro on");
	note_interface("before");
	if (!lab_open(&request, &port))
		return;
	lab_run("ethtool -k pa | grep -q '^generic-receive-offload: off'");
	CU_ASSERT_EQUAL(system(changed), 0);
	lab_close(&port);
	note_interface("after");
	snprintf(command, sizeof(command), "cd %s && diff before after",
		dirname(strdupa(lab_path("before"))));
	CU_ASSERT_EQUAL(system(command), 0);
	lab_pool_check(pool);
}

static void
af_packet_restores_the_interface(void)
{
	if (make_veth(__func__, 1500))
		restores_the_interface("af_packet",
			"ip link show pa | grep -q PROMISC && "
			"grep -qx 8 /proc/sys/net/ipv4/conf/pa/arp_ignore");
}

/* The port answers to an address of its own, from the configuration or from its name; the interface
 * keeps its. */
static void
af_packet_has_an_address_of_its_own(void)
{
	struct rte_mempool *pool;
	struct port_request request;
	uint8_t wanted[6] = {0x02, 0x10, 0x20, 0x30, 0x40, 0x50};
	struct port port;

	if (!make_veth(__func__, 1500))
		return;
	pool = lab_pool(1500);
	request = lab_request("lan0", "af_packet", "pa", "", pool);
	lab_run("ip link set pa address 02:00:00:00:00:0a");
	if (lab_open(&request, &port)) {
		CU_ASSERT_NOT_EQUAL(memcmp(port.mac, "\x02\0\0\0\0\x0a", 6), 0);
		lab_close(&port);
	}
	request.mac_set = true;
	memcpy(request.mac, wanted, sizeof(wanted));
	if (lab_open(&request, &port)) {
		CU_ASSERT_EQUAL(memcmp(port.mac, wanted, sizeof(wanted)), 0);
		lab_run("ip link show pa | grep -q 02:00:00:00:00:0a");
		lab_close(&port);
	}
	lab_pool_check(pool);
}

static void
af_xdp_restores_the_interface(void)
{
	if (make_veth(__func__, 1500))
		restores_the_interface("af_xdp", "ip link show pa | grep -q xdp");
}

static void
af_xdp_refuses_another_address(void)
{
	struct rte_mempool *pool;
	struct port_request request;
	struct port port;
	struct fault fault;

	if (!make_veth(__func__, 1500))
		return;
	pool = lab_pool(1500);
	request = lab_request("lan0", "af_xdp", "pa", "", pool);
	request.mac_set = true;
	request.mac[0] = 0x02;
	CU_ASSERT_EQUAL(port_driver_find("af_xdp")->open(&request, &port, &fault), -ENOTSUP);
	CU_ASSERT_STRING_EQUAL(fault.code, "mac-refused");
	CU_ASSERT_STRING_EQUAL(fault.value, "02:00:00:00:00:00");
	CU_ASSERT_EQUAL(rte_eth_dev_count_avail(), 0);
	request.mac_set = false;
	if (lab_open(&request, &port))
		lab_close(&port);
	lab_pool_check(pool);
}

static void
af_packet_queues_come_in_pairs(void)
{
	struct rte_mempool *pool;
	struct port_request request;
	uint32_t seen[2] = {0, 0};
	struct port port;
	uint64_t end;

	if (!make_veth(__func__, 1500))
		return;
	pool = lab_pool(1500);
	request = lab_request("lan0", "af_packet", "pa", "", pool);
	request.tx_queues = 2;
	lab_run("ip addr add 192.0.2.1/24 dev pb && "
		"ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev pb");
	if (!lab_open(&request, &port))
		return;
	CU_ASSERT_EQUAL(port.rx_queues, 2);
	CU_ASSERT_EQUAL(port.tx_queues, 2);
	CU_ASSERT_FALSE(port.source_only_rss);
	for (int i = 0; i < 64; i++)
		kernel_sends_udp(8); /* each from another port */
	end = lab_milliseconds() + 3000;
	while (seen[0] + seen[1] < 64 && lab_milliseconds() < end) {
		for (uint16_t queue = 0; queue < 2; queue++) {
			struct rte_mbuf *packet;

			if (port.rx(&port, queue, &packet, 1) == 0)
				continue;
			seen[queue] += is_udp(packet);
			rte_pktmbuf_free(packet);
		}
	}
	CU_ASSERT_EQUAL(seen[0] + seen[1], 64);
	CU_ASSERT_TRUE(seen[0] > 0 && seen[1] > 0);
	lab_close(&port);
	lab_pool_check(pool);
}

/* What docs/ports.md says about fragments: af_packet's sockets reassemble them, so that the packet
 * path meets one packet, which may be larger than the MTU; af_xdp shows them as they are. */
static void
count_fragments(const char *driver, uint32_t expected)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("lan0", driver, "pa", "", pool);
	struct rte_mbuf *packets[8];
	uint32_t bytes = 0, got;
	struct port port;

	lab_run("ip addr add 192.0.2.1/24 dev pb && ip link set pb mtu 576 && "
		"ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev pb");
	if (!lab_open(&request, &port))
		return;
	kernel_sends_udp(1200);
	got = lab_receive(&port, packets, expected, 3000, is_udp);
	CU_ASSERT_EQUAL(got, expected);
	for (uint32_t i = 0; i < got; i++) {
		bytes += packets[i]->pkt_len - IP_OFFSET - 20;
		rte_pktmbuf_free(packets[i]);
	}
	CU_ASSERT_EQUAL(bytes, 1208);
	lab_close(&port);
	lab_pool_check(pool);
}

static void
af_packet_shows_fragments_reassembled(void)
{
	if (make_veth(__func__, 1500))
		count_fragments("af_packet", 1);
}

static void
af_xdp_shows_fragments_as_they_are(void)
{
	if (make_veth(__func__, 1500))
		count_fragments("af_xdp", 3);
}

static void
tap_makes_and_removes_its_interface(void)
{
	struct system_interface look;
	struct rte_mempool *pool;
	struct port_request request;
	struct port port;
	int peer;

	if (!lab_has_namespace(__func__))
		return;
	pool = lab_pool(1500);
	request = lab_request("lan0", "tap", "pt", "", pool);
	request.mtu_bytes = 1400;
	if (!lab_open(&request, &port))
		return;
	CU_ASSERT_EQUAL(system_interface_look("pt", &look), 0);
	CU_ASSERT_TRUE(look.up);
	CU_ASSERT_EQUAL(look.mtu_bytes, 1400);
	peer = lab_packet_socket("pt");
	socket_sends(peer, 0, 32, 60);
	lab_expect(&port, 0, 32, 60);
	socket_sends(peer, 100, 32, 1414);
	lab_expect(&port, 100, 32, 1414);
	lab_send(&port, pool, 200, 32, 1414);
	socket_expects(peer, 200, 32, 1414);
	close(peer);
	lab_close(&port);
	CU_ASSERT_EQUAL(system_interface_look("pt", &look), -ENODEV);
	CU_ASSERT_EQUAL(rte_eth_dev_count_avail(), 0);
	lab_pool_check(pool);
}

const struct unit_test unit_tests[] = {
	{"af_packet_carries_frames", af_packet_carries_frames},
	{"af_packet_carries_jumbo_frames", af_packet_carries_jumbo_frames},
	{"af_packet_keeps_tags", af_packet_keeps_tags},
	{"af_packet_completes_local_checksums", af_packet_completes_local_checksums},
	{"af_packet_restores_the_interface", af_packet_restores_the_interface},
	{"af_packet_has_an_address_of_its_own", af_packet_has_an_address_of_its_own},
	{"af_packet_queues_come_in_pairs", af_packet_queues_come_in_pairs},
	{"af_packet_shows_fragments_reassembled", af_packet_shows_fragments_reassembled},
	{"af_xdp_shows_fragments_as_they_are", af_xdp_shows_fragments_as_they_are},
	{"af_xdp_carries_frames", af_xdp_carries_frames},
	{"af_xdp_carries_frames_when_copying_is_forced",
		af_xdp_carries_frames_when_copying_is_forced},
	{"af_xdp_completes_local_checksums", af_xdp_completes_local_checksums},
	{"af_xdp_restores_the_interface", af_xdp_restores_the_interface},
	{"af_xdp_gives_the_queues_that_there_are", af_xdp_gives_the_queues_that_there_are},
	{"af_xdp_keeps_tags", af_xdp_keeps_tags},
	{"af_xdp_refuses_another_address", af_xdp_refuses_another_address},
	{"tap_makes_and_removes_its_interface", tap_makes_and_removes_its_interface},
	{NULL, NULL},
};
