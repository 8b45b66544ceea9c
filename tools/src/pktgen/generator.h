/* The generator: two ports, a lane each way, what comes back is judged.
 *
 * Life cycle: generator_open(), generator_meet(), generator_learn() unless only outbound traffic is
 * sent, then runs. One thread.
 */
#ifndef PKTGEN_GENERATOR_H
#define PKTGEN_GENERATOR_H

#include <signal.h>

#include "arp.h"
#include "lane.h"
#include "plan.h"
#include "tally.h"

struct generator {
	const struct plan *plan;
	struct rte_mempool *pool; /* received frames */
	struct port ports[SIDES];
	bool opened[SIDES];
	struct arp_hosts hosts[SIDES];
	struct lane lanes[LANES];
	struct tally tallies[LANES];
	uint8_t run;
	bool learning;
	uint32_t learned;         /* places whose public address and port are known */
	uint32_t check_every;     /* as planned, but 1 while flows are learned */
	uint32_t until_check;     /* received frames until the next one is judged */
	uint64_t received[LANES]; /* of this run, judged or not; without ARP */
};

/* Set by a signal: runs and waits end soon, and what there is so far is reported. */
extern volatile sig_atomic_t generator_stopped;

/* What a run has shown. */
struct result {
	double seconds;
	struct {
		bool active;
		uint64_t sent, received, lost;
		uint64_t verdicts[VERDICTS];
		uint64_t gaps;
	} lanes[LANES];
};

/* Opens ports and prepares the flows. 0 or -errno with a fault. */
int generator_open(struct generator *generator, const struct plan *plan, struct fault *fault);
void generator_close(struct generator *generator);

/* Takes in what has changed in the plan: sizes, checking. */
void generator_replan(struct generator *generator);

/* Waits for links and for the gateway's answer to ARP. 0, or -ETIMEDOUT with a fault. */
int generator_meet(struct generator *generator, struct fault *fault);

/* Sends each flow from inside until the outside has seen all, a few times at most. 0, or -ETIMEDOUT
 * with a fault when more than one in 10,000 did not arrive; the others are left out from now on. */
int generator_learn(struct generator *generator, struct fault *fault);

/* Sends at `rate` packets a second each way (0 = as fast as it goes) until the plan's end, then
 * waits for what is still under way. */
void generator_run(struct generator *generator, uint64_t rate, struct result *result);

/* Takes in what has arrived on both sides; returns how many frames. */
unsigned int generator_receive(struct generator *generator);

/* Writes the Ethernet addresses that are known by now into the lanes' headers. */
void generator_prepare_headers(struct generator *generator);

double generator_seconds_since(uint64_t start_tsc);

/* The share of all sent packets that was lost. */
double result_loss(const struct result *result);

/* Whether everything that came was right, and nothing is missing unless that is allowed. */
bool result_is_right(const struct result *result, bool loss_allowed);

#endif
