/* Packets that workers hand to control: ARP, local traffic, unresolved next hops. Control thread.
 */
#ifndef CONTROL_PUNT_H
#define CONTROL_PUNT_H

#include "control/gateway.h"

/* Handles what is queued, at most a bounded number. Returns how many. */
unsigned int punt_serve(struct gateway *gateway);

#endif
