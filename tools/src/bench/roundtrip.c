/* See roundtrip.h. */
#include "roundtrip.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <time.h>

#include <rte_pause.h>

#include "measure.h"

#define BATCHES       101 /* the median of many short ones: a thread may lose its CPU in some */
#define TRIPS_A_BATCH 1000

struct ball {
	uint64_t value __attribute__((aligned(128)));
	unsigned int core;
	int failed;
};

/* Not the time stamp counter: DPDK, which knows its rate, need not be running. */
static double
now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int
move_to(unsigned int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	return pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

/* Answers each odd value with the next even one. */
static void *
answer(void *opaque)
{
	struct ball *ball = opaque;
	uint64_t last = (uint64_t)BATCHES * TRIPS_A_BATCH * 2;

	if (move_to(ball->core) != 0)
		__atomic_store_n(&ball->failed, 1, __ATOMIC_RELEASE);
	for (uint64_t wanted = 1; wanted < last; wanted += 2) {
		while (__atomic_load_n(&ball->value, __ATOMIC_ACQUIRE) != wanted)
			rte_pause();
		__atomic_store_n(&ball->value, wanted + 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

double
roundtrip_ns(unsigned int one_core, unsigned int other_core)
{
	struct ball ball = {.core = other_core};
	double batches[BATCHES];
	uint64_t value = 0;
	cpu_set_t before;
	pthread_t thread;
	int failed;

	pthread_getaffinity_np(pthread_self(), sizeof(before), &before);
	if (move_to(one_core) != 0 || pthread_create(&thread, NULL, answer, &ball) != 0)
		return -1;
	for (unsigned int i = 0; i < BATCHES; i++) {
		double start = now_ns();

		for (unsigned int trip = 0; trip < TRIPS_A_BATCH; trip++) {
			__atomic_store_n(&ball.value, ++value, __ATOMIC_RELEASE);
			value++;
			while (__atomic_load_n(&ball.value, __ATOMIC_ACQUIRE) != value)
				rte_pause();
		}
		batches[i] = (now_ns() - start) / TRIPS_A_BATCH;
	}
	pthread_join(thread, NULL);
	failed = __atomic_load_n(&ball.failed, __ATOMIC_ACQUIRE);
	pthread_setaffinity_np(pthread_self(), sizeof(before), &before);
	return failed ? -1 : measure_median(batches, BATCHES);
}
