/* What a running link and `tools/wan show|set|reset` say to each other: one request and one reply,
 * a packet each, over a unix socket DIRECTORY/LINK.sock. Both are the same program, so the structs
 * travel as they are; a size or version that differs is refused.
 */
#ifndef WAN_PROTOCOL_H
#define WAN_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "end.h"
#include "line.h"
#include "shape.h"

#define PROTOCOL_VERSION   1u
#define PROTOCOL_DIRECTORY "/run/binfm-wan"
#define PROTOCOL_SUFFIX    ".sock"
#define LINK_NAME_BYTES    32

enum link_direction { LINK_AB, LINK_BA, LINK_DIRECTIONS };

enum protocol_operation { PROTOCOL_SHOW, PROTOCOL_SET, PROTOCOL_RESET };

struct protocol_request {
	uint32_t version;
	uint32_t operation;          /* enum protocol_operation */
	uint32_t directions;         /* bit 1 << enum link_direction: those to set or reset */
	char text[SHAPE_TEXT_BYTES]; /* PROTOCOL_SET: words for shape_parse() */
};

struct protocol_line {
	struct shape shape;
	struct line_counts counts;
	bool from_gone; /* the interface where this direction begins is no longer there */
	uint64_t missed, unusable; /* at the end where this direction begins */
	uint64_t frames_on_the_way, bytes_on_the_way;
	uint64_t measured, late_p50_ns, late_p99_ns, late_max_ns;
};

struct protocol_reply {
	uint32_t version;
	struct fault fault; /* fault.error is 0 when the request was done */
	char name[LINK_NAME_BYTES];
	char ends[LINK_DIRECTIONS][END_TEXT_BYTES];
	uint64_t seed;
	bool realtime; /* the emulator has real-time priority */
	struct protocol_line lines[LINK_DIRECTIONS];
};

/* "ab" or "ba"; what `show` calls a direction. */
const char *protocol_direction_name(enum link_direction direction);

#endif
