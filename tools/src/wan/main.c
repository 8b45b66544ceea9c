/* binfm-wan: links with delay, jitter, loss, rate and partition between interfaces, in user space.
 * tools/wan builds and runs it; docs/wan.md shows how to use it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "command/render.h"
#include "control.h"
#include "emulator.h"
#include "plan.h"
#include "report.h"

enum exit_status { STATUS_DONE, STATUS_FAILED, STATUS_USAGE, STATUS_NO_LINK };

static void
print_fault(const struct fault *fault)
{
	char text[sizeof(*fault) + 8];

	fprintf(stderr, "binfm-wan: %s\n", fault_text(fault, text, sizeof(text)));
}

/* Hands the result over to standard output and frees it. */
static void
print_result(struct result *result, bool json, const char *words)
{
	char *text = json ? render_json(result, words) : render_text(result);

	printf("%s%s", text, json ? "\n" : "");
	free(text);
	result_free(result);
}

static void
say_ready(void *opaque, bool realtime)
{
	const struct emulator_plan *plan = opaque;

	for (unsigned int i = 0; i < plan->link_count; i++)
		printf("link %s: %s <-> %s\n", plan->links[i].name, plan->links[i].ends[LINK_AB],
			plan->links[i].ends[LINK_BA]);
	printf("running%s; Ctrl-C ends\n", realtime ? " with real-time priority" : "");
	fflush(stdout);
}

static enum exit_status
run(struct emulator_plan *plan)
{
	struct fault fault;

	if (emulator_run(plan, say_ready, plan, &fault) == 0)
		return STATUS_DONE;
	print_fault(&fault);
	return STATUS_FAILED;
}

struct showing {
	const struct plan *plan;
	struct report report;
	unsigned int links;
	enum exit_status status;
};

/* A socket without a link is what a killed emulator left: not worth a word when all are asked. */
static void
show_one(void *opaque, const char *name)
{
	struct showing *showing = opaque;
	struct protocol_reply reply;
	struct fault fault;
	int error = control_ask(
		showing->plan->emulator.directory, name, &showing->plan->request, &reply, &fault);

	if (error == 0) {
		report_add(&showing->report, &reply);
		showing->links++;
	} else if (error != -ECONNREFUSED || showing->plan->name != NULL) {
		result_fault(showing->report.result, &fault);
		print_fault(&fault);
		showing->status = error == -ECONNREFUSED ? STATUS_NO_LINK : STATUS_FAILED;
	}
}

static enum exit_status
show(const struct plan *plan)
{
	struct showing showing = {.plan = plan, .report = report_begin()};

	if (plan->name != NULL)
		show_one(&showing, plan->name);
	else
		control_names(plan->emulator.directory, show_one, &showing);
	if (showing.links == 0 && showing.status == STATUS_DONE)
		result_note(showing.report.result, "No link is running (sockets in %s).",
			plan->emulator.directory);
	if (showing.status == STATUS_DONE || plan->json)
		print_result(showing.report.result, plan->json, "show");
	else
		result_free(showing.report.result);
	return showing.status;
}

static enum exit_status
change(const struct plan *plan)
{
	struct result *result = result_new();
	struct protocol_reply reply;
	struct fault fault;
	int error =
		control_ask(plan->emulator.directory, plan->name, &plan->request, &reply, &fault);

	if (error != 0) {
		result_fault(result, &fault);
		print_fault(&fault);
	}
	if (plan->json)
		print_result(result, true, plan->command == PLAN_SET ? "set" : "reset");
	else
		result_free(result);
	return error == 0 ? STATUS_DONE : error == -ECONNREFUSED ? STATUS_NO_LINK : STATUS_FAILED;
}

int
main(int argument_count, char **arguments)
{
	static struct plan plan;
	struct fault fault;

	if (plan_read(&plan, arguments + 1, &fault) != 0) {
		print_fault(&fault);
		return STATUS_USAGE;
	}
	switch (plan.command) {
	case PLAN_HELP:
		plan_print_usage(stdout);
		return STATUS_DONE;
	case PLAN_RUN:
		return run(&plan.emulator);
	case PLAN_SHOW:
		return show(&plan);
	case PLAN_SET:
	case PLAN_RESET:
		return change(&plan);
	}
	return STATUS_USAGE;
}
