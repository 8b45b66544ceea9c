/* See prompt_completion.h. */
#include "control/prompt_completion.h"

#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#include "command/words.h"

void
prompt_completion_begin(struct prompt_completion *completion)
{
	completion->count = 0;
	completion->shown = 0;
	completion->insert[0] = '\0';
}

void
prompt_completion_add(struct prompt_completion *completion, const char *word, const char *help)
{
	struct prompt_candidate *candidate;

	if (completion->count == PROMPT_CANDIDATES_MAX)
		return;
	candidate = &completion->candidates[completion->count++];
	strlcpy(candidate->word, word, sizeof(candidate->word));
	strlcpy(candidate->help, help, sizeof(candidate->help));
}

void
prompt_completion_end(struct prompt_completion *completion, const char *line)
{
	const char *first = completion->candidates[0].word, *start = line + strlen(line);
	size_t common, typed;

	while (start > line && !words_blank(start[-1]))
		start--;
	typed = strlen(start);
	/* A hint in angle brackets says what to type; it is not what to type. */
	if (completion->count == 0 || first[0] == '<' || strlen(first) < typed)
		return;
	common = strlen(first);
	for (unsigned int i = 1; i < completion->count; i++) {
		size_t same = 0;

		while (same < common && completion->candidates[i].word[same] == first[same])
			same++;
		common = same;
	}
	if (common < typed)
		return;
	snprintf(completion->insert, sizeof(completion->insert), "%.*s%s", (int)(common - typed),
		first + typed, completion->count == 1 ? " " : "");
}

static void
add(void *opaque, const char *word, const char *help)
{
	prompt_completion_add(opaque, word, help);
}

void
prompt_completion_ask(
	struct prompt_completion *completion, struct command_registry *registry, const char *line)
{
	prompt_completion_begin(completion);
	command_complete(registry, line, add, completion);
	prompt_completion_end(completion, line);
}

bool
prompt_completion_next(struct prompt_completion *completion, char *text, size_t size)
{
	const struct prompt_candidate *candidate;
	int width = 0;

	if (completion->shown == completion->count)
		return false;
	for (unsigned int i = 0; i < completion->count; i++) {
		int length = (int)strlen(completion->candidates[i].word);

		if (length > width)
			width = length;
	}
	candidate = &completion->candidates[completion->shown++];
	snprintf(text, size, "%-*s  %s", width, candidate->word, candidate->help);
	return true;
}
