/* What control does by the clock. */
#ifndef GATEWAY_TIMERS_H
#define GATEWAY_TIMERS_H

#include "control/gateway.h"

void timers_start(struct gateway *gateway);
void timers_stop(struct gateway *gateway);

#endif
