/* Ageing in the gateway: the agers of nat and flow, driven by a timer, through the door.
 * Control thread. */
#ifndef CONTROL_AGEING_H
#define CONTROL_AGEING_H

#include "control/gateway.h"

/* Sets both agers up from the configuration's timers. 0 or -ENOMEM. */
int ageing_open(struct gateway *gateway);
void ageing_close(struct gateway *gateway);

/* Applies changed timers (live reload). */
void ageing_set_timers(struct gateway *gateway);

/* One bounded step of each; call about every 100 ms. */
void ageing_step(struct gateway *gateway, uint32_t now_seconds);

#endif
