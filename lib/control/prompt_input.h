/* The bytes of descriptor 0 as they come, whatever it is; what they mean is the business of
 * prompt_terminal.c and prompt_lines.c. Thread of the loop; no DPDK. */
#ifndef CONTROL_PROMPT_INPUT_H
#define CONTROL_PROMPT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

/* `length` bytes came; 0 at the end of the input, after which nothing more is called. */
typedef void prompt_input_bytes(void *opaque, const char *bytes, size_t length);

struct prompt_input {
	union {
		uv_handle_t handle;
		uv_poll_t poll;
		uv_idle_t idle;
	};
	int descriptor;
	bool stopped;
	prompt_input_bytes *on_bytes;
	void *opaque;
};

/* Starts to read. The caller's descriptor keeps its blocking mode, since it may be shared with the
 * shell. Returns 0 or -errno. */
int prompt_input_start(struct prompt_input *input, uv_loop_t *loop, int descriptor,
	prompt_input_bytes *on_bytes, void *opaque);

/* Reads no more; `on_closed` is called from the loop when the memory may be freed. */
void prompt_input_close(struct prompt_input *input, uv_close_cb on_closed);

#endif
