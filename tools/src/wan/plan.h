/* What binfm-wan is asked to do: the command line, read and checked. Start-up; one thread. */
#ifndef WAN_PLAN_H
#define WAN_PLAN_H

#include <stdbool.h>
#include <stdio.h>

#include "emulator.h"
#include "protocol.h"

enum plan_command { PLAN_HELP, PLAN_RUN, PLAN_SHOW, PLAN_SET, PLAN_RESET };

struct plan {
	enum plan_command command;
	bool json;
	const char *name; /* of the link to ask; NULL = all (show) */
	struct protocol_request request;
	struct emulator_plan emulator; /* PLAN_RUN; `directory` always */
};

/* 0, or -errno with a fault. Texts of the command line are kept by reference. */
int plan_read(struct plan *plan, char **arguments, struct fault *fault);

void plan_print_usage(FILE *file);

/* A new link with a default shape, or NULL with the fault "too-many-links". */
struct link_plan *plan_add_link(struct emulator_plan *plan, struct fault *fault);

/* Sets the name of a link, one of its ends, or its seed; "name", "a", "b", "seed", or the words of
 * both directions or one: "both", "ab", "ba". 0, -ENOENT for another key, or -EINVAL with a
 * fault. */
int plan_set(struct link_plan *link, const char *key, const char *value, struct fault *fault);

#endif
