/* See prompt_input.h. Pipes and terminals are polled; files cannot be (epoll refuses them) and are
 * read a piece a turn of the loop, so that a long script does not stop everything else. */
#include "control/prompt_input.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void
input_stop(struct prompt_input *input)
{
	if (input->stopped)
		return;
	input->stopped = true;
	if (input->handle.type == UV_POLL)
		uv_poll_stop(&input->poll);
	else
		uv_idle_stop(&input->idle);
}

static void
input_read(struct prompt_input *input)
{
	char bytes[256];
	ssize_t got = read(input->descriptor, bytes, sizeof(bytes));

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
		input_stop(input);
	input->on_bytes(input->opaque, bytes, got > 0 ? (size_t)got : 0);
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	/* A bad status (the other side is gone) is found again by read(). */
	input_read((struct prompt_input *)poll);
}

static void
on_idle(uv_idle_t *idle)
{
	input_read((struct prompt_input *)idle);
}

int
prompt_input_start(struct prompt_input *input, uv_loop_t *loop, int descriptor,
	prompt_input_bytes *on_bytes, void *opaque)
{
	int flags = fcntl(descriptor, F_GETFL), error;

	input->descriptor = descriptor;
	input->on_bytes = on_bytes;
	input->opaque = opaque;
	input->stopped = false;
	error = uv_poll_init(loop, &input->poll, descriptor);
	if (error == UV_EPERM) {
		uv_idle_init(loop, &input->idle);
		return uv_idle_start(&input->idle, on_idle);
	}
	if (error != 0)
		return error;
	/* libuv has made the descriptor non-blocking, for everybody who shares it. */
	fcntl(descriptor, F_SETFL, flags);
	return uv_poll_start(&input->poll, UV_READABLE, on_readable);
}

void
prompt_input_close(struct prompt_input *input, uv_close_cb on_closed)
{
	input_stop(input);
	uv_close(&input->handle, on_closed);
}
