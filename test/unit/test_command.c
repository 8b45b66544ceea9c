/* lib/command: parsing, completion, help, registration. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <bsd/string.h>

#include "command/render.h"
#include "sample_commands.h"

const char *const unit_suite = "command";

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Runs a line; the caller frees the result. */
static struct result *
run(const char *line, int *returned)
{
	struct command_registry *registry = sample_registry();
	struct result *result = result_new();

	*returned = command_run(registry, line, result, NULL);
	command_registry_free(registry);
	return result;
}

/* The code of the fault that a line meets, "" for none. */
static const char *
fault_code(const char *line)
{
	static char code[32];
	int returned;
	struct result *result = run(line, &returned);
	const struct fault *fault = result_failure(result);

	CU_ASSERT_EQUAL(returned, fault != NULL ? -fault->error : 0);
	strlcpy(code, fault != NULL ? fault->code : "", sizeof(code));
	result_free(result);
	return code;
}

static void
lines_are_accepted_or_refused_by_name(void)
{
	static const struct {
		const char *line, *code;
	} rows[] = {
		{"", ""},
		{"  \t ", ""},
		{"# a comment", ""},
		{"  #show", ""},
		{"show nat summary", ""},
		{"\tshow   nat\tsummary  ", ""},
		{"sh nat su", ""},
		{"show", "incomplete-command"},
		{"show foo", "unknown-command"},
		{"show nat foo", "unknown-command"},
		{"foo", "unknown-command"},
		{"s", "ambiguous-word"},
		{"st", "ambiguous-word"},
		{"shownatsummary", "unknown-command"},
		{"SHOW nat summary", "unknown-command"},
		{"show nat summary now", "unknown-argument"},
		{"show nat", ""},
		/* WORD with choices */
		{"add nat static tcp 10.0.0.1:1 1024", ""},
		{"add nat static t 10.0.0.1:1 1024", ""},
		{"add nat static sctp 10.0.0.1:1 1024", "bad-argument"},
		{"add nat static", "missing-argument"},
		{"add nat static tcp", "missing-argument"},
		/* NUMBER */
		{"add nat static tcp 10.0.0.1:1 1023", "bad-argument"},
		{"add nat static tcp 10.0.0.1:1 65535", ""},
		{"add nat static tcp 10.0.0.1:1 65536", "bad-argument"},
		{"add nat static tcp 10.0.0.1:1 -1", "bad-argument"},
		{"add nat static tcp 10.0.0.1:1 1e4", "bad-argument"},
		{"add nat static tcp 10.0.0.1:1 18446744073709551616", "bad-argument"},
		{"show nat mappings longer 18446744073709551615", ""},
		{"show nat mappings longer 18446744073709551616", "bad-argument"},
		/* ADDRESS */
		{"show nat host 10.0.0.1", ""},
		{"show nat host 10.0.0.256", "bad-argument"},
		{"show nat host 10.0.0", "bad-argument"},
		{"show nat host", "missing-argument"},
		{"show nat host 10.0.0.1 10.0.0.2", "unknown-argument"},
		/* PREFIX */
		{"add nat pool 198.51.100.0/24", ""},
		{"add nat pool 198.51.100.1/24", "bad-argument"},
		{"add nat pool 198.51.100.0/33", "bad-argument"},
		{"add nat pool 198.51.100.0", "bad-argument"},
		/* ENDPOINT */
		{"add nat static tcp 10.0.0.1 1024", "bad-argument"},
		{"add nat static tcp 10.0.0.1:65536 1024", "bad-argument"},
		/* REST */
		{"capture file udp", ""},
		{"capture file ud", "missing-argument"},
		{"capture file", "missing-argument"},
		{"say", ""},
		/* named */
		{"show nat mappings limit 1", ""},
		{"show nat mappings limit 1000 protocol udp", ""},
		{"show nat mappings limit 1001", "bad-argument"},
		{"show nat mappings limit", "missing-argument"},
		{"show nat mappings limit 5 limit 6", "repeated-argument"},
		{"show nat mappings l 5", "ambiguous-word"},
		{"show nat mappings li 5", ""},
		{"show nat mappings colour red", "unknown-argument"},
		/* bytes */
		{"say \x1b[2J", "bad-character"},
		{"say a\nb", "bad-character"},
		{"say \x7f", "bad-character"},
		{"say \xc3\xa9", ""},
		{"say \xff\xfe", ""},
		/* handlers */
		{"start", "running"},
		{"stop", "command-failed"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *code = fault_code(rows[i].line);

		CU_ASSERT_STRING_EQUAL(code, rows[i].code);
		if (strcmp(code, rows[i].code) != 0)
			printf("    `%s`: \"%s\", not \"%s\"\n", rows[i].line, code, rows[i].code);
	}
}

static void
faults_name_the_word_and_what_would_do(void)
{
	static const struct {
		const char *line, *text;
	} rows[] = {
		{"show nat foo", "unknown word after `show nat`: foo. "
				 "Expected: summary, mappings, host"},
		{"show", "`show` is not a whole command. Expected: nat"},
		{"st", "ambiguous word: st. Type more of it: start, stop"},
		{"show nat host 10.0.0", "`show nat host` does not accept this address: 10.0.0. "
					 "Give an IPv4 address such as 10.0.0.1"},
		{"show nat host", "`show nat host` needs address. Type show nat host <address>"},
		{"show nat mappings limit 0", "`show nat mappings` does not accept this limit: 0. "
					      "Give a number within 1..1000"},
		{"add nat static sctp", "`add nat static` does not accept this protocol: sctp. "
					"Give one of tcp, udp, icmp"},
		{"show nat mappings x",
			"`show nat mappings` has no argument of this name: x. Type show nat "
			"mappings "
			"[protocol tcp|udp|icmp] [limit <number>] [longer <number>]"},
		{"stop", "`stop` failed: Input/output error"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[600];
		int returned;
		struct result *result = run(rows[i].line, &returned);

		CU_ASSERT_PTR_NOT_NULL_FATAL(result_failure(result));
		CU_ASSERT_STRING_EQUAL(
			fault_text(result_failure(result), text, sizeof(text)), rows[i].text);
		result_free(result);
	}
}

static void
handlers_get_typed_values(void)
{
	int returned;

	result_free(run("add nat static u 10.1.2.3:5060 40000 note voice", &returned));
	CU_ASSERT_EQUAL(returned, 0);
	CU_ASSERT_EQUAL(sample_seen.ran, 1);
	CU_ASSERT_STRING_EQUAL(sample_seen.words[0], "udp");
	CU_ASSERT_EQUAL(sample_seen.values[0].number, 1);
	CU_ASSERT_EQUAL(sample_seen.values[1].endpoint.address, 0x0a010203);
	CU_ASSERT_EQUAL(sample_seen.values[1].endpoint.port, 5060);
	CU_ASSERT_EQUAL(sample_seen.values[2].number, 40000);
	CU_ASSERT_TRUE(sample_seen.values[3].given);
	CU_ASSERT_STRING_EQUAL(sample_seen.words[3], "voice");

	result_free(run("show nat mappings limit 7", &returned));
	CU_ASSERT_FALSE(sample_seen.values[0].given);
	CU_ASSERT_TRUE(sample_seen.values[1].given);
	CU_ASSERT_EQUAL(sample_seen.values[1].number, 7);
	CU_ASSERT_FALSE(sample_seen.values[2].given);

	result_free(run("add nat pool 198.51.100.0/24", &returned));
	CU_ASSERT_EQUAL(sample_seen.values[0].prefix.address, 0xc6336400);
	CU_ASSERT_EQUAL(sample_seen.values[0].prefix.length, 24);

	result_free(run("capture x.pcap  udp  port 53  ", &returned));
	CU_ASSERT_STRING_EQUAL(sample_seen.words[0], "x.pcap");
	CU_ASSERT_STRING_EQUAL(sample_seen.words[1], "udp  port 53");
}

static void
lines_are_bounded(void)
{
	char line[2 * COMMAND_LINE_BYTES];

	memset(line, 'a', sizeof(line));
	memcpy(line, "say ", 4);
	line[COMMAND_LINE_BYTES - 1] = '\0';
	CU_ASSERT_STRING_EQUAL(fault_code(line), "");
	CU_ASSERT_EQUAL(strlen(sample_seen.words[0]), COMMAND_LINE_BYTES - 1 - 4);
	line[COMMAND_LINE_BYTES - 1] = 'a';
	line[COMMAND_LINE_BYTES] = '\0';
	CU_ASSERT_STRING_EQUAL(fault_code(line), "line-too-long");
	CU_ASSERT_EQUAL(sample_seen.ran, 0);
	/* As many words as fit */
	for (size_t i = 0; i < COMMAND_LINE_BYTES; i++)
		line[i] = i % 2 ? ' ' : 'x';
	line[COMMAND_LINE_BYTES - 1] = '\0';
	CU_ASSERT_STRING_EQUAL(fault_code(line), "unknown-command");
}

struct candidates {
	char words[512], help[1024];
};

static void
collect(void *opaque, const char *word, const char *help)
{
	struct candidates *candidates = opaque;

	strlcat(candidates->words, word, sizeof(candidates->words));
	strlcat(candidates->words, " ", sizeof(candidates->words));
	strlcat(candidates->help, help, sizeof(candidates->help));
	strlcat(candidates->help, "|", sizeof(candidates->help));
}

static void
completion_offers_what_parsing_accepts(void)
{
	static const struct {
		const char *line, *words;
	} rows[] = {
		{"", "help show add capture say start stop check large quit "},
		{"s", "show say start stop "},
		{"show ", "nat "},
		{"show nat ", "summary mappings host "},
		{"sh na ma", "mappings "},
		{"show nat x", ""},
		{"show nat mappings ", "protocol limit longer "},
		{"show nat mappings l", "limit longer "},
		{"show nat mappings protocol ", "tcp udp icmp "},
		{"show nat mappings protocol u", "udp "},
		{"show nat mappings protocol udp ", "limit longer "},
		{"show nat mappings limit ", "<limit> "},
		{"show nat mappings limit 5", ""},
		{"show nat mappings nonsense ", ""},
		{"add nat static ", "tcp udp icmp "},
		{"add nat static tcp ", "<private> "},
		{"add nat static tcp 10.0.0.1:1 1024 ", "note "},
		{"capture file ", "<filter> "},
		{"capture file udp ", ""},
		{"help sh", "show "},
		{"help show nat m", "mappings "},
		{"s nat ", ""},
	};
	struct command_registry *registry = sample_registry();

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct candidates candidates = {""};
		unsigned int count = command_complete(registry, rows[i].line, collect, &candidates);
		unsigned int words = 0;

		for (const char *at = candidates.words; *at != '\0'; at++)
			words += *at == ' ';
		CU_ASSERT_EQUAL(count, words);
		CU_ASSERT_STRING_EQUAL(candidates.words, rows[i].words);
		if (strcmp(candidates.words, rows[i].words) != 0)
			printf("    `%s`: %s\n", rows[i].line, candidates.words);
	}
	command_registry_free(registry);
}

static void
candidates_carry_help(void)
{
	struct command_registry *registry = sample_registry();
	struct candidates top = {""}, hint = {""};

	command_complete(registry, "sho", collect, &top);
	CU_ASSERT_STRING_EQUAL(top.help, "nat|");
	command_complete(registry, "show nat mappings limit ", collect, &hint);
	CU_ASSERT_STRING_EQUAL(hint.help, "rows at most: a number within 1..1000|");
	command_registry_free(registry);
}

static void
help_lists_and_describes(void)
{
	static const struct {
		const char *line, *part;
	} rows[] = {
		{"help", "Samples:\n"},
		{"help", "show nat host <address>"},
		{"help", "mappings of one host"},
		{"help show nat host", "usage   show nat host <address>\n"},
		{"help show nat host",
			"address   an IPv4 address such as 10.0.0.1  private address\n"},
		{"help show nat mappings", "a number within 1..1000"},
		{"help sh nat su", "First paragraph."},
		{"help show nat", "an overview"},
		{"help show nat", "show nat summary"},
		{"help add", "add nat pool <prefix>"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int returned;
		struct result *result = run(rows[i].line, &returned);
		char *text = render_text(result);

		CU_ASSERT_EQUAL(returned, 0);
		CU_ASSERT_PTR_NOT_NULL(strstr(text, rows[i].part));
		if (strstr(text, rows[i].part) == NULL)
			printf("    `%s`:\n%s", rows[i].line, text);
		free(text);
		result_free(result);
	}
	CU_ASSERT_STRING_EQUAL(fault_code("help foo"), "unknown-command");
	CU_ASSERT_STRING_EQUAL(fault_code("help show foo"), "unknown-command");
	CU_ASSERT_STRING_EQUAL(fault_code("help st"), "ambiguous-word");
}

static int
nothing(void *context, const struct command_value *values, struct result *result)
{
	return 0;
}

/* Registers a table in a child process, which a wrong one must end. */
static bool
registration_aborts(const struct command *commands, unsigned int count)
{
	const struct command_table table = {"Wrong", commands, count};
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		const struct rlimit no_core = {0, 0};

		setrlimit(RLIMIT_CORE, &no_core);
		fclose(stderr);
		command_register(command_registry_new(), &table, NULL);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void
wrong_tables_end_the_program(void)
{
	static const char *const choices[] = {"stop", NULL};
	static const struct command twice[] = {
		{"a b", "", NULL, nothing, {{NULL}}}, {"a b", "", NULL, nothing, {{NULL}}}};
	static const struct command swallowed[] = {
		{"trace", "", NULL, nothing, {{"file", "", COMMAND_WORD}}},
		{"trace stop", "", NULL, nothing, {{NULL}}}};
	static const struct command chosen[] = {{"trace stop now", "", NULL, nothing, {{NULL}}},
		{"trace", "", NULL, nothing, {{"what", "", COMMAND_WORD, false, choices}}}};
	static const struct command named[] = {
		{"trace", "", NULL, nothing, {{"limit", "", COMMAND_NUMBER, true}}},
		{"trace limit", "", NULL, nothing, {{NULL}}}};
	static const struct command order[] = {{"a", "", NULL, nothing,
		{{"x", "", COMMAND_WORD, true}, {"y", "", COMMAND_WORD, false}}}};
	static const struct command after_rest[] = {
		{"a", "", NULL, nothing, {{"x", "", COMMAND_REST}, {"y", "", COMMAND_WORD, true}}}};
	static const struct command below_help[] = {{"help me", "", NULL, nothing, {{NULL}}}};
	static const struct command fine[] = {
		{"trace", "", NULL, nothing, {{"address", "", COMMAND_ADDRESS}}},
		{"trace stop", "", NULL, nothing, {{NULL}}}};

	CU_ASSERT_TRUE(registration_aborts(twice, 2));
	CU_ASSERT_TRUE(registration_aborts(swallowed, 2));
	CU_ASSERT_TRUE(registration_aborts(chosen, 2));
	CU_ASSERT_TRUE(registration_aborts(named, 2));
	CU_ASSERT_TRUE(registration_aborts(order, 1));
	CU_ASSERT_TRUE(registration_aborts(after_rest, 1));
	CU_ASSERT_TRUE(registration_aborts(below_help, 1));
	CU_ASSERT_FALSE(registration_aborts(fine, 2));
}

const struct unit_test unit_tests[] = {
	{"lines_are_accepted_or_refused_by_name", lines_are_accepted_or_refused_by_name},
	{"faults_name_the_word_and_what_would_do", faults_name_the_word_and_what_would_do},
	{"handlers_get_typed_values", handlers_get_typed_values},
	{"lines_are_bounded", lines_are_bounded},
	{"completion_offers_what_parsing_accepts", completion_offers_what_parsing_accepts},
	{"candidates_carry_help", candidates_carry_help},
	{"help_lists_and_describes", help_lists_and_describes},
	{"wrong_tables_end_the_program", wrong_tables_end_the_program},
	{NULL, NULL},
};
