/* See log.h. The ring is static: the log works before anything else is set up. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <bsd/string.h>

#define NS_PER_SECOND UINT64_C(1000000000)

static struct log_line lines[LOG_LINES];
static uint64_t line_count;
static enum log_level least = LOG_LEVEL_INFO;
static bool silent;
static struct log_place *suppressing; /* places that have something to tell */

static const char *const level_names[] = {"error", "warn", "info", "debug"};

static uint64_t
wall_clock_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (uint64_t)time.tv_sec * NS_PER_SECOND + (uint64_t)time.tv_nsec;
}

static uint64_t (*now_ns)(void) = wall_clock_ns;

static void
write_out(const struct log_line *line)
{
	/* RFC 5424 severities of error, warning, informational, debug. */
	static const char priorities[] = "3467";
	time_t second = (time_t)(line->time_ns / NS_PER_SECOND);
	char clock[16] = "";
	struct tm time;

	if (!isatty(STDERR_FILENO)) {
		fprintf(stderr, "<%c>%s\n", priorities[line->level], line->text);
		return;
	}
	if (localtime_r(&second, &time) != NULL)
		strftime(clock, sizeof(clock), "%H:%M:%S", &time);
	fprintf(stderr, "%s %-5s %s\n", clock, level_names[line->level], line->text);
}

static void __attribute__((format(printf, 3, 0)))
append(enum log_level level, uint64_t time_ns, const char *format, va_list arguments)
{
	struct log_line *line = &lines[line_count % LOG_LINES];

	line->number = ++line_count;
	line->time_ns = time_ns;
	line->level = level;
	vsnprintf(line->text, sizeof(line->text), format, arguments);
	if (level <= least && !silent)
		write_out(line);
}

static void __attribute__((format(printf, 3, 4)))
append_text(enum log_level level, uint64_t time_ns, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append(level, time_ns, format, arguments);
	va_end(arguments);
}

/* Begins a second of a place: what the one before kept back is told first. */
static void
begin_second(struct log_place *place, uint64_t time_ns)
{
	if (place->suppressed != 0)
		append_text(LOG_LEVEL_WARN, time_ns, "%u more lines of the same kind (%s)",
			place->suppressed,
			strrchr(place->file, '/') != NULL ? strrchr(place->file, '/') + 1
							  : place->file);
	place->second = time_ns / NS_PER_SECOND;
	place->written = 0;
	place->suppressed = 0;
}

static void
leave_suppressing(struct log_place *place)
{
	struct log_place **link = &suppressing;

	while (*link != NULL && *link != place)
		link = &(*link)->next;
	if (*link == place)
		*link = place->next;
}

void
log_write(struct log_place *place, enum log_level level, const char *format, ...)
{
	uint64_t time_ns = now_ns();
	va_list arguments;

	if (time_ns / NS_PER_SECOND != place->second) {
		leave_suppressing(place);
		begin_second(place, time_ns);
	}
	if (place->written == LOG_PLACE_LINES) {
		if (place->suppressed++ == 0) {
			place->next = suppressing;
			suppressing = place;
		}
		return;
	}
	place->written++;
	va_start(arguments, format);
	append(level, time_ns, format, arguments);
	va_end(arguments);
}

void
log_tick(void)
{
	uint64_t time_ns = now_ns();
	struct log_place **link = &suppressing;

	while (*link != NULL) {
		struct log_place *place = *link;

		if (place->second == time_ns / NS_PER_SECOND) {
			link = &place->next;
			continue;
		}
		*link = place->next;
		begin_second(place, time_ns);
	}
}

void
log_set_level(enum log_level level)
{
	least = level;
}

enum log_level
log_get_level(void)
{
	return least;
}

void
log_set_quiet(bool quiet)
{
	silent = quiet;
}

int
log_level_parse(const char *text, enum log_level *level)
{
	for (unsigned int i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++)
		if (strcmp(level_names[i], text) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	return -EINVAL;
}

const char *
log_level_name(enum log_level level)
{
	return level_names[level];
}

const struct log_line *
log_next(uint64_t after)
{
	uint64_t oldest = line_count > LOG_LINES ? line_count - LOG_LINES + 1 : 1;
	uint64_t number = after + 1 > oldest ? after + 1 : oldest;

	return number <= line_count ? &lines[(number - 1) % LOG_LINES] : NULL;
}

uint64_t
log_count(void)
{
	return line_count;
}

void
log_set_clock(uint64_t (*clock_ns)(void))
{
	now_ns = clock_ns != NULL ? clock_ns : wall_clock_ns;
}
