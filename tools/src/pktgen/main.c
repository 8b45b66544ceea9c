/* binfm-pktgen: traffic through a NAT and back, every frame checked. tools/pktgen builds and runs
 * it; docs/performance.md shows how to use it. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "eal/eal.h"
#include "generator.h"
#include "report.h"
#include "search.h"

enum exit_status { STATUS_RIGHT, STATUS_FAILED, STATUS_USAGE, STATUS_UNREACHABLE, STATUS_FAULTS };

#define MEMORY_MB 128
#define POLL_MS   5

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

/* The outside answers only what it has learned. */
static int
learn(struct generator *generator, struct fault *fault)
{
	if (generator->plan->direction == DIRECTION_OUT || !generator->plan->translated ||
		generator->learned != 0)
		return 0;
	return generator_learn(generator, fault);
}

/* Waits for a line; ARP is answered meanwhile. False at the end of the input. */
static bool
next_line(struct generator *generator, char *line, int size)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

	while (!generator_stopped && poll(&input, 1, POLL_MS) == 0)
		while (generator_receive(generator) != 0)
			continue;
	return !generator_stopped && fgets(line, size, stdin) != NULL;
}

/* One run a line; the worst status counts. */
static enum exit_status
hold_session(struct generator *generator, struct plan *plan)
{
	enum exit_status worst = STATUS_RIGHT, status;
	struct fault fault;
	char line[512];

	setvbuf(stdin, NULL, _IONBF, 0); /* poll() must see every line */
	while (next_line(generator, line, sizeof(line))) {
		if (plan_read_line(plan, line, &fault) != 0) {
			report_fault(&fault, plan->json);
			status = STATUS_USAGE;
		} else {
			generator_replan(generator);
			if (learn(generator, &fault) == 0) {
				status = run(generator);
			} else {
				report_fault(&fault, plan->json);
				status = STATUS_UNREACHABLE;
			}
		}
		worst = status > worst ? status : worst;
	}
	return worst;
}

static enum exit_status
work(struct plan *plan)
{
	static struct generator generator;
	enum exit_status status = STATUS_FAILED;
	struct fault fault;
	int error = generator_open(&generator, plan, &fault);

	if (error == 0) {
		error = generator_meet(&generator, &fault);
		if (error == 0)
			error = learn(&generator, &fault);
		if (error != 0)
			status = STATUS_UNREACHABLE;
		else
			status = plan->session ? hold_session(&generator, plan) : run(&generator);
		generator_close(&generator);
	}
	if (error != 0)
		report_fault(&fault, plan->json);
	return status;
}

static void
stop(int signal_number)
{
	(void)signal_number;
	generator_stopped = 1;
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
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	status = work(&plan);
	tool_eal_end();
	return status;
}
