/* What the gateway offers to Prometheus after known traffic, and what promtool says to it. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_eal.h>

#include "control/dpdk_telemetry.h"
#include "control/metrics.h"
#include "gateway_lab.h"
#include "telemetry/page.h"

const char *const unit_suite = "metrics";

static struct gateway_lab *
lab_after_traffic(void)
{
	struct gateway_lab *lab = gateway_lab_open(2, "");

	gateway_lab_resolve(lab);
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53");
	gateway_lab_send(lab, LAN, "tcp 10.0.0.1:40000 > 203.0.113.9:80 syn");
	gateway_lab_send(lab, LAN, "udp 10.1.0.9:80 > 203.0.113.9:53");
	gateway_lab_send(lab, LAN, "udp 127.0.0.1:1 > 203.0.113.9:53");
	gateway_lab_run(lab);
	gateway_lab_discard(lab);
	return lab;
}

/* The page as Prometheus gets it; the caller frees it. */
static char *
page_of(struct gateway_lab *lab)
{
	struct telemetry *telemetry = telemetry_new();
	char *text = NULL;
	size_t length;

	CU_ASSERT_EQUAL_FATAL(metrics_register(telemetry, &lab->gateway), 0);
	CU_ASSERT_EQUAL_FATAL(telemetry_page_make(telemetry, TELEMETRY_TEXT, &text, &length), 0);
	telemetry_free(telemetry);
	return text;
}

static void
every_figure_is_there(void)
{
	static const char *const lines[] = {
		"binfm_info{instance_name=\"lab\",version=",
		"binfm_running 0\n",
		"binfm_alarms 0\n",
		"binfm_packet_buffers{state=\"used\"} 0\n",
		"binfm_neighbours{state=\"reachable\"} 4\n",
		"binfm_dropped_packets_total{reason=\"martian-source\"} 1\n",
		"binfm_dropped_packets_total{reason=\"nat-pool\"} 1\n",
		"binfm_dropped_packets_total{reason=\"tx-full\"} 0\n",
		"binfm_port_received_packets_total{port=\"lan\"} 7\n",
		"binfm_port_sent_packets_total{port=\"wan\"} 3\n",
		"binfm_port_lost_packets_total{port=\"lan\",reason=\"rx_missed\"} 0\n",
		"binfm_port_link_up{port=\"wan\"} 1\n",
		"binfm_worker_busy_seconds_total{worker=\"1\"} ",
		"binfm_worker_punted_packets_total{worker=\"0\"} ",
		"binfm_stage_packets_total{worker=\"0\",stage=\"rx\"} ",
		"binfm_stage_busy_cycles_total{worker=\"1\",stage=\"tx\"} ",
		"binfm_nat_ports_used{pool=\"edge\",protocol=\"udp\"} 1\n",
		"binfm_nat_ports_usable{pool=\"edge\",protocol=\"tcp\"} 129024\n",
		"binfm_nat_highest_load_ratio{pool=\"edge\"} 1.55",
		"binfm_nat_mappings_created_total 2\n",
		"binfm_nat_refusals_total{reason=\"pool\"} 1\n",
		"binfm_nat_h16_index_bucket{le=\"0.0\"} 2\n",
		"binfm_nat_h16_index_count 2\n",
		"binfm_flow_records{state=\"used\"} 1\n",
	};
	struct gateway_lab *lab = lab_after_traffic();
	char *text = page_of(lab);

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		CU_ASSERT_PTR_NOT_NULL(strstr(text, lines[i]));
		if (strstr(text, lines[i]) == NULL)
			printf("    missing: %s\n", lines[i]);
	}
	free(text);
	gateway_lab_close(lab);
}

static void
promtool_finds_nothing_to_say(void)
{
	struct gateway_lab *lab = lab_after_traffic();
	char *text = page_of(lab), said[1024] = "", path[128], command[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/page", lab->directory);
	file = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fputs(text, file);
	fclose(file);
	if (access("/usr/bin/promtool", X_OK) == 0) {
		snprintf(
			command, sizeof(command), "/usr/bin/promtool check metrics <%s 2>&1", path);
		file = popen(command, "r");
		CU_ASSERT_PTR_NOT_NULL_FATAL(file);
		said[fread(said, 1, sizeof(said) - 1, file)] = '\0';
		CU_ASSERT_EQUAL(pclose(file), 0);
		CU_ASSERT_STRING_EQUAL(said, "");
		if (said[0] != '\0')
			printf("    promtool: %s\n", said);
	} else {
		printf("    promtool is not installed; the page was not shown to it\n");
	}
	unlink(path);
	free(text);
	gateway_lab_close(lab);
}

/* `clear stats` is for people: Prometheus' counters must only grow. */
static void
clearing_does_not_touch_metrics(void)
{
	struct gateway_lab *lab = lab_after_traffic();
	char *text;

	gateway_lab_command(lab, "clear stats");
	text = page_of(lab);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(text, "binfm_dropped_packets_total{reason=\"martian-source\"} 1\n"));
	free(text);
	gateway_lab_close(lab);
}

/* Asks DPDK's telemetry socket, as dpdk-telemetry.py does. */
static const char *
ask_dpdk(const char *question)
{
	static char answer[16384];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	ssize_t length = -1;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/dpdk_telemetry.v2",
		rte_eal_get_runtime_dir());
	CU_ASSERT_EQUAL(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	if (recv(client, answer, sizeof(answer), 0) > 0 && /* the greeting */
		send(client, question, strlen(question), 0) > 0)
		length = recv(client, answer, sizeof(answer) - 1, 0);
	close(client);
	answer[length > 0 ? length : 0] = '\0';
	return answer;
}

static void
dpdk_telemetry_tells_the_same(void)
{
	static const struct {
		const char *question, *piece;
	} rows[] = {
		{"/binfm/status",
			"{\"instance\":\"lab\",\"state\":\"stopped\",\"uptime_seconds\":"},
		{"/binfm/nat/summary",
			"\"mappings_created\":2,\"mappings_reclaimed\":0,\"refusals\":1,"},
		{"/binfm/worker/stages", "\"worker1\":{\"rx\":{\"packets\":"},
		{"/binfm/drops", "{\"martian_source\":1,\"nat_pool\":1}"},
	};
	struct gateway_lab *lab = lab_after_traffic();

	CU_ASSERT_EQUAL(dpdk_telemetry_start(&lab->gateway), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *answer = ask_dpdk(rows[i].question);

		CU_ASSERT_PTR_NOT_NULL(strstr(answer, rows[i].piece));
		if (strstr(answer, rows[i].piece) == NULL)
			printf("    %s: %s\n", rows[i].question, answer);
	}
	/* Afterwards nobody reads what goes away. */
	dpdk_telemetry_stop();
	CU_ASSERT_STRING_EQUAL(ask_dpdk("/binfm/status"), "{\"/binfm/status\":null}");
	gateway_lab_close(lab);
}

const struct unit_test unit_tests[] = {
	{"every_figure_is_there", every_figure_is_there},
	{"promtool_finds_nothing_to_say", promtool_finds_nothing_to_say},
	{"clearing_does_not_touch_metrics", clearing_does_not_touch_metrics},
	{"dpdk_telemetry_tells_the_same", dpdk_telemetry_tells_the_same},
	{NULL, NULL},
};
