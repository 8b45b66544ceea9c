/* Sending: runs with a rate and an end, and learning; see generator.h. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <rte_cycles.h>

#include "generator.h"

#define SILENCE_SECONDS 0.2 /* after which nothing more is expected */
#define NAP_LONGEST_US  100
#define NAP_SHORTEST_US 20
#define LEARN_TURNS     5
#define UNLEARNED_SHARE 10000

volatile sig_atomic_t generator_stopped;

/* What one run is to do. */
struct order {
	uint64_t rate;    /* packets a second and lane; 0 = no limit */
	uint64_t packets; /* a lane; 0 = no limit */
	double seconds;   /* 0 = no limit */
};

double
generator_seconds_since(uint64_t start_tsc)
{
	return (double)(rte_rdtsc() - start_tsc) / (double)rte_get_tsc_hz();
}

static bool
lane_is_active(const struct generator *generator, unsigned int lane)
{
	if (generator->learning)
		return lane == LANE_OUT;
	return generator->plan->direction == DIRECTION_BOTH ||
	       (generator->plan->direction == DIRECTION_OUT) == (lane == LANE_OUT);
}

/* How many frames a lane may send by now. */
static uint64_t
allowance(const struct order *order, uint64_t sent, double elapsed)
{
	uint64_t due = order->packets != 0 ? order->packets : UINT64_MAX;

	if (order->rate != 0) {
		uint64_t by_rate = (uint64_t)(elapsed * (double)order->rate) + 1;

		due = due < by_rate ? due : by_rate;
	}
	return due > sent ? due - sent : 0;
}

/* Sleeps while the rate leaves nothing to do; a fast run only polls. */
static void
nap(const struct order *order)
{
	double due_us = order->rate != 0 ? 1e6 / (double)order->rate : 0;

	if (due_us >= NAP_SHORTEST_US)
		usleep(due_us < NAP_LONGEST_US ? (useconds_t)due_us / 2 : NAP_LONGEST_US);
}

static void
begin(struct generator *generator)
{
	generator->run++;
	for (unsigned int lane = 0; lane < LANES; lane++) {
		lane_begin(&generator->lanes[lane], generator->run);
		tally_begin(&generator->tallies[lane], generator->run);
		generator->received[lane] = 0;
	}
}

/* Sends what is due on all active lanes. `*ended` says that every lane has sent all it may. */
static unsigned int
send_due(struct generator *generator, const struct order *order, double elapsed, bool *ended)
{
	unsigned int sent = 0;

	*ended = true;
	for (unsigned int lane = 0; lane < LANES; lane++) {
		struct lane *way = &generator->lanes[lane];
		uint64_t due;

		if (!lane_is_active(generator, lane))
			continue;
		due = allowance(order, way->sent, elapsed);
		if (due != 0)
			sent += lane_send(way, due < LANE_BURST ? (unsigned int)due : LANE_BURST);
		*ended = *ended && order->packets != 0 && way->sent >= order->packets;
	}
	return sent;
}

static bool
all_arrived(const struct generator *generator)
{
	for (unsigned int lane = 0; lane < LANES; lane++)
		if (generator->received[lane] < generator->lanes[lane].sent)
			return false;
	return true;
}

static void
drain(struct generator *generator)
{
	uint64_t last = rte_rdtsc();

	while (!all_arrived(generator) && !generator_stopped &&
		generator_seconds_since(last) < SILENCE_SECONDS) {
		if (generator_receive(generator) != 0)
			last = rte_rdtsc();
		else
			usleep(NAP_SHORTEST_US);
	}
}

/* Returns the seconds of sending. */
static double
carry_out(struct generator *generator, const struct order *order)
{
	uint64_t start = rte_rdtsc();
	double elapsed = 0;
	bool ended = false;

	begin(generator);
	while (!ended && !generator_stopped && (order->seconds == 0 || elapsed < order->seconds)) {
		unsigned int busy = send_due(generator, order, elapsed, &ended);

		busy += generator_receive(generator);
		if (busy == 0)
			nap(order);
		elapsed = generator_seconds_since(start);
	}
	drain(generator);
	return elapsed;
}

void
generator_run(struct generator *generator, uint64_t rate, struct result *result)
{
	struct order order = {rate, generator->plan->packets, generator->plan->seconds};

	*result = (struct result){.seconds = carry_out(generator, &order)};
	for (unsigned int lane = 0; lane < LANES; lane++) {
		uint64_t sent = generator->lanes[lane].sent, received = generator->received[lane];

		result->lanes[lane].active = lane_is_active(generator, lane);
		result->lanes[lane].sent = sent;
		result->lanes[lane].received = received;
		result->lanes[lane].lost = sent > received ? sent - received : 0;
		result->lanes[lane].gaps = generator->tallies[lane].gaps;
		memcpy(result->lanes[lane].verdicts, generator->tallies[lane].verdicts,
			sizeof(result->lanes[lane].verdicts));
	}
}

int
generator_learn(struct generator *generator, struct fault *fault)
{
	uint32_t count = generator->lanes[LANE_OUT].count;
	uint32_t every = generator->plan->check_every;
	struct order order = {generator->plan->learn_rate, count, 0};
	char value[32];

	/* What is not judged is not learned. */
	generator->check_every = 1;
	generator->learning = true;
	for (unsigned int turn = 0;
		turn < LEARN_TURNS && generator->learned < count && !generator_stopped; turn++)
		carry_out(generator, &order);
	generator->learning = false;
	generator->check_every = every;
	if (generator->learned != 0 && count - generator->learned <= count / UNLEARNED_SHARE)
		return 0;
	snprintf(value, sizeof(value), "%u of %u", generator->learned, count);
	return fault_set(fault, ETIMEDOUT, "not-learned", value,
		"Look at the gateway's drops, and lower --learn-rate if its port drops them",
		"not all flows came through from inside to outside");
}

double
result_loss(const struct result *result)
{
	uint64_t sent = 0, lost = 0;

	for (unsigned int lane = 0; lane < LANES; lane++) {
		sent += result->lanes[lane].sent;
		lost += result->lanes[lane].lost;
	}
	return sent != 0 ? (double)lost / (double)sent : 1;
}

bool
result_is_right(const struct result *result, bool loss_allowed)
{
	for (unsigned int lane = 0; lane < LANES; lane++) {
		const uint64_t *verdicts = result->lanes[lane].verdicts;

		if (verdicts[VERDICT_LATE] + verdicts[VERDICT_MISROUTED] +
					verdicts[VERDICT_DAMAGED] !=
				0 ||
			(!loss_allowed && result->lanes[lane].lost != 0) ||
			(result->lanes[lane].active && result->lanes[lane].received == 0))
			return false;
	}
	return true;
}
