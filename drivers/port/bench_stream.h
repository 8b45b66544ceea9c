/* Generated traffic in compact form: which flows, in which order, of which size.
 *
 * A flow is an endpoint (private address and port) and a remote (address and port); a traffic
 * pattern is "so many endpoints times so many remotes". A stream is an array of descriptors of 16
 * bytes, from which bench_frame.h writes whole frames: a million flows cost 16 MB and no packet
 * buffer. Every flow stands in a stream exactly once; "in random order" is a permutation with a
 * fixed seed, so two runs measure the same.
 *
 * Pure; any thread.
 */
#ifndef PORT_BENCH_STREAM_H
#define PORT_BENCH_STREAM_H

#include <stdint.h>

#include "base/fault.h"

/* Endpoint e has address endpoint_address + e % endpoint_hosts and port endpoint_port +
 * e / endpoint_hosts; remote r has address remote_address + r and port remote_port. */
struct bench_flows {
	uint32_t endpoint_address, endpoint_hosts, endpoints; /* host order */
	uint32_t remote_address, remotes;
	uint16_t endpoint_port, remote_port;
	uint8_t protocol; /* IPv4's number; for ICMP echo the endpoint's port is the identifier */
};

#define BENCH_FLOWS_MAX (1u << 26)

/* 0, or -EINVAL with a fault when there are no flows, too many, or addresses or ports run over. */
int bench_flows_check(const struct bench_flows *flows, struct fault *fault);

static inline uint32_t
bench_flows_count(const struct bench_flows *flows)
{
	return flows->endpoints * flows->remotes;
}

/* One frame. Addresses and ports in network order, as they are written. */
struct bench_descriptor {
	uint32_t source, destination;
	uint16_t source_port, destination_port;
	uint16_t frame_bytes; /* from the Ethernet header on, without checksum */
	uint8_t protocol;
	uint8_t unused;
};

_Static_assert(sizeof(struct bench_descriptor) == 16, "four descriptors a cache line");

/* The outbound frame of flow `number` (0 .. bench_flows_count() - 1). */
struct bench_descriptor bench_flow_descriptor(const struct bench_flows *flows, uint32_t number);

/* All flows in order. */
void bench_stream_fill(struct bench_descriptor *stream, const struct bench_flows *flows);

/* Brings `count` descriptors into a random order that `seed` determines (Fisher and Yates). */
void bench_stream_shuffle(struct bench_descriptor *stream, uint32_t count, uint64_t seed);

/* Gives all frames one size. */
void bench_stream_set_size(struct bench_descriptor *stream, uint32_t count, uint16_t frame_bytes);

/* Gives frames the sizes of the simple Internet mix: of every 12 in a row 7 have 64, 4 have 594 and
 * 1 has 1518 bytes (RFC 6985, section 2, names the idea; the proportions are the customary ones).
 * Sizes count the frame check sequence; 4 bytes less are written. */
void bench_stream_set_imix(struct bench_descriptor *stream, uint32_t count);

/* A fast generator of 64-bit numbers (splitmix64); `state` is seeded by its first value. */
uint64_t bench_random(uint64_t *state);

#endif
