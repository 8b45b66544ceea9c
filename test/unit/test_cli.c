/* binfm-cli as a program: its output and exit status in front of a real prompt socket. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <bsd/string.h>

#include "control/prompt_socket.h"
#include "sample_commands.h"

const char *const unit_suite = "cli";

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A program with a prompt socket, in a process of its own. */
struct server {
	char directory[32], path[64];
	pid_t child;
};

static void
server_main(const char *path, int ready)
{
	struct command_registry *registry = sample_registry();
	struct fault fault;
	uv_loop_t loop;

	uv_loop_init(&loop);
	if (prompt_socket_open(&loop, path, registry, &fault) == NULL)
		_exit(1);
	close(ready);
	uv_run(&loop, UV_RUN_DEFAULT);
	_exit(0);
}

static void
server_start(struct server *server)
{
	int ready[2];
	char byte;

	strcpy(server->directory, "/tmp/binfm-cli-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(server->directory));
	snprintf(server->path, sizeof(server->path), "%s/sock", server->directory);
	CU_ASSERT_EQUAL_FATAL(pipe2(ready, O_CLOEXEC), 0);
	server->child = fork();
	if (server->child == 0) {
		close(ready[0]);
		server_main(server->path, ready[1]);
	}
	close(ready[1]);
	CU_ASSERT_EQUAL(read(ready[0], &byte, 1), 0); /* closed: it listens */
	close(ready[0]);
}

static void
server_stop(struct server *server)
{
	kill(server->child, SIGTERM);
	waitpid(server->child, NULL, 0);
	unlink(server->path);
	CU_ASSERT_EQUAL(rmdir(server->directory), 0);
}

static void
read_all(int descriptor, char *text, size_t size)
{
	size_t used = 0;
	ssize_t got;

	while ((got = read(descriptor, text + used, size - 1 - used)) > 0)
		used += (size_t)got;
	text[used] = '\0';
	close(descriptor);
}

struct run {
	int status;
	char out[8192], errors[8192];
};

/* Runs binfm-cli with `words` after --socket PATH; `input` is its standard input. */
static void
cli(const char *path, const char *const *words, const char *input, struct run *run)
{
	const char *arguments[16] = {"binfm-cli", "--socket", path};
	int in[2], out[2], errors[2], status = 0;
	pid_t child;

	for (unsigned int i = 0; words[i] != NULL; i++)
		arguments[3 + i] = words[i];
	CU_ASSERT_EQUAL_FATAL(
		pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC) | pipe2(errors, O_CLOEXEC), 0);
	CU_ASSERT_EQUAL(write(in[1], input, strlen(input)), (ssize_t)strlen(input));
	close(in[1]);
	child = fork();
	if (child == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(errors[1], STDERR_FILENO);
		execv(CLI_PROGRAM, (char *const *)arguments);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	close(errors[1]);
	read_all(out[0], run->out, sizeof(run->out));
	read_all(errors[0], run->errors, sizeof(run->errors));
	waitpid(child, &status, 0);
	run->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
one_command_from_the_arguments(void)
{
	static const struct {
		const char *words[6];
		int status;
		const char *out, *errors;
	} rows[] = {
		{{"say", "hello", "there"}, 0, "given   hello there\n", ""},
		{{"say hello"}, 0, "given   hello\n", ""},
		{{"--json", "check", "table"}, 4,
			"{\"command\":\"check table\",\"ok\":true,\"found_faults\":true,\"data\":{"
			"\"wrong_slots\":3}}\n",
			""},
		{{"check", "table"}, 4, "wrong slots   3\n", ""},
		{{"start"}, 1, "",
			"error: the gateway is running\nvalue: gateway\nremedy: Stop it first\n"},
		{{"--json", "start"}, 1,
			"{\"command\":\"start\",\"ok\":false,\"error\":{\"code\":\"running\","
			"\"what\":\"the gateway is running\",\"value\":\"gateway\",\"remedy\":"
			"\"Stop it first\"}}\n",
			""},
		{{"show", "nat", "host", "x"}, 2, "",
			"error: `show nat host` does not accept this address\nvalue: x\n"
			"remedy: Give an IPv4 address such as 10.0.0.1\n"},
		{{"say", "\xff"}, 2, "",
			"error: the line is no UTF-8 text\nremedy: Type printable characters "
			"only\n"},
		{{"--nonsense"}, 2, "", NULL},
		{{"--version"}, 0, "binfm-cli " BINFM_VERSION "\n", ""},
	};
	struct server server;
	struct run run;

	server_start(&server);
	for (size_t i = 0; i < COUNT(rows); i++) {
		cli(server.path, rows[i].words, "", &run);
		CU_ASSERT_EQUAL(run.status, rows[i].status);
		CU_ASSERT_STRING_EQUAL(run.out, rows[i].out);
		if (rows[i].errors != NULL)
			CU_ASSERT_STRING_EQUAL(run.errors, rows[i].errors);
	}
	server_stop(&server);
}

static void
reals_pass_unchanged(void)
{
	static const char *const words[] = {"--json", "show", "nat", "summary", NULL};
	struct server server;
	struct run run;

	server_start(&server);
	cli(server.path, words, "", &run);
	CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "\"load\":0.25,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "\"load\":0.5}"));
	server_stop(&server);
}

static void
lines_from_standard_input(void)
{
	static const struct {
		const char *input;
		int status;
		const char *out, *errors;
	} rows[] = {
		{"", 0, "", ""},
		{"# comment\n\nsay one\r\nsay two", 0, "given   one\ngiven   two\n", ""},
		{"say one\nnonsense\nsay two\n", 2, "given   one\n",
			"stdin:2: unknown command: nonsense. Expected: help, show, add, capture, "
			"say, start, stop, check, large, quit (`help` lists all)\n"},
		{"check table\nsay two\n", 4, "wrong slots   3\ngiven   two\n", ""},
		{"say one\nquit\nsay two\n", 0, "given   one\n", ""},
	};
	static const char *const no_words[] = {NULL}, *const json[] = {"--json", NULL};
	char longest[COMMAND_LINE_BYTES + 2];
	struct server server;
	struct run run;

	server_start(&server);
	for (size_t i = 0; i < COUNT(rows); i++) {
		cli(server.path, no_words, rows[i].input, &run);
		CU_ASSERT_EQUAL(run.status, rows[i].status);
		CU_ASSERT_STRING_EQUAL(run.out, rows[i].out);
		CU_ASSERT_STRING_EQUAL(run.errors, rows[i].errors);
	}
	cli(server.path, json, "say one\nstart\n", &run);
	CU_ASSERT_EQUAL(run.status, 1);
	CU_ASSERT_STRING_EQUAL(run.errors, "");
	CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "\"ok\":true,\"data\":{\"given\":\"one\"}}\n{"));
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	cli(server.path, no_words, longest, &run);
	CU_ASSERT_EQUAL(run.status, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(run.errors, "stdin:1: the line is longer than"));
	server_stop(&server);
}

static void
nobody_at_the_socket_is_status_3(void)
{
	static const char *const words[] = {"say", "x", NULL}, *const json[] = {
								       "--json", "x", NULL};
	struct run run;

	cli("/nowhere/sock", words, "", &run);
	CU_ASSERT_EQUAL(run.status, 3);
	CU_ASSERT_STRING_EQUAL(run.out, "");
	CU_ASSERT_STRING_EQUAL(run.errors,
		"error: nobody answers at the prompt socket (No such file or directory)\n"
		"value: /nowhere/sock\n"
		"remedy: Start the program, or name its socket with --socket PATH\n");
	cli("/nowhere/sock", json, "", &run);
	CU_ASSERT_EQUAL(run.status, 3);
	CU_ASSERT_EQUAL(strncmp(run.out,
				"{\"command\":null,\"ok\":false,\"error\":{\"code\":"
				"\"unreachable\"",
				56),
		0);
	CU_ASSERT_STRING_EQUAL(run.errors, "");
}

/* Waits until `text` comes from the terminal, 10 s at most. */
static bool
terminal_sees(int terminal, const char *text)
{
	char screen[16384] = "";
	size_t used = 0;

	while (strstr(screen, text) == NULL) {
		struct pollfd wait = {.fd = terminal, .events = POLLIN};
		ssize_t got;

		if (used == sizeof(screen) - 1 || poll(&wait, 1, 10000) != 1 ||
			(got = read(terminal, screen + used, sizeof(screen) - 1 - used)) <= 0) {
			printf("    no `%s` in `%s`\n", text, screen);
			return false;
		}
		/* Padding for slow terminals */
		for (ssize_t i = 0; i < got; i++)
			if (screen[used + (size_t)i] == '\0')
				screen[used + (size_t)i] = ' ';
		used += (size_t)got;
		screen[used] = '\0';
	}
	return true;
}

static void
a_person_gets_completion_over_the_socket(void)
{
	static const struct {
		const char *keys, *expected;
	} rows[] = {
		{"ch\ttable\r", "wrong slots   3"},
		{"show nat \t", "host      mappings of one host"},
		{"host \t", "<address>  private address"},
		{"\x15say clean\r", "given   clean"}, /* Ctrl-U clears the line */
		{"start\r", "remedy: Stop it first"},
		{"say done\r", "given   done"},
	};
	static const char *const words[] = {"say", "alive", NULL};
	struct server server;
	struct run run;
	int terminal, status = 0;
	pid_t child;

	server_start(&server);
	child = forkpty(&terminal, NULL, NULL, NULL);
	CU_ASSERT_TRUE_FATAL(child >= 0);
	if (child == 0) {
		setenv("TERM", "xterm", 1);
		/* libedit 3.1 never frees the names that EL_ADDFN copies. */
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
		execl(CLI_PROGRAM, "binfm-cli", "--socket", server.path, NULL);
		_exit(127);
	}
	CU_ASSERT_TRUE(terminal_sees(terminal, "binfm> "));
	for (size_t i = 0; i < COUNT(rows); i++) {
		CU_ASSERT_EQUAL(write(terminal, rows[i].keys, strlen(rows[i].keys)),
			(ssize_t)strlen(rows[i].keys));
		CU_ASSERT_TRUE(terminal_sees(terminal, rows[i].expected));
	}
	/* `quit` leaves this prompt; the program lives on. */
	CU_ASSERT_EQUAL(write(terminal, "quit\r", 5), 5);
	waitpid(child, &status, 0);
	CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(terminal);
	cli(server.path, words, "", &run);
	CU_ASSERT_EQUAL(run.status, 0);
	server_stop(&server);
}

/* Every option of --help is in the manual page, and mandoc has no complaint where it is installed.
 */
static void
the_manual_page_has_every_option(void)
{
	static const char *const words[] = {"--help", NULL};
	static char page[16384];
	int file = open(MANUAL_PAGE, O_RDONLY | O_CLOEXEC);
	unsigned int options = 0;
	struct run run;

	CU_ASSERT_TRUE_FATAL(file >= 0);
	read_all(file, page, sizeof(page));
	cli("unused", words, "", &run);
	for (char *at = run.out; (at = strstr(at, "\n  --")) != NULL; at += 5, options++) {
		char name[32];

		snprintf(name, sizeof(name), ".It Fl -%.*s", (int)strcspn(at + 5, " "), at + 5);
		CU_ASSERT_PTR_NOT_NULL(strstr(page, name));
	}
	CU_ASSERT_EQUAL(options, 4);
	if (system("command -v mandoc >/dev/null") == 0)
		CU_ASSERT_EQUAL(system("mandoc -T lint -W warning " MANUAL_PAGE), 0);
}

const struct unit_test unit_tests[] = {
	{"one_command_from_the_arguments", one_command_from_the_arguments},
	{"reals_pass_unchanged", reals_pass_unchanged},
	{"lines_from_standard_input", lines_from_standard_input},
	{"nobody_at_the_socket_is_status_3", nobody_at_the_socket_is_status_3},
	{"a_person_gets_completion_over_the_socket", a_person_gets_completion_over_the_socket},
	{"the_manual_page_has_every_option", the_manual_page_has_every_option},
	{NULL, NULL},
};
