/* Pages under the table file: hugetlbfs or ordinary. Internal to lib/nat; control
 * thread. */
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

/* Whether the mount has so many pages to give; where it has not, the fault says how many are wanted
 * and free. Ordinary pages are always promised: their allocation tells. 0 or -ENOSPC. */
int table_file_space_check(
	int descriptor, const struct table_file_space *space, uint64_t pages, struct fault *fault);

/* Allocates whole pages, so that no later touch can fail; pages that are there already stay as they
 * are. 0 or -errno with a fault; what was taken before the failure is the caller's to release. */
int table_file_space_allocate(int descriptor, const struct table_file_space *space, uint64_t offset,
	uint64_t bytes, struct fault *fault);

/* Gives whole pages back; read again they are zero. */
void table_file_space_release(int descriptor, uint64_t offset, uint64_t bytes);

#endif
