/* The NAT's tables: pools from the configuration, the table file, index and flow records. */
#ifndef GATEWAY_TABLES_H
#define GATEWAY_TABLES_H

#include "control/gateway.h"

/* Opens the table file and takes over what an earlier process left. */
int tables_open(struct gateway *gateway, struct fault *fault);
void tables_close(struct gateway *gateway);

#endif
