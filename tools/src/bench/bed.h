/* The bed: a gateway's packet path in this process, between two bench ports, one worker.
 *
 * What control would configure is set by hand: one pool, a router on each side, routes, neighbours.
 * The bed has as many public addresses as its endpoints need to fill about half of their ports, so
 * that memory is touched as it is in service.
 *
 * One thread, which drives the worker turn by turn.
 */
#ifndef BENCH_BED_H
#define BENCH_BED_H

#include "drivers/port/bench.h"
#include "path/path.h"

#define BED_PRIVATE_FIRST UINT32_C(0x0a000000) /* 10.0.0.0 */
#define BED_PUBLIC_FIRST  UINT32_C(0xc6120000) /* 198.18.0.0, RFC 2544's benchmarking block */
#define BED_REMOTE_FIRST  UINT32_C(0x64400001) /* 100.64.0.1, behind the outside router */
#define BED_MTU_BYTES     1500

enum { BED_INSIDE, BED_OUTSIDE };

struct bed {
	struct nat_table table;
	size_t slot_bytes; /* of the three arrays together */
	struct nat nat;
	struct flow_pool flows;
	size_t flow_bytes; /* of the two arrays together */
	struct path path;
	struct path_view *view;
	struct port ports[2];
	uint64_t neighbours[2];
	bool own_pages; /* the tables lie on explicit huge pages */
};

struct bed_plan {
	uint32_t endpoints;        /* that the private prefix has room for */
	uint32_t public_addresses; /* a power of two */
	uint32_t mappings_max;     /* what the index is planned for; 0 = every port */
	uint32_t flow_records;
};

/* `routes` is emptied and filled. 0 or -errno with a fault. */
int bed_open(
	struct bed *bed, struct rte_lpm *routes, const struct bed_plan *plan, struct fault *fault);
void bed_close(struct bed *bed);

/* Public addresses whose ports `endpoints` of one protocol fill to about a half. */
uint32_t bed_public_addresses(uint32_t endpoints);

/* The endpoints of a bed, spread over its private prefix, towards `remotes` remotes. */
struct bench_flows bed_flows(uint32_t endpoints, uint32_t remotes);

/* The inbound answer to an outbound descriptor; false when it has no mapping. */
bool bed_answer(
	const struct bed *bed, const struct bench_descriptor *out, struct bench_descriptor *in);

/* Packets that the worker dropped, for whatever reason. */
uint64_t bed_drops(const struct bed *bed);

#endif
