/* DPDK's environment and packet buffers, from the configuration. */
#ifndef GATEWAY_MEMORY_H
#define GATEWAY_MEMORY_H

#include "control/gateway.h"

/* Starts DPDK: one logical core for control (0), one a worker (1..). 0 or -errno with a fault. */
int memory_start_dpdk(struct gateway *gateway, struct fault *fault);

/* Makes the pool that all packets live in, large enough for the largest MTU. */
int memory_make_packet_pool(struct gateway *gateway, struct fault *fault);

#endif
