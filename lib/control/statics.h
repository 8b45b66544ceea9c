/* Static mappings: port forwards and withheld ports, as configured or typed. Control thread. */
#ifndef CONTROL_STATICS_H
#define CONTROL_STATICS_H

#include "control/gateway.h"

/* Makes one. Port 0 of the public endpoint means the port that H16 gives. With workers running the
 * owner publishes it, through the door. 0 or -errno with a fault: the address is no pool's, another
 * endpoint holds the port, the endpoint has another mapping, too many. */
int statics_add(struct gateway *gateway, const struct config_static *config, struct fault *fault);

/* Takes one away; its port is free after a grace period. -ENOENT when there is none. */
int statics_remove(
	struct gateway *gateway, const struct config_static *config, struct fault *fault);

/* Makes all of the configuration's, at start. Static mappings that an earlier process left are
 * taken over, or removed when the configuration does not have them. */
int statics_open(struct gateway *gateway, struct fault *fault);

#endif
