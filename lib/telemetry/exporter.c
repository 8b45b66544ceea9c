/* See exporter.h.
 *
 * libmicrohttpd keeps all its sockets in one epoll set. That set's descriptor becomes readable when
 * there is something to do, and MHD_run() does it; between events a timer stands for the idle time
 * of connections and for work that MHD_run() left for its next call. */
#include "telemetry/exporter.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <microhttpd.h>

#include "telemetry/listen.h"
#include "telemetry/page.h"

#define CONNECTIONS      16
#define IDLE_SECONDS     10
#define CONNECTION_BYTES 16384 /* request and headers of one connection */

struct telemetry_exporter {
	struct telemetry *telemetry;
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_timer_t timer;
	unsigned int port;
	unsigned int open_handles;
};

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned int status, const char *type, char *text,
	size_t length, enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(length, text, mode);
	enum MHD_Result result;

	if (response == NULL) {
		if (mode == MHD_RESPMEM_MUST_FREE)
			free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
answer_words(struct MHD_Connection *connection, unsigned int status, const char *words)
{
	return answer(connection, status, "text/plain; charset=utf-8", (char *)(uintptr_t)words,
		strlen(words), MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result
answer_metrics(struct telemetry_exporter *exporter, struct MHD_Connection *connection)
{
	const char *accept =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	enum telemetry_format format = TELEMETRY_TEXT;
	size_t length;
	char *text;

	if (accept != NULL && strstr(accept, "application/openmetrics-text") != NULL)
		format = TELEMETRY_OPENMETRICS;
	if (telemetry_page_make(exporter->telemetry, format, &text, &length) != 0)
		return answer_words(connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
			"the metrics need more memory than a page may have\n");
	return answer(connection, MHD_HTTP_OK, telemetry_content_type(format), text, length,
		MHD_RESPMEM_MUST_FREE);
}

/* Called once when a request's headers are there, again for each piece of a body, and at its end;
 * the answer is queued at the end, or a body would break a kept-alive connection. */
static enum MHD_Result
on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *upload_data, size_t *upload_length, void **request)
{
	static char seen;

	if (*request == NULL) {
		*request = &seen;
		return MHD_YES;
	}
	if (*upload_length > 0) {
		*upload_length = 0; /* a body has no meaning here */
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return answer_words(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			"metrics can only be read: GET /metrics\n");
	if (strcmp(url, "/metrics") != 0)
		return answer_words(connection, MHD_HTTP_NOT_FOUND, "metrics are at /metrics\n");
	return answer_metrics(context, connection);
}

static void on_timer(uv_timer_t *timer);

static unsigned int
connections(struct telemetry_exporter *exporter)
{
	return MHD_get_daemon_info(exporter->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)
		->num_connections;
}

/* With all connections taken libmicrohttpd stops watching its listening socket, and begins again
 * only in the call after the one that closed a connection; nothing would wake us for that call. */
static void
run(struct telemetry_exporter *exporter)
{
	MHD_UNSIGNED_LONG_LONG milliseconds;
	unsigned int before;

	do {
		before = connections(exporter);
		MHD_run(exporter->daemon);
	} while (connections(exporter) < before);
	if (MHD_get_timeout(exporter->daemon, &milliseconds) == MHD_YES)
		uv_timer_start(&exporter->timer, on_timer, milliseconds, 0);
	else
		uv_timer_stop(&exporter->timer);
}

static void
on_timer(uv_timer_t *timer)
{
	run(timer->data);
}

static void
on_event(uv_poll_t *poll, int status, int events)
{
	run(poll->data);
}

static void
on_closed(uv_handle_t *handle)
{
	struct telemetry_exporter *exporter = handle->data;

	if (--exporter->open_handles == 0)
		free(exporter);
}

static int
start_daemon(struct telemetry_exporter *exporter, int descriptor,
	const struct telemetry_exporter_limits *limits)
{
	exporter->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, exporter,
		MHD_OPTION_LISTEN_SOCKET, descriptor, MHD_OPTION_CONNECTION_LIMIT,
		limits->connections, MHD_OPTION_CONNECTION_TIMEOUT, limits->idle_seconds,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	return exporter->daemon != NULL ? 0 : -ENOMEM;
}

/* Both handles are initialised even when the second step fails, so that closing frees. */
static int
watch(struct telemetry_exporter *exporter, uv_loop_t *loop)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(exporter->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int error;

	if (info == NULL)
		return -ENOTSUP;
	error = uv_poll_init(loop, &exporter->poll, info->epoll_fd);
	if (error != 0)
		return error;
	exporter->poll.data = exporter;
	uv_timer_init(loop, &exporter->timer);
	exporter->timer.data = exporter;
	exporter->open_handles = 2;
	return uv_poll_start(&exporter->poll, UV_READABLE, on_event);
}

int
telemetry_exporter_start(uv_loop_t *loop, const char *listen, struct telemetry *telemetry,
	const struct telemetry_exporter_limits *limits, struct telemetry_exporter **exporter,
	struct fault *fault)
{
	static const struct telemetry_exporter_limits standard = {CONNECTIONS, IDLE_SECONDS};
	struct telemetry_exporter *new;
	int descriptor, error;

	*exporter = NULL;
	if (listen[0] == '\0')
		return 0;
	new = calloc(1, sizeof(*new));
	if (new == NULL)
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Free memory and try again",
			"no memory to offer metrics");
	new->telemetry = telemetry;
	descriptor = telemetry_listen(listen, &new->port, fault);
	if (descriptor < 0) {
		free(new);
		return descriptor;
	}
	error = start_daemon(new, descriptor, limits != NULL ? limits : &standard);
	if (error != 0) {
		close(descriptor);
		free(new);
	} else {
		error = watch(new, loop);
		if (error != 0)
			telemetry_exporter_stop(new);
	}
	if (error != 0)
		return fault_set(fault, -error, "cannot-listen", listen,
			"Free memory and descriptors (ulimit -n) and try again",
			"the metrics' web server cannot start (%s)", strerror(-error));
	*exporter = new;
	return 0;
}

unsigned int
telemetry_exporter_port(const struct telemetry_exporter *exporter)
{
	return exporter->port;
}

void
telemetry_exporter_stop(struct telemetry_exporter *exporter)
{
	bool watched;

	if (exporter == NULL)
		return;
	/* libuv lets go of the descriptor before libmicrohttpd closes it. */
	watched = exporter->open_handles > 0;
	if (watched) {
		uv_close((uv_handle_t *)&exporter->poll, on_closed);
		uv_close((uv_handle_t *)&exporter->timer, on_closed);
	}
	MHD_stop_daemon(exporter->daemon);
	if (!watched)
		free(exporter);
}
