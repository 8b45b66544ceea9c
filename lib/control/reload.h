/* Reload: the configuration file is read again, and what can change while packets pass is changed.
 *
 * The file is checked whole first: while it is wrong, nothing changes. Then, in this order: static
 * routes, static mappings that are gone, pools, static mappings that are new, timers, log level.
 * Values that need a restart are told and stay as they are, in the gateway's configuration too, so
 * that the next reload tells them again. A step that fails (no memory, a port that an endpoint has
 * taken) ends the reload; the steps before it have been done, and a reload can be given again.
 *
 * Threads: control thread.
 */
#ifndef CONTROL_RELOAD_H
#define CONTROL_RELOAD_H

#include "control/gateway.h"

#define RELOAD_ROWS_MAX 64

/* Rows whose values differ between file and gateway. */
struct reload_report {
	unsigned int applied_count, restart_count;
	const struct config_row *applied[RELOAD_ROWS_MAX];
	const struct config_row *restart[RELOAD_ROWS_MAX];
};

/* Reads gateway->config_path. 0, or -errno with a fault (which may be NULL); either is logged. */
int reload_run(struct gateway *gateway, struct reload_report *report, struct fault *fault);

#endif
