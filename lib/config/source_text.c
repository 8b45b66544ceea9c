/* The bytes of a source: UTF-8 without NUL and without directives, whatever else they say. */
#include "config/source_node.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

unsigned int
config_source_byte_line(const char *text, size_t offset)
{
	unsigned int line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}

/* Whether libyaml sees a new line at `at`: it takes NEL, LS and PS for line ends too. */
static bool
begins_line(const char *text, size_t at)
{
	static const char *const ends[] = {"\n", "\r", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"};

	if (at == 0 || (at == 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0))
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t length = strlen(ends[i]);

		if (at >= length && memcmp(text + at - length, ends[i], length) == 0)
			return true;
	}
	return false;
}

/* A configuration needs no directives, and libyaml's time grows with the square of their number. */
static int
check_directive(const struct config_source *source, size_t at, struct fault *fault)
{
	const char *text = source->text;

	if (text[at] != '%' || !begins_line(text, at))
		return 0;
	return config_source_refuse_line(source, fault, config_source_byte_line(text, at), "",
		"directive", "%", "Remove the line", "a YAML directive is in the text");
}

int
config_source_check_bytes(const struct config_source *source, struct fault *fault)
{
	const unsigned char *text = source->text;
	size_t length;
	int error = 0;

	for (size_t at = 0; at < source->length && error == 0; at += length) {
		char value[8];

		length = utf8_bytes(text + at, source->length - at);
		if (length > 0 && text[at] != '\0') {
			error = check_directive(source, at, fault);
			continue;
		}
		snprintf(value, sizeof(value), "0x%02x", text[at]);
		return config_source_refuse_line(source, fault,
			config_source_byte_line(source->text, at), "",
			text[at] == '\0' ? "nul-byte" : "not-utf8", value,
			"Save the file as plain UTF-8 text",
			text[at] == '\0' ? "a NUL byte is in the text" : "the text is not UTF-8");
	}
	return error;
}
