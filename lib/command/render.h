/* Prints a result: as text for a person, as JSON for a program.
 *
 * Text: named values aligned as "heading   value", tables in aligned columns, notes as sentences, a
 * fault in up to three lines (what, value, remedy).
 * JSON: {"command":"show nat summary","ok":true,"data":{...}} or
 *       {"command":...,"ok":false,"error":{"code","what","value","remedy"}}; a check that found
 *       faults adds "found_faults":true beside "ok":true.
 *
 * Pure; any thread that owns the result. Memory: ends the program when there is none.
 */
#ifndef COMMAND_RENDER_H
#define COMMAND_RENDER_H

#include "command/result.h"

struct json_t;

/* Text with a final newline, or "" when there is nothing to say; the caller frees it. */
char *render_text(const struct result *result);

/* One line without a final newline; the caller frees it. `words` is what command_run() gave back,
 * or NULL when the line was no command: then "command" is null. */
char *render_json(const struct result *result, const char *words);

/* The same as a jansson object (a new reference), to be put into a larger answer. */
struct json_t *render_json_object(const struct result *result, const char *words);

#endif
