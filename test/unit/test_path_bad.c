/* Frames that must not pass: each is dropped for exactly one named reason, nothing leaves the
 * gateway, and no packet buffer is lost. */
#include "unit.h"

#include "path_rows.h"

const char *const unit_suite = "path_bad";

#define UDP_OUT "udp 10.0.0.1:40000 > 203.0.113.9:53"
#define UDP_IN  "udp 203.0.113.9:53 > 198.51.100.16:49300"
#define TCP_OUT "tcp 10.0.0.1:4000 > 203.0.113.9:80 "

#define DROPPED(from, frame, reason)           \
	{                                      \
		from, frame, LAN, NULL, reason \
	}

static void
frames_and_ethernet(void)
{
	static const struct path_row rows[] = {
		DROPPED(LAN, UDP_OUT " cut 13", DROP_FRAME_SHORT),
		DROPPED(LAN, UDP_OUT " cut 14", DROP_FRAME_SHORT),
		DROPPED(LAN, UDP_OUT " cut 33", DROP_FRAME_SHORT),
		DROPPED(LAN, UDP_OUT " eth[12]=86dd", DROP_ETHERTYPE), /* IPv6 */
		DROPPED(LAN, UDP_OUT " eth[12]=8847", DROP_ETHERTYPE), /* MPLS */
		DROPPED(LAN, UDP_OUT " vlan 7", DROP_VLAN),
		DROPPED(LAN, UDP_OUT " vlan 7 cut 17", DROP_FRAME_SHORT),
		/* Two tags: what follows the first is no IPv4. */
		DROPPED(LAN, UDP_OUT " vlan 7 eth[16]=8100", DROP_ETHERTYPE),
	};

	PATH_ROWS_RUN(rows, "");
}

/* RFC 1812, section 5.2.2. */
static void
ipv4_headers(void)
{
	static const struct path_row rows[] = {
		DROPPED(LAN, UDP_OUT " ip[0]=65", DROP_IP_VERSION),
		DROPPED(LAN, UDP_OUT " ip[0]=44", DROP_IP_HEADER_LENGTH),
		DROPPED(LAN, UDP_OUT " ip[0]=4f", DROP_IP_HEADER_LENGTH),
		DROPPED(LAN, UDP_OUT " ip[2]=0013", DROP_IP_TOTAL_LENGTH),
		DROPPED(LAN, UDP_OUT " ip[2]=ffff", DROP_IP_TOTAL_LENGTH),
		DROPPED(LAN, UDP_OUT " cut 40", DROP_IP_TOTAL_LENGTH),
		DROPPED(LAN, UDP_OUT " ip[10]=0001", DROP_IP_CHECKSUM),
		DROPPED(LAN, UDP_OUT " ip[6]=2000", DROP_FRAGMENT),
		DROPPED(LAN, UDP_OUT " ip[6]=0001", DROP_FRAGMENT),
		DROPPED(LAN, UDP_OUT " ip[6]=1fff", DROP_FRAGMENT_BOGUS),
		DROPPED(LAN, UDP_OUT " ip[9]=2f", DROP_PROTOCOL), /* GRE */
		DROPPED(LAN, UDP_OUT " ip[9]=84", DROP_PROTOCOL), /* SCTP */
	};

	PATH_ROWS_RUN(rows, "");
}

static void
transport_headers(void)
{
	static const struct path_row rows[] = {
		DROPPED(LAN, UDP_OUT " ip[2]=001b", DROP_L4_SHORT),
		DROPPED(LAN, UDP_OUT " l4[4]=0007", DROP_L4_LENGTH),
		DROPPED(LAN, UDP_OUT " l4[4]=0011", DROP_L4_LENGTH),
		DROPPED(LAN, UDP_OUT " l4[0]=0000", DROP_ZERO_PORT),
		DROPPED(LAN, UDP_OUT " l4[2]=0000", DROP_ZERO_PORT),
		DROPPED(LAN, TCP_OUT "syn ip[2]=0027", DROP_L4_SHORT),
		DROPPED(LAN, TCP_OUT "syn l4[12]=40", DROP_L4_LENGTH),
		DROPPED(LAN, TCP_OUT "syn l4[12]=f0", DROP_L4_LENGTH),
		DROPPED(LAN, TCP_OUT "syn l4[0]=0000", DROP_ZERO_PORT),
		DROPPED(LAN, TCP_OUT "none", DROP_TCP_FLAGS),
		DROPPED(LAN, TCP_OUT "syn+fin", DROP_TCP_FLAGS),
		DROPPED(LAN, TCP_OUT "syn+rst", DROP_TCP_FLAGS),
		DROPPED(LAN, "echo 10.0.0.1 > 203.0.113.9 id 7 ip[2]=001b", DROP_L4_SHORT),
		DROPPED(LAN, "echo 10.0.0.1 > 203.0.113.9 id 7 l4[0]=05", DROP_ICMP_TYPE),
		DROPPED(LAN, "echo 10.0.0.1 > 203.0.113.9 id 7 l4[0]=ff", DROP_ICMP_TYPE),
	};

	PATH_ROWS_RUN(rows, "");
}

/* BCP 38, RFC 1812 section 5.3.7, RFC 6890. */
static void
addresses_that_do_not_belong(void)
{
	static const struct path_row rows[] = {
		DROPPED(LAN, "udp 192.168.7.7:40000 > 203.0.113.9:53", DROP_SPOOFED),
		DROPPED(LAN, "udp 198.51.100.16:40000 > 203.0.113.9:53", DROP_SPOOFED),
		DROPPED(LAN, "udp 127.0.0.1:40000 > 203.0.113.9:53", DROP_MARTIAN_SOURCE),
		DROPPED(LAN, "udp 224.0.0.5:40000 > 203.0.113.9:53", DROP_MARTIAN_SOURCE),
		DROPPED(LAN, "udp 10.0.0.1:40000 > 127.0.0.1:53", DROP_MARTIAN_DESTINATION),
		DROPPED(LAN, "udp 10.0.0.1:40000 > 0.0.0.0:53", DROP_MARTIAN_DESTINATION),
		DROPPED(LAN, "udp 10.0.0.1:40000 > 240.0.0.1:53", DROP_MARTIAN_DESTINATION),
		DROPPED(LAN, "udp 10.0.0.1:40000 > 224.0.0.251:5353", DROP_MULTICAST),
		DROPPED(LAN, "udp 10.0.0.1:68 > 255.255.255.255:67", DROP_MULTICAST),
		DROPPED(LAN, "tcp 10.0.0.1:80 > 10.0.0.1:80 syn", DROP_IP_LAND),
		DROPPED(LAN, "udp 10.0.0.1:40000 > 198.51.100.16:1234", DROP_HAIRPIN),
		DROPPED(LAN, "echo 10.0.0.1 > 10.0.0.254 id 1", DROP_NO_KERNEL),
		DROPPED(LAN, "udp 10.0.0.254:40000 > 203.0.113.9:53", DROP_SPOOFED),
		/* Our own address as a source, and the subnet's broadcast. */
		DROPPED(LAN, "udp 10.0.0.255:40000 > 203.0.113.9:53", DROP_SPOOFED),
		DROPPED(WAN, "udp 10.0.0.1:53 > 198.51.100.16:49300", DROP_SPOOFED),
		DROPPED(WAN, "udp 10.1.0.1:53 > 198.51.100.16:49300", DROP_SPOOFED),
		DROPPED(WAN, "udp 198.51.100.1:53 > 198.51.100.16:49300", DROP_SPOOFED),
		DROPPED(WAN, "udp 198.51.100.17:53 > 198.51.100.16:49300", DROP_SPOOFED),
		DROPPED(WAN, "udp 127.0.0.1:53 > 198.51.100.16:49300", DROP_MARTIAN_SOURCE),
		DROPPED(WAN, "udp 203.0.113.9:53 > 192.0.2.1:49300", DROP_NOT_FOR_US),
		DROPPED(WAN, "udp 203.0.113.9:53 > 10.0.0.1:40000", DROP_NOT_FOR_US),
		DROPPED(WAN, "udp 203.0.113.9:53 > 224.0.0.1:40000", DROP_MULTICAST),
		DROPPED(WAN, "udp 203.0.113.9:53 > 240.0.0.1:40000", DROP_MARTIAN_DESTINATION),
		DROPPED(WAN, "udp 203.0.113.9:53 > 198.51.100.1:40000", DROP_NO_KERNEL),
		DROPPED(WAN, "udp 198.51.100.16:53 > 198.51.100.16:53", DROP_IP_LAND),
		DROPPED(WAN, UDP_IN, DROP_NO_MAPPING),
	};

	PATH_ROWS_RUN(rows, "");
}

/* RFC 7126, section 4.3: routes that the sender chose. Options take the place of the data. */
static void
ip_options(void)
{
	static const struct path_row rows[] = {
		/* Loose and strict source route; 4 bytes of options: header of 24. */
		DROPPED(LAN,
			"udp 10.0.0.1:40000 > 203.0.113.9:53 data 40 ip[0]=47 "
			"ip[20]=830704cb007109",
			DROP_IP_SOURCE_ROUTE),
		DROPPED(LAN,
			"udp 10.0.0.1:40000 > 203.0.113.9:53 data 40 ip[0]=47 "
			"ip[20]=890704cb007109",
			DROP_IP_SOURCE_ROUTE),
		/* An option that reaches past the header. */
		DROPPED(LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 data 40 ip[0]=46 ip[20]=07ff",
			DROP_IP_OPTIONS),
		DROPPED(LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 data 40 ip[0]=46 ip[20]=0701",
			DROP_IP_OPTIONS),
	};

	PATH_ROWS_RUN(rows, "");
}

/* ARP that is no ARP teaches nothing and crashes nothing. */
static void
arp_frames(void)
{
	static const struct path_row rows[] = {
		{LAN, "arp-ask 10.0.0.254 from 10.0.0.1 cut 41", LAN, NULL, DROP_NONE},
		{LAN, "arp-ask 10.0.0.254 from 10.0.0.1 ip[4]=08", LAN, NULL, DROP_NONE},
		/* For somebody else. */
		{LAN, "arp-ask 10.0.0.77 from 10.0.0.1", LAN, NULL, DROP_NONE},
		/* From our own address: defended, but at most every ten seconds (RFC 5227). */
		{LAN, "arp-ask 10.0.0.254 from 10.0.0.254", LAN,
			"arp-ask 10.0.0.254 from 10.0.0.254", DROP_NONE},
		{LAN, "arp-ask 10.0.0.254 from 10.0.0.254", LAN, NULL, DROP_NONE},
		/* From a group address. */
		{LAN, "arp-ask 10.0.0.254 from 10.0.0.1 ip[8]=01", LAN, NULL, DROP_NONE},
	};

	PATH_ROWS_RUN(rows, "");
}

const struct unit_test unit_tests[] = {
	{"frames_and_ethernet", frames_and_ethernet},
	{"ipv4_headers", ipv4_headers},
	{"transport_headers", transport_headers},
	{"addresses_that_do_not_belong", addresses_that_do_not_belong},
	{"ip_options", ip_options},
	{"arp_frames", arp_frames},
	{NULL, NULL},
};
