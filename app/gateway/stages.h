/* Starting and stopping the gateway, in named stages; undone in reverse. */
#ifndef GATEWAY_STAGES_H
#define GATEWAY_STAGES_H

#include "control/gateway.h"

/* Runs all stages. When one fails, those before it are undone, `*stage` names it and `fault` says
 * why. The configuration is already in `gateway`. 0 or -errno. */
int stages_start(struct gateway *gateway, const char **stage, struct fault *fault);

void stages_stop(struct gateway *gateway);

/* The part of the start that changes nothing: pools and every port's own check. */
int stages_check(struct gateway *gateway, struct fault *fault);

#endif
