/* A capture and its file: what `capture start` opens, a timer fills and `capture stop` closes.
 *
 * Copies come from the workers over the capture's ring (path/capture.h) and are written by the
 * control thread, a bounded number a turn. A dropped packet carries its reason as a comment. When
 * the disk is full the capture ends with a line in the log.
 *
 * Threads: control thread.
 */
#ifndef CONTROL_CAPTURE_FILE_H
#define CONTROL_CAPTURE_FILE_H

#include "path/capture.h"

struct gateway;
struct capture_file;

struct capture_figures {
	const char *path;
	uint64_t written, missed, bytes;
	bool is_over; /* as many packets as wanted were written, or the disk was full */
};

/* Makes the file and lets the workers copy. Faults: "capture-runs", "cannot-write" (the path),
 * "no-memory". 0 or -errno. */
int capture_file_start(struct gateway *gateway, const char *path,
	const struct capture_request *request, struct fault *fault);

/* Writes what has come meanwhile; to be called often. */
void capture_file_step(struct gateway *gateway);

/* Ends the copying, writes the rest, closes the file. Figures of the whole capture. -ENOENT when
 * there is none. `figures->path` is valid until the next start. */
int capture_file_stop(struct gateway *gateway, struct capture_figures *figures);

/* Of the capture that runs; false when none does. */
bool capture_file_figures(const struct gateway *gateway, struct capture_figures *figures);

#endif
