/* How long a cache line takes from one core to another and back.
 *
 * Virtual machines move between two states by themselves, about 80 and about 400 ns, which decides
 * what any exchange of packets between two cores can reach. So every two-core figure is measured
 * between two looks at this one, and thrown away when it changed. Starts a thread of its own. */
#ifndef BENCH_ROUNDTRIP_H
#define BENCH_ROUNDTRIP_H

/* Median nanoseconds over about 50 ms between two CPUs; below 0 when a CPU cannot be used. */
double roundtrip_ns(unsigned int one_core, unsigned int other_core);

#endif
