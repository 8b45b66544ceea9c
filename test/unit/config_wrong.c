/* Wrong configurations: what the operator is told. One row a mistake: the file, the line that must
 * be named, the code and a piece of the whole message. */
#include "config_wrong.h"

/* Lines 1 to 3: what most rows begin with. */
#define LAN "  - {name: lan0, driver: tap, device: t0, side: inside, addresses: [10.0.0.1/24]}\n"
#define WAN \
	"  - {name: wan0, driver: tap, device: t1, side: outside, addresses: [198.51.100.1/24]}\n"
#define HEAD "interfaces:\n" LAN WAN
/* Lines 4 to 7: the pool that statics need. */
#define POOL                                                                    \
	HEAD "pools:\n  - name: edge\n    private: [10.0.0.0/24]\n    public: " \
	     "[198.51.100.16/30]\n"

const struct config_wrong config_wrong[] = {
	/* The text. */
	{"", 0, "empty-file", "Write a configuration"},
	{"# nothing\n", 0, "empty-file", "has no values"},
	{"interfaces:\n  - {name: a\n", 3, "bad-yaml", "is not YAML"},
	{"a: b: c\n", 1, "bad-yaml", "mapping values are not allowed"},
	{"interfaces:\n\t- a\n", 2, "bad-yaml", "no tabs"},
	{"- a\n", 1, "wrong-shape", "is not a mapping"},
	{"just words\n", 1, "wrong-shape", "Begin with `key: value`"},
	{"cores:\n  control: \xff\n", 2, "not-utf8", "0xff"},
	{"cores:\n  control: \xc0\x80\n", 2, "not-utf8", "0xc0"},
	{"\xff\xfe"
	 "c",
		1, "not-utf8", "plain UTF-8"},
	{"instance: \"a\\0b\"\n", 1, "bad-character", "0x00"},
	{"instance: \"a\\nb\"\n", 1, "bad-character", "0x0a"},
	{"instance: g\xc3\xa4te\n", 1, "bad-character", "printable ASCII"},
	{"instance: a\n---\ninstance: b\n", 2, "two-documents", "Keep one document"},
	{"%YAML 1.1\n---\ninstance: a\n", 1, "directive", "a YAML directive"},
	{"# x\xc2\x85%TAG ! tag:a\n", 1, "directive", "Remove the line"},
	{"instance: &a gw\n", 1, "alias", "anchors and aliases are not allowed"},
	{"instance: gw\nlog: *a\n", 2, "alias", "anchors and aliases are not allowed"},
	{"instance: !!str gw\n", 1, "tag", "tags are not allowed"},
	{"a: [[[[[[[[[[[[1]]]]]]]]]]]]\n", 1, "too-deep", "nested deeper"},
	{"log:\n  level: info\nlog:\n  level: debug\n", 3, "duplicate-key",
		"the key is there twice: log. Keep one of them; the first is in line 1"},
	{"timers:\n  udp_idle_seconds: 300\n  udp_idle_seconds: 400\n", 3, "duplicate-key",
		"timers the key is there twice: udp_idle_seconds"},
	{"? [a]\n: b\n", 1, "bad-key", "a key is not a single word"},
	{"a_key_that_no_configuration_will_ever_have: 1\n", 1, "bad-key", "too long"},

	/* The shape. */
	{"instance: gw\n", 0, "missing-value", "interfaces is missing"},
	{"interfaces: []\n", 1, "too-few", "interfaces has too few entries. Write at least 1"},
	{"interfaces: 5\n", 1, "wrong-shape", "interfaces is not a sequence"},
	{"interfaces:\n  - lan0\n", 2, "wrong-shape", "interfaces[0] is not a mapping"},
	{"interfaces:\n  - name: lan0\n    mtx: 5\n", 3, "unknown-key",
		"w.yaml:3: interfaces[0].mtx is not a configuration key: mtx. Known here: name, "
		"driver, device"},
	{HEAD "super_nodes: [192.0.2.1]\n", 4, "not-implemented",
		"super_nodes is not implemented in this version: super_nodes. Remove it"},
	{HEAD "redis:\n  host: localhost\n", 4, "not-implemented", "redis is not implemented"},
	{HEAD "speed: 5\n", 4, "unknown-key", "Known here: instance, cores, memory"},
	{"interfaces:\n  - name: lan0\n", 2, "missing-value", "interfaces[0].driver is missing"},
	{"interfaces:\n" LAN "  - {name: x, driver: tap, device: t9, side: inside, "
	 "addresses: [10.1.0.1/24], addresses: []}\n",
		3, "duplicate-key", "addresses"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: inside, addresses: []}\n", 2,
		"too-few", "interfaces[0].addresses has too few entries. Write at least 1"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: inside, addresses: "
	 "10.0.0.1/24}\n",
		2, "wrong-shape", "interfaces[0].addresses is not a sequence"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: inside, addresses: "
	 "[1,2,3,4,5,6,7,8,9]}\n",
		2, "too-many", "Write at most 8"},
	{"interfaces:\n  - name: [x]\n", 2, "wrong-shape",
		"interfaces[0].name is not a single value"},
	{HEAD "timers:\n", 4, "wrong-shape", "timers is not a mapping"},
	{HEAD "log: info\n", 4, "wrong-shape", "log is not a mapping. Write `key: value`"},

	/* Single values. */
	{HEAD "timers:\n  udp_idle_seconds: 119\n", 5, "out-of-bounds",
		"timers.udp_idle_seconds is out of bounds: 119. Write a number within 120..64000 "
		"s"},
	{HEAD "timers:\n  tcp_established_seconds: 7439\n", 5, "out-of-bounds", "7440..64000 s"},
	{HEAD "timers:\n  tcp_transitory_seconds: 239\n", 5, "out-of-bounds", "240..64000 s"},
	{HEAD "timers:\n  icmp_idle_seconds: 59\n", 5, "out-of-bounds", "60..64000 s"},
	{HEAD "timers:\n  quarantine_seconds: 119\n", 5, "out-of-bounds", "120..64000 s"},
	{HEAD "timers:\n  udp_idle_seconds: 5m\n", 5, "not-a-number", "is not a number: 5m"},
	{HEAD "timers:\n  udp_idle_seconds: -300\n", 5, "not-a-number", "-300"},
	{HEAD "timers:\n  udp_idle_seconds: 0300\n", 5, "not-a-number", "0300"},
	{HEAD "timers:\n  udp_idle_seconds: 18446744073709551916\n", 5, "out-of-bounds", "1844674"},
	{HEAD "timers:\n  udp_idle_seconds:\n", 5, "not-a-number", "timers.udp_idle_seconds"},
	{HEAD "limits:\n  flows: 100\n", 5, "out-of-bounds", "limits.flows"},
	{HEAD "log:\n  level: loud\n", 5, "unknown-word",
		"log.level is not one of the words known here: loud. Write one of: error | warn"},
	{HEAD "cores:\n  idle_sleep: yes\n", 5, "not-a-flag", "Write true or false"},
	{HEAD "cores:\n  workers: [1, x]\n", 5, "not-a-number",
		"cores.workers[1] is not a number: x"},
	{HEAD "instance: ../x\n", 4, "bad-name", "instance has characters"},
	{HEAD "instance: \"\"\n", 4, "bad-length", "instance is too short"},
	{HEAD "instance: abcdefghijklmnopqrstuvwxyz-abcdefgh\n", 4, "bad-length", "is too long"},
	{HEAD "memory:\n  table_directory: tables\n", 5, "bad-path",
		"not an absolute path: tables"},
	{HEAD "metrics:\n  listen: localhost:9723\n", 5, "bad-endpoint", "127.0.0.1:9723"},
	{HEAD "metrics:\n  listen: 127.0.0.1:0\n", 5, "bad-endpoint", "has port 0"},
	{"interfaces:\n  - {name: x, driver: dpdk, device: d, side: inside, addresses: "
	 "[10.0.0.1/24]}\n",
		2, "unknown-word", "interfaces[0].driver is not one of the words"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: left, addresses: "
	 "[10.0.0.1/24]}\n",
		2, "unknown-word", "inside | outside"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: inside, addresses: "
	 "[10.0.0.1]}\n",
		2, "bad-prefix", "interfaces[0].addresses[0] is not an IPv4 prefix"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: inside, addresses: "
	 "[10.0.0.1/24], vlan: 4095}\n",
		2, "out-of-bounds", "0..4094"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: inside, addresses: "
	 "[10.0.0.1/24], mtu: 100}\n",
		2, "out-of-bounds", "576..9216 bytes"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: inside, addresses: "
	 "[10.0.0.1/24], mac: 01:00:5e:00:00:01}\n",
		2, "bad-mac", "unicast"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: inside, addresses: "
	 "[10.0.0.1/24], mac: 2:0:0:0:0:1}\n",
		2, "bad-mac", "six pairs"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: inside, addresses: "
	 "[10.0.0.1/24], kernel_interface: a/b}\n",
		2, "bad-name", "kernel_interface"},
	{HEAD "pools:\n  - {name: a, mode: random, private: [10.0.0.0/24], public: "
	      "[198.51.100.16/30]}\n",
		5, "unknown-word", "h16 | pure"},
	{HEAD "pools:\n  - {name: a, private: [10.0.0.0/24], public: [198.51.100.16/30], "
	      "alarm_load: 1.5}\n",
		5, "out-of-bounds", "pools[0].alarm_load"},
	{HEAD "pools:\n  - {name: a, private: [10.0.0.0/24], public: [198.51.100.16/30], "
	      "alarm_load: nan}\n",
		5, "not-a-number", "at most six decimals"},

	/* Cores and interfaces against each other. */
	{HEAD "instance: my_map_1\n", 4, "bad-name", "DPDK deletes files"},
	{HEAD "cores:\n  workers: [1, 2, 1]\n", 5, "duplicate-core",
		"cores.workers[2] is a core that another worker has: 1"},
	{HEAD "cores:\n  control: 1\n  idle_sleep: false\n", 4, "core-shared",
		"cores.workers[0] is the control thread's core"},
	{"interfaces:\n" LAN LAN, 3, "duplicate-name", "interfaces[1].name is another"},
	{"interfaces:\n" LAN "  - {name: l2, driver: tap, device: t0, side: inside, addresses: "
	 "[10.1.0.1/24]}\n",
		3, "duplicate-device", "is the device and VLAN of lan0"},
	{"interfaces:\n" LAN "  - {name: l2, driver: af_xdp, device: t0, side: inside, vlan: 5, "
	 "addresses: [10.1.0.1/24]}\n",
		3, "duplicate-device",
		"interfaces[1].device is what lan0 has under another driver"},
	{"interfaces:\n" LAN "  - {name: l2, driver: tap, device: t0, side: inside, vlan: 5, "
	 "options: a=b, addresses: [10.1.0.1/24]}\n",
		3, "device-differs", "interfaces[1].options differs from lan0"},
	{"interfaces:\n" LAN "  - {name: l2, driver: tap, device: t0, side: inside, vlan: 5, "
	 "mtu: 2000, addresses: [10.1.0.1/24]}\n",
		3, "device-differs", "interfaces[1].mtu"},
	{"interfaces:\n" LAN "  - {name: l2, driver: af_packet, device: e0, side: inside, "
	 "addresses: [10.1.0.1/24],\n    kernel_interface: e0}\n",
		4, "duplicate-name",
		"interfaces[1].kernel_interface is the device of an interface: e0"},
	{"interfaces:\n" LAN "  - {name: l2, driver: tap, device: t2, side: inside, addresses: "
	 "[10.0.0.129/25]}\n",
		3, "overlap", "interfaces[1].addresses[0] overlaps 10.0.0.0/24 of interface lan0"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: inside, addresses: "
	 "[10.0.0.0/24]}\n",
		2, "bad-address", "is the network address of the subnet"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: inside, addresses: "
	 "[10.0.0.255/24]}\n",
		2, "bad-address", "is the broadcast address of the subnet"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: inside, addresses: "
	 "[127.0.0.1/8]}\n",
		2, "bad-address", "is a loopback address"},
	{"interfaces:\n  - {name: x, driver: tap, device: d, side: outside, addresses: "
	 "[192.0.2.1/24],\n    prefixes: [198.51.100.0/24]}\n",
		3, "outside-prefix", "write a route"},

	/* Routes. */
	{HEAD "routes:\n  - {prefix: 0.0.0.0/0, via: 192.0.2.1}\n", 5, "no-next-hop",
		"routes[0].via lies in no interface's subnet: 192.0.2.1"},
	{HEAD "routes:\n  - {prefix: 0.0.0.0/0, via: 198.51.100.1}\n", 5, "bad-next-hop",
		"is the gateway's own address"},
	{HEAD "routes:\n  - {prefix: 0.0.0.0/0, via: 198.51.100.255}\n", 5, "bad-next-hop",
		"is the broadcast address"},
	{HEAD "routes:\n  - {prefix: 0.0.0.0/0, via: 198.51.100.300}\n", 5, "bad-address",
		"is not an IPv4 address"},
	{HEAD "routes:\n  - {prefix: 192.0.2.0/24, via: 10.0.0.2}\n"
	      "  - {prefix: 192.0.2.0/24, via: 10.0.0.3}\n",
		6, "bad-route", "has a route already"},
	{HEAD "routes:\n  - {prefix: 10.0.0.0/24, via: 10.0.0.2}\n", 5, "bad-route",
		"which needs no route"},
	{HEAD "routes:\n  - {prefix: 192.0.2.1/24, via: 10.0.0.2}\n", 5, "host-bits",
		"routes[0].prefix has host bits set: 192.0.2.1/24. Write 192.0.2.0/24"},

	/* Pools. */
	{"interfaces:\n" LAN "pools:\n  - {name: a, private: [10.0.0.0/24], public: "
	 "[198.51.100.16/30]}\n",
		3, "no-outside", "pools need an outside interface"},
	{HEAD "pools:\n  - name: a\n    private:\n      - 10.0.0.0/25\n      - 10.0.0.5/24\n"
	      "    public: [198.51.100.16/30]\n",
		8, "host-bits",
		"w.yaml:8: pools[0].private[1] has host bits set: 10.0.0.5/24. Write 10.0.0.0/24"},
	{HEAD "pools:\n  - name: a\n    private: [10.0.0.0/23]\n    public: [198.51.100.16/30]\n",
		6, "not-inside", "pools[0].private[0] is reached through no inside interface"},
	{HEAD "pools:\n  - name: a\n    private: [10.0.0.0/25, 10.0.0.64/26]\n"
	      "    public: [198.51.100.16/30]\n",
		6, "overlap", "pools[0].private[1] overlaps another private prefix"},
	{POOL "  - name: b\n    private: [10.0.0.128/25]\n    public: [198.51.100.32/30]\n", 9,
		"overlap", "pools[1].private[0] overlaps another private prefix"},
	{HEAD "pools:\n  - {name: a, private: [10.0.0.0/25], public: [198.51.100.16/30]}\n"
	      "  - name: b\n    private: [10.0.0.128/25]\n    public: [198.51.100.18/31]\n",
		8, "overlap", "pools[1].public[0] overlaps another public prefix"},
	{HEAD "pools:\n  - {name: a, private: [10.0.0.0/25], public: [198.51.100.16/30]}\n"
	      "  - {name: a, private: [10.0.0.128/25], public: [198.51.100.32/30]}\n",
		6, "duplicate-name", "pools[1].name is another pool's name"},
	{HEAD "pools:\n  - name: a\n    private: [10.0.0.0/31]\n    public: [198.51.100.16/30]\n",
		7, "too-many-public",
		"pools[0].public has 4 public addresses for 2 private ones: a"},
	{HEAD "pools:\n  - name: a\n    private: [10.0.0.0/24]\n    public: [198.51.100.0/30]\n", 7,
		"public-conflict", "contains an interface's own address"},
	{HEAD "pools:\n  - name: a\n    private: [10.0.0.0/24]\n    public: [198.51.100.252/30]\n",
		7, "public-conflict", "contains the network or broadcast address"},
	{HEAD "routes:\n  - {prefix: 0.0.0.0/0, via: 198.51.100.17}\npools:\n  - name: a\n"
	      "    private: [10.0.0.0/24]\n    public: [198.51.100.16/30]\n",
		9, "public-conflict", "contains a route's next hop"},
	{HEAD "pools:\n  - name: a\n    private: [10.0.0.0/25]\n    public: [10.0.0.128/30]\n", 7,
		"public-conflict", "overlaps the subnet of an inside interface"},
	{HEAD "pools:\n  - name: a\n    private: [10.0.0.0/24]\n    public: [224.0.0.0/30]\n", 7,
		"public-conflict", "is a multicast address"},
	{HEAD "pools:\n  - name: a\n    private: [10.0.0.0/24]\n    public: [198.51.0.0/16]\n", 7,
		"out-of-bounds", "/20../32"},
	{POOL "    alarm_load: 0.8\n", 8, "alarm-too-late",
		"pools[0].alarm_load is above refuse_load"},

	/* Statics. */
	{POOL "statics:\n  - protocol: tcp\n    private: 10.0.0.10\n    public: 198.51.100.16:80\n",
		10, "bad-endpoint",
		"statics[0].private is not an IPv4 address and port: 10.0.0.10"},
	{POOL "statics:\n  - {protocol: tcp, private: 10.9.0.10:80, public: 198.51.100.16:80}\n", 9,
		"no-pool", "statics[0].private lies in no pool: 10.9.0.10:80"},
	{POOL "statics:\n  - {protocol: tcp, private: 10.0.0.10:80, public: 198.51.100.20:80}\n", 9,
		"not-in-pool",
		"statics[0].public is no public address of the private address' pool"},
	{POOL "statics:\n  - {protocol: udp, private: 10.0.0.10:0, public: 198.51.100.16:80}\n", 9,
		"bad-port", "statics[0].private has port 0"},
	{POOL "statics:\n  - {protocol: sctp, private: 10.0.0.1:1, public: 198.51.100.16:80}\n", 9,
		"unknown-word", "udp | tcp | icmp"},
	{POOL "statics:\n  - {protocol: tcp, private: 10.0.0.10:80, public: 198.51.100.16:80}\n"
	      "  - {protocol: tcp, private: 10.0.0.11:80, public: 198.51.100.16:80}\n",
		10, "duplicate-static", "statics[1].public is reserved already: 198.51.100.16:80"},
	{POOL "statics:\n  - {protocol: tcp, private: 10.0.0.10:80, public: 198.51.100.16:80}\n"
	      "  - {protocol: tcp, private: 10.0.0.10:80, public: 198.51.100.16:81}\n",
		10, "duplicate-static", "statics[1].private has a reservation already"},
};

const unsigned int config_wrong_count = sizeof(config_wrong) / sizeof(config_wrong[0]);
