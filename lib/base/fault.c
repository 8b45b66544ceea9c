/* See fault.h. */
#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

int
fault_set(struct fault *fault, int error, const char *code, const char *value, const char *remedy,
	const char *what_format, ...)
{
	va_list arguments;

	if (fault == NULL)
		return -error;
	memset(fault, 0, sizeof(*fault));
	fault->error = error;
	strlcpy(fault->code, code, sizeof(fault->code));
	strlcpy(fault->value, value != NULL ? value : "", sizeof(fault->value));
	strlcpy(fault->remedy, remedy != NULL ? remedy : "", sizeof(fault->remedy));
	va_start(arguments, what_format);
	vsnprintf(fault->what, sizeof(fault->what), what_format, arguments);
	va_end(arguments);
	return -error;
}

char *
fault_text(const struct fault *fault, char *text, unsigned long size)
{
	snprintf(text, size, "%s%s%s%s%s", fault->what, fault->value[0] ? ": " : "", fault->value,
		fault->remedy[0] ? ". " : "", fault->remedy);
	return text;
}
