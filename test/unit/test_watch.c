/* Tracing and capturing: what they tell, what they leave out, and that nothing is lost by them. */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway_lab.h"

const char *const unit_suite = "watch";

/* The answer holds the pieces, in this order. */
static void
tells_in_order(struct gateway_lab *lab, const char *line, const char *const *pieces)
{
	const char *text = gateway_lab_command(lab, line), *at = text;

	for (; *pieces != NULL; pieces++) {
		const char *found = strstr(at, *pieces);

		CU_ASSERT_PTR_NOT_NULL(found);
		if (found == NULL) {
			printf("    `%s` does not say \"%s\" here:\n%s", line, *pieces, text);
			return;
		}
		at = found + strlen(*pieces);
	}
}

#define TELLS_IN_ORDER(lab, line, ...) \
	tells_in_order(lab, line, (const char *const[]){__VA_ARGS__, NULL})

static void
tells_not(struct gateway_lab *lab, const char *line, const char *piece)
{
	const char *text = gateway_lab_command(lab, line);

	CU_ASSERT_PTR_NULL(strstr(text, piece));
	if (strstr(text, piece) != NULL)
		printf("    `%s` says \"%s\":\n%s", line, piece, text);
}

static void
a_journey_is_told_from_end_to_end(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");

	gateway_lab_resolve(lab);
	gateway_lab_command(lab, "trace count 3");
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53");
	gateway_lab_run(lab);
	gateway_lab_send(lab, WAN, "udp 203.0.113.9:53 > 198.51.100.16:49300");
	gateway_lab_run(lab);
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 ttl 1");
	gateway_lab_run(lab);
	/* Three are enough; a fourth is not followed. */
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40001 > 203.0.113.9:53");
	gateway_lab_run(lab);
	TELLS_IN_ORDER(lab, "show trace", "state     complete", "packets   3",
		"rx         50 bytes on lan",
		"classify   udp 10.0.0.1:40000 > 203.0.113.9:53 ttl 64: outbound",
		"lookup     no mapping", "slow       10.0.0.1:40000 is 198.51.100.16:49300 (udp)",
		"translate  udp 198.51.100.16:49300 > 203.0.113.9:53 ttl 63",
		"tx         50 bytes on wan", "\n     2 ", "rx         50 bytes on wan",
		"classify   udp 203.0.113.9:53 > 198.51.100.16:49300 ttl 64: inbound",
		"lookup     10.0.0.1:40000 is 198.51.100.16:49300 (udp)",
		"translate  udp 203.0.113.9:53 > 10.0.0.1:40000 ttl 63",
		"tx         50 bytes on lan", "\n     3 ", "rx         50 bytes on lan",
		"refuse     ttl: time to live exceeded; an ICMP error goes back",
		"tx         78 bytes on lan");
	tells_not(lab, "show trace", "40001");
	gateway_lab_close(lab);
}

static void
drops_and_control_end_a_journey(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");

	gateway_lab_command(lab, "trace");
	gateway_lab_send(lab, LAN, "udp 127.0.0.1:1 > 203.0.113.9:53");
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 ip[10]=0001");
	gateway_lab_send(lab, LAN, "arp-ask 10.0.0.254 from 10.0.0.1");
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53");
	gateway_lab_run(lab);
	TELLS_IN_ORDER(lab, "show trace", "state     waiting",
		"drop       martian-source: source address that no host may have",
		"drop       ip-checksum: wrong IPv4 header checksum", "control    ARP",
		"translate  udp 198.51.100.16:49300 > 203.0.113.9:53",
		"control    waits for the address of its next hop");
	gateway_lab_close(lab);
}

static void
filters_choose(void)
{
	static const struct {
		const char *command;
		bool first, answer, second; /* followed? */
	} rows[] = {
		{"trace", true, true, true},
		{"trace interface lan", true, false, true},
		{"trace interface wan", false, true, false},
		/* An answer is found by the private endpoint that it is for. */
		{"trace address 10.0.0.1", true, true, false},
		{"trace address 10.0.0.2", false, false, true},
		{"trace address 203.0.113.9", true, true, true},
		{"trace address 198.51.100.16", false, true, false},
		{"trace port 40000", true, true, true},
		{"trace port 53", true, true, true},
		{"trace address 10.0.0.1 port 40000", true, true, false},
		{"trace address 10.0.0.1 port 40001", false, false, false},
		{"trace count 1", true, false, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gateway_lab *lab = gateway_lab_open(1, "");
		const char *text;

		gateway_lab_resolve(lab);
		gateway_lab_command(lab, rows[i].command);
		gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 data 100");
		gateway_lab_run(lab);
		gateway_lab_send(lab, WAN, "udp 203.0.113.9:53 > 198.51.100.16:49300 data 200");
		gateway_lab_send(lab, LAN, "udp 10.0.0.2:40000 > 203.0.113.9:53 data 300");
		gateway_lab_run(lab);
		text = gateway_lab_command(lab, "show trace");
		CU_ASSERT_EQUAL(strstr(text, "142 bytes on lan") != NULL, rows[i].first);
		CU_ASSERT_EQUAL(strstr(text, "242 bytes on wan") != NULL, rows[i].answer);
		CU_ASSERT_EQUAL(strstr(text, "342 bytes on lan") != NULL, rows[i].second);
		gateway_lab_close(lab);
	}
}

/* A journey goes on with the worker that owns the packet. */
static void
journeys_cross_workers(void)
{
	struct gateway_lab *lab = gateway_lab_open(3, "");
	unsigned int crossed = 0;

	gateway_lab_resolve(lab);
	gateway_lab_command(lab, "trace count 3");
	for (unsigned int i = 0; i < 3; i++) /* each on another queue: two are not the owner's */
		gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53");
	gateway_lab_run(lab);
	TELLS_IN_ORDER(lab, "show trace", "state     complete", "packets   3",
		"hand over  to worker", "rx         taken over from another worker",
		"tx         50 bytes on wan");
	for (const char *at = gateway_lab_command(lab, "show trace");
		(at = strstr(at, "taken over")) != NULL; at++)
		crossed++;
	CU_ASSERT_EQUAL(crossed, 2);
	gateway_lab_close(lab);
}

static void
a_trace_can_be_stopped_and_begun_again(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");

	TELLS_IN_ORDER(lab, "show trace", "nothing has been traced");
	TELLS_IN_ORDER(lab, "trace stop", "no trace is armed");
	TELLS_IN_ORDER(lab, "trace interface dmz", "there is no interface of this name", "dmz");
	gateway_lab_command(lab, "trace");
	CU_ASSERT_PTR_NOT_NULL(lab->gateway.path.watch);
	TELLS_IN_ORDER(lab, "trace stop", "packets   0");
	CU_ASSERT_PTR_NULL(lab->gateway.path.watch);
	gateway_lab_send(lab, LAN, "udp 127.0.0.1:1 > 203.0.113.9:53");
	gateway_lab_run(lab);
	TELLS_IN_ORDER(lab, "show trace", "packets   0", "(none)");
	/* A complete one disarms itself. */
	gateway_lab_command(lab, "trace count 1");
	gateway_lab_send(lab, LAN, "udp 127.0.0.1:1 > 203.0.113.9:53");
	gateway_lab_run(lab);
	CU_ASSERT_PTR_NOT_NULL(lab->gateway.path.watch);
	watching_step(&lab->gateway);
	CU_ASSERT_PTR_NULL(lab->gateway.path.watch);
	TELLS_IN_ORDER(lab, "show trace", "state     complete", "packets   1");
	gateway_lab_close(lab);
}

/* With workers on their cores: arming and disarming wait for them, and they go on. */
static void
workers_can_be_watched_while_they_run(void)
{
	struct gateway_lab *lab = gateway_lab_open(2, "");
	char line[160];

	snprintf(line, sizeof(line), "capture start %s/live.pcapng", lab->directory);
	gateway_lab_command(lab, "start");
	for (unsigned int i = 0; i < 20; i++) {
		gateway_lab_command(lab, "trace");
		gateway_lab_command(lab, line);
		gateway_lab_send(lab, LAN, "udp 127.0.0.1:1 > 203.0.113.9:53");
		gateway_lab_command(lab, "trace stop");
		gateway_lab_command(lab, "capture stop");
	}
	gateway_lab_command(lab, "stop");
	gateway_lab_run(lab);
	CU_ASSERT_EQUAL(gateway_lab_drops(lab, DROP_MARTIAN_SOURCE), 20);
	snprintf(line, sizeof(line), "%s/live.pcapng", lab->directory);
	unlink(line);
	gateway_lab_close(lab);
}

/* What tshark reads in a capture: a line a packet, or NULL without tshark. */
static const char *
tshark(const char *path)
{
	static char text[4096];
	char command[512];
	FILE *pipe;

	if (access("/usr/bin/tshark", X_OK) != 0) {
		printf("    tshark is not installed; the capture was not shown to it\n");
		return NULL;
	}
	snprintf(command, sizeof(command),
		"HOME=/nonexistent /usr/bin/tshark -n -r %s -T fields -E separator='|' "
		"-e frame.interface_name -e frame.packet_flags_direction -e ip.src -e ip.dst "
		"-e frame.len -e frame.cap_len -e frame.comment 2>/dev/null",
		path);
	pipe = popen(command, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(pipe);
	text[fread(text, 1, sizeof(text) - 1, pipe)] = '\0';
	pclose(pipe);
	return text;
}

/* Runs known traffic under a capture; what tshark then reads. */
static void
captures(const char *words, const char *expected)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	char line[256], path[128];
	const char *read;

	gateway_lab_resolve(lab);
	snprintf(path, sizeof(path), "%s/test.pcapng", lab->directory);
	snprintf(line, sizeof(line), "capture start %s %s", path, words);
	TELLS_IN_ORDER(lab, line, "Packets go to");
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 data 300");
	gateway_lab_send(lab, LAN, "udp 127.0.0.1:1 > 203.0.113.9:53");
	gateway_lab_run(lab);
	gateway_lab_send(lab, WAN, "udp 203.0.113.77:53 > 198.51.100.16:49300");
	gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53 ttl 1");
	gateway_lab_run(lab);
	TELLS_IN_ORDER(lab, "show capture", "state");
	TELLS_IN_ORDER(lab, "capture stop", "ended", "missed    0");
	TELLS_IN_ORDER(lab, "capture stop", "no capture runs");
	read = tshark(path);
	if (read != NULL) {
		CU_ASSERT_STRING_EQUAL(read, expected);
		if (strcmp(read, expected) != 0)
			printf("    capture start FILE %s:\n%s", words, read);
	}
	unlink(path);
	gateway_lab_close(lab);
}

#define MARTIAN                                                                             \
	"lan||127.0.0.1|203.0.113.9|50|50|dropped: martian-source: source address that no " \
	"host may have (RFC 1812, 5.3.7)\n"
#define FILTERED                                                                         \
	"wan||203.0.113.77|198.51.100.16|50|50|dropped: filtered: the remote was never " \
	"contacted (RFC 4787 REQ-8)\n"
#define TTL "lan||10.0.0.1|203.0.113.9|50|50|dropped: ttl: time to live exceeded\n"

static void
captures_are_read_by_tshark(void)
{
	captures("direction in", "lan|0x00000001|10.0.0.1|203.0.113.9|342|256|\n"
				 "lan|0x00000001|127.0.0.1|203.0.113.9|50|50|\n"
				 "lan|0x00000001|10.0.0.1|203.0.113.9|50|50|\n"
				 "wan|0x00000001|203.0.113.77|198.51.100.16|50|50|\n");
	captures("direction out snaplen 60",
		"wan|0x00000002|198.51.100.16|203.0.113.9|342|60|\n"
		"lan|0x00000002|10.0.0.254,10.0.0.1|10.0.0.1|78|60|\n");
	captures("direction dropped", MARTIAN TTL FILTERED);
	captures("reason filtered", FILTERED);
	captures("reason any interface lan", MARTIAN TTL);
	captures("direction both count 2", "lan|0x00000001|10.0.0.1|203.0.113.9|342|256|\n"
					   "lan|0x00000001|127.0.0.1|203.0.113.9|50|50|\n");
}

/* More packets than buffers, without control in between: counted, and forwarding goes on. */
static void
a_slow_control_loses_copies_only(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	char line[160];

	gateway_lab_resolve(lab);
	snprintf(line, sizeof(line), "capture start %s/many.pcapng", lab->directory);
	gateway_lab_command(lab, line);
	for (unsigned int i = 0; i < 1500; i++) {
		gateway_lab_send(lab, LAN, "udp 10.0.0.1:40000 > 203.0.113.9:53");
		if (i % 500 == 499) {
			unsigned int sent = 0;

			gateway_lab_run(lab);
			while (gateway_lab_receive(lab, WAN)[0] != '\0')
				sent++;
			CU_ASSERT_EQUAL(sent, 500);
		}
	}
	/* In and out: 3000 copies wanted, 2047 buffers. */
	TELLS_IN_ORDER(lab, "capture stop", "packets   2047", "missed    953", "too slow");
	snprintf(line, sizeof(line), "%s/many.pcapng", lab->directory);
	unlink(line);
	gateway_lab_close(lab);
}

static void
wrong_captures_are_refused(void)
{
	struct gateway_lab *lab = gateway_lab_open(1, "");
	char line[256], path[160];

	TELLS_IN_ORDER(lab, "capture start /nonexistent/x.pcapng",
		"the capture's file cannot be made (No such file or directory)",
		"/nonexistent/x.pcapng");
	snprintf(line, sizeof(line), "capture start %s", lab->directory);
	TELLS_IN_ORDER(lab, line, "cannot be made (Is a directory)");
	TELLS_IN_ORDER(lab, "capture start /tmp/x interface dmz", "no interface of this name");
	TELLS_IN_ORDER(lab, "capture start /tmp/x reason nonsense", "does not accept this reason");
	CU_ASSERT_PTR_NULL(lab->gateway.path.watch);
	snprintf(path, sizeof(path), "%s/one.pcapng", lab->directory);
	snprintf(line, sizeof(line), "capture start %s", path);
	gateway_lab_command(lab, line);
	TELLS_IN_ORDER(lab, line, "a capture runs already", "one.pcapng");
	gateway_lab_command(lab, "capture stop");
	TELLS_IN_ORDER(lab, "show capture", "state   none");
	unlink(path);
	/* The disk is full: said once, and the capture can be ended. */
	gateway_lab_command(lab, "capture start /dev/full");
	gateway_lab_send(lab, LAN, "udp 127.0.0.1:1 > 203.0.113.9:53");
	gateway_lab_run(lab);
	watching_step(&lab->gateway);
	TELLS_IN_ORDER(lab, "show capture", "complete");
	gateway_lab_command(lab, "capture stop");
	gateway_lab_close(lab);
}

const struct unit_test unit_tests[] = {
	{"a_journey_is_told_from_end_to_end", a_journey_is_told_from_end_to_end},
	{"drops_and_control_end_a_journey", drops_and_control_end_a_journey},
	{"filters_choose", filters_choose},
	{"journeys_cross_workers", journeys_cross_workers},
	{"a_trace_can_be_stopped_and_begun_again", a_trace_can_be_stopped_and_begun_again},
	{"workers_can_be_watched_while_they_run", workers_can_be_watched_while_they_run},
	{"captures_are_read_by_tshark", captures_are_read_by_tshark},
	{"a_slow_control_loses_copies_only", a_slow_control_loses_copies_only},
	{"wrong_captures_are_refused", wrong_captures_are_refused},
	{NULL, NULL},
};
