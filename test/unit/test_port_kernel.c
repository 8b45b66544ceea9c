/* drivers/port, the ports over a kernel interface: af_packet, af_xdp, tap, in a network namespace
 * of this program's own (root; skipped otherwise).
 *
 *     port "lan0" -- pa ===veth=== pb -- packet socket, or the kernel's stack at 192.0.2.1
 */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libgen.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <bsd/string.h>
#include <linux/if_packet.h>

#include <rte_ethdev.h>
#include <rte_ip.h>

#include "base/bytes.h"
#include "drivers/port/ethdev.h"
#include "drivers/port/system.h"
#include "port_lab.h"

const char *const unit_suite = "port_kernel";

#define IP_OFFSET  14
#define UDP_OFFSET 34

static bool
make_veth(const char *test, unsigned int mtu_bytes)
{
	char command[256];

	if (!lab_has_namespace(test))
		return false;
	snprintf(command, sizeof(command),
		"ip link del pa 2>/dev/null; ip link add pa mtu %u type veth peer name pb mtu %u "
		"&& "
		"ip link set pa up && ip link set pb up",
		mtu_bytes, mtu_bytes);
	lab_run(command);
	return true;
}

/* The peer's packet socket sees exactly the frames of lab_send(). */
static void
socket_expects(int packet_socket, uint32_t first, uint32_t count, uint16_t length)
{
	for (uint32_t i = 0; i < count;) {
		uint8_t frame[UINT16_MAX], expected[UINT16_MAX];
		ssize_t got = recv(packet_socket, frame, sizeof(frame), 0);

		CU_ASSERT_NOT_EQUAL(got, -1);
		if (got < 0)
			return;
		if (got < 18 || load_be16(frame + 12) != 0x88b5)
			continue;
		lab_frame(expected, length, first + i++);
		CU_ASSERT_EQUAL(got, length);
		CU_ASSERT_EQUAL(memcmp(frame, expected, length), 0);
	}
}

static void
socket_sends(int packet_socket, uint32_t first, uint32_t count, uint16_t length)
{
	uint8_t frame[UINT16_MAX];

	for (uint32_t i = 0; i < count; i++) {
		lab_frame(frame, length, first + i);
		CU_ASSERT_EQUAL(send(packet_socket, frame, length, 0), length);
	}
}

/* The kernel tells about the carrier with a delay. */
static bool
link_becomes(struct port *port, int state)
{
	uint64_t end = lab_milliseconds() + 3000;
	uint32_t speed;

	while (port->driver->link(port, &speed) != state) {
		if (lab_milliseconds() > end)
			return false;
		usleep(1000);
	}
	return true;
}

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

/* Receives one frame with its tag: the kernel hands the tag over beside the frame. */
static void
socket_expects_tag(int packet_socket, uint16_t tag, uint32_t number, uint16_t length)
{
	uint8_t frame[UINT16_MAX], expected[UINT16_MAX];
	uint8_t control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct iovec vector = {.iov_base = frame, .iov_len = sizeof(frame)};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	struct tpacket_auxdata beside;
	ssize_t got;

	do {
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		got = recvmsg(packet_socket, &message, 0);
		CU_ASSERT_NOT_EQUAL_FATAL(got, -1);
	} while (got < 18 || load_be16(frame + 12) != 0x88b5);
	lab_frame(expected, length, number);
	CU_ASSERT_EQUAL(got, length);
	CU_ASSERT_EQUAL(memcmp(frame, expected, length), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(CMSG_FIRSTHDR(&message));
	memcpy(&beside, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(beside));
	CU_ASSERT_TRUE(beside.tp_status & TP_STATUS_VLAN_VALID);
	CU_ASSERT_EQUAL(beside.tp_vlan_tci, tag);
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

static bool
is_udp(const struct rte_mbuf *packet)
{
	const uint8_t *frame = rte_pktmbuf_mtod(packet, const uint8_t *);

	return packet->data_len >= UDP_OFFSET + 8 && load_be16(frame + 12) == 0x0800 &&
	       frame[IP_OFFSET + 9] == IPPROTO_UDP;
}

static bool
udp_checksum_is_right(struct rte_mbuf *packet)
{
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);

	uint32_t sum = rte_ipv4_phdr_cksum((void *)(frame + IP_OFFSET), 0);

	sum += rte_raw_cksum(frame + UDP_OFFSET, load_be16(frame + UDP_OFFSET + 4));
	return (sum & 0xffff) + (sum >> 16) == 0xffff;
}

static void
kernel_sends_udp(size_t length)
{
	static const uint8_t payload[2048];
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(7777),
		.sin_addr.s_addr = htonl(0xc0000202)};
	int sender = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CU_ASSERT_EQUAL(sendto(sender, payload, length, 0, (struct sockaddr *)&to, sizeof(to)),
		(ssize_t)length);
	close(sender);
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

static void
note_interface(const char *name)
{
	char command[256];

	snprintf(command, sizeof(command),
		"(ethtool -k pa; ip link show pa | sed 1d; ip -o link show pa | grep -o 'mtu "
		"[0-9]*') > %s",
		lab_path(name));
	lab_run(command);
}

/* Features, hardware address and MTU are as before when the port has closed. */
static void
restores_the_interface(const char *driver, bool with_mac)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("lan0", driver, "pa", "", pool);
	struct port port;
	char command[256];

	request.mac_set = with_mac;
	memcpy(request.mac, "\x02\x10\x20\x30\x40\x50", 6);
	lab_run("ethtool -K pa gro on");
	note_interface("before");
	if (!lab_open(&request, &port))
		return;
	lab_run("ethtool -k pa | grep -q '^generic-receive-offload: off'");
	if (with_mac)
		lab_run("ip link show pa | grep -q 02:10:20:30:40:50");
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
		restores_the_interface("af_packet", true);
}

static void
af_xdp_restores_the_interface(void)
{
	if (make_veth(__func__, 1500))
		restores_the_interface("af_xdp", false);
}

/* As often as one likes, with all that belongs to a port. */
static void
ports_open_again_after_close(void)
{
	static const char *const drivers[] = {"af_packet", "af_xdp", "tap"};

	if (!make_veth(__func__, 1500))
		return;
	for (int i = 0; i < 9; i++) {
		const char *driver = drivers[i % 3], *device = i % 3 == 2 ? "pt" : "pa";
		struct rte_mempool *pool = lab_pool(1500);
		struct port_request request = lab_request("lan0", driver, device, "", pool);
		struct port port;

		if (lab_open(&request, &port))
			lab_close(&port);
		CU_ASSERT_EQUAL(rte_eth_dev_count_avail(), 0);
		lab_pool_check(pool);
	}
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

/* A process is killed with the port open: the next one opens it at once. */
static void
opens_after_a_kill(const char *driver, const char *device)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("lan0", driver, device, "", pool);
	struct port port;
	int peer;

	lab_kill(lab_hold(driver, device));
	if (!lab_open(&request, &port))
		return;
	peer = lab_packet_socket(strcmp(driver, "tap") == 0 ? device : "pb");
	socket_sends(peer, 0, 8, 100);
	lab_expect(&port, 0, 8, 100);
	close(peer);
	lab_close(&port);
	lab_pool_check(pool);
}

static void
killed_ports_open_again(void)
{
	if (!make_veth(__func__, 1500))
		return;
	opens_after_a_kill("af_packet", "pa");
	opens_after_a_kill("af_xdp", "pa");
	opens_after_a_kill("tap", "pt");
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

/* DPDK 22.11 leaves libxdp's 80 bytes for a queue when it closes (drivers/port/xdp_sockets.h); for
 * sanitizer builds. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:xsk_umem__create\n";
}

const char *__lsan_default_options(void);

const char *
__lsan_default_options(void)
{
	return "print_suppressions=0";
}

const struct unit_test unit_tests[] = {
	{"af_packet_carries_frames", af_packet_carries_frames},
	{"af_packet_carries_jumbo_frames", af_packet_carries_jumbo_frames},
	{"af_packet_keeps_tags", af_packet_keeps_tags},
	{"af_packet_completes_local_checksums", af_packet_completes_local_checksums},
	{"af_packet_restores_the_interface", af_packet_restores_the_interface},
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
	{"ports_open_again_after_close", ports_open_again_after_close},
	{"af_xdp_refuses_another_address", af_xdp_refuses_another_address},
	{"killed_ports_open_again", killed_ports_open_again},
	{"tap_makes_and_removes_its_interface", tap_makes_and_removes_its_interface},
	{NULL, NULL},
};
