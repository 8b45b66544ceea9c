/* What the packet path knows of the configuration: interfaces, own addresses, routes, neighbours.
 *
 * A view is a snapshot: the control thread builds one, publishes it by storing one pointer, and
 * frees the former after a grace period; workers load the pointer once a turn. Two parts change in
 * place under the workers' eyes: the route table (rte_lpm, whose readers need no lock) and the
 * neighbour words (one 64-bit store each).
 *
 * Threads: built and changed on the control thread, read on every worker.
 */
#ifndef PATH_VIEW_H
#define PATH_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_lpm.h>

#include "base/fault.h"
#include "base/ipv4.h"
#include "path/port.h"

#define PATH_PORTS_MAX      16
#define PATH_INTERFACES_MAX 16
#define PATH_ADDRESSES_MAX  8
#define PATH_SOURCES_MAX    16
#define PATH_NO_INTERFACE   0xff
#define PATH_VLANS          4096

struct path_interface {
	char name[32];
	enum port_side side;
	uint8_t port;  /* index of the port */
	uint16_t vlan; /* 802.1Q tag, 0 = untagged */
	uint16_t mtu_bytes;
	uint8_t mac[6];
	bool has_kernel; /* a kernel interface takes local traffic */
	unsigned int address_count;
	struct ipv4_prefix addresses[PATH_ADDRESSES_MAX]; /* our own, with host bits */
	unsigned int source_count;
	struct ipv4_prefix sources[PATH_SOURCES_MAX]; /* inside: who may send from here */
};

/* A next hop, as stored in the route table's 24 bits: kind << 20 | number. */
enum path_hop_kind {
	PATH_HOP_NONE,      /* no route */
	PATH_HOP_LOCAL,     /* an address of ours; number = interface */
	PATH_HOP_CONNECTED, /* on the interface's link, not resolved yet; number = interface */
	PATH_HOP_NEIGHBOUR, /* number = neighbour */
	PATH_HOP_PUBLIC,    /* a pool's public address */
};

#define PATH_HOP(kind, number) ((uint32_t)(kind) << 20 | (uint32_t)(number))

static inline enum path_hop_kind
path_hop_kind(uint32_t hop)
{
	return (enum path_hop_kind)(hop >> 20);
}

static inline uint32_t
path_hop_number(uint32_t hop)
{
	return hop & 0xfffff;
}

/* A neighbour: Ethernet address (48 bits, first byte lowest) | interface 8 | flags 8. The interface
 * is right whether the address is known (VALID) or not: it decides on which side a packet goes. */
#define PATH_NEIGHBOUR_MAC_MASK ((UINT64_C(1) << 48) - 1)
#define PATH_NEIGHBOUR_VALID    (UINT64_C(1) << 56)
#define PATH_NEIGHBOUR_DEAD     (UINT64_C(1) << 57) /* does not answer: drop, do not ask control */

static inline uint64_t
path_neighbour_unresolved(unsigned int interface)
{
	return (uint64_t)interface << 48;
}

static inline uint64_t
path_neighbour_word(const uint8_t mac[6], unsigned int interface)
{
	uint64_t word = 0;

	for (int i = 0; i < 6; i++)
		word |= (uint64_t)mac[i] << (8 * i);
	return word | path_neighbour_unresolved(interface) | PATH_NEIGHBOUR_VALID;
}

static inline unsigned int
path_neighbour_interface(uint64_t word)
{
	return (unsigned int)(word >> 48) & 0xff;
}

struct path_view {
	unsigned int interface_count;
	struct path_interface interfaces[PATH_INTERFACES_MAX];
	uint8_t interface_of_tag[PATH_PORTS_MAX][PATH_VLANS]; /* PATH_NO_INTERFACE where none */
	/* One bit for each /16 whose addresses need a closer look: it holds one of ours, of the
	 * inside or of a pool, or none that a host may have (martians, multicast). The others are
	 * certainly somebody else's. */
	uint64_t special_blocks[65536 / 64];
	struct rte_lpm *routes;
	uint64_t *neighbours;
};

static inline bool
path_view_is_special(const struct path_view *view, uint32_t address)
{
	uint32_t block = address >> 16;

	return (view->special_blocks[block / 64] >> (block % 64) & 1) != 0;
}

/* The hop of a destination; PATH_HOP(PATH_HOP_NONE, 0) when there is no route. */
static inline uint32_t
path_view_route(const struct path_view *view, uint32_t address)
{
	uint32_t hop;

	return rte_lpm_lookup(view->routes, address, &hop) == 0 ? hop : 0;
}

/* The interface that a hop leaves by, or PATH_NO_INTERFACE. */
static inline unsigned int
path_view_hop_interface(const struct path_view *view, uint32_t hop)
{
	switch (path_hop_kind(hop)) {
	case PATH_HOP_LOCAL:
	case PATH_HOP_CONNECTED:
		return path_hop_number(hop);
	case PATH_HOP_NEIGHBOUR:
		return path_neighbour_interface(
			__atomic_load_n(&view->neighbours[path_hop_number(hop)], __ATOMIC_RELAXED));
	default:
		return PATH_NO_INTERFACE;
	}
}

/* Marks every /16 that the prefix touches as special; and always those that no host may have.
 * Control thread, before publication. */
void path_view_mark_own(struct path_view *view, struct ipv4_prefix prefix);

#endif
