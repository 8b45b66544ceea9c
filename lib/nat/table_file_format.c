/* See table_file_format.h. */
#include "nat/table_file_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#include "base/crc32c.h"
#include "nat/table.h"

#define ALIGNMENT 4096u

static uint64_t
aligned(uint64_t bytes)
{
	return (bytes + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
}

struct table_file_layout
table_file_layout(uint64_t flow_bytes)
{
	const uint64_t slot_count = (uint64_t)NAT_ADDRESSES_MAX * NAT_PLACE_SLOTS;
	struct table_file_layout layout;

	layout.flow_out = TABLE_FILE_HEADER_BYTES;
	layout.flow_in = layout.flow_out + aligned(flow_bytes);
	layout.words = layout.flow_in + aligned(flow_bytes);
	layout.out = layout.words + slot_count * sizeof(uint64_t);
	layout.in = layout.out + slot_count * sizeof(struct nat_hot);
	layout.end = layout.in + slot_count * sizeof(struct nat_hot);
	return layout;
}

uint32_t
table_file_header_crc(const struct table_file_header *header)
{
	return crc32c(header, offsetof(struct table_file_header, crc));
}

void
table_file_header_fill(struct table_file_header *header, uint64_t flow_bytes, uint64_t file_bytes,
	const char *boot_id)
{
	memset(header, 0, sizeof(*header));
	header->magic = TABLE_FILE_MAGIC;
	header->layout_version = TABLE_FILE_LAYOUT_VERSION;
	header->place_count = NAT_ADDRESSES_MAX;
	header->flow_bytes = flow_bytes;
	header->file_bytes = file_bytes;
	header->layout = table_file_layout(flow_bytes);
	strlcpy(header->boot_id, boot_id, sizeof(header->boot_id));
	header->crc = table_file_header_crc(header);
}

uint64_t
table_file_place_entry(uint32_t place, uint32_t address)
{
	const uint32_t both[2] = {place, address};

	return (uint64_t)crc32c(both, sizeof(both)) << 32 | address;
}

uint32_t
table_file_place_address(uint32_t place, uint64_t entry)
{
	uint32_t address = (uint32_t)entry;

	return address != 0 && entry == table_file_place_entry(place, address) ? address : 0;
}

const char *
table_file_damage(
	const struct table_file_header *found, uint64_t file_bytes, char *reason, size_t size)
{
	struct table_file_layout layout = table_file_layout(found->flow_bytes);

	if (file_bytes < TABLE_FILE_HEADER_BYTES)
		snprintf(reason, size, "it is cut short: %" PRIu64 " bytes", file_bytes);
	else if (found->magic != TABLE_FILE_MAGIC)
		snprintf(reason, size, "it is no table file, or was never finished (no magic)");
	else if (found->layout_version != TABLE_FILE_LAYOUT_VERSION)
		snprintf(reason, size, "its layout is version %u, this program's is %u",
			found->layout_version, TABLE_FILE_LAYOUT_VERSION);
	else if (found->crc != table_file_header_crc(found))
		snprintf(reason, size, "its header is damaged (CRC)");
	else if (found->file_bytes != file_bytes)
		snprintf(reason, size, "it is %" PRIu64 " bytes long instead of %" PRIu64,
			file_bytes, found->file_bytes);
	else if (found->place_count != NAT_ADDRESSES_MAX || found->flow_bytes > file_bytes ||
		 found->flow_bytes % 64 != 0 ||
		 memcmp(&found->layout, &layout, sizeof(layout)) != 0 || layout.end > file_bytes)
		snprintf(reason, size, "its header contradicts itself");
	else
		return NULL;
	return reason;
}

const char *
table_file_difference(const struct table_file_header *wanted, const struct table_file_header *found,
	uint64_t file_bytes, char *reason, size_t size)
{
	if (table_file_damage(found, file_bytes, reason, size) != NULL)
		return reason;
	if (found->flow_bytes != wanted->flow_bytes)
		snprintf(reason, size, "the number of flow records has changed");
	else if (wanted->boot_id[0] == '\0' ||
		 memcmp(found->boot_id, wanted->boot_id, sizeof(wanted->boot_id)) != 0)
		snprintf(reason, size, "it is from before the machine's last start");
	else if (wanted->crc != found->crc)
		snprintf(reason, size, "it was made for pages of another size");
	else
		return NULL;
	return reason;
}
