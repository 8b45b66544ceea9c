/* Judges what comes back and counts it.
 *
 * Every frame is read as a host would read it: lengths, IPv4 checksum, transport checksum over all
 * bytes. Then its stamp tells which frame of which lane it is, and the tally whether one before it
 * is missing or came later. Frames that are not the generator's own are foreign and no fault.
 *
 * Pure: bytes in, a verdict out. One thread.
 */
#ifndef PKTGEN_TALLY_H
#define PKTGEN_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/port/bench_stream.h"
#include "stamp.h"
#include "wire/frame.h"

enum verdict {
	VERDICT_RIGHT,
	VERDICT_LATE,      /* right, but behind a later frame of its flow, or a second time */
	VERDICT_MISROUTED, /* right, but the addresses or ports are not those of its flow */
	VERDICT_DAMAGED, /* ours by its stamp, or nearly: a length, a checksum or the stamp is wrong
			  */
	VERDICT_STALE,   /* of an earlier run */
	VERDICT_FOREIGN, /* somebody else's */
	VERDICTS,
};

const char *verdict_name(enum verdict verdict);

struct tally {
	uint8_t run, lane;
	uint32_t count;        /* frames in the stream */
	uint32_t *next_rounds; /* by place: the round that is expected next */
	uint64_t verdicts[VERDICTS];
	uint64_t gaps; /* rounds that were skipped; some may come late */
};

/* 0 or -ENOMEM. */
int tally_open(struct tally *tally, uint8_t lane, uint32_t count);
void tally_close(struct tally *tally);

/* Begins a run: everything is expected from round 0 on. */
void tally_begin(struct tally *tally, uint8_t run);

/* Whether a frame's addresses are what they must be; `place` is checked already. */
typedef bool tally_route(void *opaque, const struct frame *frame, uint32_t place);

/* Judges and counts one received frame of `length` bytes. `route` may be NULL. */
enum verdict tally_frame(struct tally *tally, const uint8_t *bytes, uint32_t length,
	tally_route *route, void *opaque);

/* Frames of this run that arrived whole: right, late and misrouted ones. */
uint64_t tally_arrived(const struct tally *tally);

#endif
