/* The gateway's own commands, and the list of all features' tables. Control thread. */
#ifndef CONTROL_COMMANDS_H
#define CONTROL_COMMANDS_H

#include <stdio.h>

#include "control/gateway.h"

/* Registers every command of the gateway. Nothing is run: the man page is printed from a registry
 * over an idle gateway. */
void commands_register(struct command_registry *registry, struct gateway *gateway);

/* Writes the manual page of the commands. */
void commands_print_man(struct command_registry *registry, FILE *file);

/* Ends the control loop; the program then stops in order. */
void commands_quit(struct gateway *gateway);

#endif
