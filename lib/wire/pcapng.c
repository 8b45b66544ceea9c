/* See pcapng.h. A block is type, length, body, options, length again; everything is padded to 32
 * bits. */
#include "wire/pcapng.h"

#include <stdbool.h>
#include <string.h>

#define BLOCK_SECTION    0x0a0d0d0au
#define BLOCK_INTERFACE  1u
#define BLOCK_PACKET     6u
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define LINK_ETHERNET    1u

#define OPTION_END         0u
#define OPTION_COMMENT     1u
#define OPTION_EPB_FLAGS   2u
#define OPTION_IF_NAME     2u
#define OPTION_APPLICATION 4u
#define OPTION_IF_TSRESOL  9u

#define NAME_BYTES 63u

/* A block in the making; `fits` turns false for good when the buffer is too small. */
struct block {
	uint8_t *bytes;
	size_t size, used;
	bool fits;
};

static void
put(struct block *block, const void *bytes, size_t count)
{
	if (!block->fits || block->size - block->used < count) {
		block->fits = false;
		return;
	}
	memcpy(block->bytes + block->used, bytes, count);
	block->used += count;
}

static void
put32(struct block *block, uint32_t value)
{
	put(block, &value, sizeof(value));
}

static void
put16(struct block *block, uint32_t value)
{
	uint16_t half = (uint16_t)value;

	put(block, &half, sizeof(half));
}

static void
put_padded(struct block *block, const void *bytes, size_t count)
{
	static const uint8_t zeros[4];

	put(block, bytes, count);
	put(block, zeros, (4 - count % 4) % 4);
}

static void
put_option(struct block *block, uint32_t code, const void *value, size_t count)
{
	put16(block, code);
	put16(block, (uint32_t)count);
	put_padded(block, value, count);
}

static void
put_text(struct block *block, uint32_t code, const char *text, size_t most)
{
	put_option(block, code, text, strnlen(text, most));
}

static struct block
begin(void *buffer, size_t size, uint32_t type)
{
	struct block block = {.bytes = buffer, .size = size, .fits = true};

	put32(&block, type);
	put32(&block, 0); /* the length, when it is known */
	return block;
}

static size_t
end(struct block *block)
{
	uint32_t length = (uint32_t)block->used + 2 * sizeof(uint32_t);

	put32(block, OPTION_END);
	put32(block, length);
	if (!block->fits)
		return 0;
	memcpy(block->bytes + sizeof(uint32_t), &length, sizeof(length));
	return length;
}

size_t
pcapng_section(void *buffer, size_t size, const char *application)
{
	struct block block = begin(buffer, size, BLOCK_SECTION);

	put32(&block, BYTE_ORDER_MAGIC);
	put16(&block, 1); /* version 1.0 */
	put16(&block, 0);
	put32(&block, UINT32_MAX); /* the section's length is not known: -1 */
	put32(&block, UINT32_MAX);
	put_text(&block, OPTION_APPLICATION, application, NAME_BYTES);
	return end(&block);
}

size_t
pcapng_interface(void *buffer, size_t size, const char *name, uint32_t snap_bytes)
{
	static const uint8_t nanoseconds = 9;
	struct block block = begin(buffer, size, BLOCK_INTERFACE);

	put16(&block, LINK_ETHERNET);
	put16(&block, 0);
	put32(&block, snap_bytes);
	put_text(&block, OPTION_IF_NAME, name, NAME_BYTES);
	put_option(&block, OPTION_IF_TSRESOL, &nanoseconds, sizeof(nanoseconds));
	return end(&block);
}

size_t
pcapng_packet(void *buffer, size_t size, const struct pcapng_packet *packet)
{
	struct block block = begin(buffer, size, BLOCK_PACKET);
	uint32_t flags = packet->direction;

	put32(&block, packet->interface);
	put32(&block, (uint32_t)(packet->time_ns >> 32));
	put32(&block, (uint32_t)packet->time_ns);
	put32(&block, packet->bytes);
	put32(&block, packet->original_bytes);
	put_padded(&block, packet->data, packet->bytes);
	if (packet->direction != PCAPNG_UNKNOWN)
		put_option(&block, OPTION_EPB_FLAGS, &flags, sizeof(flags));
	if (packet->comment != NULL)
		put_text(&block, OPTION_COMMENT, packet->comment, PCAPNG_COMMENT_BYTES - 1);
	return end(&block);
}
