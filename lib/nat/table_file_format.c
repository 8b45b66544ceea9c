/* See table_file_format.h. */
#include "nat/table_file_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/sha256.h"
#include "nat/table.h"

#define ALIGNMENT 4096u

static uint64_t
aligned(uint64_t bytes)
{
	return (bytes + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
}

static uint32_t
slots(uint32_t address_count)
{
	return address_count * NAT_PROTOCOLS * NAT_PORTS;
}

struct table_file_layout
table_file_layout(uint32_t address_count, uint64_t flow_bytes)
{
	uint64_t slot_count = slots(address_count);
	struct table_file_layout layout;

	layout.words = TABLE_FILE_HEADER_BYTES;
	layout.out = layout.words + slot_count * sizeof(uint64_t);
	layout.in = layout.out + slot_count * sizeof(struct nat_hot);
	layout.flow_out = layout.in + slot_count * sizeof(struct nat_hot);
	layout.flow_in = layout.flow_out + aligned(flow_bytes);
	layout.end = layout.flow_in + aligned(flow_bytes);
	return layout;
}

/* Chains one more number into a digest. */
static void
digest_add(uint8_t digest[32], uint64_t number)
{
	uint8_t message[40];
	struct sha256_digest next;

	memcpy(message, digest, 32);
	store_be64(message + 32, number);
	next = sha256_short(message, sizeof(message));
	for (unsigned int i = 0; i < 8; i++)
		store_be32(digest + 4 * i, next.words[i]);
}

static void
digest_add_prefixes(uint8_t digest[32], const struct ipv4_prefix *prefixes, unsigned int count)
{
	digest_add(digest, count);
	for (unsigned int i = 0; i < count; i++)
		digest_add(digest, (uint64_t)prefixes[i].address << 8 | prefixes[i].length);
}

/* All that decides which slots an endpoint's candidates are: prefixes in their order. Names, limits
 * and modes may change without harm to mappings that are there. */
static void
pools_digest(const struct nat_pools *pools, uint8_t digest[32])
{
	memset(digest, 0, 32);
	digest_add(digest, pools->count);
	for (unsigned int i = 0; i < pools->count; i++) {
		const struct nat_pool *pool = &pools->pool[i];

		digest_add_prefixes(digest, pool->private_prefixes, pool->private_count);
		digest_add_prefixes(digest, pool->public_prefixes, pool->public_count);
	}
}

uint32_t
table_file_header_crc(const struct table_file_header *header)
{
	return crc32c(header, offsetof(struct table_file_header, crc));
}

void
table_file_header_fill(struct table_file_header *header, const struct nat_pools *pools,
	uint64_t flow_bytes, uint64_t file_bytes, const char *boot_id)
{
	memset(header, 0, sizeof(*header));
	header->magic = TABLE_FILE_MAGIC;
	header->layout_version = TABLE_FILE_LAYOUT_VERSION;
	header->address_count = pools->address_count;
	header->slot_count = slots(pools->address_count);
	header->flow_bytes = flow_bytes;
	header->file_bytes = file_bytes;
	header->layout = table_file_layout(pools->address_count, flow_bytes);
	pools_digest(pools, header->pools_digest);
	strlcpy(header->boot_id, boot_id, sizeof(header->boot_id));
	header->crc = table_file_header_crc(header);
}

const char *
table_file_damage(
	const struct table_file_header *found, uint64_t file_bytes, char *reason, size_t size)
{
	struct table_file_layout layout =
		table_file_layout(found->address_count, found->flow_bytes);

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
	else if (found->address_count == 0 || found->address_count > NAT_ADDRESSES_MAX ||
		 found->slot_count != slots(found->address_count) ||
		 found->flow_bytes > file_bytes || found->flow_bytes % 64 != 0 ||
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
	if (memcmp(found->pools_digest, wanted->pools_digest, sizeof(wanted->pools_digest)) != 0)
		snprintf(reason, size, "the pools' prefixes have changed");
	else if (found->flow_bytes != wanted->flow_bytes)
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
