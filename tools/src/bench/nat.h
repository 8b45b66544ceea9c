/* The cases of `bench nat` that need no second program. */
#ifndef BENCH_NAT_H
#define BENCH_NAT_H

#include <stdbool.h>

#include "base/fault.h"

struct rte_lpm;

struct nat_bench {
	struct rte_lpm *routes;
	bool json;
	bool quick; /* fewer cases, for a minute's look */
};

/* Cycles a packet of classify, lookup and translate: flows, shapes, sizes, directions. */
int nat_bench_path(const struct nat_bench *bench, struct fault *fault);

/* New mappings a second. */
int nat_bench_mappings(const struct nat_bench *bench, struct fault *fault);

/* Bytes a port and an endpoint, by load. */
int nat_bench_memory(const struct nat_bench *bench, struct fault *fault);

#endif
