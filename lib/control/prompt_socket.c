/* See prompt_socket.h.
 *
 * Life cycle: the server holds a listening handle and a list of clients. Each of these 1 + n libuv
 * handles closes asynchronously; the server's memory goes with the last of them. A command's
 * handler may close the server while its own client is being served, so everything looks at
 * `closing` again after a command ran.
 */
#include "control/prompt_socket.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "control/prompt_listen.h"
#include "control/prompt_protocol.h"
#include "control/prompt_request.h"

struct prompt_client {
	uv_pipe_t pipe;
	LIST_ENTRY(prompt_client) next;
	struct prompt_socket *server;
	bool closing;
	bool last_answer; /* close as soon as what is queued has been written */
	size_t used;
	char request[PROMPT_REQUEST_BYTES]; /* what came after the last line feed */
};

struct prompt_socket {
	uv_pipe_t listener;
	uv_loop_t *loop;
	struct command_registry *registry;
	char *path;
	bool closing;
	struct prompt_client *serving; /* its command is running */
	unsigned int handles;          /* open libuv handles */
	unsigned int clients;          /* of these, clients */
	LIST_HEAD(, prompt_client) list;
};

/* An answer on its way. */
struct prompt_write {
	uv_write_t request;
	char *text;
};

static void
handle_gone(struct prompt_socket *server)
{
	if (--server->handles > 0)
		return;
	free(server->path);
	free(server);
}

static void
on_client_closed(uv_handle_t *handle)
{
	struct prompt_client *client = handle->data;
	struct prompt_socket *server = client->server;

	free(client);
	handle_gone(server);
}

static void
client_drop(struct prompt_client *client)
{
	if (client->closing)
		return;
	client->closing = true;
	LIST_REMOVE(client, next);
	client->server->clients--;
	uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

static void
on_written(uv_write_t *request, int status)
{
	struct prompt_write *write = (struct prompt_write *)request;
	struct prompt_client *client = request->handle->data;

	free(write->text);
	free(write);
	if (status < 0 || (client->last_answer && uv_stream_get_write_queue_size(
							  (uv_stream_t *)&client->pipe) == 0))
		client_drop(client);
}

/* Queues an answer, which is freed later. */
static void
client_answer(struct prompt_client *client, char *text)
{
	struct prompt_write *write = calloc(1, sizeof(*write));
	uv_buf_t buffer = uv_buf_init(text, (unsigned int)strlen(text));

	if (write == NULL)
		abort();
	write->text = text;
	if (uv_write(&write->request, (uv_stream_t *)&client->pipe, &buffer, 1, on_written) != 0) {
		free(text);
		free(write);
		client_drop(client);
	}
}

/* Answers with a fault and closes the connection when it has been written. */
static void
client_refuse(struct prompt_client *client, const struct fault *fault)
{
	client->last_answer = true;
	uv_read_stop((uv_stream_t *)&client->pipe);
	client_answer(client, prompt_request_refuse(fault));
}

/* The last answer of a server that was closed by the command: what the kernel takes at once is
 * sent. */
static void
client_answer_and_drop(struct prompt_client *client, char *text)
{
	uv_buf_t buffer = uv_buf_init(text, (unsigned int)strlen(text));

	uv_try_write((uv_stream_t *)&client->pipe, &buffer, 1);
	free(text);
	client_drop(client);
}

/* Answers every whole line that has come in and keeps the rest. */
static void
client_serve(struct prompt_client *client)
{
	struct prompt_socket *server = client->server;
	size_t start = 0;
	char *end;

	while (!client->closing &&
		(end = memchr(client->request + start, '\n', client->used - start)) != NULL) {
		size_t length = (size_t)(end - (client->request + start));
		char *answer;

		if (uv_stream_get_write_queue_size((uv_stream_t *)&client->pipe) >
			PROMPT_QUEUE_BYTES) {
			client_drop(client);
			return;
		}
		server->serving = client;
		answer = prompt_request_answer(server->registry, client->request + start, length);
		server->serving = NULL;
		if (server->closing) {
			client_answer_and_drop(client, answer);
			return;
		}
		client_answer(client, answer);
		start += length + 1;
	}
	memmove(client->request, client->request + start, client->used - start);
	client->used -= start;
}

static void
on_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct prompt_client *client = handle->data;

	*buffer = uv_buf_init(client->request + client->used,
		(unsigned int)(sizeof(client->request) - client->used));
}

static void
on_read(uv_stream_t *stream, ssize_t bytes, const uv_buf_t *buffer)
{
	struct prompt_client *client = stream->data;
	struct fault fault;

	if (bytes == UV_EOF && uv_stream_get_write_queue_size(stream) > 0) {
		/* A script may close its side and still wait for the answers. */
		client->last_answer = true;
		uv_read_stop(stream);
		return;
	}
	if (bytes < 0) {
		client_drop(client);
		return;
	}
	client->used += (size_t)bytes;
	client_serve(client);
	if (client->closing || client->used < sizeof(client->request))
		return;
	fault_set(&fault, EMSGSIZE, "request-too-long", NULL, "Send a shorter line",
		"a request has at most %d bytes", PROMPT_REQUEST_BYTES);
	client_refuse(client, &fault);
}

static void
on_connection(uv_stream_t *listener, int status)
{
	struct prompt_socket *server = listener->data;
	struct prompt_client *client;
	struct fault fault;

	if (status < 0)
		return;
	client = calloc(1, sizeof(*client));
	if (client == NULL)
		abort();
	client->server = server;
	uv_pipe_init(server->loop, &client->pipe, 0);
	client->pipe.data = client;
	server->handles++;
	server->clients++;
	LIST_INSERT_HEAD(&server->list, client, next);
	if (uv_accept(listener, (uv_stream_t *)&client->pipe) != 0) {
		client_drop(client);
		return;
	}
	if (server->clients > PROMPT_CLIENTS_MAX) {
		fault_set(&fault, EUSERS, "too-many-clients", NULL, "Close another prompt first",
			"%d programs use this prompt already", PROMPT_CLIENTS_MAX);
		client_refuse(client, &fault);
		return;
	}
	uv_read_start((uv_stream_t *)&client->pipe, on_buffer, on_read);
}

static void
on_listener_closed(uv_handle_t *handle)
{
	handle_gone(handle->data);
}

struct prompt_socket *
prompt_socket_open(
	uv_loop_t *loop, const char *path, struct command_registry *registry, struct fault *fault)
{
	struct prompt_socket *server;
	int descriptor = prompt_listen(path, fault), error;

	if (descriptor < 0)
		return NULL;
	signal(SIGPIPE, SIG_IGN);
	server = calloc(1, sizeof(*server));
	if (server == NULL)
		abort();
	server->loop = loop;
	server->registry = registry;
	server->path = strdup(path);
	server->handles = 1;
	LIST_INIT(&server->list);
	uv_pipe_init(loop, &server->listener, 0);
	server->listener.data = server;
	error = uv_pipe_open(&server->listener, descriptor);
	if (error == 0)
		error = uv_listen(
			(uv_stream_t *)&server->listener, PROMPT_CLIENTS_MAX, on_connection);
	else
		close(descriptor);
	if (error != 0) {
		fault_set(fault, -error, "no-socket", path, "Report this with the system's log",
			"the event loop does not take the prompt socket (%s)", uv_strerror(error));
		prompt_socket_close(server);
		return NULL;
	}
	return server;
}

void
prompt_socket_close(struct prompt_socket *server)
{
	struct prompt_client *client, *following;

	if (server == NULL || server->closing)
		return;
	server->closing = true;
	unlink(server->path);
	for (client = LIST_FIRST(&server->list); client != NULL; client = following) {
		following = LIST_NEXT(client, next);
		if (client != server->serving)
			client_drop(client);
	}
	uv_close((uv_handle_t *)&server->listener, on_listener_closed);
}
