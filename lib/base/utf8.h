/* One step through bytes that may or may not be text. Source: RFC 3629, section 4. Pure; any
 * thread. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

/* Bytes of the UTF-8 character at `text`, of which `left` (at least 1) may be read: 1..4, or 0 when
 * the bytes are none (overlong forms, surrogates and values above U+10FFFF included). */
size_t utf8_bytes(const void *text, size_t left);

#endif
