/* Reading and writing at ends; see end.h. */
#include "end.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <linux/if_packet.h>

#include "base/bytes.h"
#include "clock.h"

#define READ_BYTES       (64u << 10) + 1024 /* the largest frame that is not cut yet */
#define TAG_BYTES        4
#define TAG_PLACE        12
#define STAMP_AGE_MAX_NS UINT64_C(1000000000)

/* A frame as it was read, on its way to the sink. */
struct arrival {
	end_sink *sink;
	void *opaque;
	uint64_t time_ns;
	bool tagged; /* the kernel has taken a VLAN tag off */
	uint16_t tag_type, tag;
};

/* The kernel's stamp in our clock. Without one, or after the wall clock jumped, it is now. */
static uint64_t
stamp_to_monotonic(const struct timespec *stamp)
{
	uint64_t now_ns = clock_now_ns(), wall_ns = clock_read(CLOCK_REALTIME);
	uint64_t stamp_ns =
		(uint64_t)stamp->tv_sec * UINT64_C(1000000000) + (uint64_t)stamp->tv_nsec;

	if (stamp_ns > wall_ns || wall_ns - stamp_ns > STAMP_AGE_MAX_NS)
		return now_ns;
	return now_ns - (wall_ns - stamp_ns);
}

static void
read_control(struct msghdr *message, struct arrival *arrival)
{
	for (struct cmsghdr *item = CMSG_FIRSTHDR(message); item != NULL;
		item = CMSG_NXTHDR(message, item)) {
		if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec stamp;

			memcpy(&stamp, CMSG_DATA(item), sizeof(stamp));
			arrival->time_ns = stamp_to_monotonic(&stamp);
		} else if (item->cmsg_level == SOL_PACKET && item->cmsg_type == PACKET_AUXDATA) {
			struct tpacket_auxdata auxiliary;

			memcpy(&auxiliary, CMSG_DATA(item), sizeof(auxiliary));
			arrival->tagged = auxiliary.tp_status & TP_STATUS_VLAN_VALID;
			arrival->tag = auxiliary.tp_vlan_tci;
			arrival->tag_type = auxiliary.tp_vlan_tpid;
		}
	}
}

static void
hand_over(void *opaque, const uint8_t *frame, uint32_t length_bytes)
{
	const struct arrival *arrival = opaque;
	uint8_t tagged[SEGMENT_BYTES_MAX + TAG_BYTES];

	if (!arrival->tagged || length_bytes > SEGMENT_BYTES_MAX) {
		arrival->sink(arrival->opaque, frame, length_bytes, arrival->time_ns);
		return;
	}
	memcpy(tagged, frame, TAG_PLACE);
	store_be16(tagged + TAG_PLACE, arrival->tag_type);
	store_be16(tagged + TAG_PLACE + 2, arrival->tag);
	memcpy(tagged + TAG_PLACE + TAG_BYTES, frame + TAG_PLACE, length_bytes - TAG_PLACE);
	arrival->sink(arrival->opaque, tagged, length_bytes + TAG_BYTES, arrival->time_ns);
}

/* False when nothing was there. */
static bool
read_socket(struct end *end, struct arrival *arrival)
{
	static uint8_t buffer[READ_BYTES];
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(struct timespec)) +
			      CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	struct virtio_net_hdr offload;
	struct iovec parts[] = {{&offload, sizeof(offload)}, {buffer, sizeof(buffer)}};
	struct msghdr message = {.msg_iov = parts,
		.msg_iovlen = 2,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	ssize_t length = recvmsg(end->descriptor, &message, MSG_TRUNC);

	if (length < 0)
		return false;
	arrival->time_ns = clock_now_ns();
	arrival->tagged = false;
	read_control(&message, arrival);
	if ((message.msg_flags & MSG_TRUNC) || length < (ssize_t)sizeof(offload) + TAG_PLACE + 2 ||
		segment_frame(&offload, buffer, (size_t)length - sizeof(offload), hand_over,
			arrival) != 0)
		end->unusable++;
	return true;
}

static bool
read_tap(struct end *end, struct arrival *arrival)
{
	static uint8_t buffer[READ_BYTES];
	ssize_t length = read(end->descriptor, buffer, sizeof(buffer));

	if (length <= 0)
		return false;
	arrival->time_ns = clock_now_ns();
	arrival->tagged = false;
	hand_over(arrival, buffer, (uint32_t)length);
	return true;
}

unsigned int
end_read(struct end *end, unsigned int most, end_sink *sink, void *opaque)
{
	struct arrival arrival = {.sink = sink, .opaque = opaque};
	unsigned int count = 0;

	while (count < most && (end->tap ? read_tap(end, &arrival) : read_socket(end, &arrival)))
		count++;
	return count;
}

bool
end_write(struct end *end, const void *bytes, uint32_t length_bytes)
{
	struct virtio_net_hdr offload = {0};
	struct iovec parts[] = {{&offload, sizeof(offload)}, {(void *)bytes, length_bytes}};

	if (end->tap)
		return write(end->descriptor, bytes, length_bytes) == (ssize_t)length_bytes;
	return writev(end->descriptor, parts, 2) == (ssize_t)(sizeof(offload) + length_bytes);
}

void
end_count_missed(struct end *end)
{
	struct tpacket_stats statistics;
	socklen_t size = sizeof(statistics);

	if (!end->tap &&
		getsockopt(end->descriptor, SOL_PACKET, PACKET_STATISTICS, &statistics, &size) == 0)
		end->missed += statistics.tp_drops;
}

/* The kernel unbinds a packet socket from an interface that goes, and says -1 then. */
bool
end_is_gone(const struct end *end)
{
	struct sockaddr_ll address;
	socklen_t size = sizeof(address);

	if (end->tap)
		return end->deleted;
	return getsockname(end->descriptor, (struct sockaddr *)&address, &size) == 0 &&
	       address.sll_ifindex <= 0;
}
