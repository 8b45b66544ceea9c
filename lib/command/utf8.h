/* One step through text that may hold any bytes. Source: RFC 3629, section 4. Pure; any thread. */
#ifndef COMMAND_UTF8_H
#define COMMAND_UTF8_H

/* Bytes of the character that begins at `text`, 1..4, or 0 when the bytes there are no valid UTF-8
 * (overlong forms, surrogates and values above U+10FFFF included). `text` ends with a NUL. */
unsigned int utf8_length(const char *text);

#endif
