/* See plan.h. */
#include "plan.h"

#include <errno.h>
#include <string.h>
#include <bsd/string.h>

#include "base/ipv4.h"
#include "links_file.h"

#define BOTH (1u << LINK_AB | 1u << LINK_BA)

static int
refuse(struct fault *fault, const char *value, const char *what)
{
	return fault_set(fault, EINVAL, "bad-argument", value, "See tools/wan --help", "%s", what);
}

struct link_plan *
plan_add_link(struct emulator_plan *plan, struct fault *fault)
{
	struct link_plan *link = &plan->links[plan->link_count];

	if (plan->link_count == EMULATOR_LINKS_MAX) {
		fault_set(fault, E2BIG, "too-many-links", NULL, "Run a second tools/wan",
			"one emulator runs at most %d links", EMULATOR_LINKS_MAX);
		return NULL;
	}
	memset(link, 0, sizeof(*link));
	link->seed = 1;
	shape_default(&link->shapes[LINK_AB]);
	shape_default(&link->shapes[LINK_BA]);
	plan->link_count++;
	return link;
}

static int
copy_text(char *text, size_t size, const char *value, struct fault *fault)
{
	if (strlcpy(text, value, size) < size)
		return 0;
	return refuse(fault, value, "this name is too long");
}

int
plan_set(struct link_plan *link, const char *key, const char *value, struct fault *fault)
{
	int error;

	if (strcmp(key, "name") == 0)
		return copy_text(link->name, sizeof(link->name), value, fault);
	if (strcmp(key, "a") == 0)
		return copy_text(link->ends[LINK_AB], END_TEXT_BYTES, value, fault);
	if (strcmp(key, "b") == 0)
		return copy_text(link->ends[LINK_BA], END_TEXT_BYTES, value, fault);
	if (strcmp(key, "seed") == 0)
		return number_parse(value, UINT64_MAX, &link->seed) == 0
			       ? 0
			       : refuse(fault, value, "a seed is a decimal number");
	if (strcmp(key, "ab") == 0)
		return shape_parse(&link->shapes[LINK_AB], value, fault);
	if (strcmp(key, "ba") == 0)
		return shape_parse(&link->shapes[LINK_BA], value, fault);
	if (strcmp(key, "both") != 0)
		return -ENOENT;
	error = shape_parse(&link->shapes[LINK_AB], value, fault);
	return error == 0 ? shape_parse(&link->shapes[LINK_BA], value, fault) : error;
}

/* --a, --seed, --both and so on, or a shape's word for both directions: --delay 40ms. */
static int
read_link_option(
	struct emulator_plan *plan, const char *key, const char *value, struct fault *fault)
{
	struct link_plan *link;
	int error;

	if (strcmp(key, "link") == 0) {
		link = plan_add_link(plan, fault);
		return link != NULL ? plan_set(link, "name", value, fault) : -E2BIG;
	}
	if (strcmp(key, "file") == 0)
		return links_file_read(plan, value, fault);
	if (plan->link_count == 0)
		return refuse(fault, key, "--link NAME comes before what is said about a link");
	link = &plan->links[plan->link_count - 1];
	error = plan_set(link, key, value, fault);
	if (error != -ENOENT)
		return error;
	error = shape_set(&link->shapes[LINK_AB], key, value, fault);
	return error == 0 ? shape_set(&link->shapes[LINK_BA], key, value, fault) : error;
}

static int
check_links(const struct emulator_plan *plan, struct fault *fault)
{
	if (plan->link_count == 0)
		return refuse(fault, NULL, "there is no link to run: give --link or --file");
	for (unsigned int i = 0; i < plan->link_count; i++) {
		const struct link_plan *link = &plan->links[i];

		if (link->name[0] == '\0')
			return refuse(fault, NULL, "a link has no name");
		if (link->ends[LINK_AB][0] == '\0' || link->ends[LINK_BA][0] == '\0')
			return refuse(fault, link->name, "a link needs both ends, a and b");
		for (unsigned int other = 0; other < i; other++)
			if (strcmp(link->name, plan->links[other].name) == 0)
				return refuse(fault, link->name, "two links have this name");
	}
	return 0;
}

static int
read_run(struct plan *plan, char **arguments, struct fault *fault)
{
	for (; *arguments != NULL; arguments++) {
		int error;

		if (strcmp(*arguments, "--no-realtime") == 0) {
			plan->emulator.realtime = false;
			continue;
		}
		if (strncmp(*arguments, "--", 2) != 0)
			return refuse(fault, *arguments, "an option begins with --");
		if (arguments[1] == NULL)
			return refuse(fault, *arguments, "this option needs a value");
		if (strcmp(*arguments, "--sockets") == 0) {
			plan->emulator.directory = *++arguments;
			continue;
		}
		error = read_link_option(&plan->emulator, *arguments + 2, arguments[1], fault);
		if (error != 0)
			return error;
		arguments++;
	}
	return check_links(&plan->emulator, fault);
}

static int
add_word(struct protocol_request *request, const char *word, struct fault *fault)
{
	if (request->text[0] != '\0')
		strlcat(request->text, " ", sizeof(request->text));
	if (strlcat(request->text, word, sizeof(request->text)) < sizeof(request->text))
		return 0;
	return refuse(fault, word, "these are too many words at once");
}

/* LINK [ab|ba] [WORDS], with --json and --sockets anywhere. */
static int
read_question(struct plan *plan, char **arguments, struct fault *fault)
{
	struct protocol_request *request = &plan->request;
	int error;

	request->directions = BOTH;
	for (; *arguments != NULL; arguments++) {
		if (strcmp(*arguments, "--json") == 0) {
			plan->json = true;
		} else if (strcmp(*arguments, "--sockets") == 0 && arguments[1] != NULL) {
			plan->emulator.directory = *++arguments;
		} else if (strncmp(*arguments, "--", 2) == 0) {
			return refuse(fault, *arguments, "this option is not known here");
		} else if (plan->name == NULL) {
			plan->name = *arguments;
		} else if (request->directions == BOTH && strcmp(*arguments, "ab") == 0) {
			request->directions = 1u << LINK_AB;
		} else if (request->directions == BOTH && strcmp(*arguments, "ba") == 0) {
			request->directions = 1u << LINK_BA;
		} else if (plan->command == PLAN_SET) {
			if ((error = add_word(request, *arguments, fault)) != 0)
				return error;
		} else {
			return refuse(fault, *arguments, "this word is too much here");
		}
	}
	return 0;
}

static int
check_question(const struct plan *plan, struct fault *fault)
{
	struct shape shape;

	if (plan->command == PLAN_SHOW)
		return 0;
	if (plan->name == NULL)
		return refuse(fault, NULL, "which link? Give its name");
	if (plan->command == PLAN_RESET)
		return 0;
	if (plan->request.text[0] == '\0')
		return refuse(fault, NULL, "set what? Give words and values: delay 40ms");
	shape_default(&shape);
	return shape_parse(&shape, plan->request.text, fault);
}

static const struct {
	const char *word;
	enum plan_command command;
	enum protocol_operation operation; /* of what a running link is asked */
} commands[] = {
	{"run", PLAN_RUN},
	{"show", PLAN_SHOW, PROTOCOL_SHOW},
	{"set", PLAN_SET, PROTOCOL_SET},
	{"reset", PLAN_RESET, PROTOCOL_RESET},
};

static bool
asks_for_help(const char *word)
{
	return word != NULL && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
				       strcmp(word, "help") == 0);
}

int
plan_read(struct plan *plan, char **arguments, struct fault *fault)
{
	int error;

	memset(plan, 0, sizeof(*plan));
	plan->emulator.directory = PROTOCOL_DIRECTORY;
	plan->emulator.realtime = true;
	plan->request.version = PROTOCOL_VERSION;
	if (arguments[0] == NULL)
		return refuse(fault, NULL, "a command is missing: run, show, set or reset");
	if (asks_for_help(arguments[0]) || asks_for_help(arguments[1])) {
		plan->command = PLAN_HELP;
		return 0;
	}
	for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(arguments[0], commands[i].word) != 0)
			continue;
		plan->command = commands[i].command;
		plan->request.operation = commands[i].operation;
		if (plan->command == PLAN_RUN)
			return read_run(plan, arguments + 1, fault);
		error = read_question(plan, arguments + 1, fault);
		return error == 0 ? check_question(plan, fault) : error;
	}
	return refuse(fault, arguments[0], "there is no such command");
}

void
plan_print_usage(FILE *file)
{
	const char *word, *help;

	fputs("usage: tools/wan run --link NAME --a END --b END [--seed N] [--WORD VALUE]...\n"
	      "                     [--ab 'WORD VALUE...'] [--ba 'WORD VALUE...'] [--link ...]...\n"
	      "       tools/wan run --file LINKS.yaml\n"
	      "       tools/wan show [LINK] [--json]\n"
	      "       tools/wan set LINK [ab|ba] WORD VALUE...\n"
	      "       tools/wan reset LINK [ab|ba]\n"
	      "\n"
	      "Emulates links between interfaces, which may be in different network namespaces.\n"
	      "END is INTERFACE, NETNS:INTERFACE, or NETNS:tap=NEW for a TAP that the link makes.\n"
	      "ab is the direction from end a to end b; without a direction, both are meant.\n"
	      "\n",
		file);
	for (unsigned int i = 0; (word = shape_word(i, &help)) != NULL; i++)
		fprintf(file, "  %-10s %s\n", word, help);
	fputs("\n"
	      "  --seed N          the same seed gives the same packets the same fates; 1 without "
	      "it\n"
	      "  --sockets DIR     where links are found; " PROTOCOL_DIRECTORY " without it\n"
	      "  --no-realtime     run without SCHED_FIFO\n"
	      "\n"
	      "run ends with Ctrl-C. reset clears counters and begins the packets' numbers anew.\n"
	      "Exit status: 0 done, 1 failed, 2 wrong usage, 3 no link of that name is running.\n",
		file);
}
