/* See port_veth.h. */
#include "port_veth.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_packet.h>

#include <rte_ip.h>

#include "base/bytes.h"
#include "unit.h"

bool
make_veth(const char *test, unsigned int mtu_bytes)
{
	char command[256];

	if (!lab_has_namespace(test))
		return false;
	snprintf(command, sizeof(command),
		"ip link del pa 2>/dev/null; ip link add pa mtu %u type veth peer name pb "
		"mtu %u && ip link set pa up && ip link set pb up",
		mtu_bytes, mtu_bytes);
	lab_run(command);
	return true;
}

void
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

void
socket_sends(int packet_socket, uint32_t first, uint32_t count, uint16_t length)
{
	uint8_t frame[UINT16_MAX];

	for (uint32_t i = 0; i < count; i++) {
		lab_frame(frame, length, first + i);
		CU_ASSERT_EQUAL(send(packet_socket, frame, length, 0), length);
	}
}

bool
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

void
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

bool
is_udp(const struct rte_mbuf *packet)
{
	const uint8_t *frame = rte_pktmbuf_mtod(packet, const uint8_t *);

	return packet->data_len >= UDP_OFFSET + 8 && load_be16(frame + 12) == 0x0800 &&
	       frame[IP_OFFSET + 9] == IPPROTO_UDP;
}

bool
udp_checksum_is_right(struct rte_mbuf *packet)
{
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);

	uint32_t sum = rte_ipv4_phdr_cksum((void *)(frame + IP_OFFSET), 0);

	sum += rte_raw_cksum(frame + UDP_OFFSET, load_be16(frame + UDP_OFFSET + 4));
	return (sum & 0xffff) + (sum >> 16) == 0xffff;
}

void
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

void
note_interface(const char *name)
{
	char command[256];

	snprintf(command, sizeof(command),
		"(ethtool -k pa; ip link show pa | sed 1d; ip -o -d link show pa | "
		"grep -o 'mtu [0-9]*\\|promiscuity [0-9]*'; "
		"cat /proc/sys/net/ipv4/conf/pa/arp_ignore) > %s",
		lab_path(name));
	lab_run(command);
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
