/* lib/telemetry: registration, the page in both formats, the exporter over a real socket. */
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "telemetry/metrics.h"
#include "telemetry/page.h"
#include "telemetry_client.h"

const char *const unit_suite = "telemetry";

static void
collect_one(void *context, struct telemetry_samples *samples)
{
	telemetry_number(samples, *(uint64_t *)context, NULL, 0);
}

static void
collect_nothing(void *context, struct telemetry_samples *samples)
{
}

static void
collect_drops(void *context, struct telemetry_samples *samples)
{
	struct telemetry_label labels[2] = {{"reason", "ttl"}, {"worker", "0"}};

	telemetry_number(samples, UINT64_MAX, labels, 2);
	labels[0].value = "a\\b\"c\nd \xc3\xa4 \xff";
	telemetry_number(samples, 1, labels, 1);
}

static void
collect_load(void *context, struct telemetry_samples *samples)
{
	struct telemetry_label label = {"kind", "ratio"};

	telemetry_real(samples, 0.1, &label, 1);
	label.value = "infinite";
	telemetry_real(samples, INFINITY, &label, 1);
	label.value = "none";
	telemetry_real(samples, NAN, &label, 1);
}

static void
collect_probes(void *context, struct telemetry_samples *samples)
{
	static const double bounds[] = {1, 2.5, 16};
	static const uint64_t counts[] = {10, 3, 0, 2};

	telemetry_histogram(samples, bounds, counts, 3, 47.5, NULL, 0);
}

static uint64_t mappings = 42;

static struct telemetry *
sample_telemetry(void)
{
	struct telemetry *telemetry = telemetry_new();

	CU_ASSERT_PTR_NOT_NULL_FATAL(telemetry);
	CU_ASSERT_EQUAL(telemetry_register(telemetry, "binfm_nat_mappings", "mappings in use", "",
				TELEMETRY_GAUGE, collect_one, &mappings),
		0);
	CU_ASSERT_EQUAL(telemetry_register(telemetry, "binfm_silent", "never there", "",
				TELEMETRY_GAUGE, collect_nothing, NULL),
		0);
	CU_ASSERT_EQUAL(telemetry_register(telemetry, "binfm_drops", "packets dropped\\, by reason",
				"", TELEMETRY_COUNTER, collect_drops, NULL),
		0);
	CU_ASSERT_EQUAL(telemetry_register(telemetry, "binfm_rx_bytes", "bytes received", "bytes",
				TELEMETRY_COUNTER, collect_one, &mappings),
		0);
	CU_ASSERT_EQUAL(telemetry_register(telemetry, "binfm_load", "share of ports in use", "",
				TELEMETRY_GAUGE, collect_load, NULL),
		0);
	CU_ASSERT_EQUAL(telemetry_register(telemetry, "binfm_probes", "candidates tried", "",
				TELEMETRY_HISTOGRAM, collect_probes, NULL),
		0);
	return telemetry;
}

static char *
page_of(const struct telemetry *telemetry, enum telemetry_format format)
{
	size_t length = 0;
	char *text = NULL;

	CU_ASSERT_EQUAL_FATAL(telemetry_page_make(telemetry, format, &text, &length), 0);
	CU_ASSERT_EQUAL(strlen(text), length);
	return text;
}

static void
registration_holds_names_to_the_rules(void)
{
	static const struct {
		const char *name, *help, *unit;
		int result;
	} rows[] = {
		{"binfm_a", "help", "", 0},
		{"binfm_a", "again", "", -EEXIST},
		{"binfm_b_seconds", "help", "seconds", 0},
		{"binfm_b", "unit is not in the name", "seconds", -EINVAL},
		{"seconds", "no prefix", "", -EINVAL},
		{"binfm_seconds", "unit alone is a name", "seconds", 0},
		{"binfm_cseconds", "no underscore before the unit", "seconds", -EINVAL},
		{"binfm_d_total", "the type adds it", "", -EINVAL},
		{"binfm_E", "capital", "", -EINVAL},
		{"binfm_f-g", "dash", "", -EINVAL},
		{"binfm_h", "", "", -EINVAL},
		{"binfm_i", "a \"quoted\" help", "", -EINVAL},
	};
	struct telemetry *telemetry = telemetry_new();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CU_ASSERT_EQUAL(telemetry_register(telemetry, rows[i].name, rows[i].help,
					rows[i].unit, TELEMETRY_GAUGE, collect_nothing, NULL),
			rows[i].result);
	CU_ASSERT_EQUAL(
		telemetry_register(telemetry, "binfm_z", "help", "", TELEMETRY_GAUGE, NULL, NULL),
		-EINVAL);
	telemetry_free(telemetry);
}

static void
text_page_is_as_prometheus_reads_it(void)
{
	struct telemetry *telemetry = sample_telemetry();
	char *text = page_of(telemetry, TELEMETRY_TEXT);

	CU_ASSERT_STRING_EQUAL(text,
		"# HELP binfm_nat_mappings mappings in use\n"
		"# TYPE binfm_nat_mappings gauge\n"
		"binfm_nat_mappings 42\n"
		"# HELP binfm_drops_total packets dropped\\\\, by reason\n"
		"# TYPE binfm_drops_total counter\n"
		"binfm_drops_total{reason=\"ttl\",worker=\"0\"} 18446744073709551615\n"
		"binfm_drops_total{reason=\"a\\\\b\\\"c\\nd \xc3\xa4 ?\"} 1\n"
		"# HELP binfm_rx_bytes_total bytes received\n"
		"# TYPE binfm_rx_bytes_total counter\n"
		"binfm_rx_bytes_total 42\n"
		"# HELP binfm_load share of ports in use\n"
		"# TYPE binfm_load gauge\n"
		"binfm_load{kind=\"ratio\"} 0.1\n"
		"binfm_load{kind=\"infinite\"} +Inf\n"
		"binfm_load{kind=\"none\"} NaN\n"
		"# HELP binfm_probes candidates tried\n"
		"# TYPE binfm_probes histogram\n"
		"binfm_probes_bucket{le=\"1.0\"} 10\n"
		"binfm_probes_bucket{le=\"2.5\"} 13\n"
		"binfm_probes_bucket{le=\"16.0\"} 13\n"
		"binfm_probes_bucket{le=\"+Inf\"} 15\n"
		"binfm_probes_sum 47.5\n"
		"binfm_probes_count 15\n");
	free(text);
	telemetry_free(telemetry);
}

static void
openmetrics_page_has_units_and_an_end(void)
{
	struct telemetry *telemetry = sample_telemetry();
	char *text = page_of(telemetry, TELEMETRY_OPENMETRICS);
	size_t length = strlen(text);

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "# HELP binfm_rx_bytes bytes received\n"
					    "# TYPE binfm_rx_bytes counter\n"
					    "# UNIT binfm_rx_bytes bytes\n"
					    "binfm_rx_bytes_total 42\n"));
	CU_ASSERT_TRUE(length > 6 && strcmp(text + length - 6, "# EOF\n") == 0);
	free(text);
	telemetry_free(telemetry);
}

static void
empty_pages_are_pages(void)
{
	struct telemetry *telemetry = telemetry_new();
	char *text = page_of(telemetry, TELEMETRY_TEXT);

	CU_ASSERT_STRING_EQUAL(text, "");
	free(text);
	text = page_of(telemetry, TELEMETRY_OPENMETRICS);
	CU_ASSERT_STRING_EQUAL(text, "# EOF\n");
	free(text);
	telemetry_free(telemetry);
}

static void
collect_too_much(void *context, struct telemetry_samples *samples)
{
	static char value[1024];
	struct telemetry_label label = {"text", value};

	memset(value, 'x', sizeof(value) - 1);
	for (unsigned int i = 0; i < 9000; i++)
		telemetry_number(samples, i, &label, 1);
}

static void
pages_are_bounded(void)
{
	struct telemetry *telemetry = telemetry_new();
	size_t length;
	char *text;

	telemetry_register(
		telemetry, "binfm_much", "too much", "", TELEMETRY_GAUGE, collect_too_much, NULL);
	CU_ASSERT_EQUAL(telemetry_page_make(telemetry, TELEMETRY_TEXT, &text, &length), -E2BIG);
	telemetry_free(telemetry);
}

/* Prometheus' own reader and linter, where the package is installed. */
static void
promtool_finds_nothing_to_say(void)
{
	struct telemetry *telemetry = sample_telemetry();
	char *text = page_of(telemetry, TELEMETRY_TEXT), said[512] = "";
	char name[] = "/tmp/binfm-page-XXXXXX", command[128];
	int descriptor = mkstemp(name);
	FILE *promtool;

	CU_ASSERT_FATAL(descriptor >= 0);
	CU_ASSERT_EQUAL(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
	close(descriptor);
	if (access("/usr/bin/promtool", X_OK) == 0) {
		snprintf(
			command, sizeof(command), "/usr/bin/promtool check metrics <%s 2>&1", name);
		promtool = popen(command, "r");
		CU_ASSERT_PTR_NOT_NULL_FATAL(promtool);
		said[fread(said, 1, sizeof(said) - 1, promtool)] = '\0';
		CU_ASSERT_EQUAL(pclose(promtool), 0);
		CU_ASSERT_STRING_EQUAL(said, "");
		if (said[0] != '\0')
			printf("    promtool: %s\n", said);
	} else {
		printf("    promtool is not installed; the page was not shown to it\n");
	}
	unlink(name);
	free(text);
	telemetry_free(telemetry);
}

/* One request to a running exporter: what the answer must begin with and hold. */
static void
requests_get_their_answers(void)
{
	static const struct {
		const char *request, *status, *piece;
	} rows[] = {
		{"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 ",
			"text/plain; version=0.0.4"},
		{"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 ",
			"\nbinfm_nat_mappings 42\n"},
		{"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: "
		 "application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n\r\n",
			"HTTP/1.1 200 ", "application/openmetrics-text; version=1.0.0"},
		{"HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 ",
			"Content-Length: "},
		{"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 ",
			"metrics are at /metrics"},
		{"POST /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
		 "3\r\n\r\n"
		 "abc",
			"HTTP/1.1 405 ", "Allow: GET, HEAD"},
		{"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n"
		 "Connection: close\r\n\r\n",
			"HTTP/1.1 200 ", "# TYPE binfm_probes histogram"},
	};
	struct telemetry *telemetry = sample_telemetry();
	struct telemetry_server server;

	telemetry_server_start(&server, telemetry, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *reply = telemetry_client_ask(&server, rows[i].request);

		CU_ASSERT_EQUAL(strncmp(reply, rows[i].status, strlen(rows[i].status)), 0);
		CU_ASSERT_PTR_NOT_NULL(strstr(reply, rows[i].piece));
		if (strstr(reply, rows[i].piece) == NULL)
			printf("    row %zu: %s\n", i, reply);
		free(reply);
	}
	telemetry_server_stop(&server);
	telemetry_free(telemetry);
}

/* More silent clients than connections: they go after the idle time, then the next one is served.
 */
static void
silent_clients_do_not_stay(void)
{
	static const struct telemetry_exporter_limits limits = {
		.connections = 4, .idle_seconds = 1};
	struct telemetry *telemetry = sample_telemetry();
	struct telemetry_server server;
	int silent[8];
	char *reply;

	telemetry_server_start(&server, telemetry, &limits);
	for (size_t i = 0; i < 8; i++)
		silent[i] = telemetry_client_connect(&server);
	reply = telemetry_client_ask(&server, "GET /metrics HTTP/1.0\r\n\r\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(reply, " 200 "));
	free(reply);
	for (size_t i = 0; i < 8; i++)
		close(silent[i]);
	telemetry_server_stop(&server);
	telemetry_free(telemetry);
}

static void
huge_and_senseless_requests_are_refused(void)
{
	struct telemetry *telemetry = sample_telemetry();
	struct telemetry_server server;
	size_t length = 200000;
	char *request = calloc(1, length + 64), *reply;

	telemetry_server_start(&server, telemetry, NULL);
	strcpy(request, "GET /");
	memset(request + 5, 'a', length);
	strcat(request, " HTTP/1.1\r\nHost: x\r\n\r\n");
	reply = telemetry_client_ask(&server, request);
	CU_ASSERT_PTR_NULL(strstr(reply, " 200 "));
	free(reply);
	reply = telemetry_client_ask(&server, "nonsense\r\n\r\n");
	CU_ASSERT_PTR_NULL(strstr(reply, " 200 "));
	free(reply);
	reply = telemetry_client_ask(&server, "GET /metrics HTTP/1.0\r\n\r\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(reply, " 200 "));
	free(reply);
	free(request);
	telemetry_server_stop(&server);
	telemetry_free(telemetry);
}

static void
failures_to_listen_name_the_address(void)
{
	static const struct {
		const char *listen, *code;
		int error;
	} rows[] = {
		{"192.0.2.1:9723", "no-such-address", -EADDRNOTAVAIL},
		{"localhost:9723", "bad-endpoint", -EINVAL},
		{"127.0.0.1", "bad-endpoint", -EINVAL},
	};
	struct telemetry *telemetry = telemetry_new();
	struct telemetry_exporter *exporter;
	struct telemetry_server server;
	struct fault fault;
	char taken[32];

	telemetry_server_start(&server, telemetry, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_EQUAL(telemetry_exporter_start(&server.loop, rows[i].listen, telemetry,
					NULL, &exporter, &fault),
			rows[i].error);
		CU_ASSERT_STRING_EQUAL(fault.code, rows[i].code);
		CU_ASSERT_STRING_EQUAL(fault.value, rows[i].listen);
		CU_ASSERT_PTR_NOT_NULL(strstr(fault.remedy, "metrics.listen"));
		CU_ASSERT_PTR_NULL(exporter);
	}
	snprintf(taken, sizeof(taken), "127.0.0.1:%u", telemetry_exporter_port(server.exporter));
	CU_ASSERT_EQUAL(
		telemetry_exporter_start(&server.loop, taken, telemetry, NULL, &exporter, &fault),
		-EADDRINUSE);
	CU_ASSERT_STRING_EQUAL(fault.code, "address-in-use");
	CU_ASSERT_STRING_EQUAL(fault.value, taken);
	telemetry_server_stop(&server);
	telemetry_free(telemetry);
}

static void
an_empty_address_turns_it_off(void)
{
	struct telemetry_exporter *exporter = (struct telemetry_exporter *)&mappings;
	uv_loop_t loop;

	uv_loop_init(&loop);
	CU_ASSERT_EQUAL(telemetry_exporter_start(&loop, "", NULL, NULL, &exporter, NULL), 0);
	CU_ASSERT_PTR_NULL(exporter);
	telemetry_exporter_stop(exporter);
	CU_ASSERT_EQUAL(uv_loop_close(&loop), 0);
}

const struct unit_test unit_tests[] = {
	{"registration_holds_names_to_the_rules", registration_holds_names_to_the_rules},
	{"text_page_is_as_prometheus_reads_it", text_page_is_as_prometheus_reads_it},
	{"openmetrics_page_has_units_and_an_end", openmetrics_page_has_units_and_an_end},
	{"empty_pages_are_pages", empty_pages_are_pages},
	{"pages_are_bounded", pages_are_bounded},
	{"promtool_finds_nothing_to_say", promtool_finds_nothing_to_say},
	{"requests_get_their_answers", requests_get_their_answers},
	{"silent_clients_do_not_stay", silent_clients_do_not_stay},
	{"huge_and_senseless_requests_are_refused", huge_and_senseless_requests_are_refused},
	{"failures_to_listen_name_the_address", failures_to_listen_name_the_address},
	{"an_empty_address_turns_it_off", an_empty_address_turns_it_off},
	{NULL, NULL},
};
