/* The file that holds port table and flow records, so that they outlive the process.
 *
 * It lies on a hugetlbfs mount of its own (or in any directory: ordinary shared memory), is locked
 * with flock while a gateway uses it, and what is used of it is allocated beforehand, since a short
 * pool of huge pages would kill by SIGBUS at the first touch. Its name, INSTANCE.table, avoids
 * "map_", which DPDK's start-up deletes. Everything in it is offsets and fixed widths, never
 * pointers.
 *
 * Header (nat/table_file_format.h): magic, layout version, sizes, offsets, the boot's id (stamps
 * are seconds of the boot clock), a CRC of all that. No size is taken from it: a file whose header
 * does not say exactly what this program would write is made anew, its content discarded, and the
 * reason told.
 *
 * Places. Behind the header stands which public address has which place. A start under other pools
 * keeps the places of all addresses that are still a pool's, and discards the others with their
 * mappings. While the gateway runs, pools may come (table_file_use()) and go (table_file_drop());
 * the arrays have room for NAT_ADDRESSES_MAX addresses and do not move, only the pages under them
 * come and go. Elsewhere the table reads as FREE and must not be written.
 */
#ifndef NAT_TABLE_FILE_H
#define NAT_TABLE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "nat/pool.h"
#include "nat/table.h"
#include "nat/table_file_format.h"
#include "nat/table_file_space.h"

struct table_file {
	int descriptor;
	void *memory; /* stands for the whole file */
	size_t bytes; /* of the file */
	void *reserved;
	size_t reserved_bytes;
	struct table_file_space space;
	struct table_file_layout layout;
	struct nat_table table;                /* points into memory */
	void *flow_out, *flow_in;              /* `flow_bytes` each, 64-byte aligned */
	uint64_t *entries;                     /* of the places, in memory */
	uint32_t addresses[NAT_ADDRESSES_MAX]; /* by place: what is in use; 0 = not */
	bool reused;                           /* an earlier process's content was taken over */
	char discarded[128]; /* why an earlier content was not taken over; "" = there was none */
	uint32_t mappings_discarded; /* taken over, but their address is no pool's any more */
};

/* Opens or makes DIRECTORY/INSTANCE.table for `pools` (built) and two flow areas of `flow_bytes`
 * (whole flow records, see flow/record.h), and locks it until table_file_close() or the end of the
 * process. Addresses that had a place in the file have it in `pools` afterwards; places of others
 * are emptied. A new file, and a new place, is zero: all ports free. Returns 0 or -errno with a
 * fault: no such directory, no permission, locked by another gateway (with its process id where it
 * can be read), too few huge pages (wanted and free), no space, a name that cannot be. Control
 * thread, start-up. */
int table_file_open(struct table_file *file, const char *directory, const char *instance,
	struct nat_pools *pools, size_t flow_bytes, struct fault *fault);

/* Gives pages, and free words, to the places of `pools` that have none: before they are published.
 * Returns 0; -errno with a fault when there is no space (huge pages: wanted and free): nothing is
 * changed then. Control thread. */
int table_file_use(struct table_file *file, const struct nat_pools *pools, struct fault *fault);

/* Takes the pages of places that `pools` does not have, whatever is in them: a grace period after
 * the pools that had them were exchanged. Control thread. */
void table_file_drop(struct table_file *file, const struct nat_pools *pools);

/* Unmaps and unlocks; the file stays. */
void table_file_close(struct table_file *file);

/* Maps an existing file read-only, for tools that look at a live gateway; checks the header alone.
 * Closed with table_file_close(). A gateway that makes the file anew meanwhile ends such a tool
 * with SIGBUS: look shortly. */
int table_file_view(struct table_file *file, const char *path, struct fault *fault);

#endif
