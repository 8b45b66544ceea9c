/* See measure.h. */
#include "measure.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "drivers/port/bench_frame.h"

static int
compare(const void *one, const void *other)
{
	double difference = *(const double *)one - *(const double *)other;

	return difference < 0 ? -1 : difference > 0;
}

double
measure_median(double *values, unsigned int count)
{
	qsort(values, count, sizeof(values[0]), compare);
	return count % 2 != 0 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* What a NAT cannot avoid: address, port, TTL and both checksums, with values that are at hand. */
static inline void
rewrite(uint8_t *frame, unsigned int address_offset, unsigned int port_offset)
{
	const uint32_t address = __builtin_bswap32(BED_PUBLIC_FIRST);
	const uint16_t port = __builtin_bswap16(50000);
	uint8_t *l3 = frame + ETHERNET_HEADER_BYTES, *l4 = l3 + IPV4_HEADER_BYTES;
	uint16_t checksum, old_port;
	uint32_t old_address;
	uint64_t change;

	memcpy(&old_address, l3 + address_offset, sizeof(old_address));
	memcpy(l3 + address_offset, &address, sizeof(address));
	change = checksum_change32(old_address, address);
	l3[IPV4_OFFSET_TTL]--;
	memcpy(&checksum, l3 + IPV4_OFFSET_CHECKSUM, sizeof(checksum));
	checksum = checksum_update(checksum, change + 0xfffe);
	memcpy(l3 + IPV4_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
	memcpy(&old_port, l4 + port_offset, sizeof(old_port));
	memcpy(l4 + port_offset, &port, sizeof(port));
	memcpy(&checksum, l4 + UDP_OFFSET_CHECKSUM, sizeof(checksum));
	checksum = checksum_update(checksum, change + checksum_change16(old_port, port));
	memcpy(l4 + UDP_OFFSET_CHECKSUM, &checksum, sizeof(checksum));
}

/* From one port to the other, rewriting or not. Returns cycles. */
static uint64_t
run_simple(struct bed *bed, unsigned int from, uint64_t packets, bool rewrites)
{
	unsigned int address = from == BED_INSIDE ? IPV4_OFFSET_SOURCE : IPV4_OFFSET_DESTINATION;
	unsigned int port = from == BED_INSIDE ? 0 : 2;
	struct port *in = &bed->ports[from], *out = &bed->ports[!from];
	struct rte_mbuf *burst[PATH_BURST];
	uint64_t start = rte_rdtsc();

	for (uint64_t done = 0; done < packets;) {
		uint16_t count = in->rx(in, 0, burst, PATH_BURST);

		if (rewrites)
			for (unsigned int i = 0; i < count; i++)
				rewrite(rte_pktmbuf_mtod(burst[i], uint8_t *), address, port);
		out->tx(out, 0, burst, count);
		done += count;
	}
	return rte_rdtsc() - start;
}

static uint64_t
run_worker(struct bed *bed, uint64_t packets)
{
	struct worker *worker = bed->path.workers[0];
	uint64_t start = rte_rdtsc();

	for (uint64_t done = 0; done < packets;)
		done += worker_turn(worker);
	return rte_rdtsc() - start;
}

void
measure_warm(struct bed *bed, uint64_t packets)
{
	run_worker(bed, packets);
}

/* The measured packets took the fast path, all of them. */
static int
check_clean(const struct bed *bed, uint64_t drops, uint64_t slow, struct fault *fault)
{
	const struct worker *worker = bed->path.workers[0];
	char value[64];

	drops = bed_drops(bed) - drops;
	slow = worker->stages[STAGE_SLOW].packets - slow;
	if (drops == 0 && slow == 0)
		return 0;
	snprintf(value, sizeof(value), "%" PRIu64 " dropped, %" PRIu64 " slow", drops, slow);
	return fault_set(fault, EIO, "not-the-fast-path", value,
		"Look for the reason among the path's drop reasons",
		"measured packets did not all pass by the fast path");
}

int
measure_path(struct bed *bed, unsigned int from, uint64_t warm, struct measure *measure,
	struct fault *fault)
{
	enum { PORT, CEILING, TOTAL, TRANSLATION, KINDS };
	double figures[KINDS][MEASURE_REPETITIONS], stages[STAGE_COUNT][MEASURE_REPETITIONS];
	struct worker *worker = bed->path.workers[0];
	const uint64_t packets = MEASURE_PACKETS;
	const double count = MEASURE_PACKETS;
	uint64_t drops, slow;

	run_worker(bed, warm);
	drops = bed_drops(bed);
	slow = worker->stages[STAGE_SLOW].packets;
	for (unsigned int r = 0; r < MEASURE_REPETITIONS; r++) {
		struct stage_counters before[STAGE_COUNT];
		double port = (double)run_simple(bed, from, packets, false) / count;

		figures[PORT][r] = port;
		figures[CEILING][r] = (double)run_simple(bed, from, packets, true) / count - port;
		memcpy(before, worker->stages, sizeof(before));
		figures[TOTAL][r] = (double)run_worker(bed, packets) / count - port;
		for (unsigned int stage = 0; stage < STAGE_COUNT; stage++)
			stages[stage][r] = (double)(worker->stages[stage].busy_cycles -
						    before[stage].busy_cycles) /
					   count;
		figures[TRANSLATION][r] = stages[STAGE_CLASSIFY][r] + stages[STAGE_LOOKUP][r] +
					  stages[STAGE_TRANSLATE][r];
	}
	measure->port = measure_median(figures[PORT], MEASURE_REPETITIONS);
	measure->ceiling = measure_median(figures[CEILING], MEASURE_REPETITIONS);
	measure->total = measure_median(figures[TOTAL], MEASURE_REPETITIONS);
	measure->translation = measure_median(figures[TRANSLATION], MEASURE_REPETITIONS);
	measure->spread =
		(figures[TRANSLATION][MEASURE_REPETITIONS - 1] - figures[TRANSLATION][0]) /
		measure->translation;
	for (unsigned int stage = 0; stage < STAGE_COUNT; stage++)
		measure->stages[stage] = measure_median(stages[stage], MEASURE_REPETITIONS);
	return check_clean(bed, drops, slow, fault);
}

double
measure_new_mappings(struct bed *bed, const struct bench_descriptor *stream, uint32_t packets)
{
	double port, worker;

	bench_port_play(&bed->ports[BED_INSIDE], stream, packets, 0);
	port = (double)run_simple(bed, BED_INSIDE, packets, false);
	bench_port_play(&bed->ports[BED_INSIDE], stream, packets, packets);
	worker = (double)run_worker(bed, packets);
	return (worker - port) / packets;
}
