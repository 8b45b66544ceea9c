/* binfm-bench: measures the packet path in this process, between bench ports. Method and figures:
 * docs/performance.md. tools/bench builds and runs it. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_lpm.h>

#include "base/sha256.h"
#include "eal/eal.h"
#include "nat.h"
#include "roundtrip.h"
#include "row.h"

#define HEAP_MB     224 /* the route table alone takes 64 */
#define EXIT_FAILED 1
#define EXIT_USAGE  2

struct arguments {
	struct nat_bench nat;
	bool path, mappings, memory;
	unsigned int core;
	bool ordinary_pages;
	bool roundtrip;
};

static void
print_usage(FILE *file)
{
	fputs("usage: binfm-bench nat [--json] [--quick] [--only CASE] [--core N] [--no-huge]\n"
	      "       binfm-bench roundtrip [--json]\n"
	      "\n"
	      "  nat          cycles a packet, new mappings a second, bytes a mapping\n"
	      "  roundtrip    nanoseconds of a cache line from CPU 0 to CPU N and back\n"
	      "  --json       one JSON object a line instead of tables\n"
	      "  --quick      frames of 64 bytes and one shape only\n"
	      "  --only CASE  path, mappings or memory\n"
	      "  --core N     CPU to run on (1)\n"
	      "  --no-huge    ordinary pages, even where there are huge ones\n",
		file);
}

static int
parse_only(struct arguments *arguments, const char *name)
{
	arguments->path = strcmp(name, "path") == 0;
	arguments->mappings = strcmp(name, "mappings") == 0;
	arguments->memory = strcmp(name, "memory") == 0;
	return arguments->path || arguments->mappings || arguments->memory ? 0 : -EINVAL;
}

static int
parse(struct arguments *arguments, int count, char **words)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"quick", no_argument, NULL, 'q'},
		{"only", required_argument, NULL, 'o'},
		{"core", required_argument, NULL, 'c'},
		{"no-huge", no_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	*arguments = (struct arguments){.path = true, .mappings = true, .memory = true, .core = 1};
	while ((option = getopt_long(count, words, "", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			arguments->nat.json = true;
			break;
		case 'q':
			arguments->nat.quick = true;
			break;
		case 'o':
			if (parse_only(arguments, optarg) != 0)
				return -EINVAL;
			break;
		case 'c':
			arguments->core = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'n':
			arguments->ordinary_pages = true;
			break;
		case 'h':
			print_usage(stdout);
			exit(0);
		default:
			return -EINVAL;
		}
	}
	if (optind != count - 1)
		return -EINVAL;
	arguments->roundtrip = strcmp(words[optind], "roundtrip") == 0;
	return arguments->roundtrip || strcmp(words[optind], "nat") == 0 ? 0 : -EINVAL;
}

static int
run_roundtrip(const struct arguments *arguments)
{
	struct row row = {.case_name = "core-roundtrip"};
	double ns = roundtrip_ns(0, arguments->core);

	if (ns < 0) {
		fprintf(stderr,
			"binfm-bench: CPU 0 or %u cannot be used. Choose another with --core\n",
			arguments->core);
		return EXIT_FAILED;
	}
	row_add(&row, "roundtrip_ns", ns, 0);
	row_print("nat", &row, arguments->nat.json);
	return 0;
}

static void
print_fault(const struct fault *fault)
{
	char text[512];

	fprintf(stderr, "binfm-bench: %s\n", fault_text(fault, text, sizeof(text)));
}

static int
run(const struct arguments *arguments)
{
	struct row row = {.case_name = "machine"};
	struct fault fault;
	int error = 0;

	row_add(&row, "tsc_mhz", (double)rte_get_tsc_hz() / 1e6, 0);
	row_add(&row, "huge_pages", rte_eal_has_hugepages(), 0);
	row_print("nat", &row, arguments->nat.json);
	if (arguments->path)
		error = nat_bench_path(&arguments->nat, &fault);
	if (error == 0 && arguments->mappings)
		error = nat_bench_mappings(&arguments->nat, &fault);
	if (error == 0 && arguments->memory)
		error = nat_bench_memory(&arguments->nat, &fault);
	if (error != 0)
		print_fault(&fault);
	return error;
}

int
main(int argument_count, char **words)
{
	struct rte_lpm_config config = {.max_rules = 16, .number_tbl8s = 256};
	struct arguments arguments;
	struct tool_eal eal;
	struct fault fault;
	int error;

	if (parse(&arguments, argument_count, words) != 0) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (arguments.roundtrip)
		return run_roundtrip(&arguments);
	eal = (struct tool_eal){
		.name = "bench",
		.core = arguments.core,
		.second_core = arguments.core,
		.memory_mb = HEAP_MB,
		.ordinary_pages = arguments.ordinary_pages,
	};
	if (tool_eal_start(&eal, &fault) != 0) {
		print_fault(&fault);
		return EXIT_FAILED;
	}
	sha256_init();
	arguments.nat.routes = rte_lpm_create("bench", SOCKET_ID_ANY, &config);
	if (arguments.nat.routes == NULL) {
		fprintf(stderr, "binfm-bench: no memory for a route table\n");
		tool_eal_end();
		return EXIT_FAILED;
	}
	error = run(&arguments);
	rte_lpm_free(arguments.nat.routes);
	tool_eal_end();
	return error == 0 ? 0 : EXIT_FAILED;
}
