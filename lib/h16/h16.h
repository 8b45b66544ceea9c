/* H16: the public port is a hash of the private address and port.
 *
 *     m_0 = ip_pri (4 bytes, network order) || port_pri (2 bytes, network order)
 *     m_i = m_0 || i (1 byte)                              for i = 1..15
 *     vrf != 0: the first 8 bytes of SHA-256("binfm vrf" || vrf, 4 bytes) stand in front of m_i
 *     c_i = the first 16 bits of SHA-256(m_i), big-endian
 *
 * The public port is c_i for the least i in 0..15 that is usable and free. In vrf 0 with i = 0 this
 * is the condition of section 2.2 and Fig. 4 of the BINFM paper. A peer that knows the index needs
 * one hash; docs/protocol.md holds vectors. First vector: 10.0.0.1:40000, i = 0 -> 0xc094 = 49300.
 *
 * Pure; any thread. Call sha256_init() once for speed.
 */
#ifndef H16_H16_H
#define H16_H16_H

#include <stdbool.h>
#include <stdint.h>

#define H16_INDEXES     16   /* candidates of one endpoint: i = 0..15 */
#define H16_PORT_LOWEST 1024 /* a candidate below is skipped, never folded; ICMP is exempt */

/* What stands in front of the hashed message in a vrf other than 0. */
struct h16_salt {
	uint8_t length; /* 0 or 8 */
	uint8_t bytes[8];
};

/* The salt of `vrf`; vrf 0 has none. */
struct h16_salt h16_salt(uint32_t vrf);

/* Candidate `index` (0..15) of the endpoint; `address` and `port` in host order. */
uint16_t h16_candidate(
	const struct h16_salt *salt, uint32_t address, uint16_t port, unsigned int index);

#endif
