/* See client.h. */
#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <bsd/string.h>

#include "command/command.h"
#include "control/prompt_protocol.h"

void
client_disconnect(struct client *client)
{
	if (client->descriptor >= 0)
		close(client->descriptor);
	client->descriptor = -1;
}

static int
unreachable(struct client *client, int error, struct fault *fault)
{
	client_disconnect(client);
	return fault_set(fault, error, "unreachable", client->path,
		error == EACCES ? "Run it as the user of that program (root)"
				: "Start the program, or name its socket with --socket PATH",
		"nobody answers at the prompt socket (%s)", strerror(error));
}

int
client_connect(struct client *client, struct fault *fault)
{
	const struct timeval wait = {.tv_sec = CLIENT_WAIT_SECONDS};
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (client->descriptor >= 0)
		return 0;
	if (strlcpy(address.sun_path, client->path, sizeof(address.sun_path)) >=
		sizeof(address.sun_path))
		return unreachable(client, ENAMETOOLONG, fault);
	client->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->descriptor < 0 ||
		setsockopt(client->descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) != 0 ||
		setsockopt(client->descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) != 0 ||
		connect(client->descriptor, (struct sockaddr *)&address, sizeof(address)) != 0)
		return unreachable(client, errno, fault);
	return 0;
}

/* A full server answers "too-many-clients" before it reads, so a failed send is no reason not to
 * look for an answer. */
static void
send_all(struct client *client, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(client->descriptor, bytes, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return;
		bytes += sent;
		length -= (size_t)sent;
	}
}

/* Reads up to the line feed. Only one question is under way, so nothing follows it. */
static int
receive_line(struct client *client, char **line, size_t *length)
{
	size_t used = 0, size = 0;

	*line = NULL;
	for (;;) {
		ssize_t got;

		if (size - used < 4096) {
			size = size != 0 ? 2 * size : 65536;
			if (size > CLIENT_ANSWER_BYTES)
				return -EMSGSIZE;
			*line = realloc(*line, size);
			if (*line == NULL)
				abort();
		}
		got = recv(client->descriptor, *line + used, size - used, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0 ? -ECONNRESET : errno == EAGAIN ? -ETIMEDOUT : -errno;
		used += (size_t)got;
		if ((*line)[used - 1] == '\n') {
			*length = used;
			return 0;
		}
	}
}

int
client_ask(struct client *client, const json_t *request, json_t **answer, struct fault *fault)
{
	char *text, *line = NULL;
	size_t length = 0;
	int error = client_connect(client, fault);

	if (error != 0)
		return error;
	text = json_dumps(request, JSON_COMPACT);
	if (text == NULL)
		abort();
	send_all(client, text, strlen(text));
	send_all(client, "\n", 1);
	free(text);
	error = receive_line(client, &line, &length);
	if (error == 0) {
		*answer = json_loadb(line, length, 0, NULL);
		if (!json_is_object(*answer)) {
			json_decref(*answer);
			error = -EPROTO;
		}
	}
	free(line);
	return error != 0 ? unreachable(client, -error, fault) : 0;
}

/* {"ok":false,"exit":2,...} as the program itself would answer. */
static json_t *
refused_here(const char *code, const char *what, const char *remedy)
{
	return json_pack("{s:b, s:i, s:{s:s, s:s, s:s, s:s}}", "ok", 0, "exit", RESULT_USAGE,
		"error", "code", code, "what", what, "value", "", "remedy", remedy);
}

int
client_run(
	struct client *client, const char *line, bool as_json, json_t **answer, struct fault *fault)
{
	json_t *request, *text;
	int error;

	if (strlen(line) >= COMMAND_LINE_BYTES) {
		*answer = refused_here("line-too-long", "the line is longer than a command may be",
			"Shorten the line or give its parts in several commands");
		return 0;
	}
	text = json_string(line);
	if (text == NULL) {
		*answer = refused_here("bad-character", "the line is no UTF-8 text",
			"Type printable characters only");
		return 0;
	}
	request = json_object();
	json_object_set_new(request, "line", text);
	json_object_set_new(request, "format", json_string(as_json ? "json" : "text"));
	error = client_ask(client, request, answer, fault);
	json_decref(request);
	return error;
}
