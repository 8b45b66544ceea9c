/* base/log: levels, the ring, the limit of each place, what standard error gets. */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

const char *const unit_suite = "log";

static uint64_t clock_ns;

static uint64_t
test_clock(void)
{
	return clock_ns;
}

static void
begin(void)
{
	clock_ns += 1000 * UINT64_C(1000000000);
	log_set_clock(test_clock);
	log_set_quiet(true);
	log_tick();
}

/* The text of the n-th line from the end, 0 = the last. */
static const char *
line_text(uint64_t from_end)
{
	const struct log_line *line = log_next(log_count() - from_end - 1);

	return line != NULL ? line->text : "";
}

static void
lines_have_number_time_and_level(void)
{
	uint64_t before;
	const struct log_line *line;

	begin();
	before = log_count();
	clock_ns += 5;
	log_warn("port %u is %s", 3, "down");
	line = log_next(before);
	CU_ASSERT_PTR_NOT_NULL_FATAL(line);
	CU_ASSERT_EQUAL(line->number, before + 1);
	CU_ASSERT_EQUAL(line->time_ns, clock_ns);
	CU_ASSERT_EQUAL(line->level, LOG_LEVEL_WARN);
	CU_ASSERT_STRING_EQUAL(line->text, "port 3 is down");
	CU_ASSERT_PTR_NULL(log_next(line->number));
}

static void
the_ring_keeps_the_last(void)
{
	uint64_t last;

	begin();
	for (unsigned int i = 0; i < 2 * LOG_LINES; i++) {
		clock_ns += 1000000000;
		log_info("line %u", i);
	}
	last = log_count();
	CU_ASSERT_STRING_EQUAL(line_text(0), "line 2047");
	CU_ASSERT_EQUAL(log_next(0)->number, last - LOG_LINES + 1);
	CU_ASSERT_STRING_EQUAL(log_next(0)->text, "line 1024");
}

static void
long_lines_are_cut(void)
{
	char text[2 * LOG_TEXT_BYTES];

	begin();
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
	CU_ASSERT_EQUAL(strlen(line_text(0)), LOG_TEXT_BYTES - 1);
}

static void
flood(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		log_info("flood");
}

static void
a_flood_is_limited_and_told(void)
{
	uint64_t before;

	begin();
	before = log_count();
	flood(1000);
	CU_ASSERT_EQUAL(log_count() - before, LOG_PLACE_LINES);
	/* Another place is not held back by this one. */
	log_info("something else");
	CU_ASSERT_EQUAL(log_count() - before, LOG_PLACE_LINES + 1);
	/* Within the second nothing is told yet. */
	log_tick();
	CU_ASSERT_EQUAL(log_count() - before, LOG_PLACE_LINES + 1);
	clock_ns += 1000000000;
	log_tick();
	CU_ASSERT_STRING_EQUAL(line_text(0), "990 more lines of the same kind (test_log.c)");
	log_tick();
	CU_ASSERT_EQUAL(log_count() - before, LOG_PLACE_LINES + 2);
	/* And the place may write again. */
	flood(1);
	CU_ASSERT_STRING_EQUAL(line_text(0), "flood");
}

/* Without a tick the place itself tells, before its next line. */
static void
the_next_line_tells_what_was_suppressed(void)
{
	begin();
	flood(13);
	clock_ns += 2000000000;
	flood(1);
	CU_ASSERT_STRING_EQUAL(line_text(1), "3 more lines of the same kind (test_log.c)");
	CU_ASSERT_STRING_EQUAL(line_text(0), "flood");
	clock_ns += 2000000000;
	log_tick();
	CU_ASSERT_STRING_EQUAL(line_text(0), "flood");
}

static void
levels_have_names(void)
{
	enum log_level level = LOG_LEVEL_ERROR;

	CU_ASSERT_EQUAL(log_level_parse("debug", &level), 0);
	CU_ASSERT_EQUAL(level, LOG_LEVEL_DEBUG);
	CU_ASSERT_NOT_EQUAL(log_level_parse("loud", &level), 0);
	CU_ASSERT_EQUAL(level, LOG_LEVEL_DEBUG);
	CU_ASSERT_STRING_EQUAL(log_level_name(LOG_LEVEL_ERROR), "error");
}

/* Standard error is a pipe here: the journal's form, and the level decides. */
static void
standard_error_gets_priorities(void)
{
	char text[256] = "";
	int ends[2], saved = dup(STDERR_FILENO);

	begin();
	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	log_set_quiet(false);
	log_set_level(LOG_LEVEL_WARN);
	log_error("one");
	log_info("two");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("three");
	log_set_level(LOG_LEVEL_INFO);
	log_set_quiet(true);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	CU_ASSERT_TRUE(read(ends[0], text, sizeof(text) - 1) > 0);
	close(ends[0]);
	CU_ASSERT_STRING_EQUAL(text, "<3>one\n<7>three\n");
	/* What standard error did not get is kept all the same. */
	CU_ASSERT_STRING_EQUAL(line_text(1), "two");
}

const struct unit_test unit_tests[] = {
	{"lines_have_number_time_and_level", lines_have_number_time_and_level},
	{"the_ring_keeps_the_last", the_ring_keeps_the_last},
	{"long_lines_are_cut", long_lines_are_cut},
	{"a_flood_is_limited_and_told", a_flood_is_limited_and_told},
	{"the_next_line_tells_what_was_suppressed", the_next_line_tells_what_was_suppressed},
	{"levels_have_names", levels_have_names},
	{"standard_error_gets_priorities", standard_error_gets_priorities},
	{NULL, NULL},
};
