/* What the generator writes behind the headers of each frame, to know it again.
 *
 * A frame is told by its lane (which way it travels), its run (so that stragglers of an earlier
 * trial are not counted), its place in the stream and how often the stream had begun anew. Host
 * order: only the process that wrote a stamp reads it.
 *
 * Pure; any thread.
 */
#ifndef PKTGEN_STAMP_H
#define PKTGEN_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define STAMP_BYTES 16
#define STAMP_MAGIC 0xb1f4

struct stamp {
	uint16_t magic;
	uint8_t run;
	uint8_t lane;
	uint32_t place;
	uint32_t round;
	uint32_t check; /* of the words above and the IPv4 packet's length */
};

_Static_assert(sizeof(struct stamp) == STAMP_BYTES, "a stamp has no padding");

static inline uint32_t
stamp_check(const struct stamp *stamp, uint16_t l3_bytes)
{
	uint64_t mixed = ((uint64_t)stamp->place << 32 | stamp->round) ^
			 ((uint64_t)stamp->run << 56 | (uint64_t)stamp->lane << 48 | l3_bytes);

	mixed *= UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(mixed >> 32);
}

static inline struct stamp
stamp_make(uint8_t run, uint8_t lane, uint32_t place, uint32_t round, uint16_t l3_bytes)
{
	struct stamp stamp = {STAMP_MAGIC, run, lane, place, round, 0};

	stamp.check = stamp_check(&stamp, l3_bytes);
	return stamp;
}

/* Whether these bytes are a stamp of a packet of this length. */
static inline bool
stamp_read(const uint8_t *bytes, uint16_t l3_bytes, struct stamp *stamp)
{
	memcpy(stamp, bytes, sizeof(*stamp));
	return stamp->magic == STAMP_MAGIC && stamp->check == stamp_check(stamp, l3_bytes);
}

#endif
