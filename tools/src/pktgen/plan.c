/* See plan.h. The command line is a table of rows; each says where its value goes and what it may
 * be, as in lib/config. */
#include "plan.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "base/ipv4.h"
#include "drivers/port/bench_frame.h"
#include "plan_usage.h"
#include "stamp.h"

#define RATE_MOST            UINT64_C(1000000000)
#define BYTES_LEAST          60
#define BYTES_MOST           9014
#define STANDARD_FRAME_BYTES 1514
#define LINE_WORDS_MAX       32
#define ROWS                 (sizeof(rows) / sizeof(rows[0]))

enum row_kind {
	ROW_NUMBER, /* unsigned, of the member's size */
	ROW_REAL,   /* double */
	ROW_WORD,   /* int, the number of the word in `words` */
	ROW_FLAG,   /* bool, no value: becomes `least` */
	ROW_TEXT,
	ROW_ADDRESS,  /* uint32_t */
	ROW_ENDPOINT, /* address, with the port at `second` */
	ROW_PORT,     /* struct plan_side */
	ROW_SIZE,     /* a number or "imix" */
};

struct row {
	const char *name;
	enum row_kind kind;
	size_t offset, size;
	uint64_t least, most;
	const char *const *words;
	size_t second;
};

static const char *const protocols[] = {"udp", "tcp", "icmp", NULL};
static const uint8_t protocol_numbers[] = {
	IPV4_PROTOCOL_UDP, IPV4_PROTOCOL_TCP, IPV4_PROTOCOL_ICMP};
static const char *const orders[] = {"sequence", "random", NULL};
static const char *const directions[] = {"out", "in", "both", NULL};

#define AT(member) offsetof(struct plan, member), sizeof(((struct plan *)NULL)->member)

static const struct row rows[] = {
	{"inside", ROW_PORT, AT(sides[INSIDE])},
	{"inside-options", ROW_TEXT, AT(sides[INSIDE].options)},
	{"inside-address", ROW_ADDRESS, AT(sides[INSIDE].address)},
	{"inside-gateway", ROW_ADDRESS, AT(sides[INSIDE].gateway)},
	{"outside", ROW_PORT, AT(sides[OUTSIDE])},
	{"outside-options", ROW_TEXT, AT(sides[OUTSIDE].options)},
	{"outside-address", ROW_ADDRESS, AT(sides[OUTSIDE].address)},
	{"outside-gateway", ROW_ADDRESS, AT(sides[OUTSIDE].gateway)},
	{"endpoints", ROW_NUMBER, AT(flows.endpoints), 1, BENCH_FLOWS_MAX},
	{"hosts", ROW_NUMBER, AT(flows.endpoint_hosts), 1, BENCH_FLOWS_MAX},
	{"remotes", ROW_NUMBER, AT(flows.remotes), 1, BENCH_FLOWS_MAX},
	{"first-endpoint", ROW_ENDPOINT, AT(flows.endpoint_address), 0, 0, NULL,
		offsetof(struct plan, flows.endpoint_port)},
	{"first-remote", ROW_ENDPOINT, AT(flows.remote_address), 0, 0, NULL,
		offsetof(struct plan, flows.remote_port)},
	{"protocol", ROW_WORD, AT(protocol), 0, 0, protocols},
	{"order", ROW_WORD, AT(order), 0, 0, orders},
	{"seed", ROW_NUMBER, AT(seed), 0, UINT64_MAX},
	{"bytes", ROW_SIZE, AT(frame_bytes)},
	{"direction", ROW_WORD, AT(direction), 0, 0, directions},
	{"no-nat", ROW_FLAG, AT(translated), false},
	{"rate", ROW_NUMBER, AT(rate), 0, RATE_MOST},
	{"learn-rate", ROW_NUMBER, AT(learn_rate), 1, RATE_MOST},
	{"packets", ROW_NUMBER, AT(packets), 0, UINT64_MAX},
	{"seconds", ROW_REAL, AT(seconds), 0, 86400},
	{"search", ROW_REAL, AT(search_loss), 0, 1},
	{"allow-loss", ROW_FLAG, AT(loss_allowed), true},
	{"check-every", ROW_NUMBER, AT(check_every), 1, UINT32_MAX},
	{"wait", ROW_REAL, AT(wait_seconds), 0, 3600},
	{"core", ROW_NUMBER, AT(core), 0, 1023},
	{"no-huge", ROW_FLAG, AT(ordinary_pages), true},
	{"json", ROW_FLAG, AT(json), true},
	{"session", ROW_FLAG, AT(session), true},
};

static int
refuse(struct fault *fault, const struct row *row, const char *value, const char *remedy)
{
	return fault_set(fault, EINVAL, "bad-argument", value, remedy,
		"--%s does not accept this value", row->name);
}

/* Little-endian machines only, as the rest of the path: the low bytes are the number. */
static int
read_number(const struct row *row, const char *text, uint64_t least, uint64_t most, void *member,
	struct fault *fault)
{
	uint64_t number;
	char remedy[96];

	if (number_parse(text, most, &number) == 0 && number >= least) {
		memcpy(member, &number, row->size);
		return 0;
	}
	snprintf(remedy, sizeof(remedy), "Give a number from %llu to %llu",
		(unsigned long long)least, (unsigned long long)most);
	return refuse(fault, row, text, remedy);
}

static int
read_real(const struct row *row, const char *text, double *member, struct fault *fault)
{
	char *end;
	double number = strtod(text, &end);
	char remedy[96];

	if (end != text && *end == '\0' && number >= 0 && number <= (double)row->most) {
		*member = number;
		return 0;
	}
	snprintf(remedy, sizeof(remedy), "Give a number such as 0.5, from 0 to %llu",
		(unsigned long long)row->most);
	return refuse(fault, row, text, remedy);
}

static int
read_word(const struct row *row, const char *text, int *member, struct fault *fault)
{
	char remedy[96] = "Give one of:";

	for (int i = 0; row->words[i] != NULL; i++) {
		if (strcmp(row->words[i], text) == 0) {
			*member = i;
			return 0;
		}
		strlcat(remedy, " ", sizeof(remedy));
		strlcat(remedy, row->words[i], sizeof(remedy));
	}
	return refuse(fault, row, text, remedy);
}

static int
read_port(const struct row *row, const char *text, struct plan_side *side, struct fault *fault)
{
	const char *colon = strchr(text, ':');

	if (colon == NULL || (size_t)(colon - text) >= sizeof(side->driver) ||
		strlen(colon + 1) >= sizeof(side->device))
		return refuse(fault, row, text, "Give DRIVER:DEVICE, for example ring:pair");
	snprintf(side->driver, sizeof(side->driver), "%.*s", (int)(colon - text), text);
	strlcpy(side->device, colon + 1, sizeof(side->device));
	if (port_driver_find(side->driver) == NULL)
		return refuse(
			fault, row, text, "Name a driver that the gateway has, such as memif");
	return 0;
}

static int
read_endpoint(const struct row *row, const char *text, struct plan *plan, struct fault *fault)
{
	struct ipv4_endpoint endpoint;

	if (ipv4_endpoint_parse(text, &endpoint) != 0)
		return refuse(fault, row, text, "Give address:port, 10.0.0.2:1024");
	memcpy((char *)plan + row->offset, &endpoint.address, sizeof(endpoint.address));
	memcpy((char *)plan + row->second, &endpoint.port, sizeof(endpoint.port));
	return 0;
}

static int
read_row(const struct row *row, const char *text, struct plan *plan, struct fault *fault)
{
	void *member = (char *)plan + row->offset;

	switch (row->kind) {
	case ROW_NUMBER:
		return read_number(row, text, row->least, row->most, member, fault);
	case ROW_REAL:
		return read_real(row, text, member, fault);
	case ROW_WORD:
		return read_word(row, text, member, fault);
	case ROW_FLAG:
		*(bool *)member = row->least != 0;
		return 0;
	case ROW_TEXT:
		if (strlcpy(member, text, row->size) >= row->size)
			return refuse(fault, row, text, "Give a shorter text");
		return 0;
	case ROW_ADDRESS:
		if (ipv4_parse(text, member) != 0)
			return refuse(fault, row, text, "Give an IPv4 address");
		return 0;
	case ROW_ENDPOINT:
		return read_endpoint(row, text, plan, fault);
	case ROW_PORT:
		return read_port(row, text, member, fault);
	case ROW_SIZE:
		plan->frame_bytes = 0;
		if (strcmp(text, "imix") == 0)
			return 0;
		return read_number(row, text, BYTES_LEAST, BYTES_MOST, member, fault);
	}
	return -EINVAL;
}

static int
check(struct plan *plan, struct fault *fault)
{
	unsigned int least, smallest = plan->frame_bytes != 0 ? plan->frame_bytes : BYTES_LEAST;
	char value[24], remedy[96];

	plan->flows.protocol = protocol_numbers[plan->protocol];
	least = bench_header_bytes(plan->flows.protocol) + STAMP_BYTES;
	if (plan->sides[INSIDE].driver[0] == '\0' || plan->sides[OUTSIDE].driver[0] == '\0')
		return fault_set(fault, EINVAL, "no-port", NULL, "Give --inside and --outside",
			"a port is missing");
	if (smallest < least) {
		snprintf(value, sizeof(value), "%u", smallest);
		snprintf(remedy, sizeof(remedy), "Give --bytes of at least %u", least);
		return fault_set(fault, EINVAL, "frames-too-small", value, remedy,
			"headers and stamp do not fit such a frame");
	}
	if (plan->seconds == 0 && (plan->packets == 0 || plan->search_loss >= 0))
		return fault_set(
			fault, EINVAL, "no-end", "0", "Give --seconds", "the run would never end");
	return bench_flows_check(&plan->flows, fault);
}

static void
set_defaults(struct plan *plan)
{
	*plan = (struct plan){
		.flows = {.endpoint_address = 0x0a000002,
			.endpoint_hosts = 1,
			.endpoints = 1,
			.remote_address = 0xc6120001,
			.remotes = 1,
			.endpoint_port = 1024,
			.remote_port = 9},
		.order = ORDER_RANDOM,
		.seed = 16,
		.frame_bytes = 64,
		.translated = true,
		.learn_rate = 500000,
		.seconds = 3,
		.search_loss = -1,
		.check_every = 1,
		.wait_seconds = 10,
	};
}

/* getopt_long()'s table: the rows in their order, then --help. */
static void
make_options(struct option options[])
{
	for (size_t i = 0; i < ROWS; i++)
		options[i] = (struct option){rows[i].name,
			rows[i].kind == ROW_FLAG ? no_argument : required_argument, NULL, 'r'};
	options[ROWS] = (struct option){"help", no_argument, NULL, 'h'};
}

static int
read_words(struct plan *plan, int argument_count, char **arguments, struct fault *fault)
{
	struct option options[ROWS + 2] = {0};
	int option, index = 0, error = 0;

	make_options(options);
	optind = 1;
	opterr = 0;
	while (error == 0 &&
		(option = getopt_long(argument_count, arguments, "", options, &index)) != -1) {
		if (option == 'h')
			return PLAN_HELP;
		if (option == '?')
			return fault_set(fault, EINVAL, "bad-argument", arguments[optind - 1],
				"See --help", "an argument is not known or lacks its value");
		error = read_row(&rows[index], optarg, plan, fault);
	}
	if (error == 0 && optind < argument_count)
		error = fault_set(fault, EINVAL, "bad-argument", arguments[optind], "See --help",
			"there are only options that begin with --");
	return error == 0 ? check(plan, fault) : error;
}

int
plan_read(struct plan *plan, int argument_count, char **arguments, struct fault *fault)
{
	set_defaults(plan);
	return read_words(plan, argument_count, arguments, fault);
}

int
plan_read_line(struct plan *plan, char *line, struct fault *fault)
{
	static char program[] = "run";
	char *words[LINE_WORDS_MAX] = {program}, *rest = NULL;
	struct plan next = *plan;
	int count = 1, error;

	for (char *word = strtok_r(line, " \t\n", &rest); word != NULL;
		word = strtok_r(NULL, " \t\n", &rest)) {
		if (count == LINE_WORDS_MAX - 1)
			return fault_set(fault, E2BIG, "bad-argument", word, "Give fewer options",
				"the line is too long");
		words[count++] = word;
	}
	error = read_words(&next, count, words, fault);
	if (error != 0)
		return error < 0 ? error
				 : fault_set(fault, EINVAL, "bad-argument", "--help",
					   "Start binfm-pktgen --help", "no help in a session");
	if (next.frame_bytes > plan->frame_bytes && next.frame_bytes > STANDARD_FRAME_BYTES)
		return fault_set(fault, EMSGSIZE, "frames-too-large", NULL,
			"Begin the session with the largest --bytes",
			"the ports were opened for smaller frames");
	/* Ports and flows are what they are; see plan.h. */
	next.flows = plan->flows;
	memcpy(next.sides, plan->sides, sizeof(next.sides));
	*plan = next;
	return 0;
}

void
plan_print_usage(FILE *file)
{
	fputs(PLAN_USAGE, file);
}
