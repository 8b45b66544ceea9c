/* lib/control's prompt: requests, the socket with real clients, scripts. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <bsd/string.h>
#include <jansson.h>
#include <uv.h>

#include "control/prompt_protocol.h"
#include "control/prompt_request.h"
#include "control/prompt_script.h"
#include "control/prompt_socket.h"
#include "sample_commands.h"

const char *const unit_suite = "prompt";

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
requests_get_one_answer_each(void)
{
	static const struct {
		const char *request, *answer; /* the beginning of the answer */
	} rows[] = {
		{"{\"line\":\"show nat\"}", "{\"ok\":true,\"exit\":0,\"text\":\"\"}\n"},
		{"{\"line\":\"check table\",\"format\":\"text\"}",
			"{\"ok\":true,\"exit\":4,\"text\":\"wrong slots   3\\n\"}\n"},
		{"{\"format\":\"json\",\"line\":\"check table\"}",
			"{\"ok\":true,\"exit\":4,\"json\":{\"command\":\"check table\",\"ok\":true,"
			"\"found_faults\":true,\"data\":{\"wrong_slots\":3}}}\n"},
		{"{\"line\":\"start\"}",
			"{\"ok\":false,\"exit\":1,\"text\":\"error: the gateway is running\\n"
			"value: gateway\\nremedy: Stop it first\\n\",\"error\":"
			"{\"code\":\"running\",\"what\":\"the gateway is running\","
			"\"value\":\"gateway\",\"remedy\":\"Stop it first\"}}\n"},
		{"{\"line\":\"nonsense\"}", "{\"ok\":false,\"exit\":2,\"text\":\"error: unknown"},
		{"{\"line\":\"quit\"}", "{\"ok\":true,\"exit\":0,\"ends\":true,\"text\":\"\"}\n"},
		{"{\"complete\":\"st\"}",
			"{\"ok\":true,\"candidates\":[{\"word\":\"start\",\"help\":\"begin to "
			"forward\"},{\"word\":\"stop\",\"help\":\"stop forwarding\"}]}\n"},
		{"", "{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"bad-request\""},
		{"show nat", "{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"bad-request\""},
		{"[1]", "{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"bad-request\""},
		{"{}", "{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"bad-request\""},
		{"{\"line\":1}", "{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"bad-request\""},
		{"{\"line\":\"show nat\",\"format\":\"xml\"}",
			"{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"bad-request\""},
		{"{\"line\":\"show nat\",\"more\":1}",
			"{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"bad-request\""},
		{"{\"line\":\"a\",\"line\":\"b\"}",
			"{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"bad-request\""},
		{"{\"line\":\"a\\u0000b\"}",
			"{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"bad-request\""},
		{"{\"line\":\"say \\u001b[2J\"}",
			"{\"ok\":false,\"exit\":2,\"text\":\"error: the line has a control"},
		{"\xff\xfe", "{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"bad-request\""},
	};
	struct command_registry *registry = sample_registry();

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *answer =
			prompt_request_answer(registry, rows[i].request, strlen(rows[i].request));
		bool same = strncmp(answer, rows[i].answer, strlen(rows[i].answer)) == 0;
		json_t *object = json_loads(answer, JSON_REJECT_DUPLICATES, NULL);

		CU_ASSERT_TRUE(same);
		if (!same)
			printf("    %s: %s\n", rows[i].request, answer);
		CU_ASSERT_PTR_NOT_NULL(object);
		CU_ASSERT_PTR_EQUAL(strchr(answer, '\n'), answer + strlen(answer) - 1);
		json_decref(object);
		free(answer);
	}
	command_registry_free(registry);
}

/* A server in this process, driven by turn() while the clients are plain sockets. */
struct server {
	char directory[32], path[64];
	uv_loop_t loop;
	struct command_registry *registry;
	struct prompt_socket *socket;
};

static struct server *
server_start(void)
{
	struct server *server = calloc(1, sizeof(*server));
	struct fault fault;

	strcpy(server->directory, "/tmp/binfm-prompt-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(server->directory));
	snprintf(server->path, sizeof(server->path), "%s/run/sock", server->directory);
	CU_ASSERT_EQUAL_FATAL(uv_loop_init(&server->loop), 0);
	server->registry = sample_registry();
	server->socket = prompt_socket_open(&server->loop, server->path, server->registry, &fault);
	CU_ASSERT_PTR_NOT_NULL_FATAL(server->socket);
	return server;
}

static void
server_stop(struct server *server)
{
	char run[64];

	prompt_socket_close(server->socket);
	while (uv_run(&server->loop, UV_RUN_DEFAULT) != 0)
		;
	CU_ASSERT_EQUAL(uv_loop_close(&server->loop), 0);
	CU_ASSERT_EQUAL(access(server->path, F_OK), -1);
	command_registry_free(server->registry);
	snprintf(run, sizeof(run), "%s/run", server->directory);
	CU_ASSERT_EQUAL(rmdir(run), 0);
	CU_ASSERT_EQUAL(rmdir(server->directory), 0);
	free(server);
}

static int
client_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strlcpy(address.sun_path, path, sizeof(address.sun_path));
	CU_ASSERT_EQUAL_FATAL(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	return client;
}

static void
client_send(int client, const char *bytes, size_t length)
{
	CU_ASSERT_EQUAL(send(client, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
}

/* Runs the loop until the client has a whole line (returns its length), has been closed (0), or
 * nothing has happened for 5 s (-1). */
static ssize_t
client_line(struct server *server, int client, char *line, size_t size)
{
	size_t used = 0;

	for (int idle = 0; idle < 500;) {
		ssize_t got = recv(client, line + used, 1, 0);

		if (got == 1) {
			idle = 0;
			if (line[used++] == '\n' || used == size - 1) {
				line[used] = '\0';
				return (ssize_t)used;
			}
			continue;
		}
		if (got == 0 || errno == ECONNRESET)
			return 0;
		if (errno != EAGAIN)
			return -1;
		uv_run(&server->loop, UV_RUN_NOWAIT);
		idle++;
		poll(&(struct pollfd){.fd = client, .events = POLLIN}, 1, 10);
	}
	return -1;
}

static void
expect_line(struct server *server, int client, const char *start)
{
	char line[4096] = "";

	CU_ASSERT_TRUE(client_line(server, client, line, sizeof(line)) > 0);
	CU_ASSERT_EQUAL(strncmp(line, start, strlen(start)), 0);
	if (strncmp(line, start, strlen(start)) != 0)
		printf("    got %s\n", line);
}

static void
socket_serves_and_survives_garbage(void)
{
	static const char garbage[] = "\x00\xff{{{[[\n";
	struct server *server = server_start();
	int client = client_connect(server->path);
	struct stat status;

	CU_ASSERT_EQUAL(stat(server->path, &status), 0);
	CU_ASSERT_EQUAL(status.st_mode & 07777, 0600);
	client_send(client, garbage, sizeof(garbage) - 1);
	expect_line(server, client, "{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"bad-request\"");
	client_send(client, "\n", 1);
	expect_line(server, client, "{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"bad-request\"");
	client_send(client, "{\"line\":\"check table\"}\n", 23);
	expect_line(server, client, "{\"ok\":true,\"exit\":4,");
	close(client);
	server_stop(server);
}

static void
lines_may_come_in_pieces_or_together(void)
{
	static const char request[] = "{\"line\":\"check table\"}\n";
	struct server *server = server_start();
	int client = client_connect(server->path);
	char many[10 * sizeof(request)] = "";

	for (size_t i = 0; i < sizeof(request) - 1; i++) {
		client_send(client, request + i, 1);
		uv_run(&server->loop, UV_RUN_NOWAIT);
	}
	expect_line(server, client, "{\"ok\":true,\"exit\":4,");
	for (int i = 0; i < 10; i++)
		strcat(many, request);
	client_send(client, many, strlen(many));
	for (int i = 0; i < 10; i++)
		expect_line(server, client, "{\"ok\":true,\"exit\":4,");
	/* Half a line and gone: nobody is answered, nothing is left over. */
	client_send(client, request, 5);
	close(client);
	client = client_connect(server->path);
	/* The client may end its side before it has read the answer. */
	client_send(client, request, sizeof(request) - 1);
	shutdown(client, SHUT_WR);
	expect_line(server, client, "{\"ok\":true,\"exit\":4,");
	close(client);
	server_stop(server);
}

static void
long_requests_are_refused(void)
{
	struct server *server = server_start();
	int client = client_connect(server->path);
	char bytes[PROMPT_REQUEST_BYTES], line[512];

	memset(bytes, 'x', sizeof(bytes));
	bytes[sizeof(bytes) - 1] = '\n';
	client_send(client, bytes, sizeof(bytes));
	expect_line(server, client, "{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"bad-request\"");
	bytes[sizeof(bytes) - 1] = 'x';
	client_send(client, bytes, sizeof(bytes));
	expect_line(server, client,
		"{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"request-too-long\"");
	CU_ASSERT_EQUAL(client_line(server, client, line, sizeof(line)), 0);
	close(client);
	/* A request that is short enough with a command line that is not. */
	client = client_connect(server->path);
	memset(bytes, 'a', sizeof(bytes));
	memcpy(bytes, "{\"line\":\"", 9);
	memcpy(bytes + 4000, "\"}\n", 3);
	client_send(client, bytes, 4003);
	expect_line(
		server, client, "{\"ok\":false,\"exit\":2,\"text\":\"error: a line has at most");
	close(client);
	server_stop(server);
}

static void
clients_are_bounded(void)
{
	struct server *server = server_start();
	int clients[20];
	char line[512];

	for (int i = 0; i < 20; i++) {
		clients[i] = client_connect(server->path);
		uv_run(&server->loop, UV_RUN_NOWAIT);
	}
	for (int i = PROMPT_CLIENTS_MAX; i < 20; i++) {
		expect_line(server, clients[i],
			"{\"ok\":false,\"exit\":2,\"error\":{\"code\":\"too-many-clients\"");
		CU_ASSERT_EQUAL(client_line(server, clients[i], line, sizeof(line)), 0);
		close(clients[i]);
	}
	for (int i = 0; i < PROMPT_CLIENTS_MAX; i++) {
		client_send(clients[i], "{\"line\":\"show nat\"}\n", 20);
		expect_line(server, clients[i], "{\"ok\":true,");
	}
	/* A place that becomes free can be taken again. */
	close(clients[0]);
	uv_run(&server->loop, UV_RUN_NOWAIT);
	uv_run(&server->loop, UV_RUN_NOWAIT);
	clients[0] = client_connect(server->path);
	client_send(clients[0], "{\"line\":\"show nat\"}\n", 20);
	expect_line(server, clients[0], "{\"ok\":true,");
	for (int i = 0; i < PROMPT_CLIENTS_MAX; i++)
		close(clients[i]);
	server_stop(server);
}

/* Each answer has about 700 KB, so a few of them exceed what the kernel and the queue take. */
static void
a_client_that_does_not_read_is_dropped(void)
{
	static const char request[] = "{\"line\":\"large 10000\"}\n";
	struct server *server = server_start();
	int lazy = client_connect(server->path), other = client_connect(server->path);
	int sent = 0;

	for (; sent < 20; sent++) {
		if (send(lazy, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
			break;
		uv_run(&server->loop, UV_RUN_NOWAIT);
	}
	CU_ASSERT_TRUE(sent >= 2);
	CU_ASSERT_TRUE(sent < 20);
	CU_ASSERT_EQUAL(errno, EPIPE);
	client_send(other, "{\"line\":\"show nat\"}\n", 20);
	expect_line(server, other, "{\"ok\":true,");
	close(lazy);
	close(other);
	server_stop(server);
}

static void
a_large_answer_arrives_whole(void)
{
	struct server *server = server_start();
	int client = client_connect(server->path);
	size_t size = 4 * 1024 * 1024;
	char *line = malloc(size);
	ssize_t length;
	json_t *object;

	client_send(client, "{\"line\":\"large 20000\"}\n", 23);
	length = client_line(server, client, line, size);
	CU_ASSERT_TRUE(length > 20000 * 64);
	object = json_loads(line, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL(object);
	json_decref(object);
	free(line);
	close(client);
	server_stop(server);
}

/* `quit` of a gateway: the command's own handler closes the server. */
static int
close_server(void *context, const struct command_value *values, struct result *result)
{
	struct server *server = context;

	prompt_socket_close(server->socket);
	return 0;
}

static void
a_command_may_close_the_server(void)
{
	static const struct command commands[] = {
		{"leave", "end the server", NULL, close_server, {{NULL}}}};
	static const struct command_table table = {"Test", commands, 1};
	struct server *server = server_start();
	int client = client_connect(server->path);

	command_register(server->registry, &table, server);
	client_send(client, "{\"line\":\"leave\"}\n{\"line\":\"show nat\"}\n", 37);
	expect_line(server, client, "{\"ok\":true,\"exit\":0,\"text\":\"\"}\n");
	close(client);
	server->socket = NULL; /* freed by the loop */
	server_stop(server);
}

static void
stale_sockets_are_replaced_and_live_ones_respected(void)
{
	struct server *server = server_start();
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct command_registry *registry = sample_registry();
	char path[80], longer[256];
	uv_loop_t loop;
	struct fault fault;
	struct prompt_socket *second;
	int stale;

	uv_loop_init(&loop);
	CU_ASSERT_PTR_NULL(prompt_socket_open(&loop, server->path, registry, &fault));
	CU_ASSERT_STRING_EQUAL(fault.code, "already-running");
	CU_ASSERT_EQUAL(fault.error, EADDRINUSE);

	snprintf(path, sizeof(path), "%s/run/stale", server->directory);
	strlcpy(address.sun_path, path, sizeof(address.sun_path));
	stale = socket(AF_UNIX, SOCK_STREAM, 0);
	CU_ASSERT_EQUAL(bind(stale, (struct sockaddr *)&address, sizeof(address)), 0);
	close(stale); /* the file stays, as after kill -9 */
	second = prompt_socket_open(&loop, path, registry, &fault);
	CU_ASSERT_PTR_NOT_NULL(second);
	prompt_socket_close(second);
	uv_run(&loop, UV_RUN_DEFAULT);

	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	CU_ASSERT_PTR_NULL(prompt_socket_open(&loop, path, registry, &fault));
	CU_ASSERT_STRING_EQUAL(fault.code, "not-a-socket");
	CU_ASSERT_EQUAL(unlink(path), 0);

	CU_ASSERT_PTR_NULL(prompt_socket_open(&loop, "/nowhere/at/all/sock", registry, &fault));
	CU_ASSERT_STRING_EQUAL(fault.code, "no-socket-directory");
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	CU_ASSERT_PTR_NULL(prompt_socket_open(&loop, longer, registry, &fault));
	CU_ASSERT_STRING_EQUAL(fault.code, "bad-socket-path");
	CU_ASSERT_EQUAL(uv_loop_close(&loop), 0);
	command_registry_free(registry);
	server_stop(server);
}

/* Runs a script with this text; the caller frees what it wrote. */
static int
run_script(const char *text, size_t length, char **out, char **errors)
{
	char path[] = "/tmp/binfm-script-XXXXXX";
	struct command_registry *registry = sample_registry();
	size_t out_size, error_size;
	FILE *out_file = open_memstream(out, &out_size);
	FILE *error_file = open_memstream(errors, &error_size);
	int file = mkstemp(path), returned;
	char *at;

	CU_ASSERT_EQUAL(write(file, text, length), (ssize_t)length);
	close(file);
	returned = prompt_script_run(registry, path, out_file, error_file);
	fclose(out_file);
	fclose(error_file);
	unlink(path);
	command_registry_free(registry);
	at = strstr(*errors, path);
	if (at != NULL) /* the name of the file varies */
		memmove(at, at + strlen(path), strlen(at + strlen(path)) + 1);
	return returned;
}

static void
scripts_stop_at_the_first_error_with_its_line(void)
{
	static const char zero[] = "say hello\nsay \0\n";
	char longest[COMMAND_LINE_BYTES + 100];
	static const struct {
		const char *text;
		int returned;
		const char *out, *errors;
		unsigned int ran;
	} rows[] = {
		{"", 0, "", "", 0},
		{"# comment\n\nsay one\r\nsay two", 0, "given   one\ngiven   two\n", "", 2},
		{"say one\n\nstart\nsay two\n", -EINVAL, "given   one\n",
			":3: the gateway is running: gateway. Stop it first\n", 1},
		{"show nat foo\n", -EINVAL, "",
			":1: unknown word after `show nat`: foo. Expected: summary, mappings, "
			"host\n",
			0},
		{"say one\nquit\nsay two\n", 0, "given   one\n", "", 1},
	};
	char *out, *errors;
	FILE *nowhere;

	for (size_t i = 0; i < COUNT(rows); i++) {
		CU_ASSERT_EQUAL(run_script(rows[i].text, strlen(rows[i].text), &out, &errors),
			rows[i].returned);
		CU_ASSERT_STRING_EQUAL(out, rows[i].out);
		CU_ASSERT_STRING_EQUAL(errors, rows[i].errors);
		CU_ASSERT_EQUAL(sample_seen.ran, rows[i].ran);
		free(out);
		free(errors);
	}
	CU_ASSERT_EQUAL(run_script(zero, sizeof(zero) - 1, &out, &errors), -EINVAL);
	CU_ASSERT_STRING_EQUAL(errors, ":2: the line has a zero byte. Is this a text file?\n");
	free(out);
	free(errors);
	memset(longest, 'a', sizeof(longest));
	CU_ASSERT_EQUAL(run_script(longest, sizeof(longest), &out, &errors), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(errors, ":1: a line has at most 1023 bytes: aaaa"));
	free(out);
	free(errors);
	nowhere = fopen("/dev/null", "w");
	CU_ASSERT_EQUAL(prompt_script_run(NULL, "/nowhere/script", stdout, nowhere), -ENOENT);
	fclose(nowhere);
}

const struct unit_test unit_tests[] = {
	{"requests_get_one_answer_each", requests_get_one_answer_each},
	{"socket_serves_and_survives_garbage", socket_serves_and_survives_garbage},
	{"lines_may_come_in_pieces_or_together", lines_may_come_in_pieces_or_together},
	{"long_requests_are_refused", long_requests_are_refused},
	{"clients_are_bounded", clients_are_bounded},
	{"a_client_that_does_not_read_is_dropped", a_client_that_does_not_read_is_dropped},
	{"a_large_answer_arrives_whole", a_large_answer_arrives_whole},
	{"a_command_may_close_the_server", a_command_may_close_the_server},
	{"stale_sockets_are_replaced_and_live_ones_respected",
		stale_sockets_are_replaced_and_live_ones_respected},
	{"scripts_stop_at_the_first_error_with_its_line",
		scripts_stop_at_the_first_error_with_its_line},
	{NULL, NULL},
};
