/* Every value of gateway.yaml. Change a bound, a default or a help text here and nowhere else:
 * docs/configuration.md and config/gateway.yaml are printed from these rows. */
#include "config/gateway_table.h"

#include <string.h>

#define MEMBER_SIZE(type, member) (uint32_t)sizeof(((type *)0)->member)
#define KEPT(type, member) \
	.offset = (uint32_t)offsetof(type, member), .size = MEMBER_SIZE(type, member)
#define KEPT_MANY(type, array, counter, minimum, maximum)                               \
	.offset = (uint32_t)offsetof(type, array), .size = MEMBER_SIZE(type, array[0]), \
	.count_offset = (uint32_t)offsetof(type, counter), .count_min = (minimum),      \
	.count_max = (maximum)

/* A value of the gateway, of an interface, route, pool or static. */
#define GATEWAY(member)   KEPT(struct gateway_config, member)
#define INTERFACE(member) KEPT(struct config_interface, member)
#define ROUTE(member)     KEPT(struct config_route, member)
#define POOL(member)      KEPT(struct config_pool, member)
#define STATIC(member)    KEPT(struct config_static, member)

#define RESTART false
#define LIVE    true

static const struct config_row rows[] = {
	{"instance", "", "1..31 characters", "gateway", RESTART,
		"name of this gateway; names its files and sockets", CONFIG_KIND_NAME,
		GATEWAY(instance)},

	{"cores.control", "", "0..127", "0", RESTART,
		"CPU of the control thread: prompt, timers, metrics", CONFIG_KIND_NUMBER,
		GATEWAY(control_core)},
	{"cores.workers[]", "", "0..127", "[1]", RESTART,
		"CPUs of the workers, one thread each; may be the control CPU only with idle_sleep",
		CONFIG_KIND_NUMBER,
		KEPT_MANY(
			struct gateway_config, worker_cores, worker_count, 1, CONFIG_WORKERS_MAX)},
	{"cores.idle_sleep", "", "true | false", "true", RESTART,
		"idle workers sleep, at most 100 us late; false: they poll", CONFIG_KIND_FLAG,
		GATEWAY(idle_sleep)},

	{"memory.hugepages", "", "true | false", "true", RESTART,
		"false: ordinary pages, slower and without other DPDK processes", CONFIG_KIND_FLAG,
		GATEWAY(hugepages)},
	{"memory.table_directory", "", "1..127 characters", "/var/lib/binfm/hugepages", RESTART,
		"where the mapping table's file lies; a hugetlbfs mount of its own",
		CONFIG_KIND_PATH, GATEWAY(table_directory)},
	{"memory.heap_mb", "MiB", "64..1048576", "256", RESTART, "DPDK's heap", CONFIG_KIND_NUMBER,
		GATEWAY(memory_mb)},
	{"memory.packet_buffers", "", "1024..16777216", "16384", RESTART,
		"packets that can be inside the gateway at once", CONFIG_KIND_NUMBER,
		GATEWAY(packet_buffers)},

	{"interfaces[].name", "", "1..31 characters", "", RESTART,
		"how commands and logs call the interface", CONFIG_KIND_NAME, INTERFACE(name)},
	{"interfaces[].driver", "", "af_packet | af_xdp | memif | tap | pcap | ring | bench | pci",
		"", RESTART, "how packets come and go", CONFIG_KIND_WORD, INTERFACE(driver)},
	{"interfaces[].device", "", "1..127 characters", "", RESTART,
		"kernel interface, socket path, pcap files or PCI address, as the driver wants it",
		CONFIG_KIND_TEXT, INTERFACE(device)},
	{"interfaces[].options", "", "0..127 characters", "\"\"", RESTART,
		"the driver's own key=value,key=value", CONFIG_KIND_TEXT, INTERFACE(options)},
	{"interfaces[].side", "", "inside | outside", "", RESTART,
		"inside: private addresses; outside: the Internet", CONFIG_KIND_CHOICE,
		INTERFACE(side)},
	{"interfaces[].addresses[]", "", "/8../32", "", RESTART,
		"the gateway's own addresses here, with the subnet's length", CONFIG_KIND_INTERFACE,
		KEPT_MANY(struct config_interface, addresses, address_count, 1,
			CONFIG_ADDRESSES_MAX)},
	{"interfaces[].prefixes[]", "", "/8../32", "[]", RESTART,
		"inside: further prefixes that are reached through this interface",
		CONFIG_KIND_NETWORK,
		KEPT_MANY(struct config_interface, prefixes, prefix_count, 0, CONFIG_PREFIXES_MAX)},
	{"interfaces[].vlan", "", "0..4094", "0", RESTART,
		"802.1Q tag; 0 = untagged; interfaces may share a device under different tags",
		CONFIG_KIND_NUMBER, INTERFACE(vlan)},
	{"interfaces[].mtu", "bytes", "576..9216", "1500", RESTART,
		"the largest IPv4 packet, without Ethernet and VLAN headers", CONFIG_KIND_NUMBER,
		INTERFACE(mtu_bytes)},
	{"interfaces[].queues", "", "0..16", "0", RESTART,
		"receive queues; 0 = one a worker where the driver can", CONFIG_KIND_NUMBER,
		INTERFACE(queues)},
	{"interfaces[].mac", "", "", "\"\"", RESTART, "MAC address to use; \"\" = the device's own",
		CONFIG_KIND_MAC, INTERFACE(mac)},
	{"interfaces[].kernel_interface", "", "0..15 characters", "\"\"", RESTART,
		"kernel interface to make for ssh, DHCP and ping to the gateway itself; \"\" = "
		"none",
		CONFIG_KIND_NETDEV, INTERFACE(kernel_interface)},

	{"routes[].prefix", "", "/0../32", "", LIVE, "destination", CONFIG_KIND_NETWORK,
		ROUTE(prefix)},
	{"routes[].via", "", "", "", LIVE, "next hop, in the subnet of an interface",
		CONFIG_KIND_ADDRESS, ROUTE(via)},

	{"pools[].name", "", "1..31 characters", "", LIVE, "how commands and logs call the pool",
		CONFIG_KIND_NAME, POOL(name)},
	{"pools[].mode", "", "h16 | pure", "h16", LIVE,
		"h16: up to 16 candidate ports; pure: the first alone, for reproduction",
		CONFIG_KIND_CHOICE, POOL(mode)},
	{"pools[].private[]", "", "/8../32", "", RESTART,
		"private prefixes, cut evenly and in order over the public addresses",
		CONFIG_KIND_NETWORK,
		KEPT_MANY(struct config_pool, private_prefixes, private_count, 1,
			CONFIG_PREFIXES_MAX)},
	{"pools[].public[]", "", "/20../32", "", RESTART,
		"public prefixes; every address of them is used", CONFIG_KIND_NETWORK,
		KEPT_MANY(
			struct config_pool, public_prefixes, public_count, 1, CONFIG_PREFIXES_MAX)},
	{"pools[].alarm_load", "", "0.01..1", "0.5", LIVE,
		"share of an address' ports in use at which an alarm is raised", CONFIG_KIND_REAL,
		POOL(alarm_load)},
	{"pools[].refuse_load", "", "0.01..1", "0.75", LIVE,
		"share of an address' ports in use above which new mappings are refused",
		CONFIG_KIND_REAL, POOL(refuse_load)},
	{"pools[].mappings_per_host", "", "0..193536", "4096", LIVE,
		"mappings that one private address may hold; 0 = no quota", CONFIG_KIND_NUMBER,
		POOL(mappings_per_host)},

	{"statics[].protocol", "", "udp | tcp | icmp", "", LIVE, "protocol of the reservation",
		CONFIG_KIND_CHOICE, STATIC(protocol)},
	{"statics[].private", "", "", "", LIVE,
		"the server inside, address:port; for icmp the query identifier",
		CONFIG_KIND_ENDPOINT, STATIC(private_endpoint)},
	{"statics[].public", "", "", "", LIVE,
		"its public address:port, of the same pool; port 0 = the port that H16 gives",
		CONFIG_KIND_ENDPOINT, STATIC(public_endpoint)},

	{"timers.udp_idle_seconds", "s", "120..64000", "300", LIVE,
		"an idle UDP mapping expires after this (RFC 4787 REQ-5: 120 at least)",
		CONFIG_KIND_NUMBER, GATEWAY(udp_idle_seconds)},
	{"timers.tcp_established_seconds", "s", "7440..64000", "7440", LIVE,
		"an idle TCP connection expires after this (RFC 5382 REQ-5: 7440 at least)",
		CONFIG_KIND_NUMBER, GATEWAY(tcp_established_seconds)},
	{"timers.tcp_transitory_seconds", "s", "240..64000", "240", LIVE,
		"the same while it opens or closes (RFC 5382 REQ-5: 240 at least)",
		CONFIG_KIND_NUMBER, GATEWAY(tcp_transitory_seconds)},
	{"timers.icmp_idle_seconds", "s", "60..64000", "60", LIVE,
		"an idle ICMP query mapping expires after this (RFC 5508 REQ-2: 60 at least)",
		CONFIG_KIND_NUMBER, GATEWAY(icmp_idle_seconds)},
	{"timers.quarantine_seconds", "s", "120..64000", "120", LIVE,
		"a freed port waits this long for other owners (RFC 6888 REQ-8: 120 at least)",
		CONFIG_KIND_NUMBER, GATEWAY(quarantine_seconds)},

	{"limits.flows", "", "1024..67108864", "65536", RESTART,
		"flow records: TCP connections and further remotes", CONFIG_KIND_NUMBER,
		GATEWAY(flows_max)},
	{"limits.mappings", "", "0..805306368", "0", RESTART,
		"mappings that there can be at once, with those of pools that are added live, 18 "
		"bytes each; 0 = every port of the configured pools and of four more public "
		"addresses",
		CONFIG_KIND_NUMBER, GATEWAY(mappings_max)},
	{"limits.neighbours", "", "16..1048576", "4096", RESTART, "entries of the ARP table",
		CONFIG_KIND_NUMBER, GATEWAY(neighbours_max)},

	{"prompt.socket", "", "1..107 characters", "/run/binfm/INSTANCE.sock", RESTART,
		"unix socket for binfm-cli", CONFIG_KIND_PATH, GATEWAY(prompt_socket)},
	{"metrics.listen", "", "", "127.0.0.1:9723", RESTART,
		"address:port of the OpenMetrics page; \"\" = off", CONFIG_KIND_LISTEN,
		GATEWAY(metrics_listen)},
	{"log.level", "", "error | warn | info | debug", "info", LIVE,
		"the least important messages that are still written", CONFIG_KIND_WORD,
		GATEWAY(log_level)},
};

static const struct config_list lists[] = {
	{"interfaces", "Where packets come in and go out", 1, CONFIG_INTERFACES_MAX,
		offsetof(struct gateway_config, interfaces), sizeof(struct config_interface),
		offsetof(struct gateway_config, interface_count)},
	{"routes", "Static routes, longest prefix first; connected subnets need none", 0,
		CONFIG_ROUTES_MAX, offsetof(struct gateway_config, routes),
		sizeof(struct config_route), offsetof(struct gateway_config, route_count)},
	{"pools", "Which private addresses share which public addresses", 0, CONFIG_POOLS_MAX,
		offsetof(struct gateway_config, pools), sizeof(struct config_pool),
		offsetof(struct gateway_config, pool_count)},
	{"statics", "Ports reserved for servers inside, before any traffic", 0, CONFIG_STATICS_MAX,
		offsetof(struct gateway_config, statics), sizeof(struct config_static),
		offsetof(struct gateway_config, static_count)},
};

static const struct {
	const char *section, *help;
} sections[] = {
	{"instance", "The gateway itself"},
	{"cores", "Which CPUs the gateway's threads run on"},
	{"memory", "Where packets and mappings are kept"},
	{"timers", "How long idle mappings live; the floors are the RFCs'"},
	{"limits", "Sizes of the tables beside the ports"},
	{"prompt", "The operator's way in"},
	{"metrics", "Figures for Prometheus"},
	{"log", "What is written down"},
};

const struct config_table gateway_table = {
	.rows = rows,
	.row_count = sizeof(rows) / sizeof(rows[0]),
	.lists = lists,
	.list_count = sizeof(lists) / sizeof(lists[0]),
	.size = sizeof(struct gateway_config),
};

const char *
gateway_section_help(const char *section)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(lists[i].name, section) == 0)
			return lists[i].help;
	}
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (strcmp(sections[i].section, section) == 0)
			return sections[i].help;
	}
	return "";
}
