/* Large zeroed process memory on huge pages where there are any: for indexes that are rebuilt at
 * start. Control thread; at start-up only. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* Zeroed memory aligned to 2 MiB, or NULL (errno is set). Explicit huge pages are taken when
 * `huge` and enough are free; otherwise ordinary pages that the kernel may merge. */
void *memory_reserve(size_t bytes, int huge);
void memory_release(void *memory, size_t bytes);

#endif
