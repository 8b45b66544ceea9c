/* Why a packet was dropped. One enum is return code, counter index, short name and sentence: a row
 * here is all that a new reason needs. DROP_NONE means: not dropped. */
#ifndef WIRE_DROP_H
#define WIRE_DROP_H

#define DROP_REASONS(X)                                                                            \
	X(NONE, "none", "not dropped")                                                             \
	/* the frame */                                                                            \
	X(FRAME_SHORT, "frame-short", "shorter than its own headers say")                          \
	X(ETHERTYPE, "ethertype", "neither IPv4 nor ARP")                                          \
	X(VLAN, "vlan", "802.1Q tag that no interface has")                                        \
	X(OTHER_HOST, "other-host", "Ethernet destination is somebody else")                       \
	X(FRAME_SEGMENTS, "frame-segments", "larger than one packet buffer")                       \
	/* the IPv4 header: RFC 1812, section 5.2.2 */                                             \
	X(IP_VERSION, "ip-version", "IP version is not 4")                                         \
	X(IP_HEADER_LENGTH, "ip-header-length", "IPv4 header length below 20 or past the packet")  \
	X(IP_TOTAL_LENGTH, "ip-total-length", "IPv4 total length contradicts frame or header")     \
	X(IP_CHECKSUM, "ip-checksum", "wrong IPv4 header checksum")                                \
	X(IP_OPTIONS, "ip-options", "malformed IPv4 options")                                      \
	X(IP_SOURCE_ROUTE, "ip-source-route", "source-routed (RFC 7126, section 4.3)")             \
	X(IP_LAND, "ip-land", "source equals destination")                                         \
	X(MARTIAN_SOURCE, "martian-source",                                                        \
		"source address that no host may have (RFC 1812, 5.3.7)")                          \
	X(MARTIAN_DESTINATION, "martian-destination", "destination that no router may forward to") \
	X(FRAGMENT, "fragment", "IPv4 fragment; not reassembled in this version")                  \
	X(FRAGMENT_BOGUS, "fragment-bogus", "fragment that reaches past 65535 bytes")              \
	/* the transport header */                                                                 \
	X(PROTOCOL, "protocol", "protocol other than UDP, TCP and ICMP")                           \
	X(L4_SHORT, "l4-short", "transport header cut short")                                      \
	X(L4_LENGTH, "l4-length", "transport length contradicts the packet")                       \
	X(L4_CHECKSUM, "l4-checksum", "transport checksum found wrong by the port")                \
	X(ZERO_PORT, "zero-port", "source or destination port 0")                                  \
	X(TCP_FLAGS, "tcp-flags", "impossible combination of TCP flags")                           \
	X(ICMP_TYPE, "icmp-type", "ICMP type that is neither query nor error")                     \
	X(ICMP_INNER, "icmp-inner", "ICMP error that quotes no packet of a mapping")               \
	/* where it came from and goes to */                                                       \
	X(SPOOFED, "spoofed", "source address does not belong to the interface")                   \
	X(NOT_FOR_US, "not-for-us", "arrived outside for an address that is not ours")             \
	X(MULTICAST, "multicast", "multicast or broadcast, not forwarded")                         \
	X(NO_ROUTE, "no-route", "no route to the destination")                                     \
	X(TTL, "ttl", "time to live exceeded")                                                     \
	X(TOO_BIG, "too-big", "larger than the next link's MTU")                                   \
	X(NO_KERNEL, "no-kernel", "for the gateway itself, but the interface has no kernel side")  \
	/* the NAT */                                                                              \
	X(NO_MAPPING, "no-mapping", "arrived outside for a port that nobody holds")                \
	X(FILTERED, "filtered", "the remote was never contacted (RFC 4787 REQ-8)")                 \
	X(NAT_POOL, "nat-pool", "source address belongs to no pool")                               \
	X(NAT_LOAD, "nat-load", "public address too loaded for a new mapping")                     \
	X(NAT_QUOTA, "nat-quota", "host has used its quota of mappings")                           \
	X(NAT_PORTS, "nat-ports", "all sixteen candidate ports are taken")                         \
	X(NAT_INDEX, "nat-index", "outbound index full")                                           \
	X(NAT_DRAIN, "nat-drain", "pool is being drained and makes no new mappings")               \
	X(FLOW_SHARE, "flow-share", "host holds its share of the flow records that are left")      \
	X(FLOW_TABLE, "flow-table", "flow records used up")                                        \
	X(TCP_STRAY, "tcp-stray", "TCP reset without a mapping")                                   \
	X(HAIRPIN, "hairpin", "inside to inside over a public address; not in this version")       \
	/* our own limits */                                                                       \
	X(NEIGHBOUR_QUEUE, "neighbour-queue", "next hop unresolved and its queue full")            \
	X(NEIGHBOUR_DEAD, "neighbour-dead", "next hop did not answer ARP")                         \
	X(RING_FULL, "ring-full", "ring to another worker or to control full")                     \
	X(TX_FULL, "tx-full", "transmit queue full")

enum drop_reason {
#define DROP_ENUM(name, short_name, sentence) DROP_##name,
	DROP_REASONS(DROP_ENUM)
#undef DROP_ENUM
		DROP_REASON_COUNT,
};

const char *drop_reason_name(enum drop_reason reason);     /* "ip-checksum" */
const char *drop_reason_sentence(enum drop_reason reason); /* "wrong IPv4 header checksum" */

#endif
