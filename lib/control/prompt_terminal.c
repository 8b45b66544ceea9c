/* See prompt_terminal.h.
 *
 * Life cycle: start makes the input handle and, on a terminal, the line editor and its mode; stop
 * puts the mode back and closes the handle, whose last callback frees everything. Stop may come
 * from within a command, so `stopped` is looked at after each line.
 */
#include "control/prompt_terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <bsd/string.h>

#include <cmdline_rdline.h>

#include "command/render.h"
#include "control/prompt_completion.h"
#include "control/prompt_input.h"
#include "control/prompt_lines.h"

struct prompt_terminal {
	struct prompt_input input; /* first: its handle's callbacks find the rest */
	struct command_registry *registry;
	prompt_left *on_left;
	void *opaque;
	bool stopped;
	bool ended;            /* a command ended the input */
	struct rdline *editor; /* NULL when there is no terminal */
	struct prompt_lines lines;
	struct prompt_completion completion;
};

/* The mode to go back to, for exit() too. One standard input, hence one of these. */
static struct termios mode_before;
static bool mode_changed;

static void
mode_restore(void)
{
	if (mode_changed)
		tcsetattr(STDIN_FILENO, TCSANOW, &mode_before);
	mode_changed = false;
}

/* Characters come singly, unechoed and without signals. Ctrl-S and Ctrl-Q are plain characters: a
 * stopped terminal would stop the control thread. */
static int
mode_change(void)
{
	static bool registered;
	struct termios mode;

	if (tcgetattr(STDIN_FILENO, &mode_before) != 0)
		return -errno;
	mode = mode_before;
	mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	mode.c_iflag &= ~(tcflag_t)IXON;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &mode) != 0)
		return -errno;
	mode_changed = true;
	if (!registered)
		atexit(mode_restore);
	registered = true;
	return 0;
}

/* A program in the background of its terminal would be stopped by reading or setting it. */
static bool
on_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
	       tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static int
editor_write(struct rdline *editor, char character)
{
	return putchar(character) == EOF ? -1 : 0;
}

static void
editor_validate(struct rdline *editor, const char *buffer, unsigned int size)
{
	struct prompt_terminal *terminal = rdline_get_opaque(editor);
	struct result *result = result_new();
	char line[COMMAND_LINE_BYTES], *text;

	strlcpy(line, buffer, sizeof(line));
	line[strcspn(line, "\r\n")] = '\0';
	command_run(terminal->registry, line, result, NULL);
	text = render_text(result);
	fputs(text, stdout);
	free(text);
	terminal->ended = result_ends_input(result);
	result_free(result);
}

/* The editor asks again and again: state 0 (TAB) or -1 (`?`) first, then for one line of the list a
 * time. It takes RDLINE_RES_COMPLETE as "insert this", other positive values as "list this". */
static int
editor_complete(
	struct rdline *editor, const char *buffer, char *text, unsigned int size, int *state)
{
	struct prompt_terminal *terminal = rdline_get_opaque(editor);
	struct prompt_completion *completion = &terminal->completion;

	if (*state <= 0) {
		bool tab = *state == 0;

		prompt_completion_ask(completion, terminal->registry, buffer);
		*state = 1;
		if (tab && completion->insert[0] != '\0') {
			strlcpy(text, completion->insert, size);
			return RDLINE_RES_COMPLETE;
		}
	}
	return prompt_completion_next(completion, text, size) ? 1 : 0;
}

static void
editor_newline(struct prompt_terminal *terminal)
{
	rdline_newline(terminal->editor, PROMPT_TERMINAL_TEXT);
}

static void
remember(struct rdline *editor)
{
	char line[COMMAND_LINE_BYTES];

	strlcpy(line, rdline_get_buffer(editor), sizeof(line));
	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] != '\0')
		rdline_add_history(editor, line);
}

static void
terminal_left(struct prompt_terminal *terminal)
{
	putchar('\n');
	fflush(stdout);
	terminal->ended = true;
	mode_restore();
	if (terminal->on_left != NULL)
		terminal->on_left(terminal->opaque);
}

static void
on_keys(void *opaque, const char *bytes, size_t length)
{
	struct prompt_terminal *terminal = opaque;

	if (length == 0) {
		terminal_left(terminal);
		return;
	}
	for (size_t i = 0; i < length && !terminal->stopped && !terminal->ended; i++) {
		int outcome = rdline_char_in(terminal->editor, bytes[i]);

		if (outcome == RDLINE_RES_VALIDATED) {
			remember(terminal->editor);
			if (!terminal->stopped && !terminal->ended)
				editor_newline(terminal);
		} else if (outcome == RDLINE_RES_EOF) {
			terminal_left(terminal);
		}
	}
	fflush(stdout);
	if (terminal->ended)
		mode_restore();
}

static void
on_piece(void *opaque, const char *bytes, size_t length)
{
	struct prompt_terminal *terminal = opaque;

	if (!terminal->stopped && !terminal->ended)
		terminal->ended = !prompt_lines_feed(&terminal->lines, bytes, length);
}

static void
terminal_free(uv_handle_t *handle)
{
	struct prompt_terminal *terminal = (struct prompt_terminal *)handle;

	rdline_free(terminal->editor);
	free(terminal);
}

struct prompt_terminal *
prompt_terminal_start(uv_loop_t *loop, struct command_registry *registry, prompt_left *on_left,
	void *opaque, struct fault *fault)
{
	struct prompt_terminal *terminal = calloc(1, sizeof(*terminal));
	bool editing = on_terminal();
	int error = 0;

	if (terminal == NULL)
		abort();
	terminal->registry = registry;
	terminal->on_left = on_left;
	terminal->opaque = opaque;
	terminal->lines.script = (struct prompt_script){
		.registry = registry, .name = "stdin", .out = stdout, .errors = stderr};
	if (editing) {
		terminal->editor =
			rdline_new(editor_write, editor_validate, editor_complete, terminal);
		error = terminal->editor == NULL ? -ENOMEM : mode_change();
	}
	if (error == 0)
		error = prompt_input_start(&terminal->input, loop, STDIN_FILENO,
			editing ? on_keys : on_piece, terminal);
	if (error != 0) {
		mode_restore();
		fault_set(fault, -error, "no-prompt", NULL,
			"Start with standard input from /dev/null",
			"standard input cannot be read (%s)", strerror(-error));
		rdline_free(terminal->editor);
		free(terminal);
		return NULL;
	}
	if (editing) {
		editor_newline(terminal);
		fflush(stdout);
	}
	return terminal;
}

void
prompt_terminal_stop(struct prompt_terminal *terminal)
{
	if (terminal == NULL || terminal->stopped)
		return;
	terminal->stopped = true;
	mode_restore();
	prompt_input_close(&terminal->input, terminal_free);
}
