/* Counters with one writer and any number of readers: no locked instruction, no torn value. Each
 * compiles to a plain addition or load. Any thread may read; one thread writes. */
#ifndef BASE_COUNTER_H
#define BASE_COUNTER_H

#include <stdint.h>

static inline void
counter_add(uint64_t *counter, uint64_t amount)
{
	uint64_t before = __atomic_load_n(counter, __ATOMIC_RELAXED);

	__atomic_store_n(counter, before + amount, __ATOMIC_RELAXED);
}

static inline uint64_t
counter_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

#endif
