/* The file that holds port table and flow records, so that they outlive the process.
 *
 * It lies on a hugetlbfs mount of its own (or in any directory: ordinary shared memory), is locked
 * with flock while a gateway uses it, and is allocated whole at start, since a short pool of huge
 * pages would kill by SIGBUS at the first touch. Its name, INSTANCE.table, avoids "map_", which
 * DPDK's start-up deletes. Everything in it is offsets and fixed widths, never pointers.
 *
 * Header (nat/table_file_format.h): magic, layout version, sizes, offsets, the boot's id (stamps
 * are seconds of the boot clock), a digest of the pools (slots mean other addresses under other
 * pools), a CRC of all that. No size is taken from it: a file whose header does not say exactly
 * what this program would write is made anew, its content discarded, and the reason told.
 */
#ifndef NAT_TABLE_FILE_H
#define NAT_TABLE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "nat/pool.h"
#include "nat/table.h"

struct table_file {
	int descriptor;
	void *memory;
	size_t bytes;
	struct nat_table table;   /* points into memory */
	void *flow_out, *flow_in; /* `flow_bytes` each, 64-byte aligned */
	bool reused;              /* an earlier process's content was taken over */
	char discarded[128]; /* why an earlier content was not taken over; "" = there was none */
};

/* Opens or makes DIRECTORY/INSTANCE.table for `pools` (built) and two flow areas of `flow_bytes`
 * (whole flow records, see flow/record.h), and locks it until table_file_close() or the end of the
 * process. A new file is zero: all ports free. Returns 0 or -errno with a fault: no such directory,
 * no permission, locked by another gateway (with its process id where it can be read), too few huge
 * pages (wanted and free), no space, a name that cannot be. Control thread, start-up. */
int table_file_open(struct table_file *file, const char *directory, const char *instance,
	const struct nat_pools *pools, size_t flow_bytes, struct fault *fault);

/* Unmaps and unlocks; the file stays. */
void table_file_close(struct table_file *file);

/* Maps an existing file read-only, for tools that look at a live gateway; checks the header alone.
 * Closed with table_file_close(). A gateway that makes the file anew meanwhile ends such a tool
 * with SIGBUS: look shortly. */
int table_file_view(struct table_file *file, const char *path, struct fault *fault);

#endif
