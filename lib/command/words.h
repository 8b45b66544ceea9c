/* Cuts a line into words. A word is peeked at before it is taken, because only the command table
 * says whether it belongs to the command's own words or to its arguments. Pure; any thread. */
#ifndef COMMAND_WORDS_H
#define COMMAND_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "command/command.h"

struct words {
	const char *at;                  /* what has not been taken yet */
	size_t length;                   /* bytes of the word that was peeked at */
	size_t used;                     /* of `copies` */
	char copies[COMMAND_LINE_BYTES]; /* the words taken so far, each with its NUL */
};

/* `line` must be shorter than COMMAND_LINE_BYTES and outlive `words`. */
void words_start(struct words *words, const char *line);

/* The next word, or NULL at the end of the line. Its text lives as long as `words`, if it is taken;
 * else until the next call. */
const char *words_peek(struct words *words);

/* Takes the word that words_peek() showed. */
void words_take(struct words *words);

/* Takes the rest of the line, without blanks around it; "" at the end of the line. */
const char *words_rest(struct words *words);

/* Spaces and tabs separate words. */
static inline bool
words_blank(char character)
{
	return character == ' ' || character == '\t';
}

#endif
