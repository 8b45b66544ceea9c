/* A file of links:
 *
 *   links:
 *     - name: atlantic
 *       a: left:wan0
 *       b: right:wan0
 *       seed: 7
 *       both: delay 40ms jitter 2ms
 *       ab: rate 10mbit
 *
 * `name`, `a` and `b` are needed. Start-up; one thread.
 */
#ifndef WAN_LINKS_FILE_H
#define WAN_LINKS_FILE_H

#include "emulator.h"

/* Adds the file's links. 0, or -errno with a fault that names the file. */
int links_file_read(struct emulator_plan *plan, const char *path, struct fault *fault);

/* The same from a text; `name` is what faults call it. */
int links_file_parse(struct emulator_plan *plan, const char *name, const void *text, size_t length,
	struct fault *fault);

#endif
