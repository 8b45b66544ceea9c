/* What the tests over kernel interfaces share: a veth whose one end is the port's and whose other
 * end is a packet socket's or the kernel's.
 *
 *     port "lan0" -- pa ===veth=== pb -- packet socket, or the kernel's stack at 192.0.2.1
 *
 * Frames are those of lab_frame(). Everything asserts that it works.
 */
#ifndef PORT_VETH_H
#define PORT_VETH_H

#include "port_lab.h"

#define IP_OFFSET  14
#define UDP_OFFSET 34

/* Makes the pair anew, both ends up. False where there is no namespace; the skip is printed. */
bool make_veth(const char *test, unsigned int mtu_bytes);

/* The socket receives exactly the frames of lab_send(). */
void socket_expects(int packet_socket, uint32_t first, uint32_t count, uint16_t length);
void socket_sends(int packet_socket, uint32_t first, uint32_t count, uint16_t length);

/* Receives one frame with its tag, which the kernel hands over beside the frame (the socket has
 * PACKET_AUXDATA). */
void socket_expects_tag(int packet_socket, uint16_t tag, uint32_t number, uint16_t length);

/* Waits for the state: the kernel tells about the carrier with a delay. */
bool link_becomes(struct port *port, int state);

/* A datagram of the kernel's stack to 192.0.2.2:7777, each from another port. */
void kernel_sends_udp(size_t length);
bool is_udp(const struct rte_mbuf *packet);
bool udp_checksum_is_right(struct rte_mbuf *packet);

/* Writes all that a driver may change of pa (features, hardware address, MTU, promiscuity, ARP) to
 * a file of lab_path(). */
void note_interface(const char *name);

#endif
