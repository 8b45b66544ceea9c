/* Prints what runs have shown. */
#ifndef PKTGEN_REPORT_H
#define PKTGEN_REPORT_H

#include <stdbool.h>

#include "generator.h"

/* One run; as JSON one object. */
void report_run(const struct generator *generator, const struct result *result, bool right);

/* The end of a search. */
void report_search(const struct generator *generator, double rate, unsigned int trials);

/* A fault, in the form of the gateway's answers. */
void report_fault(const struct fault *fault, bool json);

#endif
