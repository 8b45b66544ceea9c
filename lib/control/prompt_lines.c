/* See prompt_lines.h. */
#include "control/prompt_lines.h"

#include <string.h>

static void
run_line(struct prompt_lines *lines)
{
	size_t length = lines->used;

	if (length > 0 && lines->line[length - 1] == '\r')
		length--;
	lines->line[length] = '\0';
	lines->used = 0;
	prompt_script_line(&lines->script, lines->line);
}

bool
prompt_lines_feed(struct prompt_lines *lines, const char *bytes, size_t length)
{
	if (length == 0 && lines->used > 0)
		run_line(lines);
	for (size_t i = 0; i < length && !lines->script.ended; i++) {
		if (bytes[i] == '\n') {
			run_line(lines);
			continue;
		}
		/* A zero byte must not hide what follows; as a control character it is refused. */
		if (lines->used < COMMAND_LINE_BYTES)
			lines->line[lines->used++] = bytes[i] != '\0' ? bytes[i] : '\x1a';
	}
	return !lines->script.ended;
}
