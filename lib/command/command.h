/* The command table: what an operator can type, with its help, its arguments and its handler.
 *
 * A command lives with its feature (lib/nat/nat_command.c and so on) as a row of a static table;
 * the prompt, binfm-cli, scripts, completion, help and the man pages all come from that row. Words
 * of a command are fixed ("show nat mappings"); arguments follow, in order; optional ones are named
 * ("limit 20") and come in any order after the positional ones.
 *
 * Words, choices and names of arguments may be shortened as far as they stay unambiguous ("sh nat
 * su"), except right after the complete words of a command that takes arguments, where a short word
 * is an argument. Words are separated by spaces or tabs; there is no quoting.
 *
 * Parsing is pure and bounds-checked: it has a fuzz target, and bad input gets a fault that names
 * the word, why it was refused and what would be accepted.
 *
 * Threads: registration at start-up; everything else on the control thread.
 */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include <stddef.h>
#include <stdint.h>

#include "base/ipv4.h"
#include "command/result.h"

#define COMMAND_ARGUMENTS_MAX 12
#define COMMAND_LINE_BYTES    1024 /* a line and its NUL */
#define COMMAND_WORDS_MAX     6    /* words of a command */

enum command_argument_type {
	COMMAND_WORD,     /* one of `choices`, or any word when that is NULL */
	COMMAND_NUMBER,   /* decimal within minimum..maximum */
	COMMAND_ADDRESS,  /* IPv4 address */
	COMMAND_PREFIX,   /* IPv4 prefix without host bits */
	COMMAND_ENDPOINT, /* IPv4 address:port */
	COMMAND_REST,     /* the rest of the line, as typed; only as last argument; needs at least
			   * `minimum` bytes, so 0 lets it be left out */
	COMMAND_NAME,     /* the rest of the line: words of a command, completed as such; only as
			   * last argument, may be left out (`help`) */
};

struct command_argument {
	const char *name; /* as help shows it: "address" */
	const char *help; /* one line */
	enum command_argument_type type;
	bool named;                 /* optional: typed as "name value" after the positional ones */
	const char *const *choices; /* COMMAND_WORD: NULL-terminated, or NULL */
	uint64_t minimum, maximum;  /* COMMAND_NUMBER; maximum 0 = no upper bound */
};

/* The parsed value of one argument. `given` is false for an argument that was left out. Its text
 * lives until the handler returns. */
struct command_value {
	bool given;
	const char *word; /* the text, for every type; a choice in full, however it was typed */
	uint64_t number;  /* COMMAND_NUMBER; COMMAND_WORD: index into choices */
	uint32_t address; /* COMMAND_ADDRESS, host order */
	struct ipv4_prefix prefix;
	struct ipv4_endpoint endpoint;
};

/* `values[i]` belongs to `arguments[i]` of the command. Returns 0, or -errno after
 * result_fault()/result_refuse(). `context` is what the table was registered with. */
typedef int command_handler(
	void *context, const struct command_value *values, struct result *result);

struct command {
	const char *words; /* "show nat mappings" */
	const char *help;  /* one line for lists */
	const char *text;  /* paragraphs for the man page and `help COMMAND`; NULL = only help */
	command_handler *handler;
	struct command_argument arguments[COMMAND_ARGUMENTS_MAX]; /* ends at name == NULL */
};

struct command_table {
	const char *section; /* heading in help and man page: "NAT" */
	const struct command *commands;
	unsigned int count;
};

struct command_registry;

/* A registry with one command, `help`. */
struct command_registry *command_registry_new(void);
void command_registry_free(struct command_registry *registry);

/* Adds a feature's table, which must outlive the registry. Programming errors end the program at
 * start-up with a message: two commands with the same words; a command whose next word another
 * command could read as its argument ("show nat ADDRESS" and "show nat summary" are fine, "trace
 * FILE" and "trace stop" are not); positional arguments after named ones; anything after the rest
 * of the line. */
void command_register(
	struct command_registry *registry, const struct command_table *table, void *context);

/* Runs one line. Empty lines and lines that begin with '#' give an empty success. Returns the
 * handler's value, or -EINVAL with a fault in `result` when the line does not parse.
 * `words`, when not NULL, gets the words of the command that ran (for the JSON answer). */
int command_run(struct command_registry *registry, const char *line, struct result *result,
	const char **words);

/* Completion: writes the candidates for the last word of `line` (the text up to the cursor), one
 * call of `each` per candidate, with its one-line help. Returns how many there were. A candidate in
 * angle brackets ("<address>") says what belongs there and is not to be inserted. Candidates are in
 * order of registration. Both strings live until `each` returns. */
typedef void command_candidate(void *opaque, const char *word, const char *help);
unsigned int command_complete(
	struct command_registry *registry, const char *line, command_candidate *each, void *opaque);

/* "show nat mappings [host <address>] [limit <number>]", cut at `size`. Returns `text`. */
char *command_usage(const struct command *command, char *text, size_t size);

/* What an argument accepts: "1..1000", "one of in, out", "IPv4 address". Returns `text`. */
char *command_bounds(const struct command_argument *argument, char *text, size_t size);

/* Every command in order of registration, one call of `each` a command. */
typedef void command_visitor(void *opaque, const char *section, const struct command *command);
void command_visit(const struct command_registry *registry, command_visitor *each, void *opaque);

#endif
