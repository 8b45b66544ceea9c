/* What the port device tests share: the EAL in a network namespace of its own, a pool that is
 * counted, ports by their words, frames. */
#ifndef PORT_LAB_H
#define PORT_LAB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <rte_mbuf.h>

#include "path/port.h"

#define LAB_BURST 32

/* Starts the EAL once: ordinary pages, no files, no PCI. As root first enters a new network
 * namespace with IPv6 off, which ends with the process. */
void lab_start(void);

/* Starts this program again as a process that opens a port of our namespace and keeps it; returns
 * when the port is open. */
pid_t lab_hold(const char *driver, const char *device);

/* Kills a process of the lab (kill -9), asserts that it ran until then, and removes what it left in
 * the file system. */
void lab_kill(pid_t child);

/* Root and therefore in a namespace of our own; else prints that the test is skipped. */
bool lab_has_namespace(const char *test);

/* Runs a shell command that has to succeed. */
void lab_run(const char *command);

/* A path in a directory that is removed at exit. */
const char *lab_path(const char *name);

/* A pool whose buffers hold frames of `mtu_bytes`. */
struct rte_mempool *lab_pool(uint16_t mtu_bytes);

/* Asserts that every buffer came back, and frees the pool. */
void lab_pool_check(struct rte_mempool *pool);

struct port_request lab_request(const char *name, const char *driver, const char *device,
	const char *options, struct rte_mempool *pool);

/* Opens a port and asserts that it worked. */
bool lab_open(const struct port_request *request, struct port *port);
void lab_close(struct port *port);

/* A frame of `length` bytes whose payload is made from `number`. */
void lab_frame(uint8_t *frame, uint16_t length, uint32_t number);

/* Sends frames number first..first+count-1 of `length` bytes; asserts that the port takes them. */
void lab_send(struct port *port, struct rte_mempool *pool, uint32_t first, uint32_t count,
	uint16_t length);

/* Receives until `count` packets came or `milliseconds` have passed; returns how many. Packets that
 * `wanted` refuses are freed and not counted; NULL wants all. */
uint32_t lab_receive(struct port *port, struct rte_mbuf **packets, uint32_t count,
	unsigned int milliseconds, bool (*wanted)(const struct rte_mbuf *packet));

/* Asserts that exactly the frames of lab_send() arrive, in order. */
void lab_expect(struct port *port, uint32_t first, uint32_t count, uint16_t length);

/* Whether a packet is one of lab_frame()'s. */
bool lab_is_frame(const struct rte_mbuf *packet);

/* A packet socket on a kernel interface. */
int lab_packet_socket(const char *interface);

uint64_t lab_milliseconds(void);

#endif
