/* A row: one value that can be configured, and everything that is known about it.
 *
 * The rows of a program are its configuration: libcyaml's schema, the bounds, the defaults, the
 * printed reference and example, and reload's decisions are all made from them, so that they cannot
 * disagree. What has no row is refused.
 *
 * `bounds` and `standard` are read by the loader itself, in the words that the operator sees:
 *   number        "120..86400"
 *   real          "0.01..1"
 *   text          "1..31 characters"
 *   prefix        "/8../32" (its length)
 *   choice, word  "inside | outside"
 * `standard` is the default as it would stand in the YAML file: "300", "[1]", "[]", "\"\"" for the
 * empty text; "" says that the value is required. INSTANCE in it stands for the first row's value.
 *
 * Source: the idea of a table of unit, bounds, default and "applies live" is redis' src/config.c.
 * Threads: constant data.
 */
#ifndef CONFIG_ROW_H
#define CONFIG_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the text of a value must look like, and the type of the member that keeps it. */
enum config_kind {
	CONFIG_KIND_NAME,      /* char[]: letters, digits, '-', '_', '.', a letter or digit first */
	CONFIG_KIND_TEXT,      /* char[]: printable ASCII */
	CONFIG_KIND_PATH,      /* char[]: absolute path */
	CONFIG_KIND_NETDEV,    /* char[]: name of a Linux network interface, or empty */
	CONFIG_KIND_WORD,      /* char[]: one of the words in bounds */
	CONFIG_KIND_CHOICE,    /* enum: number of the word in bounds */
	CONFIG_KIND_FLAG,      /* bool */
	CONFIG_KIND_NUMBER,    /* uint16_t, uint32_t or uint64_t */
	CONFIG_KIND_REAL,      /* double, at most six decimals */
	CONFIG_KIND_ADDRESS,   /* uint32_t, host order */
	CONFIG_KIND_NETWORK,   /* struct ipv4_prefix without host bits */
	CONFIG_KIND_INTERFACE, /* struct ipv4_prefix that keeps its host bits */
	CONFIG_KIND_ENDPOINT,  /* struct ipv4_endpoint */
	CONFIG_KIND_LISTEN,    /* char[]: address:port, or empty */
	CONFIG_KIND_MAC,       /* uint8_t[6]: unicast, or empty (all zero) */
};

struct config_row {
	const char *path;     /* "timers.udp_idle_seconds", "interfaces[].addresses[]" */
	const char *unit;     /* "s", "MiB", "" */
	const char *bounds;   /* see above; "" where the kind says it all */
	const char *standard; /* default as it stands in YAML; "" = required */
	bool live;            /* true: `reload` applies it; false: needs a restart */
	const char *help;     /* one line */

	/* How the loader keeps it. */
	enum config_kind kind;
	uint32_t offset; /* in the element of a list, else in the whole configuration */
	uint32_t size;   /* bytes of one value */
	/* Rows whose path ends in "[]": several values, one after the other. */
	uint32_t count_offset; /* of the unsigned int that counts them, as `offset` */
	uint16_t count_min, count_max;
};

#endif
