/* See path_rows.h. */
#include "path_rows.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define WORKERS_MOST 3

static void
count_drops(const struct gateway_lab *lab, uint64_t drops[DROP_REASON_COUNT])
{
	for (unsigned int i = 0; i < DROP_REASON_COUNT; i++)
		drops[i] = gateway_lab_drops(lab, (enum drop_reason)i);
}

static bool
drops_are(const struct gateway_lab *lab, const uint64_t before[DROP_REASON_COUNT],
	enum drop_reason wanted)
{
	bool right = true;

	for (unsigned int i = 1; i < DROP_REASON_COUNT; i++) {
		uint64_t more = gateway_lab_drops(lab, (enum drop_reason)i) - before[i];

		if (more == (i == wanted ? 1 : 0))
			continue;
		printf("    dropped for %s: %u\n", drop_reason_name((enum drop_reason)i),
			(unsigned int)more);
		right = false;
	}
	return right;
}

/* What came out of both sides is `row->expected` and nothing else. */
static bool
sent_is(struct gateway_lab *lab, const struct path_row *row)
{
	bool seen = row->expected == NULL, right = true;

	for (unsigned int side = 0; side < LAB_SIDES; side++) {
		const char *text;

		while ((text = gateway_lab_receive(lab, (enum lab_side)side))[0] != '\0') {
			if (!seen && side == row->to && strcmp(text, row->expected) == 0) {
				seen = true;
				continue;
			}
			printf("    sent to %s: %s\n", side == LAN ? "lan" : "wan", text);
			right = false;
		}
	}
	if (!seen)
		printf("    not sent:    %s\n", row->expected);
	return right && seen;
}

void
path_rows_send(struct gateway_lab *lab, const struct path_row *rows, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		uint64_t before[DROP_REASON_COUNT];
		bool right;

		count_drops(lab, before);
		if (rows[i].frame != NULL)
			gateway_lab_send(lab, rows[i].from, rows[i].frame);
		gateway_lab_run(lab);
		right = sent_is(lab, &rows[i]);
		right = drops_are(lab, before, rows[i].reason) && right;
		CU_ASSERT_TRUE(right);
		if (!right)
			printf("  row %u, %u workers: %s\n", i, lab->gateway.path.worker_count,
				rows[i].frame != NULL ? rows[i].frame : "(nothing)");
	}
}

void
path_rows_run(const struct path_row *rows, unsigned int count, const char *extra, bool resolved)
{
	for (unsigned int workers = 1; workers <= WORKERS_MOST; workers++) {
		struct gateway_lab *lab = gateway_lab_open(workers, extra);

		if (resolved)
			gateway_lab_resolve(lab);
		path_rows_send(lab, rows, count);
		gateway_lab_close(lab);
	}
}
