/* Pool sets and NATs over a table file, for tests of pools that come and go. */
#ifndef POOL_LIST_H
#define POOL_LIST_H

#include "nat/claim.h"
#include "nat/table_file.h"

#define POOL_A "a 10.0.0.0/24 198.51.100.0/31"
#define POOL_B "b 10.1.0.0/24 192.0.2.0/31"
#define POOL_C "c 10.2.0.0/24 203.0.113.0/32"

struct pool_bed {
	char directory[32];
	struct table_file file;
	struct nat nat;
	struct nat_restored restored;
	struct fault fault;
};

/* Writes the pools of "a 10.0.0.0/24 198.51.100.0/31; b 10.1.0.0/24 192.0.2.0/32" into `pools`, not
 * built; no limits. "" is none. Ends the program when the text is wrong. */
void pool_list(struct nat_pools *pools, const char *text);

/* The place of a public address, as text; UINT32_MAX when no pool has it. */
uint32_t pool_list_place(const struct nat_pools *pools, const char *address);

/* A malloc'ed set beside `former`; NULL when it is refused. */
struct nat_pools *pool_list_beside(
	const struct nat_pools *former, const char *text, struct fault *fault);

/* A table file in a directory of its own, and a NAT over it with so many shards. */
void pool_bed_open(struct pool_bed *bed, const char *pools, unsigned int shards);

/* Again, as a restarted gateway would. */
void pool_bed_reopen(struct pool_bed *bed, const char *pools, unsigned int shards);
void pool_bed_close(struct pool_bed *bed);

/* Makes the pools those of the list in a NAT that nobody else uses. 0 or -errno. */
int pool_bed_change(struct pool_bed *bed, const char *pools);

/* Publishes the state of one pool. */
void pool_bed_set_state(struct pool_bed *bed, const char *name, enum nat_pool_state state);

/* Claims; the slot, or NAT_SLOT_NONE with the reason in `result` (may be NULL). */
uint32_t pool_bed_claim(struct pool_bed *bed, const char *address, uint16_t port,
	uint32_t now_seconds, enum nat_claim_result *result);

/* Sums over everything that there can be; 0 when nothing has leaked. */
uint64_t pool_bed_used(const struct pool_bed *bed);
uint64_t pool_bed_host_mappings(const struct pool_bed *bed);
uint64_t pool_bed_indexed(const struct pool_bed *bed);

#endif
