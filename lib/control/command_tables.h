/* The gateway's tables of commands, one in each *_command.c; commands.c registers them. The context
 * of all is the struct gateway. */
#ifndef CONTROL_COMMAND_TABLES_H
#define CONTROL_COMMAND_TABLES_H

#include "command/command.h"

struct gateway;

extern const struct command_table run_commands;
extern const struct command_table status_commands;
extern const struct command_table port_commands;
extern const struct command_table worker_commands;
extern const struct command_table drop_commands;
extern const struct command_table neighbour_commands;
extern const struct command_table pool_commands;
extern const struct command_table static_commands;
extern const struct command_table log_commands;
extern const struct command_table config_commands;
extern const struct command_table trace_commands;
extern const struct command_table capture_commands;

/* Cells and texts that several tables share. */

/* "00:02:33", "5 d 01:00:00". Returns `text`. */
#define COMMAND_DURATION_BYTES 32
char *command_duration(uint64_t seconds, char text[COMMAND_DURATION_BYTES]);

/* "02:00:0a:00:00:01". */
#define COMMAND_MAC_BYTES 18
char *command_mac(const uint8_t mac[6], char text[COMMAND_MAC_BYTES]);

/* The number of the interface of that name; 0, or -ENODEV with a refusal in `result`. */
int command_interface(
	const struct gateway *gateway, const char *name, uint8_t *number, struct result *result);

#endif
