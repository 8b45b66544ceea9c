/* See telemetry_client.h. */
#include "telemetry_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CUnit/CUnit.h>

#define REPLY_BYTES  65536
#define WAIT_SECONDS 10 /* a client that gets no answer gives up after this */

/* One question, asked by a thread so that the loop can run in this one. */
struct question {
	const struct telemetry_server *server;
	const char *request;
	char *reply;
	uv_async_t answered;
};

void
telemetry_server_start(struct telemetry_server *server, struct telemetry *telemetry,
	const struct telemetry_exporter_limits *limits)
{
	struct fault fault;

	CU_ASSERT_EQUAL_FATAL(uv_loop_init(&server->loop), 0);
	CU_ASSERT_EQUAL_FATAL(telemetry_exporter_start(&server->loop, "127.0.0.1:0", telemetry,
				      limits, &server->exporter, &fault),
		0);
}

void
telemetry_server_stop(struct telemetry_server *server)
{
	telemetry_exporter_stop(server->exporter);
	uv_run(&server->loop, UV_RUN_DEFAULT);
	CU_ASSERT_EQUAL(uv_loop_close(&server->loop), 0); /* -EBUSY: a handle was forgotten */
}

int
telemetry_client_connect(const struct telemetry_server *server)
{
	struct sockaddr_in name = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)telemetry_exporter_port(server->exporter)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct timeval wait = {.tv_sec = WAIT_SECONDS};
	int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (descriptor >= 0) {
		setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
		setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
		if (connect(descriptor, (const struct sockaddr *)&name, sizeof(name)) != 0) {
			close(descriptor);
			descriptor = -1;
		}
	}
	return descriptor;
}

static void
ask(void *context)
{
	struct question *question = context;
	int descriptor = telemetry_client_connect(question->server);
	size_t left = strlen(question->request), used = 0;
	const char *at = question->request;
	ssize_t count;

	while (descriptor >= 0 && left > 0) {
		count = send(descriptor, at, left, MSG_NOSIGNAL);
		if (count <= 0)
			break;
		at += count;
		left -= (size_t)count;
	}
	while (descriptor >= 0 && used + 1 < REPLY_BYTES) {
		count = recv(descriptor, question->reply + used, REPLY_BYTES - 1 - used, 0);
		if (count <= 0)
			break;
		used += (size_t)count;
	}
	question->reply[used] = '\0';
	if (descriptor >= 0)
		close(descriptor);
	uv_async_send(&question->answered);
}

static void
on_answered(uv_async_t *answered)
{
	uv_stop(answered->loop);
}

char *
telemetry_client_ask(struct telemetry_server *server, const char *request)
{
	struct question question = {.server = server, .request = request};
	uv_thread_t thread;

	question.reply = calloc(1, REPLY_BYTES);
	CU_ASSERT_PTR_NOT_NULL_FATAL(question.reply);
	uv_async_init(&server->loop, &question.answered, on_answered);
	CU_ASSERT_EQUAL_FATAL(uv_thread_create(&thread, ask, &question), 0);
	uv_run(&server->loop, UV_RUN_DEFAULT);
	uv_thread_join(&thread);
	uv_close((uv_handle_t *)&question.answered, NULL);
	uv_run(&server->loop, UV_RUN_NOWAIT);
	return question.reply;
}
