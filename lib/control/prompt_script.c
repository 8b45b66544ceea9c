/* See prompt_script.h. */
#include "control/prompt_script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command/render.h"

int
prompt_script_line(struct prompt_script *script, const char *line)
{
	struct result *result = result_new();
	const struct fault *fault;
	char text[600];

	script->line_number++;
	command_run(script->registry, line, result, NULL);
	fault = result_failure(result);
	if (fault == NULL) {
		char *answer = render_text(result);

		fputs(answer, script->out);
		free(answer);
	} else {
		fprintf(script->errors, "%s:%u: %s\n", script->name, script->line_number,
			fault_text(fault, text, sizeof(text)));
	}
	fflush(script->out);
	script->ended = result_ends_input(result);
	result_free(result);
	return fault != NULL ? -EINVAL : 0;
}

/* Reads a line without its end into `line`. One that is too long stays too long for command_run(),
 * which refuses it. Returns false at the end of the file, and *nul tells of a zero byte. */
static bool
read_line(FILE *file, char line[COMMAND_LINE_BYTES + 1], bool *nul)
{
	size_t used = 0;
	int byte;

	*nul = false;
	while ((byte = getc(file)) != EOF && byte != '\n' && used < COMMAND_LINE_BYTES) {
		if (byte == '\0')
			*nul = true;
		line[used++] = (char)byte;
	}
	if (used > 0 && line[used - 1] == '\r')
		used--;
	line[used] = '\0';
	return used > 0 || byte == '\n';
}

int
prompt_script_run(struct command_registry *registry, const char *path, FILE *out, FILE *errors)
{
	struct prompt_script script = {
		.registry = registry, .name = path, .out = out, .errors = errors};
	char line[COMMAND_LINE_BYTES + 1];
	FILE *file = fopen(path, "re");
	int error = 0;
	bool nul;

	if (file == NULL) {
		error = -errno;
		fprintf(errors, "%s: the file of commands cannot be read (%s). Correct the path\n",
			path, strerror(errno));
		return error;
	}
	while (error == 0 && !script.ended && read_line(file, line, &nul)) {
		if (nul) {
			error = -EINVAL;
			fprintf(errors, "%s:%u: the line has a zero byte. Is this a text file?\n",
				path, script.line_number + 1);
		} else {
			error = prompt_script_line(&script, line);
		}
	}
	if (error == 0 && ferror(file)) {
		error = -EIO;
		fprintf(errors,
			"%s:%u: reading stopped in the middle of the file. Check the disk\n", path,
			script.line_number + 1);
	}
	fclose(file);
	return error;
}
