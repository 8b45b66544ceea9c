/* See utf8.h. */
#include "base/utf8.h"

size_t
utf8_bytes(const void *text, size_t left)
{
	const unsigned char *at = text;
	size_t length = 0;

	if (at[0] < 0x80)
		length = 1;
	else if (at[0] >= 0xc2 && at[0] < 0xe0)
		length = 2;
	else if (at[0] >= 0xe0 && at[0] < 0xf0)
		length = 3;
	else if (at[0] >= 0xf0 && at[0] < 0xf5)
		length = 4;
	if (length == 0 || length > left)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
		(at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}
