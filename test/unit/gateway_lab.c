/* See gateway_lab.h. The order of opening is that of app/gateway/stages.c. */
#include "gateway_lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bsd/string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mempool.h>

#include "app/gateway/ports.h"
#include "app/gateway/tables.h"
#include "base/log.h"
#include "base/sha256.h"
#include "command/render.h"
#include "control/ageing.h"
#include "control/commands.h"
#include "control/neighbour.h"
#include "control/punt.h"
#include "control/routes.h"
#include "control/statics.h"
#include "frames.h"
#include "unit.h"

#define PACKET_BUFFERS 4095
#define TURNS_MOST     1000
#define FIRST_SECOND   100000

static void
end_dpdk(void)
{
	char runtime[256], telemetry[300];

	strlcpy(runtime, rte_eal_get_runtime_dir(), sizeof(runtime));
	snprintf(telemetry, sizeof(telemetry), "%s/dpdk_telemetry.v2", runtime);
	rte_eal_cleanup();
	unlink(telemetry);
	rmdir(runtime);
}

/* One logical core for control, four for workers, wherever they may run. */
static void
start_dpdk(void)
{
	static char words[] = "gateway-lab --no-huge --no-shconf --no-pci -m 256 "
			      "--lcores 0@(0-1),1@(0-1),2@(0-1),3@(0-1),4@(0-1) --main-lcore 0 "
			      "--log-level lib.*:error --log-level pmd.*:error --file-prefix";
	static char prefix[64];
	static bool started;
	char *arguments[32], *rest = words;
	int count = 0;

	if (started)
		return;
	started = true;
	snprintf(prefix, sizeof(prefix), "gateway-lab-%d", (int)getpid());
	while (rest != NULL)
		arguments[count++] = strsep(&rest, " ");
	arguments[count++] = prefix;
	arguments[count] = NULL;
	if (rte_eal_init(count, arguments) < 0) {
		fprintf(stderr, "the EAL does not start: %s\n", rte_strerror(rte_errno));
		exit(2);
	}
	atexit(end_dpdk);
	sha256_init();
	log_set_quiet(true);
}

const char *
gateway_lab_yaml(unsigned int workers, const char *extra)
{
	static const char default_route[] = "routes:\n"
					    "  - {prefix: 0.0.0.0/0, via: 198.51.100.254}\n";
	static const char default_pool[] =
		"pools:\n"
		"  - {name: edge, private: [10.0.0.0/24], public: [198.51.100.16/31]}\n";
	static const char default_interfaces[] =
		"interfaces:\n"
		"  - {name: lan, driver: ring, device: lan, side: inside,\n"
		"     addresses: [10.0.0.254/24], prefixes: [10.1.0.0/24]}\n"
		"  - {name: wan, driver: ring, device: wan, side: outside,\n"
		"     addresses: [198.51.100.1/24]}\n";
	static char text[4096];

	snprintf(text, sizeof(text),
		"instance: lab\n"
		"cores: {control: 0, workers: [%s]}\n"
		"memory: {hugepages: false}\n"
		"%s"
		"%s"
		"%s"
		"limits: {flows: 4096, neighbours: 64}\n"
		"metrics: {listen: \"\"}\n"
		"%s",
		workers == 1   ? "1"
		: workers == 2 ? "1, 2"
		: workers == 3 ? "1, 2, 3"
			       : "1, 2, 3, 4",
		strstr(extra, "interfaces:") == NULL ? default_interfaces : "",
		strstr(extra, "routes:") == NULL ? default_route : "",
		strstr(extra, "pools:") == NULL ? default_pool : "", extra);
	return text;
}

static void
require(int result, const char *what, const struct fault *fault)
{
	char text[512];

	if (result == 0)
		return;
	fprintf(stderr, "gateway lab: %s: %s\n", what, fault_text(fault, text, sizeof(text)));
	exit(2);
}

static void
open_peers(struct gateway_lab *lab)
{
	const struct port_driver *driver = port_driver_find("ring");
	struct gateway *gateway = &lab->gateway;

	for (unsigned int side = 0; side < LAB_SIDES; side++) {
		struct port_request request = {
			.driver = "ring",
			.rx_queues = gateway->ports[side].rx_queues,
			.tx_queues = gateway->ports[side].rx_queues,
			.mtu_bytes = gateway->ports[side].mtu_bytes,
			.socket_id = SOCKET_ID_ANY,
			.pool = gateway->packet_pool,
		};
		struct fault fault;

		strlcpy(request.name, side == LAN ? "lan-peer" : "wan-peer", sizeof(request.name));
		strlcpy(request.device, gateway->ports[side].device, sizeof(request.device));
		require(driver->open(&request, &lab->peers[side], &fault), "peer", &fault);
		lab->peers[side].driver = driver;
	}
}

static void
open_tables(struct gateway_lab *lab)
{
	struct gateway *gateway = &lab->gateway;
	struct fault fault;

	if (lab->directory[0] == '\0') {
		strlcpy(lab->directory, "/tmp/binfm-lab-XXXXXX", sizeof(lab->directory));
		if (mkdtemp(lab->directory) == NULL)
			abort();
	}
	strlcpy(gateway->config.table_directory, lab->directory,
		sizeof(gateway->config.table_directory));
	require(tables_open(gateway, &fault), "tables", &fault);
}

static void
open_path(struct gateway_lab *lab)
{
	static const unsigned int lcores[] = {1, 2, 3, 4};
	struct gateway *gateway = &lab->gateway;
	struct fault fault;

	require(path_open(&gateway->path, &gateway->nat, &gateway->flows, gateway->port_list,
			gateway->port_count, lcores, gateway->config.worker_count, &fault),
		"path", &fault);
	gateway->path.idle_sleep = true;
	lab->now_seconds = FIRST_SECOND;
	gateway->path.now_seconds = FIRST_SECOND;
	gateway->neighbours = neighbour_table_new(gateway->config.neighbours_max);
	require(routes_build(gateway, &gateway->view, &fault), "routes", &fault);
	gateway->path.view = gateway->view;
	require(statics_open(gateway, &fault), "statics", &fault);
	CU_ASSERT_EQUAL_FATAL(ageing_open(gateway), 0);
}

static struct gateway_lab *
open_lab(unsigned int workers, const char *extra, const char *directory)
{
	struct gateway_lab *lab = calloc(1, sizeof(*lab));
	const char *yaml = gateway_lab_yaml(workers, extra);
	struct gateway *gateway = &lab->gateway;
	struct fault fault;

	start_dpdk();
	strlcpy(lab->directory, directory, sizeof(lab->directory));
	require(gateway_config_parse("lab.yaml", yaml, strlen(yaml), &gateway->config, &fault),
		"configuration", &fault);
	uv_loop_init(&gateway->loop);
	gateway->started_ms = gateway_now_ms();
	/* No cache: every buffer is in the pool's ring or in use. */
	gateway->packet_pool = rte_pktmbuf_pool_create("lab", PACKET_BUFFERS, 0, 0,
		RTE_PKTMBUF_HEADROOM + PORT_BUFFER_BYTES(9216), SOCKET_ID_ANY);
	CU_ASSERT_PTR_NOT_NULL_FATAL(gateway->packet_pool);
	open_tables(lab);
	require(ports_open(gateway, &fault), "ports", &fault);
	open_peers(lab);
	open_path(lab);
	gateway->registry = command_registry_new();
	commands_register(gateway->registry, gateway);
	return lab;
}

static void
close_lab(struct gateway_lab *lab)
{
	struct gateway *gateway = &lab->gateway;

	gateway_stop_workers(gateway);
	gateway_lab_run(lab);
	gateway_lab_discard(lab);
	command_registry_free(gateway->registry);
	ageing_close(gateway);
	routes_free(gateway->view);
	neighbour_table_free(gateway->neighbours);
	watching_close(gateway);
	path_close(&gateway->path);
	for (unsigned int side = 0; side < LAB_SIDES; side++)
		lab->peers[side].driver->close(&lab->peers[side]);
	ports_close(gateway);
	tables_close(gateway);
	CU_ASSERT_EQUAL(rte_mempool_avail_count(gateway->packet_pool), PACKET_BUFFERS);
	rte_mempool_free(gateway->packet_pool);
	uv_run(&gateway->loop, UV_RUN_NOWAIT);
	uv_loop_close(&gateway->loop);
}

struct gateway_lab *
gateway_lab_open(unsigned int workers, const char *extra)
{
	return open_lab(workers, extra, "");
}

struct gateway_lab *
gateway_lab_reopen(struct gateway_lab *lab, const char *extra)
{
	unsigned int workers = lab->gateway.config.worker_count;
	char directory[sizeof(lab->directory)];

	strlcpy(directory, lab->directory, sizeof(directory));
	close_lab(lab);
	free(lab);
	return open_lab(workers, extra, directory);
}

void
gateway_lab_close(struct gateway_lab *lab)
{
	char path[128];

	close_lab(lab);
	snprintf(path, sizeof(path), "%s/lab.table", lab->directory);
	unlink(path);
	rmdir(lab->directory);
	free(lab);
}

/* The IPv4 source, or ARP sender, of a frame: whose Ethernet address it carries. From outside all
 * comes from the router. */
static uint32_t
sender_of(const uint8_t *bytes, enum lab_side from)
{
	unsigned int l3 = bytes[12] == 0x81 ? 18 : 14;

	if (load_be16(bytes + l3 - 2) == ETHERTYPE_ARP)
		return load_be32(bytes + l3 + 14);
	return from == WAN ? 0xc63364fe : load_be32(bytes + l3 + IPV4_OFFSET_SOURCE);
}

void
gateway_lab_send(struct gateway_lab *lab, enum lab_side from, const char *frame)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(lab->gateway.packet_pool);
	struct port *peer = &lab->peers[from];
	uint8_t bytes[FRAMES_BYTES], mac[6] = {0};
	unsigned int length;

	CU_ASSERT_PTR_NOT_NULL_FATAL(packet);
	/* Twice: the first shows who sends. */
	frames_write(frame, lab->gateway.ports[from].mac, mac, bytes);
	frames_mac(sender_of(bytes, from), mac);
	length = frames_write(frame, lab->gateway.ports[from].mac, mac, bytes);
	memcpy(rte_pktmbuf_append(packet, (uint16_t)length), bytes, length);
	lab->next_queue = (uint16_t)((lab->next_queue + 1) % peer->tx_queues);
	CU_ASSERT_EQUAL_FATAL(peer->tx(peer, lab->next_queue, &packet, 1), 1);
}

void
gateway_lab_run(struct gateway_lab *lab)
{
	struct gateway *gateway = &lab->gateway;
	unsigned int quiet = 0;

	__atomic_store_n(&gateway->path.now_seconds, lab->now_seconds, __ATOMIC_RELAXED);
	for (unsigned int turn = 0; quiet < 2 && turn < TURNS_MOST; turn++) {
		unsigned int seen = punt_serve(gateway);

		for (unsigned int i = 0; !gateway->running && i < gateway->path.worker_count; i++)
			seen += worker_turn(gateway->path.workers[i]);
		quiet = seen == 0 ? quiet + 1 : 0;
	}
}

static struct rte_mbuf *
receive(struct gateway_lab *lab, enum lab_side side)
{
	struct port *peer = &lab->peers[side];
	struct rte_mbuf *packet;

	for (uint16_t queue = 0; queue < peer->rx_queues; queue++)
		if (peer->rx(peer, queue, &packet, 1) == 1)
			return packet;
	return NULL;
}

/* Every frame comes from the port's address and goes to its next hop's, or to everybody. */
static bool
macs_are_right(const struct gateway_lab *lab, enum lab_side side, const uint8_t *bytes)
{
	unsigned int l3 = bytes[12] == 0x81 ? 18 : 14;
	uint32_t destination = load_be32(bytes + l3 + IPV4_OFFSET_DESTINATION);
	uint8_t mac[6];

	if (memcmp(bytes + 6, lab->gateway.ports[side].mac, 6) != 0)
		return false;
	if (load_be16(bytes + l3 - 2) != ETHERTYPE_IPV4)
		return true;
	frames_mac(side == WAN ? 0xc63364fe : destination, mac);
	return memcmp(bytes, mac, 6) == 0;
}

const char *
gateway_lab_receive(struct gateway_lab *lab, enum lab_side side)
{
	static char text[FRAMES_TEXT];
	struct rte_mbuf *packet = receive(lab, side);
	const uint8_t *bytes;

	if (packet == NULL)
		return "";
	bytes = rte_pktmbuf_mtod(packet, const uint8_t *);
	frames_describe(bytes, packet->data_len, text);
	if (!macs_are_right(lab, side, bytes))
		strlcat(text, " wrong-mac", sizeof(text));
	rte_pktmbuf_free(packet);
	return text;
}

void
gateway_lab_discard(struct gateway_lab *lab)
{
	struct rte_mbuf *packet;

	for (unsigned int side = 0; side < LAB_SIDES; side++)
		while ((packet = receive(lab, side)) != NULL)
			rte_pktmbuf_free(packet);
}

void
gateway_lab_resolve(struct gateway_lab *lab)
{
	gateway_lab_send(lab, LAN, "arp-ask 10.0.0.254 from 10.0.0.1");
	gateway_lab_send(lab, LAN, "arp-ask 10.0.0.254 from 10.0.0.2");
	gateway_lab_send(lab, LAN, "arp-ask 10.0.0.254 from 10.0.0.200");
	gateway_lab_send(lab, WAN, "arp-ask 198.51.100.1 from 198.51.100.254");
	gateway_lab_run(lab);
	gateway_lab_discard(lab);
}

static struct result *
run_command(struct gateway_lab *lab, const char *line, const char **words)
{
	struct result *result = result_new();

	command_run(lab->gateway.registry, line, result, words);
	return result;
}

/* Keeps the last answer until the next. */
static const char *
keep(char *text)
{
	static char *last;

	free(last);
	last = text;
	return text;
}

const char *
gateway_lab_command(struct gateway_lab *lab, const char *line)
{
	struct result *result = run_command(lab, line, NULL);
	char *text = render_text(result);

	result_free(result);
	return keep(text);
}

const char *
gateway_lab_json(struct gateway_lab *lab, const char *line)
{
	const char *words = NULL;
	struct result *result = run_command(lab, line, &words);
	char *text = render_json(result, words);

	result_free(result);
	return keep(text);
}

uint64_t
gateway_lab_drops(const struct gateway_lab *lab, enum drop_reason reason)
{
	uint64_t total = lab->gateway.counters.drops[reason];

	for (unsigned int i = 0; i < lab->gateway.path.worker_count; i++)
		total += lab->gateway.path.workers[i]->drops[reason];
	return total;
}
