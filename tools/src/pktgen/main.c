/* binfm-pktgen: traffic through a NAT and back, every frame checked. tools/pktgen builds and runs
 * it; docs/performance.md shows how to use it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "eal/eal.h"
#include "generator.h"
#include "report.h"
#include "search.h"

enum exit_status { STATUS_RIGHT, STATUS_FAILED, STATUS_USAGE, STATUS_UNREACHABLE, STATUS_FAULTS };

#define MEMORY_MB 128

static int
start_dpdk(const struct plan *plan, struct fault *fault)
{
	struct tool_eal eal = {
		.name = "pktgen",
		.core = plan->core,
		.second_core = plan->core,
		.memory_mb = MEMORY_MB,
		.ordinary_pages = plan->ordinary_pages,
	};

	for (unsigned int side = 0; side < SIDES; side++)
		if (strcmp(plan->sides[side].driver, "pci") == 0)
			eal.devices[side] = plan->sides[side].device;
	return tool_eal_start(&eal, fault);
}

static struct search_trial
try_rate(void *opaque, uint64_t rate)
{
	struct generator *generator = opaque;
	struct result result;
	uint64_t sent = 0;
	unsigned int lanes = 0;

	generator_run(generator, rate, &result);
	for (unsigned int lane = 0; lane < LANES; lane++) {
		sent += result.lanes[lane].sent;
		lanes += result.lanes[lane].active;
	}
	return (struct search_trial){(double)sent / result.seconds / lanes, result_loss(&result)};
}

static enum exit_status
run(struct generator *generator)
{
	const struct plan *plan = generator->plan;
	struct result result;
	unsigned int trials;
	double rate;
	bool right;

	if (plan->search_loss >= 0) {
		rate = search_rate(try_rate, generator, plan->search_loss, &trials);
		report_search(generator, rate, trials);
		return rate > 0 ? STATUS_RIGHT : STATUS_FAULTS;
	}
	fprintf(stderr, "binfm-pktgen: sending\n");
	generator_run(generator, plan->rate, &result);
	right = result_is_right(&result, plan->loss_allowed);
	report_run(generator, &result, right);
	return right ? STATUS_RIGHT : STATUS_FAULTS;
}

static enum exit_status
work(const struct plan *plan)
{
	static struct generator generator;
	enum exit_status status = STATUS_FAILED;
	struct fault fault;
	int error = generator_open(&generator, plan, &fault);

	if (error == 0) {
		error = generator_meet(&generator, &fault);
		if (error == 0 && plan->direction != DIRECTION_OUT && plan->translated)
			error = generator_learn(&generator, &fault);
		if (error == 0)
			status = run(&generator);
		else
			status = STATUS_UNREACHABLE;
		generator_close(&generator);
	}
	if (error != 0)
		report_fault(&fault, plan->json);
	return status;
}

int
main(int argument_count, char **arguments)
{
	enum exit_status status;
	struct fault fault;
	struct plan plan;
	int result = plan_read(&plan, argument_count, arguments, &fault);

	if (result == PLAN_HELP) {
		plan_print_usage(stdout);
		return STATUS_RIGHT;
	}
	if (result != 0) {
		report_fault(&fault, false);
		return STATUS_USAGE;
	}
	if (start_dpdk(&plan, &fault) != 0) {
		report_fault(&fault, plan.json);
		return STATUS_FAILED;
	}
	status = work(&plan);
	tool_eal_end();
	return status;
}
