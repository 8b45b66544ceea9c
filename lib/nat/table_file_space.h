/* Pages under the table file: hugetlbfs or ordinary. Internal to lib/nat; start-up only. */
#ifndef NAT_TABLE_FILE_SPACE_H
#define NAT_TABLE_FILE_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

struct table_file_space {
	bool huge; /* the file lies on a hugetlbfs mount */
	uint64_t page_bytes;
};

/* What kind of mount an open file lies on. 0 or -errno with a fault. */
int table_file_space_find(int descriptor, struct table_file_space *space, struct fault *fault);

/* Allocates the whole file, so that no later touch can fail. Where pages are too few it takes none,
 * and the fault says how many are wanted and free. 0 or -errno. */
int table_file_space_allocate(
	int descriptor, const struct table_file_space *space, uint64_t bytes, struct fault *fault);

#endif
