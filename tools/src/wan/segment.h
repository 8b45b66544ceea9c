/* Frames as they would be on a wire.
 *
 * A sender in another namespace leaves checksums, and the cutting of large TCP and UDP frames, to
 * hardware that a veth pair does not have; the kernel tells so in a virtio_net_hdr. This finishes
 * the checksum and cuts, so that delay, loss and rate act on frames of the MTU's size.
 *
 * Bounds-checked; pure; any thread. Sources: virtio 1.1, 5.1.6; RFC 9293 (TCP), RFC 1071
 * (checksum), packet(7).
 */
#ifndef WAN_SEGMENT_H
#define WAN_SEGMENT_H

#include <stddef.h>
#include <stdint.h>
#include <linux/virtio_net.h>

#define SEGMENT_BYTES_MAX 10240 /* one frame of jumbo size with its headers */

typedef void segment_sink(void *opaque, const uint8_t *frame, uint32_t length_bytes);

/* Hands each frame to `sink`, in order; `frame` may be changed. Returns 0, or -EBADMSG when the
 * offload's words do not fit the frame, or ask for what is not known here; then nothing or only
 * the first frames were handed over. */
int segment_frame(const struct virtio_net_hdr *offload, uint8_t *frame, size_t length,
	segment_sink *sink, void *opaque);

#endif
