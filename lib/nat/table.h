/* The port table: a dense array of 65536 slots for each (public address, protocol), in which the
 * slot number IS the public port.
 *
 * Layout, 40 bytes a slot, in one file that outlives the process (nat/table_file.h):
 *   word   8 bytes   who holds the port, and the mapping's state; one compare-and-swap claims it
 *   out   16 bytes   written only by the worker that owns the outbound direction
 *   in    16 bytes   written only by the worker that owns the inbound direction
 * A slot's number in the whole table is (table << 16 | port), where table = public address index *
 * NAT_PROTOCOLS + protocol.
 *
 * Life of a slot (docs/decisions/quarantine-stays-indexed.md):
 *
 *   FREE -> CLAIMING -> ACTIVE -> QUARANTINE -> CLOSING -> FREE
 *                          ^---------'------------'
 *
 *   FREE -> CLAIMING     compare-and-swap by whoever creates; the word carries the identity at once
 *   CLAIMING -> ACTIVE   release store, after the hot records are filled and the index has it
 *   ACTIVE -> QUARANTINE compare-and-swap by the ager; still in the index, not forwarded inbound
 *   QUARANTINE -> ACTIVE compare-and-swap by the owner: the same endpoint came back (or by the
 * ager, when it sees that a packet was on its way while it decided) QUARANTINE -> CLOSING  the
 * ager, when the quarantine is over; the owner unlinks it ACTIVE -> CLOSING    nat_retire()
 * (nat/claim.h): the operator removed a static mapping CLOSING -> FREE      the ager, one grace
 * period after the owner unlinked it; generation + 1 FREE <-> BLOCKED     the operator withholds
 * the port from allocation
 *
 * No DPDK here: the same code runs in tests, tools and the gateway.
 */
#ifndef NAT_TABLE_H
#define NAT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/stamp.h"

#define NAT_PORTS       65536u /* slots of one table */
#define NAT_PORT_LOWEST 1024u  /* UDP and TCP; ICMP identifiers use all */
#define NAT_SLOT_NONE   UINT32_MAX
#define NAT_VRFS        64u
#define NAT_PLACE_SLOTS (NAT_PROTOCOLS * NAT_PORTS) /* of one public address */

enum nat_protocol { NAT_UDP, NAT_TCP, NAT_ICMP, NAT_PROTOCOLS };

enum nat_state {
	NAT_FREE,
	NAT_CLAIMING,
	NAT_ACTIVE,
	NAT_QUARANTINE,
	NAT_CLOSING,
	NAT_BLOCKED,
	NAT_STATES,
};

enum nat_class {
	NAT_EPHEMERAL,  /* created by outbound traffic; filtered by remote address; idles out */
	NAT_REGISTERED, /* reserved before traffic; any remote may reach it; never idles out */
};

/* The port word: private address 32 | private port 16 | state 3 | class 1 | protocol 2 | vrf 6 |
 * generation 4. */
#define NAT_WORD_STATE_SHIFT     13
#define NAT_WORD_CLASS_SHIFT     12
#define NAT_WORD_PROTOCOL_SHIFT  10
#define NAT_WORD_VRF_SHIFT       4
#define NAT_WORD_STATE_MASK      (UINT64_C(7) << NAT_WORD_STATE_SHIFT)
#define NAT_WORD_CLASS_MASK      (UINT64_C(1) << NAT_WORD_CLASS_SHIFT)
#define NAT_WORD_GENERATION_MASK UINT64_C(15)
/* Who the endpoint is: all but state, class and generation. */
#define NAT_WORD_IDENTITY_MASK \
	(~(NAT_WORD_STATE_MASK | NAT_WORD_CLASS_MASK | NAT_WORD_GENERATION_MASK))

/* The endpoint's bits of a port word. `port` is the ICMP identifier for NAT_ICMP. */
static inline uint64_t
nat_identity(unsigned int vrf, enum nat_protocol protocol, uint32_t address, uint16_t port)
{
	return (uint64_t)address << 32 | (uint64_t)port << 16 |
	       (uint64_t)protocol << NAT_WORD_PROTOCOL_SHIFT | (uint64_t)vrf << NAT_WORD_VRF_SHIFT;
}

static inline uint32_t
nat_word_address(uint64_t word)
{
	return (uint32_t)(word >> 32);
}

static inline uint16_t
nat_word_port(uint64_t word)
{
	return (uint16_t)(word >> 16);
}

static inline enum nat_state
nat_word_state(uint64_t word)
{
	return (enum nat_state)(word >> NAT_WORD_STATE_SHIFT & 7);
}

static inline enum nat_class
nat_word_class(uint64_t word)
{
	return (enum nat_class)(word >> NAT_WORD_CLASS_SHIFT & 1);
}

static inline enum nat_protocol
nat_word_protocol(uint64_t word)
{
	return (enum nat_protocol)(word >> NAT_WORD_PROTOCOL_SHIFT & 3);
}

static inline unsigned int
nat_word_vrf(uint64_t word)
{
	return (unsigned int)(word >> NAT_WORD_VRF_SHIFT & (NAT_VRFS - 1));
}

static inline unsigned int
nat_word_generation(uint64_t word)
{
	return (unsigned int)(word & NAT_WORD_GENERATION_MASK);
}

static inline uint64_t
nat_word_with_state(uint64_t word, enum nat_state state)
{
	return (word & ~NAT_WORD_STATE_MASK) | (uint64_t)state << NAT_WORD_STATE_SHIFT;
}

/* What one direction of a mapping saw. `counters` packs packets (28 bits, from bit 36) and bytes
 * (36 bits), so that a packet costs one addition; both wrap. `last_seen_seconds` is the low half
 * of the boot clock (base/stamp.h). In a quarantined slot the inbound record's stamp says since
 * when. */
struct nat_hot {
	uint64_t counters;
	uint32_t remote_address; /* the first remote: the usual answer to "may it come in?" */
	uint16_t remote_port;
	uint16_t last_seen_seconds;
};

_Static_assert(sizeof(struct nat_hot) == 16, "four hot records a cache line");

#define NAT_COUNTER_PACKET     (UINT64_C(1) << 36)
#define NAT_COUNTER_BYTES_MASK (NAT_COUNTER_PACKET - 1)

static inline uint64_t
nat_hot_packets(const struct nat_hot *hot)
{
	return __atomic_load_n(&hot->counters, __ATOMIC_RELAXED) / NAT_COUNTER_PACKET;
}

static inline uint64_t
nat_hot_bytes(const struct nat_hot *hot)
{
	return __atomic_load_n(&hot->counters, __ATOMIC_RELAXED) & NAT_COUNTER_BYTES_MASK;
}

/* Seconds since the record's stamp, up to STAMP_AGE_MAX_SECONDS. */
static inline uint32_t
nat_hot_age_seconds(const struct nat_hot *hot, uint32_t now_seconds)
{
	return stamp_age_seconds(&hot->last_seen_seconds, now_seconds);
}

/* The three arrays, wherever they lie. */
struct nat_table {
	uint64_t *words;
	struct nat_hot *out;
	struct nat_hot *in;
	uint32_t address_count; /* places of public addresses; some may be out of use */
	uint32_t slot_count;    /* address_count * NAT_PLACE_SLOTS */
};

static inline uint32_t
nat_slot(uint32_t address_index, enum nat_protocol protocol, uint16_t port)
{
	return (address_index * NAT_PROTOCOLS + (uint32_t)protocol) << 16 | port;
}

static inline uint16_t
nat_slot_port(uint32_t slot)
{
	return (uint16_t)slot;
}

static inline uint32_t
nat_slot_address_index(uint32_t slot)
{
	return (slot >> 16) / NAT_PROTOCOLS;
}

static inline enum nat_protocol
nat_slot_protocol(uint32_t slot)
{
	return (enum nat_protocol)((slot >> 16) % NAT_PROTOCOLS);
}

static inline uint64_t
nat_word_load(const struct nat_table *table, uint32_t slot)
{
	return __atomic_load_n(&table->words[slot], __ATOMIC_ACQUIRE);
}

/* Changes a word if it still is `*expected`; updates `*expected` otherwise. */
static inline bool
nat_word_swap(struct nat_table *table, uint32_t slot, uint64_t *expected, uint64_t desired)
{
	return __atomic_compare_exchange_n(
		&table->words[slot], expected, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

const char *nat_protocol_name(enum nat_protocol protocol); /* "udp" */
const char *nat_state_name(enum nat_state state);          /* "active" */
const char *nat_class_name(enum nat_class class);          /* "ephemeral" */

#endif
