/* How a NIC spreads packets over its receive queues (RSS).
 *
 * An owner worker is a function of the private address and port for what comes from inside, and of
 * the public address and port for what comes from outside, never of the remote. So inside a NIC
 * shall hash the source alone, outside the destination alone. Pure. */
#ifndef PORT_SPREAD_H
#define PORT_SPREAD_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>

#include "path/port.h"

/* Sets the RSS part of `conf` to the best that the device offers (`offered` is its
 * flow_type_rss_offloads). Returns whether one end alone, address and port, decides. Without any
 * RSS for IPv4 it leaves `conf` alone. */
bool spread_configure(uint64_t offered, enum port_side side, struct rte_eth_conf *conf);

#endif
