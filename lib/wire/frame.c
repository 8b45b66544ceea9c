/* See frame.h: what is too rare to be inline. */
#include "wire/frame.h"

#define OPTION_END          0
#define OPTION_NOP          1
#define OPTION_LOOSE_ROUTE  131
#define OPTION_STRICT_ROUTE 137

enum drop_reason
frame_check_first_byte(uint8_t first, unsigned int available, unsigned int *header)
{
	if (first >> 4 != 4)
		return DROP_IP_VERSION;
	*header = (unsigned int)(first & 15) * 4;
	if (*header < IPV4_HEADER_BYTES || *header > available)
		return DROP_IP_HEADER_LENGTH;
	return DROP_NONE;
}

static enum drop_reason
check_options(const uint8_t *options, unsigned int length)
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

enum drop_reason
frame_check_long_header(const uint8_t *l3, unsigned int header)
{
	if (checksum_fold(checksum_sum(l3, header)) != 0xffff)
		return DROP_IP_CHECKSUM;
	return check_options(l3 + IPV4_HEADER_BYTES, header - IPV4_HEADER_BYTES);
}
