/* An end of a link: an interface that is there already, reached by a packet socket, or a TAP
 * interface that is made for the link and goes with it. Either may be in a network namespace.
 *
 *   eth0            an interface of the emulator's own namespace
 *   left:wan0       an interface of the namespace that /run/netns/left names
 *   left:tap=wan0   a new TAP interface wan0 in that namespace
 *
 * Everything is bound to descriptors, so that nothing stays when the process ends, however it ends.
 *
 * One thread; opening moves it to another namespace and back. Sources: packet(7), setns(2), the
 * kernel's Documentation/networking/tuntap.rst.
 */
#ifndef WAN_END_H
#define WAN_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "segment.h"

#define END_TEXT_BYTES 320

struct end {
	char text[END_TEXT_BYTES]; /* as it was given */
	int descriptor;            /* to wait on; -1 = closed */
	bool tap;
	bool deleted;      /* a TAP interface that somebody removed */
	uint64_t missed;   /* frames that the kernel dropped before we read them */
	uint64_t unusable; /* frames whose offload is not known, or that were cut off */
};

/* What end_read() calls for each frame; `arrival_ns` is the kernel's time of it in the clock of
 * clock.h. */
typedef void end_sink(
	void *opaque, const uint8_t *frame, uint32_t length_bytes, uint64_t arrival_ns);

/* 0, or -errno with a fault: "bad-end", "no-namespace", "no-interface", "interface-down",
 * "interface-taken" (a TAP whose name is there already), "no-permission". */
int end_open(struct end *end, const char *text, struct fault *fault);
void end_close(struct end *end);

/* Reads at most `most` times. Returns how many frames were read. */
unsigned int end_read(struct end *end, unsigned int most, end_sink *sink, void *opaque);

/* False when the interface refuses the frame. */
bool end_write(struct end *end, const void *bytes, uint32_t length_bytes);

/* Brings `missed` up to date. */
void end_count_missed(struct end *end);

/* Whether the interface is no longer there; then only a new start helps. */
bool end_is_gone(const struct end *end);

#endif
