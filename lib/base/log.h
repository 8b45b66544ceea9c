/* The event log: what happened, kept for `show log` and written to standard error.
 *
 * The last LOG_LINES lines stay in memory, whatever the level; standard error gets those that are
 * at least as important as the level. When it is not a terminal each line begins with the priority
 * that systemd's journal understands ("<4>", sd-daemon(3)) and without a time, which the journal
 * adds; on a terminal it begins with the time of day.
 *
 * Every place in the program that logs may write LOG_PLACE_LINES lines a second; what is beyond is
 * counted, and the count is told once the second is over. So a flood of one event can neither fill
 * the disk nor push other events out of the ring.
 *
 * Threads: control thread only. Workers count; control looks at the counters and tells.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_LINES       1024
#define LOG_TEXT_BYTES  192
#define LOG_PLACE_LINES 10 /* a second */

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_line {
	uint64_t number;  /* counts from 1, over all lines since the start */
	uint64_t time_ns; /* wall clock, since 1970 */
	enum log_level level;
	char text[LOG_TEXT_BYTES];
};

/* One place that logs; made by log_event(). */
struct log_place {
	struct log_place *next; /* among the places with suppressed lines */
	const char *file;
	uint64_t second;
	unsigned int written, suppressed;
};

#define log_event(level, ...)                                                \
	do {                                                                 \
		static struct log_place log_place_here = {.file = __FILE__}; \
		log_write(&log_place_here, level, __VA_ARGS__);              \
	} while (0)
#define log_error(...) log_event(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_event(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_event(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_event(LOG_LEVEL_DEBUG, __VA_ARGS__)

void log_write(struct log_place *place, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Tells what was suppressed in seconds that are over; to be called about once a second. */
void log_tick(void);

/* The least important level that standard error gets; info at first. */
void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/* Standard error gets nothing, for tests. */
void log_set_quiet(bool quiet);

/* "warn" -> LOG_LEVEL_WARN. 0 or -EINVAL. */
int log_level_parse(const char *text, enum log_level *level);
const char *log_level_name(enum log_level level);

/* The line after number `after` that is still kept, or NULL; 0 begins with the oldest. */
const struct log_line *log_next(uint64_t after);

/* Lines written since the start; those numbered above log_count() - LOG_LINES are kept. */
uint64_t log_count(void);

/* Replaces the wall clock, for tests; NULL puts it back. */
void log_set_clock(uint64_t (*now_ns)(void));

#endif
