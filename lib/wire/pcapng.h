/* Writing pcapng: draft-ietf-opsawg-pcapng. Bytes into the caller's buffer; nothing is opened.
 *
 * DPDK 22.11's librte_pcapng knows neither comments of packets nor ports that are no ethdev; a
 * dropped packet without its reason is half the truth. So the four blocks are written here:
 * docs/decisions/own-pcapng-writer.md.
 *
 * Byte order is the machine's, as the format wants it. Pure; any thread.
 */
#ifndef WIRE_PCAPNG_H
#define WIRE_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

#define PCAPNG_HEADER_BYTES      256 /* enough for a section or an interface block */
#define PCAPNG_COMMENT_BYTES     128 /* the longest comment and its NUL */
#define PCAPNG_PACKET_MORE_BYTES (64 + PCAPNG_COMMENT_BYTES) /* a packet block without its data */

/* epb_flags, bits 0 and 1. */
enum pcapng_direction { PCAPNG_UNKNOWN, PCAPNG_INBOUND, PCAPNG_OUTBOUND };

struct pcapng_packet {
	uint32_t interface;      /* in the order of pcapng_interface() */
	uint64_t time_ns;        /* since 1970 */
	uint32_t original_bytes; /* on the wire */
	uint32_t bytes;          /* of data */
	const void *data;
	enum pcapng_direction direction;
	const char *comment; /* NULL = none */
};

/* The block that begins a file. Names are cut to fit. Each returns the bytes written, 0 when `size`
 * is too small. */
size_t pcapng_section(void *buffer, size_t size, const char *application);

/* An Ethernet interface; time stamps are nanoseconds. */
size_t pcapng_interface(void *buffer, size_t size, const char *name, uint32_t snap_bytes);

size_t pcapng_packet(void *buffer, size_t size, const struct pcapng_packet *packet);

#endif
