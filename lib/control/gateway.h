/* The gateway as the control thread sees it: everything that runs, in one place.
 *
 * Life cycle: app/gateway fills this in named stages (app/gateway/stages.c), runs the loop, and
 * undoes the stages in reverse. Features of the control plane take the whole structure, since they
 * meet here: the configuration says what, the tables hold it, the path acts on it.
 *
 * Threads: the control thread alone. Workers see only `path` and what it points to.
 */
#ifndef CONTROL_GATEWAY_H
#define CONTROL_GATEWAY_H

#include <uv.h>

#include "command/command.h"
#include "config/gateway.h"
#include "control/alarms.h"
#include "control/statistics.h"
#include "control/watching.h"
#include "flow/age.h"
#include "nat/age.h"
#include "nat/nat_command.h"
#include "nat/table_file.h"
#include "path/path.h"

struct neighbour_table;
struct kernel_interface;
struct prompt_socket;
struct prompt_terminal;
struct telemetry;
struct telemetry_exporter;

/* One static mapping as configured or added at the prompt. */
struct gateway_static {
	struct config_static config;
	uint32_t slot;           /* where it lies */
	unsigned int generation; /* of the slot, when it was made */
};

/* The pool that is empty and about to leave; see control/pools.c. */
struct pool_removal {
	char name[CONFIG_NAME_BYTES]; /* "" = none */
	uint64_t flow_turns;          /* of the flow ager, when it was found empty */
};

struct gateway {
	struct gateway_config config;
	char config_path[256];
	uv_loop_t loop;
	uint64_t started_ms;

	struct port ports[PATH_PORTS_MAX];
	struct port *port_list[PATH_PORTS_MAX];
	unsigned int port_count;
	struct rte_mempool *packet_pool;

	struct table_file table_file;
	struct nat nat;
	struct flow_pool flows;
	uint32_t mappings_restored, mappings_freed, mappings_discarded; /* at start */
	struct path path;
	bool running; /* the workers forward */

	struct path_view *view;
	struct neighbour_table *neighbours;
	struct kernel_interface *kernels[PATH_INTERFACES_MAX]; /* by interface; NULL = none */
	uint64_t arp_defended_ms[PATH_INTERFACES_MAX]; /* when our addresses were defended last */
	struct control_counters counters;
	struct statistics_memory statistics;
	struct alarm_memory alarms;
	struct watching watching;

	struct pool_removal pool_removal;

	struct nat_ager nat_ager;
	struct flow_ager flow_ager;

	unsigned int static_count;
	struct gateway_static statics[CONFIG_STATICS_MAX];

	struct command_registry *registry;
	struct nat_command_context nat_commands;
	struct prompt_socket *socket;
	struct prompt_terminal *terminal;
	struct telemetry *metrics;
	struct telemetry_exporter *exporter; /* NULL = metrics.listen is "" */
	bool quit;

	uv_timer_t clock_timer, punt_timer, age_timer, neighbour_timer, second_timer;
};

/* Seconds and milliseconds of the boot clock: what tables and timers count in. */
uint32_t gateway_now_seconds(void);
uint64_t gateway_now_ms(void);

/* Starts and stops forwarding: launches the workers on their lcores, waits for them to end. */
int gateway_start_workers(struct gateway *gateway, struct fault *fault);
void gateway_stop_workers(struct gateway *gateway);

/* Counts and frees a packet that control gives up. */
void gateway_drop(struct gateway *gateway, struct rte_mbuf *packet, enum drop_reason reason);

/* Hands a finished frame to the worker that sends on `port`. Consumes the packet. */
void gateway_send(struct gateway *gateway, unsigned int port, struct rte_mbuf *packet);

#endif
