/* See wallet_vectors.h. */
#include "wallet_vectors.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

static void
read_word(struct vector_word *word, const char *text)
{
	snprintf(word->text, sizeof(word->text), "%s", text);
	word->length = 0;
	sodium_hex2bin(
		word->bytes, sizeof(word->bytes), text, strlen(text), NULL, &word->length, NULL);
}

static void
read_line(struct vector *vector, char *line)
{
	char *rest = line, *text;

	memset(vector, 0, sizeof(*vector));
	while (vector->word_count < VECTOR_WORDS && (text = strtok_r(NULL, " \n", &rest)) != NULL)
		read_word(&vector->words[vector->word_count++], text);
}

int
vectors_each(const char *kind, void (*check)(const struct vector *vector))
{
	FILE *python =
		popen("/usr/bin/python3 " TEST_VEC_DIRECTORY "/wallet_vectors.py 12 16", "r");
	static struct vector vector;
	char *line = NULL;
	size_t room = 0;
	int count = 0;

	if (python == NULL)
		return -1;
	while (getline(&line, &room, python) > 0) {
		read_line(&vector, line);
		if (strcmp(vector.words[0].text, kind) == 0) {
			check(&vector);
			count++;
		}
	}
	free(line);
	return pclose(python) == 0 ? count : -1;
}
