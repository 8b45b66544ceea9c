/* What needs an operator: pools that fill up, next hops that are silent, links that are down,
 * packet buffers that run out.
 *
 * alarms_visit() says what is wrong now. alarms_tick(), once a second, writes what has changed into
 * the log: a pool's alarm is raised when one of its addresses goes above alarm_load and cleared
 * when all are a tenth below it, so that it does not flutter; refusals of new mappings are summed
 * up once a minute.
 *
 * Threads: control thread. Time is an argument.
 */
#ifndef CONTROL_ALARMS_H
#define CONTROL_ALARMS_H

#include <stdbool.h>
#include <stdint.h>

#include "control/statistics.h"
#include "nat/pool.h"

struct gateway;

/* How full a pool is. */
struct pool_load {
	uint64_t used;            /* ports that are not free, all addresses, UDP and TCP and ICMP */
	double mean, highest;     /* of one address' usable ports, UDP or TCP, 0..1 */
	uint32_t highest_address; /* host order */
	enum nat_protocol highest_protocol;
};

struct alarm_memory {
	bool pool_raised[NAT_POOLS_MAX];
	bool link_seen[PATH_PORTS_MAX], link_down[PATH_PORTS_MAX];
	bool buffers_low;
	uint64_t minute_ms;     /* when refusals were summed up last */
	struct statistics told; /* the refusals of then */
};

void alarms_pool_load(const struct gateway *gateway, unsigned int pool, struct pool_load *load);

/* Calls `each` with a sentence for everything that is wrong now; returns how many there are. */
typedef void alarm_sentence(void *opaque, const char *sentence);
unsigned int alarms_visit(const struct gateway *gateway, alarm_sentence *each, void *opaque);

void alarms_tick(struct gateway *gateway, uint64_t now_ms);

#endif
