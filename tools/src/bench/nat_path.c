/* The path's cycles a packet, between bench ports, on one core. */
#include "nat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_cycles.h>

#include "measure.h"
#include "row.h"

#define SEED            16
#define PLACES_LEAST    12    /* the length of the Internet mix */
#define WARM_LEAST      65536 /* packets before measuring */
#define REFUSED_SHARE   100000
#define IMIX            0 /* among the sizes */
#define IMIX_MEAN_BYTES 358

static const uint16_t sizes[] = {64, 512, IMIX};
static const uint32_t flow_counts[] = {1, 1000, 65536, 1000000};

static uint32_t
endpoints_all(uint32_t flows)
{
	return flows;
}

static uint32_t
endpoints_one(uint32_t flows)
{
	(void)flows;
	return 1;
}

static uint32_t
endpoints_sixteenth(uint32_t flows)
{
	return flows / 16;
}

/* Endpoints x remotes of a number of flows. */
static const struct {
	const char *name;
	uint32_t (*endpoints)(uint32_t flows);
} shapes[] = {
	{"Nx1", endpoints_all},
	{"1xN", endpoints_one},
	{"N/16x16", endpoints_sixteenth},
};

static void
set_size(struct bench_descriptor *stream, uint32_t count, uint16_t size)
{
	if (size == IMIX)
		bench_stream_set_imix(stream, count);
	else
		bench_stream_set_size(stream, count, size);
}

static void
report(const struct nat_bench *bench, const char *shape, uint16_t size, uint32_t flows,
	unsigned int from, const struct measure *measure)
{
	struct row row = {.direction = from == BED_INSIDE ? "out" : "in"};
	char name[32];

	snprintf(name, sizeof(name), "path-%s%s", shape, size == IMIX ? "-imix" : "");
	row.case_name = name;
	row_add(&row, "frame_bytes", size == IMIX ? IMIX_MEAN_BYTES : size, 0);
	row_add(&row, "flows", flows, 0);
	row_add(&row, "cycles_per_packet", measure->translation, 1);
	row_add(&row, "mpps", (double)rte_get_tsc_hz() / measure->total / 1e6, 2);
	row_add(&row, "ceiling_cycles", measure->ceiling, 1);
	row_add(&row, "classify", measure->stages[STAGE_CLASSIFY], 1);
	row_add(&row, "lookup", measure->stages[STAGE_LOOKUP], 1);
	row_add(&row, "translate", measure->stages[STAGE_TRANSLATE], 1);
	row_add(&row, "forward", measure->stages[STAGE_FORWARD], 1);
	row_add(&row, "total_cycles", measure->total, 1);
	row_add(&row, "spread", measure->spread, 2);
	if (size == 64 && flows >= 65536) /* the cases that an aim judges */
		row_add(&row, "ratio", measure->ceiling / measure->translation, 2);
	row_print("nat", &row, bench->json);
}

/* At half load H16 refuses about one endpoint in a million: all sixteen candidates are taken. Such
 * a flow's place goes to the one before it. More refusals than that are a fault of the path. */
static int
replace_refused(
	const struct bed *bed, struct bench_descriptor *stream, uint32_t count, struct fault *fault)
{
	struct bench_descriptor answer;
	uint32_t refused = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (bed_answer(bed, &stream[i], &answer))
			continue;
		stream[i] = stream[i == 0 ? count - 1 : i - 1];
		refused++;
	}
	if (refused <= count / REFUSED_SHARE)
		return 0;
	return fault_set(fault, EIO, "no-mapping", NULL, "Look at the path's drop reasons",
		"%u of %u flows made no mapping", refused, count);
}

/* Replaces outbound descriptors by the answers to them. */
static void
make_answers(const struct bed *bed, struct bench_descriptor *stream, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		bed_answer(bed, &stream[i], &stream[i]);
}

/* All sizes in one direction; the mappings are there. */
static int
run_direction(const struct nat_bench *bench, struct bed *bed, struct bench_descriptor *stream,
	uint32_t places, uint32_t flows, const char *shape, unsigned int from, struct fault *fault)
{
	uint64_t warm = flows < WARM_LEAST ? WARM_LEAST : flows;

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct measure measure;
		int error;

		if (bench->quick && sizes[i] != 64)
			continue;
		set_size(stream, places, sizes[i]);
		bench_port_play(&bed->ports[from], stream, places, 0);
		error = measure_path(bed, from, warm, &measure, fault);
		bench_port_play(&bed->ports[from], NULL, 0, 0);
		if (error != 0)
			return error;
		report(bench, shape, sizes[i], flows, from, &measure);
	}
	return 0;
}

static int
run_shape(const struct nat_bench *bench, uint32_t flows, uint32_t endpoints, const char *shape,
	struct fault *fault)
{
	uint32_t remotes = flows / endpoints;
	struct bench_flows pattern = bed_flows(endpoints, remotes);
	/* Every remote but an endpoint's first needs a record that permits its answers. */
	struct bed_plan plan = {endpoints, bed_public_addresses(endpoints), 0, 1};
	struct bench_descriptor *stream;
	uint32_t places;
	struct bed bed;
	int error;

	flows = bench_flows_count(&pattern);
	/* Room for every size of the mix, however few flows there are. */
	places = flows < PLACES_LEAST ? flows * PLACES_LEAST : flows;
	plan.flow_records = remotes > 1 ? flows : 1;
	stream = malloc(places * sizeof(*stream));
	if (stream == NULL)
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Free some memory",
			"no memory for %u flows", flows);
	for (uint32_t place = 0; place < places; place++)
		stream[place] = bench_flow_descriptor(&pattern, place % flows);
	bench_stream_shuffle(stream, places, SEED);
	bench_stream_set_size(stream, places, 64);
	error = bed_open(&bed, bench->routes, &plan, fault);
	if (error != 0)
		goto out;
	bench_port_play(&bed.ports[BED_INSIDE], stream, places, places);
	measure_warm(&bed, places);
	error = replace_refused(&bed, stream, places, fault);
	if (error == 0)
		error = run_direction(bench, &bed, stream, places, flows, shape, BED_INSIDE, fault);
	make_answers(&bed, stream, places);
	if (error == 0)
		error = run_direction(
			bench, &bed, stream, places, flows, shape, BED_OUTSIDE, fault);
	bed_close(&bed);
out:
	free(stream);
	return error;
}

int
nat_bench_path(const struct nat_bench *bench, struct fault *fault)
{
	for (unsigned int f = 0; f < sizeof(flow_counts) / sizeof(flow_counts[0]); f++) {
		for (unsigned int s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
			uint32_t flows = flow_counts[f];
			int error;

			if (s > 0 && (flows == 1 || bench->quick)) /* one flow has one shape */
				continue;
			error = run_shape(
				bench, flows, shapes[s].endpoints(flows), shapes[s].name, fault);
			if (error != 0)
				return error;
		}
	}
	return 0;
}
