/* The gateway's configuration, read from YAML: /etc/binfm/gateway.yaml.
 *
 * gateway_config_load() reads the whole file, refuses what it does not know, checks every value
 * against its bounds and the values against each other, and fills one flat structure with defaults
 * in place. Nothing is opened and nothing changed: `binfm-gateway --check FILE` is this call alone.
 *
 * Every value is a row (name, unit, bounds, default, live or restart, help) of
 * gateway_config_rows(): the example file's comments, the man page and reload's decisions come from
 * those rows.
 *
 * Threads: control thread. A loaded configuration is immutable.
 */
#ifndef CONFIG_GATEWAY_H
#define CONFIG_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fault.h"
#include "base/ipv4.h"
#include "config/row.h"

#define CONFIG_FILE_BYTES     (1024 * 1024)
#define CONFIG_INTERFACES_MAX 16
#define CONFIG_ADDRESSES_MAX  8 /* an interface */
#define CONFIG_PREFIXES_MAX   8 /* an interface or pool */
#define CONFIG_ROUTES_MAX     256
#define CONFIG_POOLS_MAX      16
#define CONFIG_STATICS_MAX    1024
#define CONFIG_WORKERS_MAX    16
#define CONFIG_NAME_BYTES     32
#define CONFIG_PATH_BYTES     128

enum config_side { CONFIG_INSIDE, CONFIG_OUTSIDE };
enum config_pool_mode { CONFIG_POOL_H16, CONFIG_POOL_PURE };
enum config_protocol { CONFIG_UDP, CONFIG_TCP, CONFIG_ICMP };

struct config_interface {
	char name[CONFIG_NAME_BYTES]; /* "lan0" */
	char driver[16];              /* af_packet, af_xdp, memif, tap, pcap, ring, bench, pci */
	char device[CONFIG_PATH_BYTES];
	char options[CONFIG_PATH_BYTES];
	enum config_side side;
	unsigned int address_count;
	struct ipv4_prefix addresses[CONFIG_ADDRESSES_MAX]; /* gateway's own, with host bits */
	unsigned int prefix_count; /* further prefixes reached through this interface */
	struct ipv4_prefix prefixes[CONFIG_PREFIXES_MAX];
	uint16_t vlan; /* 802.1Q tag; 0 = untagged */
	uint16_t mtu_bytes;
	uint16_t queues; /* receive queues; 0 = as many as workers, if it can */
	bool mac_set;
	uint8_t mac[6];
	char kernel_interface[16]; /* name of the kernel side for local traffic; "" = none */
};

struct config_route {
	struct ipv4_prefix prefix;
	uint32_t via; /* next hop; must lie in a connected subnet */
};

struct config_pool {
	char name[CONFIG_NAME_BYTES];
	enum config_pool_mode mode;
	unsigned int private_count, public_count;
	struct ipv4_prefix private_prefixes[CONFIG_PREFIXES_MAX]; /* cut evenly, in order */
	struct ipv4_prefix public_prefixes[CONFIG_PREFIXES_MAX];  /* every address is used */
	double alarm_load, refuse_load; /* of 64512 ports an address and protocol, 0..1 */
	uint32_t mappings_per_host;     /* quota; 0 = none */
};

struct config_static {
	enum config_protocol protocol;
	struct ipv4_endpoint private_endpoint;
	struct ipv4_endpoint public_endpoint; /* port 0 = the port that H16 gives */
};

struct gateway_config {
	char instance[CONFIG_NAME_BYTES];        /* names files and sockets; "gateway" */
	char table_directory[CONFIG_PATH_BYTES]; /* hugetlbfs mount of its own, or any directory */
	bool hugepages;                          /* false: ordinary shared memory */
	uint32_t memory_mb;                      /* DPDK's heap */
	uint32_t packet_buffers;                 /* mbufs */
	uint16_t control_core;
	unsigned int worker_count;
	uint16_t worker_cores[CONFIG_WORKERS_MAX];
	bool idle_sleep; /* workers sleep at most 100 us when idle */

	unsigned int interface_count;
	struct config_interface interfaces[CONFIG_INTERFACES_MAX];
	unsigned int route_count;
	struct config_route routes[CONFIG_ROUTES_MAX];
	unsigned int pool_count;
	struct config_pool pools[CONFIG_POOLS_MAX];
	unsigned int static_count;
	struct config_static statics[CONFIG_STATICS_MAX];

	uint32_t udp_idle_seconds;        /* >= 120 */
	uint32_t tcp_established_seconds; /* >= 7440 */
	uint32_t tcp_transitory_seconds;  /* >= 240 */
	uint32_t icmp_idle_seconds;       /* >= 60 */
	uint32_t quarantine_seconds;
	uint32_t flows_max; /* flow records (TCP, further remotes) */
	uint32_t neighbours_max;
	uint32_t mappings_max; /* what the outbound index has room for; 0 = by the pools */

	char prompt_socket[CONFIG_PATH_BYTES]; /* /run/binfm/INSTANCE.sock */
	char metrics_listen[64];               /* "127.0.0.1:9723"; "" = off */
	char log_level[8];                     /* error, warn, info, debug */
};

const struct config_row *gateway_config_rows(size_t *count);

/* Reads `path`, at most CONFIG_FILE_BYTES. On failure `fault->what` begins with "FILE:LINE: ",
 * names the value by its path ("pools[0].private[1]") and says what is wrong with it;
 * `fault->value` is the value as written and `fault->remedy` what to write instead. `config` is
 * then unchanged. Errors: -EINVAL for a file that is wrong, -E2BIG for one that is too large, what
 * open(2) and read(2) give otherwise. */
int gateway_config_load(const char *path, struct gateway_config *config, struct fault *fault);

/* The same from memory; what the fuzz target calls. `name` stands for the file in messages. */
int gateway_config_parse(const char *name, const void *text, size_t length,
	struct gateway_config *config, struct fault *fault);

/* Checks the pools of a configuration against each other and the rest of it, for pools that are
 * added live. 0, or -EINVAL with a fault that names the value by its path. */
int gateway_config_check_pools(const struct gateway_config *config, struct fault *fault);

/* Lists the rows whose values differ: calls `each` once per difference; used by reload to apply
 * live ones and to say which need a restart. Returns how many need a restart. */
typedef void config_difference(void *opaque, const struct config_row *row);
unsigned int gateway_config_compare(const struct gateway_config *old,
	const struct gateway_config *new, config_difference *each, void *opaque);

/* Every value of a configuration as text: calls `each` with its row, its path with list indexes
 * ("interfaces[0].name"), and the value as it would stand in the file. */
typedef void config_value_text_visitor(
	void *opaque, const struct config_row *row, const char *path, const char *value);
void gateway_config_visit(
	const struct gateway_config *config, config_value_text_visitor *each, void *opaque);

/* Writes docs/configuration.md from the rows. */
void gateway_config_print_reference(FILE *file);

/* Writes config/gateway.yaml: every row once with its help, in a configuration that loads. */
void gateway_config_print_example(FILE *file);

#endif
