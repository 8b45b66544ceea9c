/* See tally.h. */
#include "tally.h"

#include <errno.h>
#include <stdlib.h>

#include "drivers/port/bench_frame.h"

const char *
verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		"right", "late", "misrouted", "damaged", "stale", "foreign"};

	return verdict < VERDICTS ? names[verdict] : "unknown";
}

int
tally_open(struct tally *tally, uint8_t lane, uint32_t count)
{
	*tally = (struct tally){.lane = lane, .count = count};
	tally->next_rounds = calloc(count, sizeof(tally->next_rounds[0]));
	return tally->next_rounds != NULL ? 0 : -ENOMEM;
}

void
tally_close(struct tally *tally)
{
	free(tally->next_rounds);
	tally->next_rounds = NULL;
}

void
tally_begin(struct tally *tally, uint8_t run)
{
	tally->run = run;
	tally->gaps = 0;
	memset(tally->verdicts, 0, sizeof(tally->verdicts));
	memset(tally->next_rounds, 0, tally->count * sizeof(tally->next_rounds[0]));
}

/* RFC 768 and 9293: over the pseudo-header and every byte; a UDP checksum of 0 would hide damage,
 * and the generator never sends one. */
static bool
transport_is_right(const uint8_t *bytes, const struct frame *frame)
{
	const uint8_t *l3 = bytes + frame->l3_offset, *l4 = bytes + frame->l4_offset;
	uint16_t length = (uint16_t)(frame->l3_bytes - (frame->l4_offset - frame->l3_offset));
	uint64_t sum = checksum_sum(l4, length);

	if (frame->kind == FRAME_UDP && load_be16(l4 + UDP_OFFSET_CHECKSUM) == 0)
		return false;
	if (frame->kind != FRAME_ICMP_QUERY)
		sum += checksum_sum(l3 + IPV4_OFFSET_SOURCE, 8) +
		       __builtin_bswap16(l3[IPV4_OFFSET_PROTOCOL]) + __builtin_bswap16(length);
	return checksum_fold(sum) == 0xffff;
}

/* Whether there is a trace of the stamp, in a frame that is not whole. */
static bool
looks_ours(const uint8_t *bytes, uint32_t length)
{
	static const unsigned int offsets[] = {
		ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES + UDP_HEADER_BYTES,
		ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES + TCP_HEADER_BYTES,
	};
	const uint16_t magic = STAMP_MAGIC;

	for (unsigned int i = 0; i < 2; i++)
		if (length >= offsets[i] + STAMP_BYTES &&
			memcmp(bytes + offsets[i], &magic, sizeof(magic)) == 0)
			return true;
	return false;
}

static enum verdict
judge_order(struct tally *tally, const struct stamp *stamp)
{
	uint32_t *next = &tally->next_rounds[stamp->place];

	if (stamp->round < *next)
		return VERDICT_LATE;
	tally->gaps += stamp->round - *next;
	*next = stamp->round + 1;
	return VERDICT_RIGHT;
}

static enum verdict
judge(struct tally *tally, const uint8_t *bytes, uint32_t length, tally_route *route, void *opaque)
{
	unsigned int header;
	enum verdict verdict;
	struct frame frame = {0};
	struct stamp stamp;

	if (frame_parse(bytes, length, &frame) != DROP_NONE || frame.kind > FRAME_ICMP_QUERY)
		return looks_ours(bytes, length) ? VERDICT_DAMAGED : VERDICT_FOREIGN;
	header = frame.l4_offset + (frame.kind == FRAME_TCP ? TCP_HEADER_BYTES : UDP_HEADER_BYTES);
	if (header + STAMP_BYTES > (unsigned int)frame.l3_offset + frame.l3_bytes)
		return VERDICT_FOREIGN;
	if (!stamp_read(bytes + header, frame.l3_bytes, &stamp))
		return looks_ours(bytes, length) ? VERDICT_DAMAGED : VERDICT_FOREIGN;
	if (!transport_is_right(bytes, &frame) || stamp.place >= tally->count ||
		stamp.lane != tally->lane)
		return VERDICT_DAMAGED;
	if (stamp.run != tally->run)
		return VERDICT_STALE;
	verdict = judge_order(tally, &stamp);
	if (route != NULL && !route(opaque, &frame, stamp.place))
		return VERDICT_MISROUTED;
	return verdict;
}

enum verdict
tally_frame(struct tally *tally, const uint8_t *bytes, uint32_t length, tally_route *route,
	void *opaque)
{
	enum verdict verdict = judge(tally, bytes, length, route, opaque);

	tally->verdicts[verdict]++;
	return verdict;
}

uint64_t
tally_arrived(const struct tally *tally)
{
	return tally->verdicts[VERDICT_RIGHT] + tally->verdicts[VERDICT_LATE] +
	       tally->verdicts[VERDICT_MISROUTED];
}
