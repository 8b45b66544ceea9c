/* See memory.h. Both functions round to 2 MiB, so that release unmaps what reserve mapped. */
#include "base/memory.h"

#include <stdint.h>
#include <sys/mman.h>

#define HUGE_PAGE_BYTES ((size_t)2 << 20)

static size_t
round_up(size_t bytes)
{
	return (bytes + HUGE_PAGE_BYTES - 1) & ~(HUGE_PAGE_BYTES - 1);
}

void *
memory_reserve(size_t bytes, int huge)
{
	size_t length = round_up(bytes), spare = HUGE_PAGE_BYTES;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	uint8_t *memory, *aligned;

	if (huge) {
		/* MAP_POPULATE: too few pages must fail here, not at the first touch. */
		memory = mmap(NULL, length, PROT_READ | PROT_WRITE,
			flags | MAP_HUGETLB | MAP_POPULATE, -1, 0);
		if (memory != MAP_FAILED)
			return memory;
	}
	memory = mmap(NULL, length + spare, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	aligned = (uint8_t *)(((uintptr_t)memory + spare - 1) & ~(uintptr_t)(spare - 1));
	if (aligned > memory)
		munmap(memory, (size_t)(aligned - memory));
	if (memory + spare > aligned)
		munmap(aligned + length, (size_t)(memory + spare - aligned));
	madvise(aligned, length, MADV_HUGEPAGE);
	return aligned;
}

void
memory_release(void *memory, size_t bytes)
{
	if (memory != NULL)
		munmap(memory, round_up(bytes));
}
