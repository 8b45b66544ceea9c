/* The gateway's commands over a gateway at work: what an operator sees after known traffic. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "gateway_lab.h"

const char *const unit_suite = "control";

/* One answer must hold these pieces, in any order. */
static void
answer_has(struct gateway_lab *lab, const char *line, const char *const *pieces)
{
	const char *text = gateway_lab_command(lab, line);

	for (; *pieces != NULL; pieces++) {
		CU_ASSERT_PTR_NOT_NULL(strstr(text, *pieces));
		if (strstr(text, *pieces) == NULL)
			printf("    `%s` does not say \"%s\":\n%s", line, *pieces, text);
	}
}

#define ANSWER_HAS(lab, line, ...) answer_has(lab, line, (const char *const[]){__VA_ARGS__, NULL})

static void
json_has(struct gateway_lab *lab, const char *line, const char *piece)
{
	const char *text = gateway_lab_json(lab, line);

	CU_ASSERT_PTR_NOT_NULL(strstr(text, piece));
	if (strstr(text, piece) == NULL)
		printf("    `%s` does not say %s: %s\n", line, piece, text);
}

/* Two hosts ask, one is answered, a stranger is filtered, a martian is dropped. */
static struct gateway_lab *
lab_after_traffic(unsigned int workers)
{
	struct gateway_lab *lab = gateway_lab_open(workers, "");

	gateway_lab_resolve(lab);
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53");
	gateway_lab_send(lab, LAN, "tcp 10.0.0.2:40000 > 203.0.113.9:80 syn data 0");
	gateway_lab_run(lab);
	gateway_lab_send(lab, WAN, "udp 203.0.113.9:53 > 198.51.100.16:49300");
	gateway_lab_send(lab, WAN, "udp 203.0.113.77:53 > 198.51.100.16:49300");
	gateway_lab_send(lab, LAN, "udp 127.0.0.1:1 > 203.0.113.9:53");
	gateway_lab_send(lab, LAN, "udp 127.0.0.1:1 > 203.0.113.9:53");
	gateway_lab_run(lab);
	gateway_lab_discard(lab);
	return lab;
}

static void
status_is_one_screen(void)
{
	struct gateway_lab *lab = lab_after_traffic(2);
	const char *text = gateway_lab_command(lab, "status");
	unsigned int lines = 0;

	for (const char *at = text; *at != '\0'; at++)
		lines += *at == '\n';
	CU_ASSERT_TRUE(lines < 48);
	ANSWER_HAS(lab, "status", "instance", "lab", "stopped", "workers", "ports:", "lan   up",
		"pools:", "edge",
		"drops:", "martian-source        2  source address that no host may have",
		"filtered", "alarms:\n(none)", "4095 of 4095 free");
	json_has(lab, "status", "\"state\":\"stopped\"");
	json_has(lab, "status", "{\"pool\":\"edge\",\"addresses\":2,\"mappings\":2,");
	gateway_lab_close(lab);
}

static void
workers_start_and_stop(void)
{
	struct gateway_lab *lab = gateway_lab_open(2, "");

	json_has(lab, "stop", "\"code\":\"stopped\"");
	json_has(lab, "start", "\"state\":\"running\"");
	json_has(lab, "start", "\"code\":\"running\"");
	json_has(lab, "status", "\"state\":\"running\"");
	json_has(lab, "stop", "\"state\":\"stopped\"");
	json_has(lab, "start", "\"state\":\"running\"");
	gateway_lab_close(lab);
}

static void
ports_show_counters_and_abilities(void)
{
	struct gateway_lab *lab = lab_after_traffic(1);

	ANSWER_HAS(lab, "show port stats all", "rx packets", "lan", "wan", "tx pps");
	/* Three hosts' ARP, two requests and two martians; the router's ARP and two answers. */
	json_has(lab, "show port stats lan", "\"ports\":[{\"port\":\"lan\",\"rx_packets\":7,");
	json_has(lab, "show port stats wan", "\"ports\":[{\"port\":\"wan\",\"rx_packets\":3,");
	json_has(lab, "show port stats dmz", "\"code\":\"no-such-port\"");
	ANSWER_HAS(lab, "show port info", "ring", "MAC address", "1500");
	json_has(lab, "show port info wan", "\"driver\":\"ring\",\"device\":\"wan\"");
	gateway_lab_close(lab);
}

static void
workers_show_packets_and_stages(void)
{
	struct gateway_lab *lab = lab_after_traffic(1);

	json_has(lab, "show workers", "{\"worker\":0,\"core\":1,\"packets\":10,");
	json_has(lab, "show worker stages", "{\"worker\":0,\"stage\":\"classify\",\"packets\":10,");
	json_has(lab, "show worker stages", "\"stage\":\"lookup\",\"packets\":4,");
	json_has(lab, "show worker stages", "\"stage\":\"slow\",\"packets\":3,");
	json_has(lab, "show worker stages worker 0", "\"cycles_per_packet\":");
	json_has(lab, "show worker stages worker 7", "\"code\":\"no-such-worker\"");
	gateway_lab_close(lab);
}

static void
drops_are_explained(void)
{
	struct gateway_lab *lab = lab_after_traffic(3);

	ANSWER_HAS(lab, "show drops", "dropped   3", "martian-source        2  source address",
		"filtered              1  the remote was never contacted (RFC 4787 REQ-8)");
	CU_ASSERT_PTR_NULL(strstr(gateway_lab_command(lab, "show drops"), "ip-checksum"));
	ANSWER_HAS(lab, "show drops all", "ip-checksum", "tx-full");
	gateway_lab_close(lab);
}

/* The workers' own counters stay: only what is shown begins anew. */
static void
clear_makes_differences(void)
{
	struct gateway_lab *lab = lab_after_traffic(1);

	CU_ASSERT_EQUAL(lab->gateway.path.workers[0]->drops[DROP_MARTIAN_SOURCE], 2);
	gateway_lab_command(lab, "clear stats");
	ANSWER_HAS(lab, "show drops", "dropped   0", "(none)");
	json_has(lab, "show port stats lan", "\"rx_packets\":0,");
	json_has(lab, "show worker stages", "\"stage\":\"classify\",\"packets\":0,");
	CU_ASSERT_EQUAL(lab->gateway.path.workers[0]->drops[DROP_MARTIAN_SOURCE], 2);
	gateway_lab_send(lab, LAN, "udp 127.0.0.1:1 > 203.0.113.9:53");
	gateway_lab_run(lab);
	ANSWER_HAS(lab, "show drops", "dropped   1", "martian-source        1");
	gateway_lab_close(lab);
}

static void
surroundings_are_shown(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");

	ANSWER_HAS(lab, "show neighbours", "198.51.100.254  wan        -            incomplete");
	gateway_lab_resolve(lab);
	ANSWER_HAS(lab, "show neighbours",
		"198.51.100.254  wan        02:00:c6:33:64:fe  reachable",
		"10.0.0.1        lan        02:00:0a:00:00:01  reachable");
	ANSWER_HAS(lab, "show interfaces", "inside", "outside", "10.0.0.254/24", "10.1.0.0/24",
		"198.51.100.1/24");
	ANSWER_HAS(lab, "show routes", "10.0.0.0/24       connected",
		"0.0.0.0/0         static     198.51.100.254  wan        reachable",
		"198.51.100.16/31  pool");
	gateway_lab_close(lab);
}

static void
statics_come_and_go(void)
{
	struct gateway_lab *lab = gateway_lab_open(2, "");

	ANSWER_HAS(lab, "show nat statics", "(none)");
	ANSWER_HAS(lab, "add nat static tcp 10.0.0.2:80 198.51.100.16:8080",
		"tcp       10.0.0.2:80  198.51.100.16:8080");
	/* 10.0.0.2:5060 has 40825 at index 0. */
	ANSWER_HAS(lab, "add nat static udp 10.0.0.2:5060 198.51.100.16:0",
		"udp       10.0.0.2:5060  198.51.100.16:40825          0");
	json_has(lab, "add nat static tcp 10.0.0.3:80 198.51.100.16:8080",
		"\"code\":\"port-taken\"");
	json_has(lab, "add nat static tcp 10.0.0.2:80 198.51.100.16:8080",
		"\"code\":\"static-exists\"");
	json_has(lab, "add nat static tcp 10.0.0.3:80 192.0.2.1:8080", "\"code\":\"no-such-pool\"");
	gateway_lab_resolve(lab);
	gateway_lab_send(lab, WAN, "tcp 203.0.113.9:1111 > 198.51.100.16:8080 syn data 0");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, LAN),
		"tcp 203.0.113.9:1111 > 10.0.0.2:80 syn ttl 63 data 0");
	json_has(lab, "show nat statics", "\"packets_in\":1,");
	json_has(lab, "del nat static tcp 10.0.0.2:80", "\"ok\":true");
	json_has(lab, "del nat static tcp 10.0.0.2:80", "\"code\":\"no-such-static\"");
	gateway_lab_send(lab, WAN, "tcp 203.0.113.9:1111 > 198.51.100.16:8080 syn data 0");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, LAN), "");
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_NO_MAPPING), 1);
	gateway_lab_close(lab);
}

/* The same with workers on their cores: through their doors, with a grace period. */
static void
statics_come_and_go_while_workers_run(void)
{
	struct gateway_lab *lab = gateway_lab_open(2, "");

	json_has(lab, "start", "running");
	json_has(lab, "add nat static tcp 10.0.0.2:80 198.51.100.16:8080", "\"ok\":true");
	json_has(lab, "add nat static tcp 10.0.0.3:80 198.51.100.16:8080",
		"\"code\":\"port-taken\"");
	json_has(lab, "del nat static tcp 10.0.0.2:80", "\"ok\":true");
	json_has(lab, "add nat static tcp 10.0.0.3:80 198.51.100.16:8080", "\"ok\":true");
	json_has(lab, "del nat static tcp 10.0.0.3:80", "\"ok\":true");
	json_has(lab, "stop", "stopped");
	CU_ASSERT_EQUAL(lab->gateway.nat.loads[nat_slot(0, NAT_TCP, 0) >> 16].used, 0);
	gateway_lab_close(lab);
}

/* Static mappings never idle out: those that nobody wants any more must not survive a restart,
 * while ordinary ones do. */
static void
forgotten_statics_end_with_a_restart(void)
{
	static const char kept[] =
		"statics: [{protocol: tcp, private: 10.0.0.3:80, public: 198.51.100.16:8081}]\n";
	struct gateway_lab *lab = gateway_lab_open(2, kept);

	json_has(lab, "add nat static tcp 10.0.0.2:80 198.51.100.16:8080", "\"ok\":true");
	gateway_lab_resolve(lab);
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53");
	gateway_lab_run(lab);
	lab = gateway_lab_reopen(lab, kept);
	CU_ASSERT_EQUAL(lab->gateway.mappings_restored, 3);
	gateway_lab_resolve(lab);
	gateway_lab_send(lab, WAN, "tcp 203.0.113.9:1 > 198.51.100.16:8080 syn");
	gateway_lab_run(lab);
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_NO_MAPPING), 1);
	gateway_lab_send(lab, WAN, "udp 203.0.113.9:53 > 198.51.100.16:49300");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(
		gateway_lab_receive(lab, LAN), "udp 203.0.113.9:53 > 10.0.0.1:40000 ttl 63");
	CU_ASSERT_PTR_NOT_NULL(
		strstr(gateway_lab_command(lab, "show nat statics"), "198.51.100.16:8081"));
	gateway_lab_close(lab);
}

static void
the_log_tells_what_happened(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");

	log_warn("a test %d", 1);
	gateway_lab_command(lab, "add nat static tcp 10.0.0.2:80 198.51.100.16:8080");
	ANSWER_HAS(lab, "show log", "warn  a test 1", "static mapping added: tcp 10.0.0.2:80");
	json_has(lab, "show log limit 1", "\"lines\":[{\"time\":\"");
	json_has(lab, "show log limit 1", "\"level\":\"info\",\"text\":\"static mapping added");
	CU_ASSERT_PTR_NULL(
		strstr(gateway_lab_command(lab, "show log level warn"), "static mapping"));
	gateway_lab_close(lab);
}

/* A worker that does not come to its door for a second: what was asked is done when it does, and a
 * removal that timed out can be repeated. */
static void
statics_wait_for_a_stuck_worker(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	uint32_t used = lab->gateway.nat.loads[nat_slot(0, NAT_TCP, 0) >> 16].used;

	lab->gateway.running = true; /* but nobody takes a turn */
	json_has(lab, "add nat static tcp 10.0.0.2:80 198.51.100.16:8080", "\"ok\":true");
	ANSWER_HAS(lab, "show nat statics", "10.0.0.2:80");
	lab->gateway.running = false;
	gateway_lab_run(lab);
	gateway_lab_resolve(lab);
	gateway_lab_send(lab, WAN, "tcp 203.0.113.9:4000 > 198.51.100.16:8080 syn data 0");
	gateway_lab_run(lab);
	CU_ASSERT_STRING_EQUAL(gateway_lab_receive(lab, LAN),
		"tcp 203.0.113.9:4000 > 10.0.0.2:80 syn ttl 63 data 0");
	lab->gateway.running = true;
	json_has(lab, "del nat static tcp 10.0.0.2:80", "\"ok\":false");
	lab->gateway.running = false;
	gateway_lab_run(lab);
	json_has(lab, "del nat static tcp 10.0.0.2:80", "\"ok\":true");
	CU_ASSERT_EQUAL(lab->gateway.nat.loads[nat_slot(0, NAT_TCP, 0) >> 16].used, used);
	gateway_lab_close(lab);
}

static void
the_rest_answers_too(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");

	ANSWER_HAS(lab, "show version", "binfm-gateway", "DPDK 22");
	ANSWER_HAS(lab, "show buffers", "total        4095", "used         0");
	ANSWER_HAS(lab, "show nat summary", "edge");
	ANSWER_HAS(lab, "explain h16 forward 10.0.0.1 40000", "49300");
	gateway_lab_close(lab);
}

const struct unit_test unit_tests[] = {
	{"status_is_one_screen", status_is_one_screen},
	{"workers_start_and_stop", workers_start_and_stop},
	{"ports_show_counters_and_abilities", ports_show_counters_and_abilities},
	{"workers_show_packets_and_stages", workers_show_packets_and_stages},
	{"drops_are_explained", drops_are_explained},
	{"clear_makes_differences", clear_makes_differences},
	{"surroundings_are_shown", surroundings_are_shown},
	{"statics_come_and_go", statics_come_and_go},
	{"statics_come_and_go_while_workers_run", statics_come_and_go_while_workers_run},
	{"forgotten_statics_end_with_a_restart", forgotten_statics_end_with_a_restart},
	{"the_log_tells_what_happened", the_log_tells_what_happened},
	{"statics_wait_for_a_stuck_worker", statics_wait_for_a_stuck_worker},
	{"the_rest_answers_too", the_rest_answers_too},
	{NULL, NULL},
};
