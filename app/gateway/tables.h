/* The NAT's tables: pools from the configuration, the table file, index and flow records. */
#ifndef GATEWAY_TABLES_H
#define GATEWAY_TABLES_H

#include "control/gateway.h"

/* Fills and builds the pools of a configuration. 0 or -errno with a fault. */
int tables_build_pools(const struct gateway_config *config, struct nat_pools *pools,
	struct fault *fault);

/* Opens the table file and takes over what an earlier process left. */
int tables_open(struct gateway *gateway, struct fault *fault);
void tables_close(struct gateway *gateway);

#endif
