/* drivers/port, the ports that need no privilege: ring, pcap, memif, on a real EAL. Every test
 * counts the packet buffers before and after. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <bsd/string.h>

#include <rte_ethdev.h>

#include "base/bytes.h"
#include "drivers/port/system.h"
#include "port_lab.h"

const char *const unit_suite = "port_memory";

static void
rings_join_two_ports(void)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("lan0", "ring", "pair", "size=64", pool);
	struct port_counters counters;
	struct port a, b, c;
	struct fault fault;
	uint32_t speed;

	if (!lab_open(&request, &a))
		return;
	strlcpy(request.name, "wan0", sizeof(request.name));
	if (!lab_open(&request, &b))
		return;
	CU_ASSERT_NOT_EQUAL(memcmp(a.mac, b.mac, sizeof(a.mac)), 0);
	CU_ASSERT_EQUAL(a.mac[0], 0x02);
	strlcpy(request.name, "third", sizeof(request.name));
	CU_ASSERT_EQUAL(a.driver->open(&request, &c, &fault), -EBUSY);
	CU_ASSERT_STRING_EQUAL(fault.code, "device-in-use");

	lab_send(&a, pool, 0, 64, 60);
	lab_send(&b, pool, 1000, 10, 1514);
	lab_expect(&b, 0, 64, 60);
	lab_expect(&a, 1000, 10, 1514);
	CU_ASSERT_EQUAL(a.driver->counters(&a, &counters), 0);
	CU_ASSERT_EQUAL(counters.tx_packets, 64);
	CU_ASSERT_EQUAL(counters.rx_packets, 10);
	CU_ASSERT_EQUAL(a.driver->link(&a, &speed), 1);

	/* A full ring takes what fits; the caller keeps the rest. */
	struct rte_mbuf *packets[65];
	CU_ASSERT_EQUAL(rte_pktmbuf_alloc_bulk(pool, packets, 65), 0);
	CU_ASSERT_EQUAL(a.tx(&a, 0, packets, 65), 64);
	rte_pktmbuf_free(packets[64]);
	/* The 64 on their way are freed with the join. */
	lab_close(&a);
	lab_close(&b);
	CU_ASSERT_EQUAL(rte_eth_dev_count_avail(), 0);
	lab_pool_check(pool);
}

static void
ring_queues_stay_apart(void)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("lan0", "ring", "pair", "", pool);
	struct rte_mbuf *packet, *received;
	struct port a, b;
	struct fault fault;

	request.rx_queues = 2;
	request.tx_queues = 3;
	if (!lab_open(&request, &a))
		return;
	CU_ASSERT_EQUAL(a.rx_queues, 3);
	CU_ASSERT_EQUAL(a.tx_queues, 3);
	strlcpy(request.name, "wan0", sizeof(request.name));
	request.tx_queues = 2;
	CU_ASSERT_EQUAL(a.driver->open(&request, &b, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "queues-differ");
	request.tx_queues = 3;
	if (!lab_open(&request, &b))
		return;
	for (uint16_t queue = 0; queue < 3; queue++) {
		packet = rte_pktmbuf_alloc(pool);
		CU_ASSERT_EQUAL(a.tx(&a, queue, &packet, 1), 1);
		for (uint16_t other = 0; other < 3; other++)
			CU_ASSERT_EQUAL(b.rx(&b, other, &received, 1), other == queue);
		CU_ASSERT_PTR_EQUAL(received, packet);
		rte_pktmbuf_free(packet);
	}
	lab_close(&b);
	lab_close(&a);
	lab_pool_check(pool);
}

static void
ports_open_again_after_close(void)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("lan0", "ring", "again", "", pool);
	uint8_t mac[6] = {0x02, 1, 2, 3, 4, 5};
	struct port a;

	request.mac_set = true;
	memcpy(request.mac, mac, sizeof(mac));
	for (int i = 0; i < 20; i++) {
		if (!lab_open(&request, &a))
			return;
		CU_ASSERT_EQUAL(memcmp(a.mac, mac, sizeof(mac)), 0);
		lab_close(&a);
		CU_ASSERT_EQUAL(a.ethdev, UINT16_MAX);
	}
	CU_ASSERT_EQUAL(rte_eth_dev_count_avail(), 0);
	lab_pool_check(pool);
}

/* A port that cannot be set up leaves neither a device nor a claim behind. */
static void
failed_opens_leave_nothing(void)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request =
		lab_request("lan0", "memif", lab_path("wide.sock"), "role=server", pool);
	struct port port;
	struct fault fault;

	request.mtu_bytes = 9000;
	CU_ASSERT_EQUAL(port_driver_find("memif")->open(&request, &port, &fault), -EMSGSIZE);
	CU_ASSERT_STRING_EQUAL(fault.code, "buffers-too-small");
	CU_ASSERT_PTR_NOT_NULL(strstr(fault.value, "2048 bytes"));
	CU_ASSERT_EQUAL(rte_eth_dev_count_avail(), 0);
	CU_ASSERT_EQUAL(system_socket_look(request.device), SYSTEM_SOCKET_ABSENT);
	request.mtu_bytes = 1500;
	if (lab_open(&request, &port))
		lab_close(&port);
	lab_pool_check(pool);
}

#define PCAP_HEAD_BYTES   24
#define PCAP_RECORD_BYTES 16

static void
write_capture(const char *path, uint32_t packets, uint16_t length)
{
	const uint32_t head[] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1};
	FILE *file = fopen(path, "w");
	uint8_t frame[2048];

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fwrite(head, sizeof(head), 1, file);
	for (uint32_t i = 0; i < packets; i++) {
		const uint32_t record[] = {i, 0, length, length};

		lab_frame(frame, length, i);
		fwrite(record, sizeof(record), 1, file);
		fwrite(frame, length, 1, file);
	}
	CU_ASSERT_EQUAL(fclose(file), 0);
}

static void
captures_are_replayed_and_written(void)
{
	enum { PACKETS = 100, LENGTH = 1514 };
	struct rte_mempool *pool = lab_pool(1500);
	char in[64], out[64], device[PORT_DEVICE_BYTES];
	struct port_request request;
	struct rte_mbuf *packet;
	struct fault fault;
	struct port port, second;

	strlcpy(in, lab_path("in.pcap"), sizeof(in));
	strlcpy(out, lab_path("out.pcap"), sizeof(out));
	write_capture(in, PACKETS, LENGTH);
	snprintf(device, sizeof(device), "%s,%s", in, out);
	request = lab_request("lan0", "pcap", device, "", pool);
	if (!lab_open(&request, &port))
		return;
	strlcpy(request.name, "wan0", sizeof(request.name));
	CU_ASSERT_EQUAL(port.driver->open(&request, &second, &fault), -EBUSY);
	CU_ASSERT_STRING_EQUAL(fault.code, "device-in-use");

	for (uint32_t i = 0; i < PACKETS; i++) {
		CU_ASSERT_EQUAL(lab_receive(&port, &packet, 1, 1000, NULL), 1);
		CU_ASSERT_EQUAL(packet->pkt_len, LENGTH);
		CU_ASSERT_EQUAL(load_be32(rte_pktmbuf_mtod_offset(packet, uint8_t *, 14)), i);
		CU_ASSERT_EQUAL(port.tx(&port, 0, &packet, 1), 1);
	}
	CU_ASSERT_EQUAL(port.rx(&port, 0, &packet, 1), 0);
	lab_close(&port);

	/* What was written is what was read, the time stamps aside. */
	FILE *file = fopen(out, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fseek(file, PCAP_HEAD_BYTES, SEEK_SET), 0);
	for (uint32_t i = 0; i < PACKETS; i++) {
		uint8_t record[PCAP_RECORD_BYTES + LENGTH], frame[LENGTH];

		CU_ASSERT_EQUAL(fread(record, sizeof(record), 1, file), 1);
		lab_frame(frame, LENGTH, i);
		CU_ASSERT_EQUAL(memcmp(record + PCAP_RECORD_BYTES, frame, LENGTH), 0);
	}
	CU_ASSERT_EQUAL(fgetc(file), EOF);
	fclose(file);
	CU_ASSERT_EQUAL(rte_eth_dev_count_avail(), 0);
	lab_pool_check(pool);
}

static void
captures_repeat_for_ever_and_sent_packets_may_vanish(void)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request;
	struct rte_mbuf *packet;
	struct port port;

	write_capture(lab_path("loop.pcap"), 3, 60);
	request = lab_request("lan0", "pcap", lab_path("loop.pcap"), "infinite_rx=yes", pool);
	request.rx_queues = request.tx_queues = 2; /* a capture has one order */
	if (!lab_open(&request, &port))
		return;
	CU_ASSERT_EQUAL(port.rx_queues, 1);
	CU_ASSERT_EQUAL(port.tx_queues, 1);
	for (uint32_t i = 0; i < 1000; i++) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(&port, &packet, 1, 1000, NULL), 1);
		CU_ASSERT_EQUAL(load_be32(rte_pktmbuf_mtod_offset(packet, uint8_t *, 14)), i % 3);
		CU_ASSERT_EQUAL(port.tx(&port, 0, &packet, 1), 1);
	}
	lab_close(&port);
	lab_pool_check(pool);
}

/* The other process of the memif tests: this program, started again with the role and the socket in
 * its environment. It sends back what it receives until it is killed or the test ends. */
static void
be_memif_peer(const char *role, const char *path)
{
	struct rte_mempool *pool;
	struct port_request request;
	struct port port;
	uint64_t link_asked = 0;
	char options[64];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pool = lab_pool(1500);
	snprintf(options, sizeof(options), "role=%s", role);
	request = lab_request("peer", "memif", path, options, pool);
	if (port_driver_find("memif")->open(&request, &port, NULL) != 0)
		_exit(1);
	for (;;) {
		struct rte_mbuf *packet;
		uint32_t speed;

		if (lab_receive(&port, &packet, 1, 20, NULL) == 1 &&
			port.tx(&port, 0, &packet, 1) == 0)
			rte_pktmbuf_free(packet);
		if (lab_milliseconds() - link_asked > 20) {
			link_asked = lab_milliseconds();
			port_driver_find("memif")->link(&port, &speed);
		}
	}
}

__attribute__((constructor)) static void
memif_peer(void)
{
	const char *role = getenv("PORT_LAB_MEMIF_ROLE"), *path = getenv("PORT_LAB_MEMIF_SOCKET");

	if (role != NULL && path != NULL)
		be_memif_peer(role, path);
}

static pid_t
start_memif_peer(const char *role, const char *path)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		setenv("PORT_LAB_MEMIF_ROLE", role, 1);
		setenv("PORT_LAB_MEMIF_SOCKET", path, 1);
		execl("/proc/self/exe", "test_port_memory", (char *)NULL);
		_exit(127);
	}
	return child;
}

static bool
wait_for_link(struct port *port)
{
	uint64_t end = lab_milliseconds() + 8000;
	uint32_t speed;

	while (port->driver->link(port, &speed) != 1) {
		if (lab_milliseconds() > end)
			return false;
		usleep(1000);
	}
	return true;
}

static bool
wait_for_socket(const char *path)
{
	uint64_t end = lab_milliseconds() + 8000;

	while (system_socket_look(path) != SYSTEM_SOCKET_ALIVE) {
		if (lab_milliseconds() > end)
			return false;
		usleep(1000);
	}
	return true;
}

/* We serve; the peer dials. A second server of the same socket is refused. */
static void
memif_server_talks_to_another_process(void)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request =
		lab_request("lan0", "memif", lab_path("serve.sock"), "role=server", pool);
	struct port port, second;
	struct fault fault;
	pid_t peer;

	if (!lab_open(&request, &port))
		return;
	strlcpy(request.name, "lan1", sizeof(request.name));
	CU_ASSERT_EQUAL(port.driver->open(&request, &second, &fault), -EBUSY);
	CU_ASSERT_STRING_EQUAL(fault.code, "device-in-use");
	peer = start_memif_peer("client", request.device);
	CU_ASSERT_TRUE(wait_for_link(&port));
	lab_send(&port, pool, 0, 200, 60);
	lab_expect(&port, 0, 200, 60);
	lab_send(&port, pool, 0, 200, 1514);
	lab_expect(&port, 0, 200, 1514);
	lab_kill(peer);
	lab_close(&port);
	CU_ASSERT_EQUAL(system_socket_look(request.device), SYSTEM_SOCKET_ABSENT);
	CU_ASSERT_EQUAL(rte_eth_dev_count_avail(), 0);
	lab_pool_check(pool);
}

/* We dial before anybody serves; the server comes, is killed, and comes again on its stale socket.
 */
static void
memif_client_waits_and_dials_again(void)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("lan0", "memif", lab_path("dial.sock"), "", pool);
	struct rte_mbuf *packet;
	struct fault fault;
	struct port port;
	uint32_t speed;
	pid_t peer;

	CU_ASSERT_EQUAL(port_driver_find("memif")->open(&request, &port, &fault), -ECONNREFUSED);
	CU_ASSERT_STRING_EQUAL(fault.code, "no-memif-server");
	strlcpy(request.options, "wait=yes", sizeof(request.options));
	if (!lab_open(&request, &port))
		return;
	CU_ASSERT_EQUAL(port.driver->link(&port, &speed), 0);
	CU_ASSERT_EQUAL(port.rx(&port, 0, &packet, 1), 0);
	for (int round = 0; round < 2; round++) {
		peer = start_memif_peer("server", request.device);
		CU_ASSERT_TRUE(wait_for_socket(request.device));
		CU_ASSERT_TRUE(wait_for_link(&port));
		lab_send(&port, pool, 0, 50, 100);
		lab_expect(&port, 0, 50, 100);
		lab_kill(peer);
		CU_ASSERT_EQUAL(system_socket_look(request.device), SYSTEM_SOCKET_STALE);
	}
	lab_close(&port);
	CU_ASSERT_EQUAL(rte_eth_dev_count_avail(), 0);
	lab_pool_check(pool);
}

const struct unit_test unit_tests[] = {
	{"rings_join_two_ports", rings_join_two_ports},
	{"ring_queues_stay_apart", ring_queues_stay_apart},
	{"ports_open_again_after_close", ports_open_again_after_close},
	{"failed_opens_leave_nothing", failed_opens_leave_nothing},
	{"captures_are_replayed_and_written", captures_are_replayed_and_written},
	{"captures_repeat_for_ever_and_sent_packets_may_vanish",
		captures_repeat_for_ever_and_sent_packets_may_vanish},
	{"memif_server_talks_to_another_process", memif_server_talks_to_another_process},
	{"memif_client_waits_and_dials_again", memif_client_waits_and_dials_again},
	{NULL, NULL},
};
