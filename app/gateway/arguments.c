/* See arguments.h. */
#include "arguments.h"

#include <getopt.h>
#include <stdio.h>

#define DEFAULT_CONFIG "/etc/binfm/gateway.yaml"
#define EXIT_USAGE     2

static const char usage[] =
	"usage: binfm-gateway [--config FILE] [--interactive] [--cmdline-file FILE]\n"
	"       binfm-gateway --check FILE\n"
	"       binfm-gateway --print-config-reference | --print-config-example | --man\n"
	"\n"
	"A NAT gateway whose public ports are hashes of the private endpoints (H16).\n"
	"\n"
	"  -c, --config FILE           configuration, " DEFAULT_CONFIG " by default\n"
	"  -i, --interactive           prompt on standard input; leaving it ends the gateway\n"
	"  -f, --cmdline-file FILE     run the commands of FILE after the start\n"
	"  -k, --check FILE            check a configuration and change nothing\n"
	"      --print-config-reference  every configuration value as Markdown\n"
	"      --print-config-example  a commented configuration\n"
	"      --man                   manual page of the commands\n"
	"  -V, --version\n"
	"  -h, --help\n"
	"\n"
	"Exit status: 0 done, 1 refused or failed, 2 usage, 4 --check found faults.\n"
	"Another terminal talks to a running gateway with binfm-cli.\n";

enum { PRINT_REFERENCE = 256, PRINT_EXAMPLE, PRINT_MAN };

static const struct option options[] = {
	{"config", required_argument, NULL, 'c'},
	{"interactive", no_argument, NULL, 'i'},
	{"cmdline-file", required_argument, NULL, 'f'},
	{"check", required_argument, NULL, 'k'},
	{"print-config-reference", no_argument, NULL, PRINT_REFERENCE},
	{"print-config-example", no_argument, NULL, PRINT_EXAMPLE},
	{"man", no_argument, NULL, PRINT_MAN},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

int
arguments_parse(int count, char **words, struct arguments *arguments)
{
	int option;

	*arguments = (struct arguments){.config = DEFAULT_CONFIG};
	while ((option = getopt_long(count, words, "c:if:k:Vh", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			arguments->config = optarg;
			break;
		case 'i':
			arguments->interactive = true;
			break;
		case 'f':
			arguments->cmdline_file = optarg;
			break;
		case 'k':
			arguments->check = optarg;
			break;
		case PRINT_REFERENCE:
			arguments->print_reference = true;
			break;
		case PRINT_EXAMPLE:
			arguments->print_example = true;
			break;
		case PRINT_MAN:
			arguments->print_man = true;
			break;
		case 'V':
			printf("binfm-gateway %s\n", BINFM_VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs("Try: binfm-gateway --help\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind != count) {
		fprintf(stderr, "binfm-gateway: unexpected argument: %s\n", words[optind]);
		return EXIT_USAGE;
	}
	return -1;
}
