/* A whole gateway in a unit test, without threads: its configuration is read from YAML, its ports
 * are rings whose other ends the test holds, and its workers take their turns when the test says.
 *
 *    10.0.0.0/24                                                         198.51.100.0/24
 *    10.1.0.0/24 ------ lan 10.0.0.254 [ gateway ] wan 198.51.100.1 ------ .254 router, the world
 *
 *    pool: 10.0.0.0/24 behind 198.51.100.16/31, so 10.0.0.0-127 have .16, 10.0.0.128-255 have .17;
 *    10.1.0.0/24 belongs to no pool. Frames are written as in frames.h.
 */
#ifndef GATEWAY_LAB_H
#define GATEWAY_LAB_H

#include "control/gateway.h"

enum lab_side { LAN, WAN, LAB_SIDES };

struct gateway_lab {
	struct gateway gateway;
	struct port peers[LAB_SIDES]; /* the other ends of the gateway's ports */
	uint16_t next_queue;
	uint32_t now_seconds; /* the boot clock that workers see */
	char directory[64];
};

/* Opens a gateway with so many workers. `extra` is YAML behind the laboratory's own ("" for none);
 * its interfaces, routes and pools, if it has any, take the place of the laboratory's own; the
 * first interface's port is LAN, the next port WAN. Ends the test program when that fails. */
struct gateway_lab *gateway_lab_open(unsigned int workers, const char *extra);

/* Closes it and asserts that every packet buffer came back. */
void gateway_lab_close(struct gateway_lab *lab);

/* Ends the gateway and starts another over the same table file. */
struct gateway_lab *gateway_lab_reopen(struct gateway_lab *lab, const char *extra);

/* The laboratory's YAML and `extra`, as gateway_lab_open() reads them; returns a static text. */
const char *gateway_lab_yaml(unsigned int workers, const char *extra);

/* A frame arrives from that side, each time on the next receive queue. */
void gateway_lab_send(struct gateway_lab *lab, enum lab_side from, const char *frame);

/* Workers and control take turns until nothing is left to do. */
void gateway_lab_run(struct gateway_lab *lab);

/* The next frame that the gateway sent to a side, as text, or "" when there is none. Frames whose
 * Ethernet addresses are wrong say so. */
const char *gateway_lab_receive(struct gateway_lab *lab, enum lab_side side);

/* Throws away what the gateway sent. */
void gateway_lab_discard(struct gateway_lab *lab);

/* Lets the gateway learn 10.0.0.1, 10.0.0.2, 10.0.0.200 and the router. */
void gateway_lab_resolve(struct gateway_lab *lab);

/* Runs a command; its text, as the prompt prints it. Valid until the next call. */
const char *gateway_lab_command(struct gateway_lab *lab, const char *line);

/* The same as JSON. */
const char *gateway_lab_json(struct gateway_lab *lab, const char *line);

/* Packets dropped for a reason, by workers and control. */
uint64_t gateway_lab_drops(const struct gateway_lab *lab, enum drop_reason reason);

#endif
