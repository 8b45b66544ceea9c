/* What the table file holds (nat/table_file.h), for the program that writes it and tools that read
 * it. Little endian, as the only machines that it runs on.
 *
 *     0                      struct table_file_header, then zero
 *     TABLE_FILE_PLACES      8 bytes a place of a public address: who has it
 *     layout.flow_out, .flow_in   `flow_bytes` each: struct flow_line (flow/record.h)
 *     layout.words           8 bytes a slot: port words (nat/table.h)
 *     layout.out, .in        16 bytes a slot: struct nat_hot, outbound and inbound
 *     layout.end             zero up to the whole number of the mount's pages
 *
 * The file is sparse: its arrays have room for NAT_ADDRESSES_MAX places, so that pools may come and
 * go without moving anything, and pages only for those that are in use.
 *
 * Order of writing. A file is emptied, its fixed part allocated (zero), then its header is written,
 * the magic last: a process that dies in between leaves a file without magic, which the next one
 * makes anew. A place gets its pages, then free words, then its entry in one store; it loses its
 * entry first, when all its words are free. A place without a valid entry holds nothing.
 *
 * Pure; any thread.
 */
#ifndef NAT_TABLE_FILE_FORMAT_H
#define NAT_TABLE_FILE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "nat/pool.h"

#define TABLE_FILE_MAGIC          UINT64_C(0x4c42544d464e4942) /* "BINFMTBL" */
#define TABLE_FILE_LAYOUT_VERSION 2
#define TABLE_FILE_PLACES         4096 /* offset of the entries */
#define TABLE_FILE_HEADER_BYTES   (TABLE_FILE_PLACES + NAT_ADDRESSES_MAX * 8)
#define TABLE_FILE_BOOT_ID_BYTES  40

struct table_file_layout {
	uint64_t flow_out, flow_in, words, out, in, end; /* offsets */
};

struct table_file_header {
	uint64_t magic;
	uint32_t layout_version;
	uint32_t place_count; /* NAT_ADDRESSES_MAX */
	uint64_t flow_bytes;  /* of one flow area */
	uint64_t file_bytes;
	struct table_file_layout layout;
	char boot_id[TABLE_FILE_BOOT_ID_BYTES]; /* /proc/sys/kernel/random/boot_id; "" = unknown */
	uint32_t crc;                           /* CRC-32C of the bytes above */
	uint32_t process_id; /* of the gateway that has the file open; 0 = none */
};

_Static_assert(sizeof(struct table_file_header) == 128, "the same in every program");

/* Where the arrays lie. */
struct table_file_layout table_file_layout(uint64_t flow_bytes);

/* The header that belongs to a table; `boot_id` is a string. */
void table_file_header_fill(struct table_file_header *header, uint64_t flow_bytes,
	uint64_t file_bytes, const char *boot_id);

uint32_t table_file_header_crc(const struct table_file_header *header);

/* The entry of a place that a public address (host order) has: the address below a CRC-32C of
 * address and place. */
uint64_t table_file_place_entry(uint32_t place, uint32_t address);

/* The address in an entry; 0 when the place is not in use, or the entry is damaged. */
uint32_t table_file_place_address(uint32_t place, uint64_t entry);

/* Whether a file of `file_bytes` with the header `found` may be taken over under the header
 * `wanted`: NULL, or the reason why not, written into `reason`. */
const char *table_file_difference(const struct table_file_header *wanted,
	const struct table_file_header *found, uint64_t file_bytes, char *reason, size_t size);

/* Whether a header is consistent in itself and with the file's size; else as above. */
const char *table_file_damage(
	const struct table_file_header *found, uint64_t file_bytes, char *reason, size_t size);

#endif
