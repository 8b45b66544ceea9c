/* See interactive.h. */
#include "interactive.h"

#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "command/result.h"
#include "control/prompt_completion.h"

#define HISTORY_LINES 500

static char *
prompt_text(EditLine *editor)
{
	static char text[] = "binfm> ";

	return text;
}

/* Asks the program for the candidates of `line`. Returns false when nobody answers. */
static bool
ask_candidates(struct client *client, const char *line, struct prompt_completion *completion)
{
	json_t *request = json_pack("{s:s}", "complete", line), *answer, *candidate;
	struct fault fault;
	size_t index;
	int error;

	prompt_completion_begin(completion);
	if (request == NULL) /* no UTF-8 */
		return true;
	error = client_ask(client, request, &answer, &fault);
	json_decref(request);
	if (error != 0)
		return false;
	json_array_foreach (json_object_get(answer, "candidates"), index, candidate) {
		const char *word = NULL, *help = NULL;

		if (json_unpack(candidate, "{s:s, s:s}", "word", &word, "help", &help) == 0)
			prompt_completion_add(completion, word, help);
	}
	prompt_completion_end(completion, line);
	json_decref(answer);
	return true;
}

/* TAB: inserts what is certain, else lists the candidates below the line. */
static unsigned char
on_tab(EditLine *editor, int key)
{
	static struct prompt_completion completion;
	const LineInfo *info = el_line(editor);
	char line[1024], text[256];
	struct client *client;
	size_t length = (size_t)(info->cursor - info->buffer);

	if (length >= sizeof(line) || el_get(editor, EL_CLIENTDATA, &client) != 0)
		return CC_ERROR;
	memcpy(line, info->buffer, length);
	line[length] = '\0';
	if (!ask_candidates(client, line, &completion) || completion.count == 0)
		return CC_ERROR;
	if (completion.insert[0] != '\0')
		return el_insertstr(editor, completion.insert) == 0 ? CC_REFRESH : CC_ERROR;
	fputs("\n", stdout);
	while (prompt_completion_next(&completion, text, sizeof(text)))
		printf("  %s\n", text);
	fflush(stdout);
	return CC_REDISPLAY;
}

static EditLine *
editor_new(struct client *client, History *past)
{
	EditLine *editor = el_init("binfm-cli", stdin, stdout, stderr);

	if (editor == NULL)
		return NULL;
	el_set(editor, EL_CLIENTDATA, client);
	el_set(editor, EL_PROMPT, prompt_text);
	el_set(editor, EL_EDITOR, "emacs");
	el_set(editor, EL_SIGNAL, 1); /* the terminal is put right when a signal ends the program */
	el_set(editor, EL_HIST, history, past);
	el_set(editor, EL_ADDFN, "complete", "complete the word", on_tab);
	el_set(editor, EL_BIND, "^I", "complete", NULL);
	return editor;
}

/* Runs one line. An unreachable program is reported; the next line tries again. */
static void
run_line(struct client *client, const struct output *output, const char *line)
{
	json_t *answer;
	struct fault fault;

	if (client_run(client, line, output->as_json, &answer, &fault) != 0) {
		output_unreachable(output, &fault);
		return;
	}
	output_answer(output, answer);
	json_decref(answer);
}

int
interactive_run(struct client *client, const struct output *output)
{
	History *past;
	HistEvent event;
	EditLine *editor;
	struct fault fault;
	const char *typed;
	int count;

	if (client_connect(client, &fault) != 0)
		return output_unreachable(output, &fault);
	past = history_init();
	if (past == NULL)
		return RESULT_FAILED;
	history(past, &event, H_SETSIZE, HISTORY_LINES);
	history(past, &event, H_SETUNIQUE, 1);
	editor = editor_new(client, past);
	if (editor == NULL) {
		history_end(past);
		return RESULT_FAILED;
	}
	puts("Prompt of the program at the socket: TAB completes, `help` lists; Ctrl-D leaves.");
	while ((typed = el_gets(editor, &count)) != NULL && count > 0) {
		char *line = strndup(typed, strcspn(typed, "\r\n"));
		bool leave = strcmp(line, "exit") == 0 || strcmp(line, "quit") == 0;

		if (line[strspn(line, " \t")] != '\0' && !leave) {
			history(past, &event, H_ENTER, line);
			run_line(client, output, line);
		}
		free(line);
		if (leave)
			break;
	}
	if (typed == NULL)
		puts("");
	el_end(editor);
	history_end(past);
	return RESULT_DONE;
}
