/* See capture_file.h. */
#include "control/capture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <bsd/string.h>

#include <rte_cycles.h>

#include "base/log.h"
#include "control/gateway.h"
#include "wire/pcapng.h"

#define PACKETS_A_STEP 512
#define PATH_BYTES     512

struct capture_file {
	struct capture *capture;
	FILE *file;
	char path[PATH_BYTES];
	uint64_t start_cycles, start_ns; /* the same moment on both clocks */
	uint64_t written, bytes;
	bool broken;
};

static char last_path[PATH_BYTES]; /* of the capture that ended, for its figures */

static void
read_clocks(struct capture_file *capture)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	capture->start_cycles = rte_rdtsc();
	capture->start_ns = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint64_t
wall_clock_ns(const struct capture_file *capture, uint64_t cycles)
{
	double elapsed = (double)(cycles - capture->start_cycles) / (double)rte_get_tsc_hz();

	return capture->start_ns + (uint64_t)(elapsed * 1e9);
}

static void
write_block(struct capture_file *capture, const void *block, size_t length)
{
	if (length == 0 || fwrite(block, 1, length, capture->file) != length)
		capture->broken = true;
	capture->bytes += length;
}

/* One interface block a port, and one for packets whose port is not known. */
static void
write_header(struct capture_file *capture, const struct gateway *gateway)
{
	uint8_t block[PCAPNG_HEADER_BYTES];
	uint32_t snap_bytes = capture->capture->request.snap_bytes;

	write_block(capture, block,
		pcapng_section(block, sizeof(block), "binfm-gateway " BINFM_VERSION));
	for (unsigned int i = 0; i < gateway->port_count; i++)
		write_block(capture, block,
			pcapng_interface(
				block, sizeof(block), gateway->port_list[i]->name, snap_bytes));
	write_block(capture, block, pcapng_interface(block, sizeof(block), "gateway", snap_bytes));
	if (fflush(capture->file) != 0)
		capture->broken = true;
}

static void
write_packet(struct capture_file *capture, const struct gateway *gateway, struct rte_mbuf *copy)
{
	static uint8_t linear[CAPTURE_SNAP_MAX];
	static uint8_t block[CAPTURE_SNAP_MAX + PCAPNG_PACKET_MORE_BYTES];
	const struct capture_mark *mark = rte_mbuf_to_priv(copy);
	char comment[PCAPNG_COMMENT_BYTES];
	struct pcapng_packet packet = {
		.interface = mark->port < gateway->port_count ? mark->port : gateway->port_count,
		.time_ns = wall_clock_ns(capture, mark->cycles),
		.original_bytes = mark->original_bytes,
		.bytes = copy->pkt_len,
		.data = rte_pktmbuf_read(copy, 0, copy->pkt_len, linear),
		.direction = mark->where == CAPTURE_IN    ? PCAPNG_INBOUND
			     : mark->where == CAPTURE_OUT ? PCAPNG_OUTBOUND
							  : PCAPNG_UNKNOWN,
	};

	if (mark->where == CAPTURE_DROPPED) {
		snprintf(comment, sizeof(comment), "dropped: %s: %s",
			drop_reason_name((enum drop_reason)mark->reason),
			drop_reason_sentence((enum drop_reason)mark->reason));
		packet.comment = comment;
	}
	write_block(capture, block, pcapng_packet(block, sizeof(block), &packet));
	capture->written++;
}

static int
open_file(struct capture_file *capture, const char *path, struct fault *fault)
{
	/* Not through a link that somebody else made, and not for everybody's eyes. */
	int descriptor = open(
		path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

	if (descriptor >= 0)
		capture->file = fdopen(descriptor, "w");
	if (capture->file != NULL)
		return 0;
	fault_set(fault, errno, "cannot-write", path,
		"Give a path in a directory that exists and that the gateway may write to",
		"the capture's file cannot be made (%s)", strerror(errno));
	if (descriptor >= 0)
		close(descriptor);
	return -fault->error;
}

static void
free_file(struct capture_file *capture)
{
	if (capture->file != NULL && fclose(capture->file) != 0)
		log_error("capture: %s is incomplete: %s", capture->path, strerror(errno));
	capture_free(capture->capture);
	free(capture);
}

int
capture_file_start(struct gateway *gateway, const char *path, const struct capture_request *request,
	struct fault *fault)
{
	struct capture_file *capture;
	int result;

	if (gateway->watching.capture != NULL)
		return fault_set(fault, EBUSY, "capture-runs", gateway->watching.capture->path,
			"Type: capture stop", "a capture runs already");
	capture = calloc(1, sizeof(*capture));
	if (capture == NULL || capture_new(request, &capture->capture) != 0) {
		free(capture);
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Raise memory.heap_mb by 5",
			"no memory for the capture's buffers");
	}
	strlcpy(capture->path, path, sizeof(capture->path));
	result = open_file(capture, path, fault);
	if (result != 0) {
		free_file(capture);
		return result;
	}
	read_clocks(capture);
	write_header(capture, gateway);
	gateway->watching.capture = capture;
	watching_set_capture(gateway, capture->capture);
	return 0;
}

static void
drain(struct gateway *gateway, struct capture_file *capture, unsigned int most)
{
	struct rte_mbuf *copy;

	for (unsigned int i = 0; i < most && (copy = capture_next(capture->capture)) != NULL; i++) {
		if (!capture->broken)
			write_packet(capture, gateway, copy);
		rte_pktmbuf_free(copy);
	}
	if (!capture->broken && fflush(capture->file) != 0)
		capture->broken = true;
}

void
capture_file_step(struct gateway *gateway)
{
	struct capture_file *capture = gateway->watching.capture;
	bool was_broken;

	if (capture == NULL)
		return;
	was_broken = capture->broken;
	drain(gateway, capture, PACKETS_A_STEP);
	if (capture->broken && !was_broken)
		log_error("capture: %s cannot be written: %s", capture->path, strerror(errno));
}

static void
fill_figures(const struct capture_file *capture, const char *path, struct capture_figures *figures)
{
	*figures = (struct capture_figures){
		.path = path,
		.written = capture->written,
		.missed = capture_missed(capture->capture),
		.bytes = capture->bytes,
		.is_over = capture->broken || capture_is_full(capture->capture),
	};
}

int
capture_file_stop(struct gateway *gateway, struct capture_figures *figures)
{
	struct capture_file *capture = gateway->watching.capture;

	if (capture == NULL)
		return -ENOENT;
	watching_set_capture(gateway, NULL);
	drain(gateway, capture, UINT32_MAX);
	strlcpy(last_path, capture->path, sizeof(last_path));
	fill_figures(capture, last_path, figures);
	gateway->watching.capture = NULL;
	free_file(capture);
	return 0;
}

bool
capture_file_figures(const struct gateway *gateway, struct capture_figures *figures)
{
	if (gateway->watching.capture == NULL)
		return false;
	fill_figures(gateway->watching.capture, gateway->watching.capture->path, figures);
	return true;
}
