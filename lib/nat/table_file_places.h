/* Memory of the table file: the address range that stands for the whole file, and the pages of the
 * places that are in use. Internal to lib/nat; control thread. */
#ifndef NAT_TABLE_FILE_PLACES_H
#define NAT_TABLE_FILE_PLACES_H

#include "nat/table_file.h"

/* Reserves the address range for file->bytes, reading as zero, and maps the fixed part (header,
 * flow areas), which is allocated, with `protection`. 0 or -errno with a fault. */
int table_file_memory_reserve(struct table_file *file, int protection, struct fault *fault);

/* Maps the places of file->addresses. 0 or -errno with a fault. */
int table_file_memory_map(struct table_file *file, int protection, struct fault *fault);

void table_file_memory_free(struct table_file *file);

/* Whole pages of header and flow areas. */
uint64_t table_file_fixed_bytes(const struct table_file *file);

/* Gives back the pages that no place of file->addresses needs: what a process left that died
 * between two steps. Nothing is mapped yet. */
void table_file_trim(const struct table_file *file);

/* How many pages table_file_use() would take. */
uint64_t table_file_pages_wanted(struct table_file *file, const struct nat_pools *pools);

#endif
