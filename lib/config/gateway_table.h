/* The gateway's rows and checks, private to gateway*.c. */
#ifndef CONFIG_GATEWAY_TABLE_H
#define CONFIG_GATEWAY_TABLE_H

#include "config/gateway.h"
#include "config/table.h"

extern const struct config_table gateway_table;

/* What a section is for, for the reference: "" when the name says it. */
const char *gateway_section_help(const char *section);

/* The values against each other. Each check returns 0, or -EINVAL with a fault that names the line.
 */
struct gateway_check {
	const struct config_source *source; /* NULL: the values come from no file */
	const struct gateway_config *config;
	struct fault *fault;
};

int gateway_check_machine(const struct gateway_check *check);
int gateway_check_networks(const struct gateway_check *check);
int gateway_check_pools(const struct gateway_check *check);
int gateway_check_statics(const struct gateway_check *check);

/* Fills the check's fault for the value at the formatted path and returns -EINVAL. `sentence` goes
 * on from the path ("has host bits set"), `remedy` is an imperative sentence. */
int gateway_refuse(const struct gateway_check *check, const char *code, const char *value,
	const char *remedy, const char *sentence, const char *path_format, ...)
	__attribute__((format(printf, 6, 7)));

/* NULL when a host may have the address, else why not: "is a loopback address". */
const char *gateway_address_flaw(uint32_t address);

/* NULL when a host of `subnet` may have the address, else why not: "is the broadcast address". */
const char *gateway_host_flaw(struct ipv4_prefix subnet, uint32_t address);

/* The network of an interface's address: its host bits cleared. */
static inline struct ipv4_prefix
gateway_subnet(struct ipv4_prefix address)
{
	address.address &= ipv4_mask(address.length);
	return address;
}

static inline bool
gateway_prefixes_overlap(struct ipv4_prefix one, struct ipv4_prefix other)
{
	uint32_t mask = ipv4_mask(one.length < other.length ? one.length : other.length);

	return ((one.address ^ other.address) & mask) == 0;
}

/* Whether `inner` lies wholly in `outer`. */
static inline bool
gateway_prefix_within(struct ipv4_prefix inner, struct ipv4_prefix outer)
{
	return inner.length >= outer.length && gateway_prefixes_overlap(inner, outer);
}

#endif
