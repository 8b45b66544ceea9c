/* A unit-test program is a table of named functions; main() is in main.c. */
#ifndef UNIT_H
#define UNIT_H

#include <CUnit/CUnit.h>

struct unit_test {
	const char *name;
	void (*run)(void);
};

extern const char *const unit_suite;        /* "base" */
extern const struct unit_test unit_tests[]; /* ends at name == NULL */

#endif
