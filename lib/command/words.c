/* See words.h. */
#include "command/words.h"

#include <string.h>

void
words_start(struct words *words, const char *line)
{
	words->at = line;
	words->length = 0;
	words->used = 0;
}

static void
skip_blanks(struct words *words)
{
	while (words_blank(*words->at))
		words->at++;
}

const char *
words_peek(struct words *words)
{
	char *copy = words->copies + words->used;

	skip_blanks(words);
	for (words->length = 0; words->at[words->length] != '\0'; words->length++)
		if (words_blank(words->at[words->length]))
			break;
	if (words->length == 0)
		return NULL;
	/* Each copy takes its word's bytes and one more, as the word and its separator did in the
	 * line: so the copies never need more than the line and its NUL. */
	memcpy(copy, words->at, words->length);
	copy[words->length] = '\0';
	return copy;
}

void
words_take(struct words *words)
{
	words->at += words->length;
	words->used += words->length + 1;
	words->length = 0;
}

const char *
words_rest(struct words *words)
{
	char *copy = words->copies + words->used;
	size_t length;

	skip_blanks(words);
	length = strlen(words->at);
	while (length > 0 && words_blank(words->at[length - 1]))
		length--;
	if (length == 0)
		return "";
	memcpy(copy, words->at, length);
	copy[length] = '\0';
	words->at += strlen(words->at);
	words->used += length + 1;
	words->length = 0;
	return copy;
}
