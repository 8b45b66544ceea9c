/* What running links answered, as a result to print: text for a person, JSON for a program. */
#ifndef WAN_REPORT_H
#define WAN_REPORT_H

#include "command/result.h"
#include "protocol.h"

/* One row a link and direction. */
struct report {
	struct result *result;
	struct result_table *settings, *counts, *lateness;
};

struct report report_begin(void);
void report_add(struct report *report, const struct protocol_reply *reply);

#endif
