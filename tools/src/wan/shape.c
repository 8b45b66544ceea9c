/* See shape.h. Each word is a row: how it is read, where its value goes, what it may be. */
#include "shape.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#include "shape_value.h"

#define TIME_MOST_NS UINT64_C(60000000000)
#define RATE_MOST    UINT64_C(100000000000)
#define SIZE_MOST    (UINT64_C(1) << 30)
#define QUEUE_BYTES  (UINT64_C(256) << 10)
#define MEMORY_BYTES (UINT64_C(32) << 20)
#define VALUE_BYTES  64
#define ROWS         (sizeof(rows) / sizeof(rows[0]))
#define AT(member)   offsetof(struct shape, member)

enum row_kind { ROW_AMOUNT, ROW_SHARE, ROW_CHOICE, ROW_JITTER, ROW_BURST };

struct row {
	const char *word, *help;
	enum row_kind kind;
	size_t offset;
	const struct shape_unit *units;
	uint64_t most;
	const char *choices[2]; /* false, true */
};

static const struct row rows[] = {
	{"delay", "TIME: 250us, 40ms, 1.5s; at most 60s", ROW_AMOUNT, AT(delay_ns), shape_times,
		TIME_MOST_NS},
	{"jitter", "TIME[,uniform|,normal]: half width, or standard deviation cut at 4", ROW_JITTER,
		AT(jitter_ns), shape_times, TIME_MOST_NS},
	{"loss", "SHARE: each frame by itself, 3%", ROW_SHARE, AT(loss)},
	{"burst", "ENTER,LEAVE[,LOSS]: shares of Gilbert and Elliott, 1%,20%,90%", ROW_BURST,
		AT(burst_enter)},
	{"duplicate", "SHARE of the frames come twice", ROW_SHARE, AT(duplicate)},
	{"reorder", "SHARE of the frames skip the delay", ROW_SHARE, AT(reorder)},
	{"order", "kept or free: whether jitter may let frames overtake each other", ROW_CHOICE,
		AT(order_free), NULL, 0, {"kept", "free"}},
	{"rate", "RATE: 10mbit (bit, kbit, mbit, gbit); 0 is unlimited", ROW_AMOUNT,
		AT(rate_bits_per_second), shape_rates, RATE_MOST},
	{"bucket", "SIZE that may pass at once after a silence: 0, 15000, 64K", ROW_AMOUNT,
		AT(bucket_bytes), shape_sizes, SIZE_MOST},
	{"queue", "SIZE that may wait for the rate: 256K, 1M", ROW_AMOUNT, AT(queue_bytes),
		shape_sizes, SIZE_MOST},
	{"memory", "SIZE of what may be on its way: 32M", ROW_AMOUNT, AT(memory_bytes), shape_sizes,
		SIZE_MOST},
	{"partition", "on or off: nothing passes", ROW_CHOICE, AT(partition), NULL, 0,
		{"off", "on"}},
};

void
shape_default(struct shape *shape)
{
	memset(shape, 0, sizeof(*shape));
	shape->queue_bytes = QUEUE_BYTES;
	shape->memory_bytes = MEMORY_BYTES;
}

const char *
shape_word(unsigned int number, const char **help)
{
	if (number >= ROWS)
		return NULL;
	*help = rows[number].help;
	return rows[number].word;
}

/* Cuts `text` at its commas. Returns how many pieces there are, 0 when too many. */
static unsigned int
split(char *text, char *pieces[], unsigned int most)
{
	unsigned int count = 0;

	for (char *rest = text; rest != NULL;) {
		if (count == most)
			return 0;
		pieces[count++] = strsep(&rest, ",");
	}
	return count;
}

static int
read_jitter(const struct row *row, char *text, struct shape *shape)
{
	char *pieces[2];
	unsigned int count = split(text, pieces, 2);

	if (count == 0)
		return -EINVAL;
	shape->jitter = SHAPE_UNIFORM;
	if (count == 2 && strcmp(pieces[1], "normal") == 0)
		shape->jitter = SHAPE_NORMAL;
	else if (count == 2 && strcmp(pieces[1], "uniform") != 0)
		return -EINVAL;
	return shape_amount(pieces[0], row->units, row->most, &shape->jitter_ns);
}

/* "0%" alone switches bursts off. A burst that is entered and never left is a partition. */
static int
read_burst(char *text, struct shape *shape)
{
	char *pieces[3];
	unsigned int count = split(text, pieces, 3);

	if (count == 0 || shape_share(pieces[0], &shape->burst_enter) != 0)
		return -EINVAL;
	shape->burst_leave = 0;
	shape->burst_loss = shape->burst_enter > 0 ? 1 : 0;
	if (shape->burst_enter == 0)
		return count == 1 ? 0 : -EINVAL;
	if (count < 2 || shape_share(pieces[1], &shape->burst_leave) != 0 ||
		shape->burst_leave == 0)
		return -EINVAL;
	return count == 3 ? shape_share(pieces[2], &shape->burst_loss) : 0;
}

static int
read_value(const struct row *row, const char *value, struct shape *shape)
{
	void *member = (char *)shape + row->offset;
	char copy[VALUE_BYTES];

	if (strlcpy(copy, value, sizeof(copy)) >= sizeof(copy))
		return -EINVAL;
	switch (row->kind) {
	case ROW_AMOUNT:
		return shape_amount(value, row->units, row->most, member);
	case ROW_SHARE:
		return shape_share(value, member);
	case ROW_JITTER:
		return read_jitter(row, copy, shape);
	case ROW_BURST:
		return read_burst(copy, shape);
	case ROW_CHOICE:
		for (int choice = 0; choice < 2; choice++) {
			if (strcmp(value, row->choices[choice]) == 0) {
				*(bool *)member = choice;
				return 0;
			}
		}
		break;
	}
	return -EINVAL;
}

int
shape_set(struct shape *shape, const char *word, const char *value, struct fault *fault)
{
	struct shape changed = *shape;

	for (const struct row *row = rows; row < rows + ROWS; row++) {
		if (strcmp(word, row->word) != 0)
			continue;
		if (read_value(row, value, &changed) != 0)
			return fault_set(fault, EINVAL, "bad-value", value, row->help,
				"'%s' does not accept this value", row->word);
		*shape = changed;
		return 0;
	}
	return fault_set(fault, EINVAL, "unknown-word", word, "See tools/wan --help",
		"no property of a link has this name");
}

int
shape_parse(struct shape *shape, const char *text, struct fault *fault)
{
	struct shape changed = *shape;
	char copy[SHAPE_TEXT_BYTES], *position = copy, *word, *value;

	if (strlcpy(copy, text, sizeof(copy)) >= sizeof(copy))
		return fault_set(fault, EINVAL, "too-long", NULL, "Say less at a time",
			"the words for a link must have less than %d bytes", SHAPE_TEXT_BYTES);
	for (;;) {
		while ((word = strsep(&position, " \t")) != NULL && *word == '\0')
			continue;
		if (word == NULL)
			break;
		while ((value = strsep(&position, " \t")) != NULL && *value == '\0')
			continue;
		if (value == NULL)
			return fault_set(fault, EINVAL, "no-value", word,
				"Write a value after each word: delay 40ms",
				"this word stands without a value");
		if (shape_set(&changed, word, value, fault) != 0)
			return -EINVAL;
	}
	*shape = changed;
	return 0;
}

static void
write_value(const struct row *row, const struct shape *shape, char *text, size_t size)
{
	const void *member = (const char *)shape + row->offset;

	switch (row->kind) {
	case ROW_AMOUNT:
		shape_amount_text(*(const uint64_t *)member, row->units, text, size);
		break;
	case ROW_SHARE:
		snprintf(text, size, "%.10g%%", *(const double *)member * 100);
		break;
	case ROW_CHOICE:
		strlcpy(text, row->choices[*(const bool *)member], size);
		break;
	case ROW_JITTER:
		shape_amount_text(shape->jitter_ns, row->units, text, size);
		if (shape->jitter == SHAPE_NORMAL)
			strlcat(text, ",normal", size);
		break;
	case ROW_BURST:
		if (shape->burst_enter == 0)
			strlcpy(text, "0%", size);
		else
			snprintf(text, size, "%.10g%%,%.10g%%,%.10g%%", shape->burst_enter * 100,
				shape->burst_leave * 100, shape->burst_loss * 100);
		break;
	}
}

char *
shape_text(const struct shape *shape, char *text, size_t size)
{
	struct shape plain;

	text[0] = '\0';
	shape_default(&plain);
	for (const struct row *row = rows; row < rows + ROWS; row++) {
		char value[VALUE_BYTES], plain_value[VALUE_BYTES];

		write_value(row, shape, value, sizeof(value));
		write_value(row, &plain, plain_value, sizeof(plain_value));
		if (strcmp(value, plain_value) == 0)
			continue;
		if (text[0] != '\0')
			strlcat(text, " ", size);
		strlcat(text, row->word, size);
		strlcat(text, " ", size);
		strlcat(text, value, size);
	}
	return text;
}
