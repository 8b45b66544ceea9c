/* The host route of a resolved neighbour in a view's route table. Control thread. */
#ifndef CONTROL_HOST_ROUTE_H
#define CONTROL_HOST_ROUTE_H

#include "path/view.h"

/* An address that is ours or a pool's gets none (-EEXIST). 0 or -errno. */
int host_route_add(struct path_view *view, uint32_t address, uint32_t neighbour);
void host_route_remove(struct path_view *view, uint32_t address);

#endif
