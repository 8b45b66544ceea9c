/* Flow records: what the port table cannot hold about one (mapping, remote).
 *
 * Two kinds share the pool. A TCP connection has a record under its remote address and port: its
 * state is derived from what each direction saw. A permission has port 0: it says that a UDP or
 * ICMP endpoint has sent to a further remote address, which may therefore answer (RFC 4787 REQ-8,
 * address-dependent filtering). The first remote of a mapping needs no permission record: the hot
 * records have it.
 *
 * A record is two cache lines in two arrays, one written by the worker that owns the outbound
 * direction, one by the inbound owner; both carry the key, so that neither reads a line that the
 * other writes. Keys are protected by a CRC: after a crash a torn record is dropped, not trusted.
 *
 * 32 bytes of each line are left for the keys of sealed flows.
 */
#ifndef FLOW_RECORD_H
#define FLOW_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/stamp.h"

#define FLOW_NONE UINT32_MAX

/* TCP flags that a direction has shown; the header's own bits. */
#define FLOW_TCP_FIN 0x01
#define FLOW_TCP_SYN 0x02
#define FLOW_TCP_RST 0x04
#define FLOW_TCP_ACK 0x10

struct flow_key {
	uint32_t slot;           /* of the mapping */
	uint32_t remote_address; /* host order */
	uint16_t remote_port;    /* 0 = permission for the address */
	uint8_t generation;      /* of the slot, so that a record cannot outlive its mapping */
	uint8_t live;            /* 1 while the record is in use; in the out line written last */
	uint32_t crc;            /* of the bytes above */
};

struct flow_line {
	struct flow_key key;
	uint64_t counters;          /* packets and bytes, packed as in nat/table.h */
	uint16_t last_seen_seconds; /* base/stamp.h */
	uint8_t tcp_flags;          /* FLOW_TCP_*, gathered */
	uint8_t shard;              /* whose index has the record: valid while this process runs */
	uint32_t host;              /* whose share it counts in: valid while this process runs */
	uint8_t reserved_for_keys[32];
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct flow_line) == 64, "one line a direction");

/* The two arrays; they lie behind the port table in the same file. */
struct flow_arrays {
	struct flow_line *out;
	struct flow_line *in;
	uint32_t count;
};

uint32_t flow_key_crc(const struct flow_key *key);

/* A record of a TCP connection; the others are permissions. */
static inline bool
flow_key_is_tcp(const struct flow_key *key)
{
	return key->remote_port != 0;
}

struct flow_timers {
	uint32_t tcp_established_seconds; /* RFC 5382 REQ-5: >= 7440 */
	uint32_t tcp_transitory_seconds;  /* RFC 5382 REQ-5: >= 240 */
	uint32_t udp_idle_seconds;        /* RFC 4787 REQ-5: >= 120 */
	uint32_t icmp_idle_seconds;       /* RFC 5508 REQ-1: >= 60 */
};

/* How long a TCP connection may be idle: established when both directions have shown an ACK and
 * none a RST, and not both a FIN; otherwise transitory (RFC 7857, section 2). Pure. */
uint32_t flow_tcp_idle_seconds(
	const struct flow_timers *timers, uint8_t out_flags, uint8_t in_flags);

/* Gathers the flags of one more segment: a SYN after FIN or RST begins a new connection. Pure. */
static inline uint8_t
flow_tcp_gather(uint8_t seen, uint8_t segment)
{
	segment &= FLOW_TCP_FIN | FLOW_TCP_SYN | FLOW_TCP_RST | FLOW_TCP_ACK;
	if ((segment & FLOW_TCP_SYN) != 0 && (seen & (FLOW_TCP_FIN | FLOW_TCP_RST)) != 0)
		return segment;
	return seen | segment;
}

#endif
