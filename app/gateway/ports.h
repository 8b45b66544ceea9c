/* The ports of a configuration: interfaces that share a device (802.1Q) share a port. */
#ifndef GATEWAY_PORTS_H
#define GATEWAY_PORTS_H

#include "control/gateway.h"

/* Asks every port's driver whether the port can be opened; touches nothing. */
int ports_check(const struct gateway_config *config, struct fault *fault);

/* Opens all; on failure closes those that were open. Afterwards ports_close() closes all. */
int ports_open(struct gateway *gateway, struct fault *fault);
void ports_close(struct gateway *gateway);

#endif
