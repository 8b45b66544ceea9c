/* binfm-cli: the prompt of a binfm program from another terminal or a script.
 *
 * One command from the arguments; lines from standard input when that is no terminal, up to the
 * first one that fails; else an interactive prompt. The exit status is that of the command, as
 * enum result_exit says. */
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bsd/string.h>

#include "client.h"
#include "command/command.h"
#include "control/prompt_protocol.h"
#include "interactive.h"
#include "output.h"

static const char help_text[] =
	"usage: binfm-cli [--socket PATH] [--json] [COMMAND...]\n"
	"\n"
	"Runs a command of a binfm program that listens at a prompt socket. Without a\n"
	"command: reads lines from standard input, with editing on a terminal.\n"
	"\n"
	"  --socket PATH  the program's socket (" PROMPT_SOCKET_PATH ")\n"
	"  --json         answer as one JSON object a line\n"
	"  --help         this text; `binfm-cli help` lists the program's commands\n"
	"  --version      version of binfm-cli\n"
	"\n"
	"exit status: 0 done, 1 refused or failed, 2 usage, 3 unreachable,\n"
	"             4 a check found faults\n";

/* Asks for one line and prints the answer; *ends is set when the command ends the input. */
static int
run_line(struct client *client, const struct output *output, const char *line, bool *ends)
{
	json_t *answer;
	struct fault fault;
	int status;

	if (client_run(client, line, output->as_json, &answer, &fault) != 0)
		return output_unreachable(output, &fault);
	status = output_answer(output, answer);
	*ends = json_is_true(json_object_get(answer, "ends"));
	json_decref(answer);
	return status;
}

/* The words of the command line as one line, as the prompt would have it. */
static int
run_arguments(struct client *client, const struct output *output, char *const *words)
{
	/* Room for one byte more than a command may have, so that what is cut stays too long. */
	char line[COMMAND_LINE_BYTES + 1] = "";
	bool ends;

	for (; *words != NULL; words++) {
		if (line[0] != '\0')
			strlcat(line, " ", sizeof(line));
		strlcat(line, *words, sizeof(line));
	}
	return run_line(client, output, line, &ends);
}

/* Lines of a script. A check that found faults (status 4) does not stop it. */
static int
run_script(struct client *client, struct output *output)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	int status = RESULT_DONE, last = RESULT_DONE;
	bool ends = false;

	while (!ends && (last == RESULT_DONE || last == RESULT_FOUND_FAULTS) &&
		(length = getline(&line, &size, stdin)) >= 0) {
		const char *start;

		output->line_number++;
		while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
			line[--length] = '\0';
		/* A zero byte must not hide what follows; as a control character it is refused. */
		for (ssize_t i = 0; i < length; i++)
			if (line[i] == '\0')
				line[i] = '\x1a';
		start = line + strspn(line, " \t");
		if (*start == '\0' || *start == '#')
			continue;
		last = run_line(client, output, line, &ends);
		if (last != RESULT_DONE)
			status = last;
	}
	free(line);
	return status;
}

int
main(int argument_count, char **arguments)
{
	static const struct option options[] = {
		{"socket", required_argument, NULL, 's'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	struct client client = {.path = PROMPT_SOCKET_PATH, .descriptor = -1};
	struct output output = {.as_json = false};
	int option, status;

	setlocale(LC_CTYPE, "");
	/* "+": options end at the first word of the command. */
	while ((option = getopt_long(argument_count, arguments, "+", options, NULL)) != -1) {
		switch (option) {
		case 's':
			client.path = optarg;
			break;
		case 'j':
			output.as_json = true;
			break;
		case 'h':
			fputs(help_text, stdout);
			return RESULT_DONE;
		case 'v':
			puts("binfm-cli " BINFM_VERSION);
			return RESULT_DONE;
		default:
			fputs("binfm-cli --help shows the options\n", stderr);
			return RESULT_USAGE;
		}
	}
	if (optind < argument_count)
		status = run_arguments(&client, &output, arguments + optind);
	else if (!isatty(STDIN_FILENO))
		status = run_script(&client, &output);
	else
		status = interactive_run(&client, &output);
	client_disconnect(&client);
	return status;
}
