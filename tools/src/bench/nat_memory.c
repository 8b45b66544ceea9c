/* Bytes a mapping: what the tables take at each load, all three protocols alike. The index takes
 * what it is planned for (limits.mappings in the configuration): so many mappings, or every port.
 */
#include "nat.h"

#include <errno.h>

#include "bed.h"
#include "nat/claim.h"
#include "row.h"

#define ADDRESSES 4

static const double loads[] = {0.25, 0.5, 0.75};

/* Fills every table of the bed to `load` with endpoints of one protocol. Returns mappings. */
static uint32_t
fill(struct bed *bed, enum nat_protocol protocol, double load)
{
	uint32_t wanted = (uint32_t)(load * nat_usable_ports(protocol)) * ADDRESSES, made = 0;
	struct bench_flows pattern = bed_flows(wanted, 1);

	for (uint32_t i = 0; i < wanted; i++) {
		struct bench_descriptor descriptor = bench_flow_descriptor(&pattern, i);
		struct nat_claim claim = {
			.endpoint = {__builtin_bswap32(descriptor.source),
				__builtin_bswap16(descriptor.source_port), protocol, 0},
			.remote_address = BED_REMOTE_FIRST,
		};

		nat_claim(&bed->nat, &claim, 0);
		made += claim.result == NAT_CLAIMED;
	}
	return made;
}

/* Fills a bed whose index is planned for `mappings_max`. Returns mappings, and the index's bytes.
 */
static int
fill_bed(const struct nat_bench *bench, double load, uint32_t mappings_max, uint32_t *mappings,
	uint64_t *index_bytes, struct fault *fault)
{
	struct bed_plan plan = {NAT_PORTS * ADDRESSES, ADDRESSES, mappings_max, 1};
	struct bed bed;
	int error = bed_open(&bed, bench->routes, &plan, fault);

	if (error != 0)
		return error;
	*mappings = 0;
	for (unsigned int protocol = 0; protocol < NAT_PROTOCOLS; protocol++)
		*mappings += fill(&bed, (enum nat_protocol)protocol, load);
	*index_bytes = bed.nat.shards[0].index.bytes;
	bed_close(&bed);
	return 0;
}

int
nat_bench_memory(const struct nat_bench *bench, struct fault *fault)
{
	double slot_bytes = sizeof(uint64_t) + 2 * sizeof(struct nat_hot);
	double slots = (double)ADDRESSES * NAT_PROTOCOLS * NAT_PORTS;

	for (unsigned int i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		struct row row = {.case_name = "memory"};
		uint64_t every_port, planned;
		uint32_t mappings, again;
		int error = fill_bed(bench, loads[i], 0, &mappings, &every_port, fault);

		if (error == 0)
			error = fill_bed(bench, loads[i], mappings, &again, &planned, fault);
		if (error != 0)
			return error;
		if (again != mappings)
			return fault_set(fault, EIO, "index-too-small", NULL, "Look at nat_open()",
				"an index planned for %u mappings took %u", mappings, again);
		row_add(&row, "load", loads[i], 2);
		row_add(&row, "mappings", mappings, 0);
		row_add(&row, "table_bytes_per_slot", slot_bytes, 1);
		row_add(&row, "table_bytes_per_mapping", slot_bytes * slots / mappings, 1);
		row_add(&row, "index_bytes_per_endpoint", (double)planned / mappings, 1);
		row_add(&row, "index_for_every_port_bytes_per_endpoint",
			(double)every_port / mappings, 1);
		row_print("nat", &row, bench->json);
	}
	return 0;
}
