/* See search.h. */
#include "search.h"

#include <stddef.h>

#define TRIALS_MOST 14
#define RESOLUTION  0.01
#define STEP_UP     1.1

/* What to try next between a rate that passed and one that did not. A device under too much load
 * says about how much it can carry, so the first tries go there; from a rate that passed the way up
 * is short. */
static double
choose(double good, double bad, double carried)
{
	if (good == 0)
		return carried > 0 && carried < bad ? carried : bad / 2;
	return bad > good * STEP_UP * STEP_UP ? good * STEP_UP : (good + bad) / 2;
}

double
search_rate(search_try *attempt, void *opaque, double tolerated, unsigned int *trials)
{
	struct search_trial trial = attempt(opaque, 0);
	double good = 0, bad = trial.sent_rate;
	unsigned int count = 1;

	if (trial.loss <= tolerated) /* the generator is the limit */
		good = bad;
	while (count < TRIALS_MOST && bad - good > bad * RESOLUTION) {
		double next = choose(good, bad, trial.sent_rate * (1 - trial.loss));

		if (next < 1)
			break;
		trial = attempt(opaque, (uint64_t)next);
		count++;
		if (trial.loss <= tolerated && trial.sent_rate > good)
			good = trial.sent_rate;
		if (trial.loss > tolerated || trial.sent_rate < next * (1 - RESOLUTION))
			bad = next;
	}
	if (trials != NULL)
		*trials = count;
	return good;
}
