/* The command table: what an operator can type, with its help, its arguments and its handler.
 *
 * A command lives with its feature (lib/nat/nat_command.c and so on) as a row of a static table;
 * the prompt, binfm-cli, scripts, completion, help and the man pages all come from that row. Words
 * of a command are fixed ("show nat mappings"); arguments follow, in order; optional ones are named
 * ("limit 20") and come in any order after the positional ones.
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
#define COMMAND_LINE_BYTES    1024

enum command_argument_type {
	COMMAND_WORD,     /* one of `choices`, or any word when that is NULL */
	COMMAND_NUMBER,   /* decimal within minimum..maximum */
	COMMAND_ADDRESS,  /* IPv4 address */
	COMMAND_PREFIX,   /* IPv4 prefix without host bits */
	COMMAND_ENDPOINT, /* IPv4 address:port */
	COMMAND_REST,     /* the rest of the line, as typed; only as last positional argument */
};

struct command_argument {
	const char *name;  /* as help shows it: "address" */
	const char *help;  /* one line */
	enum command_argument_type type;
	bool named;        /* optional: typed as "name value" after the positional ones */
	const char *const *choices; /* COMMAND_WORD: NULL-terminated, or NULL */
	uint64_t minimum, maximum;  /* COMMAND_NUMBER */
};

/* The parsed value of one argument. `given` is false for a named argument that was not typed. */
struct command_value {
	bool given;
	const char *word; /* the text, for every type */
	uint64_t number;  /* COMMAND_NUMBER; COMMAND_WORD: index into choices */
	uint32_t address; /* COMMAND_ADDRESS, host order */
	struct ipv4_prefix prefix;
	struct ipv4_endpoint endpoint;
};

/* `values[i]` belongs to `arguments[i]` of the command. Returns 0, or -errno after
 * result_fault()/result_refuse(). `context` is what the table was registered with. */
typedef int command_handler(void *context, const struct command_value *values,
	struct result *result);

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

struct command_registry *command_registry_new(void);
void command_registry_free(struct command_registry *registry);

/* Adds a feature's table. Two commands with the same words, or one whose words begin another's
 * argument, end the program at start-up: it is a programming error. */
void command_register(struct command_registry *registry, const struct command_table *table,
	void *context);

/* Runs one line. Empty lines and lines that begin with '#' give an empty success. Returns the
 * handler's value, or -EINVAL with a fault in `result` when the line does not parse.
 * `words`, when not NULL, gets the words of the command that ran (for the JSON answer). */
int command_run(struct command_registry *registry, const char *line, struct result *result,
	const char **words);

/* Completion: writes the candidates for the last word of `line` (the text up to the cursor), one
 * call of `each` per candidate, with its one-line help. Returns how many there were. */
typedef void command_candidate(void *opaque, const char *word, const char *help);
unsigned int command_complete(struct command_registry *registry, const char *line,
	command_candidate *each, void *opaque);

#endif
