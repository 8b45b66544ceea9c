/* Reload while packets pass: what changes at once, what waits for a restart, and that a wrong file
 * changes nothing. The file is the laboratory's, written anew by each test. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "control/neighbour.h"
#include "path_rows.h"

const char *const unit_suite = "reload";

/* Writes the laboratory's configuration with `extra` to the file that reload reads. */
static void
write_file(struct gateway_lab *lab, const char *extra)
{
	FILE *file;

	snprintf(lab->gateway.config_path, sizeof(lab->gateway.config_path), "%s/lab.yaml",
		lab->directory);
	file = fopen(lab->gateway.config_path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fputs(gateway_lab_yaml(lab->gateway.config.worker_count, extra), file);
	/* As the laboratory has it, or it would be a difference. */
	fprintf(file, "#\n");
	fclose(file);
}

static struct gateway_lab *
open_lab(const char *extra)
{
	struct gateway_lab *lab = gateway_lab_open(2, extra);

	/* The laboratory's table lies in a directory of its own. */
	strcpy(lab->gateway.config.table_directory, "/var/lib/binfm/hugepages");
	gateway_lab_resolve(lab);
	return lab;
}

static void
close_lab(struct gateway_lab *lab)
{
	unlink(lab->gateway.config_path);
	gateway_lab_close(lab);
}

static void
answer_has(struct gateway_lab *lab, const char *line, const char *piece)
{
	const char *text = gateway_lab_json(lab, line);

	CU_ASSERT_PTR_NOT_NULL(strstr(text, piece));
	if (strstr(text, piece) == NULL)
		printf("    `%s` does not say %s: %s\n", line, piece, text);
}

/* Reloads and expects so many applied values and so many that need a restart. */
static void
reload(struct gateway_lab *lab, const char *extra, unsigned int applied, unsigned int restart)
{
	char piece[64];

	write_file(lab, extra);
	snprintf(piece, sizeof(piece), "\"applied\":%u,\"need_restart\":%u,", applied, restart);
	answer_has(lab, "reload", piece);
}

static void
the_same_file_changes_nothing(void)
{
	struct gateway_lab *lab = open_lab("");

	reload(lab, "", 0, 0);
	close_lab(lab);
}

static void
timers_and_log_level_change_at_once(void)
{
	struct gateway_lab *lab = open_lab("");

	reload(lab,
		"timers: {udp_idle_seconds: 600, quarantine_seconds: 200}\nlog: {level: debug}\n",
		3, 0);
	CU_ASSERT_EQUAL(lab->gateway.nat_ager.timers.udp_idle_seconds, 600);
	CU_ASSERT_EQUAL(lab->gateway.nat_ager.timers.quarantine_seconds, 200);
	CU_ASSERT_EQUAL(lab->gateway.flow_ager.timers.udp_idle_seconds, 600);
	CU_ASSERT_EQUAL(log_get_level(), LOG_LEVEL_DEBUG);
	answer_has(lab, "show config timers.udp",
		"\"name\":\"timers.udp_idle_seconds\",\"value\":\"600\"");
	/* Back to the defaults. */
	reload(lab, "", 3, 0);
	CU_ASSERT_EQUAL(lab->gateway.nat_ager.timers.udp_idle_seconds, 300);
	CU_ASSERT_EQUAL(log_get_level(), LOG_LEVEL_INFO);
	close_lab(lab);
}

static void
what_needs_a_restart_is_told_each_time(void)
{
	static const char extra[] =
		"prompt: {socket: /run/other.sock}\ntimers: {icmp_idle_seconds: 90}\n";
	struct gateway_lab *lab = open_lab("");

	reload(lab, extra, 1, 1);
	answer_has(lab, "reload",
		"\"changes\":[{\"value\":\"prompt.socket\",\"change\":\"needs a restart\"}]");
	CU_ASSERT_STRING_EQUAL(lab->gateway.config.prompt_socket, "/run/binfm/lab.sock");
	CU_ASSERT_EQUAL(lab->gateway.nat_ager.timers.icmp_idle_seconds, 90);
	close_lab(lab);
}

static void
a_wrong_file_changes_nothing(void)
{
	struct gateway_lab *lab = open_lab("");

	write_file(lab, "timers: {udp_idle_seconds: 600, icmp_idle_seconds: 1}\n");
	answer_has(lab, "reload", "timers.icmp_idle_seconds is out of bounds");
	CU_ASSERT_EQUAL(lab->gateway.nat_ager.timers.udp_idle_seconds, 300);
	/* The checks among values too. */
	write_file(lab,
		"routes: [{prefix: 0.0.0.0/0, via: 192.0.2.1}]\ntimers: {udp_idle_seconds: 600}\n");
	answer_has(lab, "reload", "routes[0].via lies in no interface's subnet");
	CU_ASSERT_EQUAL(lab->gateway.nat_ager.timers.udp_idle_seconds, 300);
	unlink(lab->gateway.config_path);
	answer_has(lab, "reload", "\"code\":\"cannot-read\"");
	CU_ASSERT_EQUAL(lab->gateway.nat_ager.timers.udp_idle_seconds, 300);
	close_lab(lab);
}

static void
statics_come_and_go_with_the_file(void)
{
	static const struct path_row before[] = {
		{WAN, "tcp 203.0.113.9:1 > 198.51.100.16:8080 syn", LAN,
			"tcp 203.0.113.9:1 > 10.0.0.1:80 syn ttl 63"},
		{WAN, "tcp 203.0.113.9:1 > 198.51.100.16:8081 syn", LAN, NULL, DROP_NO_MAPPING},
	};
	static const struct path_row after[] = {
		{WAN, "tcp 203.0.113.9:2 > 198.51.100.16:8080 syn", LAN, NULL, DROP_NO_MAPPING},
		{WAN, "tcp 203.0.113.9:2 > 198.51.100.16:8081 syn", LAN,
			"tcp 203.0.113.9:2 > 10.0.0.1:80 syn ttl 63"},
		/* Typed at the prompt: it stays. */
		{WAN, "udp 203.0.113.9:2 > 198.51.100.16:9090", LAN,
			"udp 203.0.113.9:2 > 10.0.0.2:90 ttl 63"},
	};
	struct gateway_lab *lab = open_lab(
		"statics: [{protocol: tcp, private: 10.0.0.1:80, public: 198.51.100.16:8080}]\n");

	path_rows_send(lab, before, 2);
	answer_has(lab, "add nat static udp 10.0.0.2:90 198.51.100.16:9090", "\"ok\":true");
	reload(lab,
		"statics: [{protocol: tcp, private: 10.0.0.1:80, public: 198.51.100.16:8081}]\n", 1,
		0);
	path_rows_send(lab, after, 3);
	reload(lab,
		"statics: [{protocol: tcp, private: 10.0.0.1:80, public: 198.51.100.16:8081}]\n", 0,
		0);
	CU_ASSERT_EQUAL(lab->gateway.static_count, 2);
	close_lab(lab);
}

/* The port has an owner by now: said, and a later reload can do it. */
static void
a_static_that_cannot_be_made_is_refused(void)
{
	struct gateway_lab *lab = open_lab("");

	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53");
	gateway_lab_run(lab);
	gateway_lab_discard(lab);
	write_file(lab,
		"statics: [{protocol: udp, private: 10.0.0.2:90, public: 198.51.100.16:49300}]\n");
	answer_has(lab, "reload", "\"code\":\"port-taken\"");
	CU_ASSERT_EQUAL(lab->gateway.static_count, 0);
	CU_ASSERT_EQUAL(lab->gateway.config.static_count, 0);
	close_lab(lab);
}

static void
routes_change_while_packets_pass(void)
{
	static const char two[] = "routes:\n  - {prefix: 0.0.0.0/0, via: 198.51.100.254}\n"
				  "  - {prefix: 203.0.113.0/24, via: 198.51.100.253}\n";
	static const char other[] = "routes: [{prefix: 192.0.2.0/24, via: 198.51.100.254}]\n";
	static const struct path_row by_default[] = {{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53",
		WAN, "udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63"}};
	static const struct path_row by_other[] = {
		/* Its Ethernet address is not the router's: the row says so. */
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53", WAN,
			"udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63 wrong-mac"},
		{LAN, "udp 10.0.0.1:40000 > 192.0.2.1:53", WAN,
			"udp 198.51.100.16:49300 > 192.0.2.1:53 ttl 63"},
	};
	static const struct path_row without[] = {
		{LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53", LAN,
			"icmp net-unreachable 10.0.0.254 > 10.0.0.1 ttl 64 "
			"( udp 10.0.0.1:40000 > 203.0.113.9:53 ttl 64 )",
			DROP_NO_ROUTE},
		{LAN, "udp 10.0.0.1:40000 > 192.0.2.1:53", WAN,
			"udp 198.51.100.16:49300 > 192.0.2.1:53 ttl 63"},
	};
	struct gateway_lab *lab = open_lab("");

	path_rows_send(lab, by_default, 1);
	reload(lab, two, 1, 0);
	gateway_lab_send(lab, WAN, "arp-answer 198.51.100.253 to 198.51.100.1");
	gateway_lab_run(lab);
	gateway_lab_discard(lab);
	path_rows_send(lab, by_other, 2);
	reload(lab, other, 1, 0);
	path_rows_send(lab, without, 2);
	reload(lab, "", 1, 0);
	path_rows_send(lab, by_default, 1);
	answer_has(lab, "show routes", "{\"prefix\":\"0.0.0.0/0\",\"kind\":\"static\"");
	/* The former next hop is a neighbour like any other. */
	answer_has(lab, "show neighbours",
		"\"address\":\"198.51.100.253\",\"interface\":\"wan\",\"mac\":\"02:00:c6:33:64:"
		"fd\","
		"\"state\":\"reachable\"");
	close_lab(lab);
}

/* 10.1.0.0/24 gets a pool, then loses it again; the limits of the pool that stays change. */
static void
pools_follow_the_file(void)
{
	static const char two[] =
		"pools:\n"
		"  - {name: edge, private: [10.0.0.0/24], public: [198.51.100.16/31], alarm_load: "
		"0.3}\n"
		"  - {name: more, private: [10.1.0.0/24], public: [198.51.100.32/32]}\n";
	static const char moved[] =
		"pools: [{name: edge, private: [10.0.0.0/24], public: [198.51.100.20/32]}]\n";
	static const struct path_row without[] = {{LAN, "udp 10.1.0.9:80 > 203.0.113.9:53", LAN,
		"icmp prohibited 10.0.0.254 > 10.1.0.9 ttl 64 "
		"( udp 10.1.0.9:80 > 203.0.113.9:53 ttl 64 )",
		DROP_NAT_POOL}};
	/* 10.1.0.9:80 -> 4704 */
	static const struct path_row with[] = {
		{LAN, "udp 10.1.0.9:80 > 203.0.113.9:53", WAN,
			"udp 198.51.100.32:4704 > 203.0.113.9:53 ttl 63"},
		{WAN, "udp 203.0.113.9:53 > 198.51.100.32:4704", LAN,
			"udp 203.0.113.9:53 > 10.1.0.9:80 ttl 63"}};
	struct gateway_lab *lab = open_lab("");

	gateway_lab_send(lab, LAN, "arp-ask 10.0.0.254 from 10.1.0.9");
	gateway_lab_run(lab);
	gateway_lab_discard(lab);
	path_rows_send(lab, without, 1);
	reload(lab, two, 2, 0);
	gateway_lab_run(lab);
	gateway_lab_discard(lab); /* the announcement */
	path_rows_send(lab, with, 2);
	CU_ASSERT_DOUBLE_EQUAL(lab->gateway.nat.pools->pool[0].alarm_load, 0.3, 0.001);
	reload(lab, two, 0, 0);
	reload(lab, "", 2, 0);
	/* It drains: what is there goes on. */
	path_rows_send(lab, with, 2);
	/* Other prefixes for a pool in use are for a restart. */
	reload(lab, moved, 0, 1);
	path_rows_send(lab, with, 2);
	close_lab(lab);
}

static void
next_hops_are_in_the_log(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	uint64_t now_ms = gateway_now_ms();

	for (unsigned int i = 0; i < 20; i++) {
		neighbour_tick(&lab->gateway, now_ms + i * 1000);
		gateway_lab_run(lab);
		gateway_lab_discard(lab);
	}
	answer_has(lab, "show log limit 1", "next hop 198.51.100.254 on wan does not answer ARP");
	answer_has(lab, "status", "\"alarms\":[{\"alarm\":\"next hop 198.51.100.254 at wan");
	gateway_lab_resolve(lab);
	answer_has(lab, "show log limit 1", "next hop 198.51.100.254 on wan answers");
	gateway_lab_close(lab);
}

static void
the_whole_configuration_is_shown(void)
{
	struct gateway_lab *lab = open_lab("");

	answer_has(lab, "show config",
		"{\"name\":\"interfaces[1].addresses\",\"value\":\"[198.51.100.1/"
		"24]\",\"unit\":null,");
	answer_has(lab, "show config", "{\"name\":\"cores.workers\",\"value\":\"[1, 2]\"");
	answer_has(lab, "show config", "{\"name\":\"pools[0].refuse_load\",\"value\":\"0.75\"");
	answer_has(lab, "show config", "{\"name\":\"pools[0].mode\",\"value\":\"h16\"");
	answer_has(lab, "show config", "{\"name\":\"memory.hugepages\",\"value\":\"false\"");
	answer_has(lab, "show config interfaces[0].mac", "\"value\":\"\\\"\\\"\"");
	answer_has(lab, "show config nonsense", "\"values\":[]");
	close_lab(lab);
}

const struct unit_test unit_tests[] = {
	{"the_same_file_changes_nothing", the_same_file_changes_nothing},
	{"timers_and_log_level_change_at_once", timers_and_log_level_change_at_once},
	{"what_needs_a_restart_is_told_each_time", what_needs_a_restart_is_told_each_time},
	{"a_wrong_file_changes_nothing", a_wrong_file_changes_nothing},
	{"statics_come_and_go_with_the_file", statics_come_and_go_with_the_file},
	{"a_static_that_cannot_be_made_is_refused", a_static_that_cannot_be_made_is_refused},
	{"routes_change_while_packets_pass", routes_change_while_packets_pass},
	{"pools_follow_the_file", pools_follow_the_file},
	{"next_hops_are_in_the_log", next_hops_are_in_the_log},
	{"the_whole_configuration_is_shown", the_whole_configuration_is_shown},
	{NULL, NULL},
};
