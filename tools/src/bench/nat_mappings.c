/* New mappings a second: packets of fresh endpoints only, through the whole path. */
#include "nat.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_cycles.h>

#include "measure.h"
#include "row.h"

#define SEED         17
#define SLICES       25
#define REFUSED_MOST 20 /* H16 at half load: about one endpoint in a million */

/* Mappings that are there already, and fresh ones measured, a slice in two milliseconds. */
static const struct {
	const char *name;
	uint32_t present, fresh;
} cases[] = {
	{"new-mappings", 0, 250000},
	{"new-mappings-at-1M", 1000000, 250000},
};

static int
run(const struct nat_bench *bench, struct bed *bed, const struct bench_descriptor *stream,
	unsigned int number, struct fault *fault)
{
	uint32_t present = cases[number].present, slice = cases[number].fresh / SLICES;
	const struct nat_shard *shard = &bed->nat.shards[0];
	struct row row = {.case_name = cases[number].name};
	double cycles[SLICES], median;

	if (present != 0) {
		bench_port_play(&bed->ports[BED_INSIDE], stream, present, present);
		measure_warm(bed, present);
	}
	for (unsigned int i = 0; i < SLICES; i++)
		cycles[i] = measure_new_mappings(bed, stream + present + i * slice, slice);
	median = measure_median(cycles, SLICES);
	if (shard->created + REFUSED_MOST < present + SLICES * slice)
		return fault_set(fault, EIO, "refused", NULL, "Look at the path's drop reasons",
			"%u endpoints made %llu mappings", present + SLICES * slice,
			(unsigned long long)shard->created);
	row_add(&row, "present_mappings", present, 0);
	row_add(&row, "cycles_per_mapping", median, 1);
	row_add(&row, "mappings_per_second", (double)rte_get_tsc_hz() / median, 0);
	row_add(&row, "first_candidate_share",
		(double)shard->probe_histogram[0] / (double)shard->created, 3);
	row_print("nat", &row, bench->json);
	return 0;
}

int
nat_bench_mappings(const struct nat_bench *bench, struct fault *fault)
{
	int error = 0;

	for (unsigned int i = 0; error == 0 && i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t endpoints = cases[i].present + cases[i].fresh;
		struct bench_flows pattern = bed_flows(endpoints, 1);
		struct bed_plan plan = {endpoints, bed_public_addresses(endpoints), 0, 1};
		struct bench_descriptor *stream = malloc(endpoints * sizeof(*stream));
		struct bed bed;

		if (stream == NULL)
			return fault_set(fault, ENOMEM, "no-memory", NULL, "Free some memory",
				"no memory for %u flows", endpoints);
		bench_stream_fill(stream, &pattern);
		bench_stream_shuffle(stream, endpoints, SEED);
		bench_stream_set_size(stream, endpoints, 64);
		error = bed_open(&bed, bench->routes, &plan, fault);
		if (error == 0) {
			error = run(bench, &bed, stream, i, fault);
			bed_close(&bed);
		}
		free(stream);
	}
	return error;
}
