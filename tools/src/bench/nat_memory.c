/* Bytes a mapping: what the tables take at each load, all three protocols alike. */
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

static void
report(const struct nat_bench *bench, const struct bed *bed, double load, uint32_t mappings)
{
	const struct tag_index *index = &bed->nat.shards[0].index;
	double slots = bed->table.slot_count;
	struct row row = {.case_name = "memory"};

	row_add(&row, "load", load, 2);
	row_add(&row, "mappings", mappings, 0);
	row_add(&row, "table_bytes_per_slot", (double)bed->slot_bytes / slots, 1);
	row_add(&row, "table_bytes_per_mapping", (double)bed->slot_bytes / mappings, 1);
	row_add(&row, "index_bytes_per_slot", (double)index->bytes / slots, 1);
	row_add(&row, "index_bytes_per_endpoint", (double)index->bytes / mappings, 1);
	row_print("nat", &row, bench->json);
}

int
nat_bench_memory(const struct nat_bench *bench, struct fault *fault)
{
	for (unsigned int i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		uint32_t most = (uint32_t)(NAT_PORTS * ADDRESSES), mappings = 0;
		struct bed bed;
		int error = bed_open(&bed, bench->routes, most, ADDRESSES, 1, fault);

		if (error != 0)
			return error;
		for (unsigned int protocol = 0; protocol < NAT_PROTOCOLS; protocol++)
			mappings += fill(&bed, (enum nat_protocol)protocol, loads[i]);
		report(bench, &bed, loads[i], mappings);
		bed_close(&bed);
	}
	return 0;
}
