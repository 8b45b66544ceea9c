/* show nat mappings, show nat host. See nat_command.h. */
#include <errno.h>

#include "nat/age.h"
#include "nat/nat_command_handlers.h"

static const struct result_column mapping_columns[] = {
	{"protocol", NULL, RESULT_LEFT},
	{"private_address", NULL, RESULT_LEFT},
	{"private_port", NULL, RESULT_RIGHT},
	{"public_address", NULL, RESULT_LEFT},
	{"public_port", NULL, RESULT_RIGHT},
	{"index", NULL, RESULT_RIGHT},
	{"class", NULL, RESULT_LEFT},
	{"state", NULL, RESULT_LEFT},
	{"remote_address", NULL, RESULT_LEFT},
	{"remote_port", NULL, RESULT_RIGHT},
	{"packets_out", NULL, RESULT_RIGHT},
	{"packets_in", NULL, RESULT_RIGHT},
	{"bytes_out", NULL, RESULT_RIGHT},
	{"bytes_in", NULL, RESULT_RIGHT},
	{"idle_seconds", NULL, RESULT_RIGHT},
};

#define MAPPING_COLUMNS (sizeof(mapping_columns) / sizeof(mapping_columns[0]))

/* Which mappings are wanted, and how many more. */
struct listing {
	const struct nat *nat;
	uint32_t now_seconds;
	struct result_table *table;
	bool by_protocol, by_private, by_public, by_class, by_state;
	enum nat_protocol protocol;
	uint32_t private_address, public_index;
	enum nat_class class;
	enum nat_state state;
	uint64_t rows, limit;
	uint32_t slots_left; /* how many more this call may look at */
};

static void
cell_address(struct result_table *table, uint32_t address)
{
	char text[IPV4_TEXT_BYTES];

	result_cell_text(table, "%s", ipv4_text(address, text));
}

static void
cell_hot(struct listing *listing, uint32_t slot, uint64_t word)
{
	const struct nat_hot *out = &listing->nat->table.out[slot];
	const struct nat_hot *in = &listing->nat->table.in[slot];
	uint32_t remote = __atomic_load_n(&out->remote_address, __ATOMIC_RELAXED);

	if (remote != 0) {
		cell_address(listing->table, remote);
		result_cell_number(
			listing->table, __atomic_load_n(&out->remote_port, __ATOMIC_RELAXED));
	} else { /* reserved, and nobody has come yet */
		result_cell_none(listing->table);
		result_cell_none(listing->table);
	}
	result_cell_number(listing->table, nat_hot_packets(out));
	result_cell_number(listing->table, nat_hot_packets(in));
	result_cell_number(listing->table, nat_hot_bytes(out));
	result_cell_number(listing->table, nat_hot_bytes(in));
	result_cell_number(
		listing->table, nat_idle_seconds(listing->nat, slot, word, listing->now_seconds));
}

static void
add_row(struct listing *listing, uint32_t slot, uint64_t word)
{
	struct result_table *table = listing->table;
	bool blocked = nat_word_state(word) == NAT_BLOCKED;
	unsigned int index = nat_slot_h16_index(listing->nat, slot, word);

	result_cell_text(table, "%s", nat_protocol_name(nat_slot_protocol(slot)));
	if (blocked) {
		result_cell_none(table);
		result_cell_none(table);
	} else {
		cell_address(table, nat_word_address(word));
		result_cell_number(table, nat_word_port(word));
	}
	cell_address(table, nat_slot_address(listing->nat, slot));
	result_cell_number(table, nat_slot_port(slot));
	if (blocked || index == H16_INDEXES)
		result_cell_none(table);
	else
		result_cell_number(table, index);
	if (blocked)
		result_cell_none(table);
	else
		result_cell_text(table, "%s", nat_class_name(nat_word_class(word)));
	result_cell_text(table, "%s", nat_state_name(nat_word_state(word)));
	if (!blocked)
		cell_hot(listing, slot, word);
	else
		for (unsigned int i = 0; i < 7; i++)
			result_cell_none(table);
	listing->rows++;
}

static bool
wanted(const struct listing *listing, uint64_t word)
{
	enum nat_state state = nat_word_state(word);

	if (listing->by_state ? state != listing->state : state == NAT_FREE || state == NAT_BLOCKED)
		return false;
	if (listing->by_private && nat_word_address(word) != listing->private_address)
		return false;
	return !listing->by_class ||
	       (state != NAT_BLOCKED && nat_word_class(word) == listing->class);
}

/* Whether no slot of one (public address, protocol) can be wanted. */
static bool
skips(const struct listing *listing, uint32_t slot)
{
	return (listing->by_protocol && nat_slot_protocol(slot) != listing->protocol) ||
	       (listing->by_public && nat_slot_address_index(slot) != listing->public_index);
}

/* Lists from `slot` to before `end`; returns where to go on. */
static uint32_t
list(struct listing *listing, uint32_t slot, uint32_t end)
{
	while (slot < end && listing->rows < listing->limit && listing->slots_left > 0) {
		uint64_t word;

		if (skips(listing, slot)) {
			slot = (slot | 0xffff) + 1;
			continue;
		}
		word = nat_word_load(&listing->nat->table, slot);
		if (wanted(listing, word))
			add_row(listing, slot, word);
		listing->slots_left--;
		slot++;
	}
	return slot;
}

static struct listing
listing_begin(const struct nat_command_context *context, struct result *result, uint64_t limit)
{
	return (struct listing){
		.nat = context->nat,
		.now_seconds = context->now_seconds(),
		.table = result_table(result, "mappings", mapping_columns, MAPPING_COLUMNS),
		.limit = limit,
		.slots_left = NAT_COMMAND_SLOTS,
	};
}

int
nat_show_mappings(void *opaque, const struct command_value *values, struct result *result)
{
	const struct nat_command_context *context = opaque;
	const uint32_t slot_count = context->nat->table.slot_count;
	uint32_t public_index = 0, next;
	struct listing listing;

	if (values[MAPPINGS_PUBLIC].given) {
		public_index =
			nat_pools_find_public(context->nat->pools, values[MAPPINGS_PUBLIC].address);
		if (public_index == UINT32_MAX)
			return result_refuse(result, ENOENT, "no-such-address",
				values[MAPPINGS_PUBLIC].word, "See: show nat summary",
				"no pool has this public address");
	}
	listing = listing_begin(context, result,
		nat_command_number(&values[MAPPINGS_LIMIT], MAPPINGS_LIMIT_DEFAULT));
	listing.by_protocol = values[MAPPINGS_PROTOCOL].given;
	listing.protocol = (enum nat_protocol)values[MAPPINGS_PROTOCOL].number;
	listing.by_private = values[MAPPINGS_PRIVATE].given;
	listing.private_address = values[MAPPINGS_PRIVATE].address;
	listing.by_public = values[MAPPINGS_PUBLIC].given;
	listing.public_index = public_index;
	listing.by_class = values[MAPPINGS_CLASS].given;
	listing.class = (enum nat_class)values[MAPPINGS_CLASS].number;
	listing.by_state = values[MAPPINGS_STATE].given;
	listing.state = (enum nat_state)(NAT_CLAIMING + values[MAPPINGS_STATE].number);
	next = list(&listing, (uint32_t)nat_command_number(&values[MAPPINGS_FROM], 0), slot_count);
	if (next < slot_count) {
		result_number(result, "next_cursor", next);
		result_note(result, "There may be more: repeat the command with `from %u`.", next);
	}
	return 0;
}

/* The host's mappings: on its paired address, and static ones elsewhere if it has more. */
static void
list_host(struct listing *listing, uint32_t paired_index, uint32_t mappings, struct result *result)
{
	const uint32_t first = nat_slot(paired_index, NAT_UDP, 0);
	const uint32_t beyond = first + NAT_PROTOCOLS * NAT_PORTS;
	const uint32_t slot_count = listing->nat->table.slot_count;
	uint32_t next = list(listing, first, beyond);
	bool cut = next < beyond;

	if (!cut && listing->rows < mappings)
		cut = list(listing, 0, first) < first ||
		      list(listing, beyond, slot_count) < slot_count;
	if (cut)
		result_note(
			result, "There may be more: show nat mappings private ADDRESS lists all.");
}

int
nat_show_host(void *opaque, const struct command_value *values, struct result *result)
{
	const struct nat_command_context *context = opaque;
	const struct nat *nat = context->nat;
	struct nat_pairing pairing;
	struct listing listing;
	char text[IPV4_TEXT_BYTES];
	uint32_t mappings;

	if (!nat_pools_pair(nat->pools, values[HOST_ADDRESS].address, &pairing))
		return result_refuse(result, ENOENT, "no-such-host", values[HOST_ADDRESS].word,
			"Give an address of a pool's private prefixes",
			"no pool has this private address");
	mappings = __atomic_load_n(&nat->host_mappings[pairing.host], __ATOMIC_RELAXED);
	result_text(result, "private_address", "%s", values[HOST_ADDRESS].word);
	result_text(result, "pool", "%s", pairing.pool->name);
	result_text(result, "public_address", "%s",
		ipv4_text(nat->pools->addresses[pairing.address_index], text));
	result_number(result, "mapping_count", mappings);
	result_number(result, "mappings_per_host", pairing.pool->mappings_per_host);
	if (pairing.pool->mappings_per_host == 0)
		result_note(result, "The pool has no quota of mappings per host.");
	listing = listing_begin(
		context, result, nat_command_number(&values[HOST_LIMIT], HOST_LIMIT_DEFAULT));
	listing.by_private = true;
	listing.private_address = values[HOST_ADDRESS].address;
	list_host(&listing, pairing.address_index, mappings, result);
	return 0;
}
