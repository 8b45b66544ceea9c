/* Reads what test/vec/wallet_vectors.py prints: lines of words, bytes in hexadecimal. */
#ifndef WALLET_VECTORS_H
#define WALLET_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#define VECTOR_WORDS      6
#define VECTOR_WORD_BYTES 1024

struct vector_word {
	char text[VECTOR_WORD_BYTES * 2 + 1];
	uint8_t bytes[VECTOR_WORD_BYTES]; /* what the text says in hexadecimal */
	size_t length;
};

struct vector {
	unsigned int word_count;
	struct vector_word words[VECTOR_WORDS]; /* words[0]: the line's kind */
};

/* Runs the program and calls `check` for each line of `kind`. Returns how many there were, or -1
 * when the program failed. */
int vectors_each(const char *kind, void (*check)(const struct vector *vector));

#endif
