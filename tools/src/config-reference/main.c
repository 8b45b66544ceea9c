/* Prints the committed files that are made from the configuration's rows:
 *     config-reference reference > docs/configuration.md
 *     config-reference example   > config/gateway.yaml
 */
#include <stdio.h>
#include <string.h>

#include "config/gateway.h"

int
main(int argument_count, char **arguments)
{
	const char *what = argument_count == 2 ? arguments[1] : "";

	if (strcmp(what, "reference") == 0) {
		gateway_config_print_reference(stdout);
	} else if (strcmp(what, "example") == 0) {
		gateway_config_print_example(stdout);
	} else {
		fprintf(stderr, "usage: config-reference reference | example\n");
		return 2;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
