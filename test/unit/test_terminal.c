/* lib/control's prompt on standard input: a person at a pseudo terminal, a pipe, a file. */
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
#include <termios.h>
#include <unistd.h>

#include "control/prompt_completion.h"
#include "control/prompt_terminal.h"
#include "sample_commands.h"

const char *const unit_suite = "terminal";

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { LEFT = 10, QUIT = 11, TIMED_OUT = 12 }; /* exit status of the program at the terminal */

struct program {
	struct prompt_terminal *terminal;
	uv_timer_t timer;
	int status;
};

static void
leave(struct program *program, int status)
{
	program->status = status;
	prompt_terminal_stop(program->terminal);
	if (!uv_is_closing((uv_handle_t *)&program->timer))
		uv_close((uv_handle_t *)&program->timer, NULL);
}

static void
on_left(void *opaque)
{
	leave(opaque, LEFT);
}

static void
on_timer(uv_timer_t *timer)
{
	leave(timer->data, TIMED_OUT);
}

static int
end(void *context, const struct command_value *values, struct result *result)
{
	result_end_input(result);
	leave(context, QUIT);
	return 0;
}

/* A small program with a prompt, as the gateway is one; it ends after `milliseconds` at the latest.
 */
static int
program_main(unsigned int milliseconds)
{
	static const struct command commands[] = {{"end", "end this program", NULL, end, {{NULL}}}};
	static const struct command_table table = {"Test", commands, 1};
	struct program program = {.status = TIMED_OUT};
	struct command_registry *registry = sample_registry();
	struct fault fault;
	uv_loop_t loop;

	command_register(registry, &table, &program);
	uv_loop_init(&loop);
	program.terminal = prompt_terminal_start(&loop, registry, on_left, &program, &fault);
	if (program.terminal == NULL)
		return 1;
	uv_timer_init(&loop, &program.timer);
	program.timer.data = &program;
	uv_timer_start(&program.timer, on_timer, milliseconds, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&loop) != 0)
		return 2;
	command_registry_free(registry);
	fflush(stdout);
	return program.status;
}

/* A program on a pseudo terminal and all that it has written so far. */
struct session {
	pid_t child;
	int terminal;
	size_t used;
	char screen[16384];
};

static void
session_start(struct session *session)
{
	memset(session, 0, sizeof(*session));
	session->child = forkpty(&session->terminal, NULL, NULL, NULL);
	CU_ASSERT_TRUE_FATAL(session->child >= 0);
	if (session->child == 0)
		_exit(program_main(20000));
}

/* Waits until `text` is on the screen after what was there before, 10 s at most. */
static bool
session_sees(struct session *session, const char *text)
{
	while (strstr(session->screen, text) == NULL) {
		struct pollfd wait = {.fd = session->terminal, .events = POLLIN};
		ssize_t got;

		if (session->used == sizeof(session->screen) - 1 || poll(&wait, 1, 10000) != 1)
			return false;
		got = read(session->terminal, session->screen + session->used,
			sizeof(session->screen) - 1 - session->used);
		if (got <= 0)
			return false;
		session->used += (size_t)got;
		session->screen[session->used] = '\0';
	}
	return true;
}

static void
session_type(struct session *session, const char *keys, const char *expected)
{
	session->used = 0;
	memset(session->screen, 0, sizeof(session->screen));
	CU_ASSERT_EQUAL(write(session->terminal, keys, strlen(keys)), (ssize_t)strlen(keys));
	if (session_sees(session, expected))
		return;
	CU_FAIL("the expected text did not come");
	printf("    no `%s` in `%s`\n", expected, session->screen);
}

static int
session_end(struct session *session)
{
	int status = 0;

	waitpid(session->child, &status, 0);
	close(session->terminal);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
a_person_can_edit_complete_and_repeat(void)
{
	struct session session;

	session_start(&session);
	CU_ASSERT_TRUE(session_sees(&session, PROMPT_TERMINAL_TEXT));
	session_type(&session, "check table\r", "wrong slots   3\r\n" PROMPT_TERMINAL_TEXT);
	session_type(&session, "\x1b[A\r", "wrong slots   3\r\n"); /* arrow up: again */
	session_type(&session, "show nat x\x7fsummary\r", "two of 64512 ports are in use");
	session_type(&session, "nonsense\r", "error: unknown command\r\nvalue: nonsense\r\n");
	session_type(&session, "ch\t", "eck ");
	session_type(&session, "\t\r", "wrong slots   3\r\n");
	session_type(&session, "show nat \t", "mappings  mappings in use");
	session_type(&session, "host ?", "<address>  private address: an IPv4 address");
	session_type(&session, "\x03", PROMPT_TERMINAL_TEXT); /* Ctrl-C clears the line */
	session_type(&session, "say still here\r", "given   still here\r\n");
	session_type(&session, "\x04", "\r\n"); /* Ctrl-D leaves */
	CU_ASSERT_EQUAL(session_end(&session), LEFT);
}

static void
the_terminal_gets_its_mode_back(void)
{
	struct session session;
	struct termios mode;

	session_start(&session);
	CU_ASSERT_TRUE(session_sees(&session, PROMPT_TERMINAL_TEXT));
	CU_ASSERT_EQUAL(tcgetattr(session.terminal, &mode), 0);
	CU_ASSERT_EQUAL(mode.c_lflag & (ICANON | ECHO), 0);
	session_type(&session, "end\rsay not run\r", "end");
	CU_ASSERT_EQUAL(tcgetattr(session.terminal, &mode), 0);
	/* The mode is back before the program has gone. */
	waitid(P_PID, (id_t)session.child, &(siginfo_t){0}, WEXITED | WNOWAIT);
	CU_ASSERT_EQUAL(tcgetattr(session.terminal, &mode), 0);
	CU_ASSERT_EQUAL(mode.c_lflag & (ICANON | ECHO), ICANON | ECHO);
	CU_ASSERT_FALSE(session_sees(&session, "given"));
	CU_ASSERT_EQUAL(session_end(&session), QUIT);
}

/* Runs the program with `input` as its standard input; what it prints goes to `printed`. */
static int
run_with_input(int input, unsigned int milliseconds, char *printed, size_t size)
{
	int output[2], status = 0;
	size_t used = 0;
	ssize_t got;
	pid_t child;

	CU_ASSERT_EQUAL_FATAL(pipe2(output, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		dup2(input, STDIN_FILENO);
		dup2(output[1], STDOUT_FILENO);
		dup2(output[1], STDERR_FILENO);
		setvbuf(stdout, NULL, _IOLBF, 0);
		_exit(program_main(milliseconds));
	}
	close(output[1]);
	while ((got = read(output[0], printed + used, size - 1 - used)) > 0)
		used += (size_t)got;
	printed[used] = '\0';
	close(output[0]);
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
pipes_and_files_are_scripts_that_go_on(void)
{
	static const char script[] = "say one\nnonsense\n\nsay two\nsay \0x\nend\nsay three\n";
	static const char expected[] =
		"given   one\n"
		"stdin:2: unknown command: nonsense. Expected: help, show, add, capture, say, "
		"start, stop, check, large, quit, end (`help` lists all)\n"
		"given   two\n"
		"stdin:5: the line has a control character at column 5: 0x1a. "
		"Type printable characters only\n";
	char path[] = "/tmp/binfm-terminal-XXXXXX", printed[4096];
	int ends[2], file = mkstemp(path);

	CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
	CU_ASSERT_EQUAL(write(ends[1], script, sizeof(script) - 1), sizeof(script) - 1);
	CU_ASSERT_EQUAL(run_with_input(ends[0], 20000, printed, sizeof(printed)), QUIT);
	CU_ASSERT_STRING_EQUAL(printed, expected);
	CU_ASSERT_FALSE(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
	close(ends[0]);
	close(ends[1]);

	CU_ASSERT_EQUAL(write(file, script, sizeof(script) - 1), sizeof(script) - 1);
	CU_ASSERT_EQUAL(lseek(file, 0, SEEK_SET), 0);
	CU_ASSERT_EQUAL(run_with_input(file, 20000, printed, sizeof(printed)), QUIT);
	CU_ASSERT_STRING_EQUAL(printed, expected);
	close(file);
	unlink(path);
}

/* The end of the input, or none at all, does not end the program: the timer does. */
static void
the_end_of_input_ends_only_the_reading(void)
{
	char printed[4096];
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), ends[2];

	CU_ASSERT_EQUAL(run_with_input(null, 200, printed, sizeof(printed)), TIMED_OUT);
	CU_ASSERT_STRING_EQUAL(printed, "");
	CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
	CU_ASSERT_EQUAL(write(ends[1], "say last", 8), 8);
	close(ends[1]);
	CU_ASSERT_EQUAL(run_with_input(ends[0], 500, printed, sizeof(printed)), TIMED_OUT);
	CU_ASSERT_STRING_EQUAL(printed, "given   last\n");
	close(ends[0]);
	close(null);
}

static void
completion_inserts_what_is_certain(void)
{
	static const struct {
		const char *line, *insert, *first;
	} rows[] = {
		{"sho", "w ", "show  nat"},
		{"st", "", "start  begin to forward"},
		{"show nat", " ", "nat  an overview"},
		{"show nat mappings l", "", "limit   rows at most"},
		{"show nat host ", "",
			"<address>  private address: an IPv4 address such as 10.0.0.1"},
		{"nonsense", "", NULL},
	};
	struct command_registry *registry = sample_registry();
	struct prompt_completion completion;
	char text[256];

	for (size_t i = 0; i < COUNT(rows); i++) {
		prompt_completion_ask(&completion, registry, rows[i].line);
		CU_ASSERT_STRING_EQUAL(completion.insert, rows[i].insert);
		if (rows[i].first == NULL) {
			CU_ASSERT_FALSE(prompt_completion_next(&completion, text, sizeof(text)));
			continue;
		}
		CU_ASSERT_TRUE(prompt_completion_next(&completion, text, sizeof(text)));
		CU_ASSERT_STRING_EQUAL(text, rows[i].first);
	}
	prompt_completion_begin(&completion);
	prompt_completion_add(&completion, "status", "");
	prompt_completion_add(&completion, "statistics", "");
	prompt_completion_end(&completion, "show s");
	CU_ASSERT_STRING_EQUAL(completion.insert, "tat");
	command_registry_free(registry);
}

const struct unit_test unit_tests[] = {
	{"completion_inserts_what_is_certain", completion_inserts_what_is_certain},
	{"a_person_can_edit_complete_and_repeat", a_person_can_edit_complete_and_repeat},
	{"the_terminal_gets_its_mode_back", the_terminal_gets_its_mode_back},
	{"pipes_and_files_are_scripts_that_go_on", pipes_and_files_are_scripts_that_go_on},
	{"the_end_of_input_ends_only_the_reading", the_end_of_input_ends_only_the_reading},
	{NULL, NULL},
};
