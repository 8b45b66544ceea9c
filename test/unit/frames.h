/* Ethernet frames as text, both ways, so that tests of the packet path are tables that a protocol
 * person can read. No DPDK.
 *
 *   udp 10.0.0.1:40000 > 203.0.113.9:53
 *   tcp 10.0.0.1:4000 > 203.0.113.9:80 syn+ack
 *   echo 10.0.0.1 > 203.0.113.9 id 7          (echo-reply likewise)
 *   icmp port-unreachable 203.0.113.9 > 198.51.100.16 ( udp 198.51.100.16:49300 > 203.0.113.9:53 )
 *   arp-ask 10.0.0.254 from 10.0.0.1          (broadcast)
 *   arp-answer 10.0.0.1 to 10.0.0.254         (10.0.0.1 tells its address)
 *
 * Options, after those words: ttl N (64), data N (bytes behind the header, 8), vlan N, df, mtu N
 * (of icmp too-big), no-checksum (UDP), cut N (the frame ends after N bytes), quoted N (the same
 * for a datagram in parentheses), and bytes that are written over, in hexadecimal: eth[12]=86dd,
 * ip[0]=65, l4[12]=40. The IP header's checksum is right, unless ip[10] is written over.
 *
 * The text that describes a frame names what differs from the usual: ttl always, data unless 8,
 * wrong-ip-checksum, wrong-checksum, changed-data, and so on.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdint.h>

#define FRAMES_BYTES 9216
#define FRAMES_TEXT  400

/* The Ethernet address of the host with this IPv4 address: 02:00 and the four bytes. */
void frames_mac(uint32_t address, uint8_t mac[6]);

/* Writes the frame; returns its length. `destination_mac` and `source_mac` go into the Ethernet
 * header (and `source_mac` into ARP). Ends the program when it does not understand the text. */
unsigned int frames_write(const char *text, const uint8_t destination_mac[6],
	const uint8_t source_mac[6], uint8_t bytes[FRAMES_BYTES]);

/* The text of a frame; "?" and what is wrong when it is none of those above. Returns `text`. */
char *frames_describe(const uint8_t *bytes, unsigned int length, char text[FRAMES_TEXT]);

#endif
