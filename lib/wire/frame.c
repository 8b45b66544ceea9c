/* See frame.h: what is too rare to be inline. */
#include "wire/frame.h"

#define OPTION_END          0
#define OPTION_NOP          1
#define OPTION_LOOSE_ROUTE  131
#define OPTION_STRICT_ROUTE 137

enum drop_reason
frame_check_options(const uint8_t *options, unsigned int length)
{
	unsigned int at = 0;

	while (at < length && options[at] != OPTION_END) {
		if (options[at] == OPTION_NOP) {
			at++;
			continue;
		}
		if (options[at] == OPTION_LOOSE_ROUTE || options[at] == OPTION_STRICT_ROUTE)
			return DROP_IP_SOURCE_ROUTE;
		if (length - at < 2 || options[at + 1] < 2 || options[at + 1] > length - at)
			return DROP_IP_OPTIONS;
		at += options[at + 1];
	}
	return DROP_NONE;
}
