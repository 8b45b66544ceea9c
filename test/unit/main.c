/* Runs the tests of unit.h's table; `PROGRAM NAME` runs one, `PROGRAM --list` names them.
 * Prints one line a test, so that the runner can count and time them. */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <CUnit/Basic.h>

static double
now_seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
print_failures(const CU_FailureRecord *record)
{
	for (; record != NULL; record = record->pNext)
		printf("    %s:%u: %s\n", record->strFileName, record->uiLineNumber,
			record->strCondition);
}

int
main(int argument_count, char **arguments)
{
	const char *only = argument_count > 1 ? arguments[1] : NULL;
	unsigned int passed = 0, failed = 0;
	CU_pSuite suite;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (only != NULL && strcmp(only, "--list") == 0) {
		for (const struct unit_test *test = unit_tests; test->name != NULL; test++)
			printf("%s\n", test->name);
		return 0;
	}
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 2;
	suite = CU_add_suite(unit_suite, NULL, NULL);
	CU_basic_set_mode(CU_BRM_SILENT);
	for (const struct unit_test *test = unit_tests; test->name != NULL; test++) {
		double start = now_seconds();
		CU_pTest unit = CU_add_test(suite, test->name, test->run);
		unsigned int failures;

		if (only != NULL && strcmp(only, test->name) != 0)
			continue;
		CU_run_test(suite, unit);
		failures = CU_get_number_of_failure_records();
		printf("%s %s::%s (%.2f s)\n", failures ? "FAIL" : "ok  ", unit_suite, test->name,
			now_seconds() - start);
		print_failures(CU_get_failure_list());
		if (failures)
			failed++;
		else
			passed++;
	}
	CU_cleanup_registry();
	printf("%s: %u passed, %u failed\n", unit_suite, passed, failed);
	if (only != NULL && passed + failed == 0) {
		fprintf(stderr, "no test is called %s; --list names them\n", only);
		return 2;
	}
	return failed != 0;
}
