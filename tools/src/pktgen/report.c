/* See report.h. */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>

#include <jansson.h>

static const char *const lane_names[LANES] = {[LANE_OUT] = "out", [LANE_IN] = "in"};

/* A lane may have several places for a flow. */
static uint32_t
learned_flows(const struct generator *generator)
{
	uint32_t count = generator->lanes[LANE_OUT].count;
	uint32_t flows = bench_flows_count(&generator->plan->flows);

	return (uint32_t)((uint64_t)generator->learned * flows / count);
}

static void
print_json(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
	printf("\n");
	fflush(stdout);
	json_decref(object);
}

static json_t *
lane_json(const struct result *result, unsigned int lane)
{
	double seconds = result->seconds > 0 ? result->seconds : 1;
	json_t *object = json_pack("{s:s, s:I, s:I, s:I, s:f, s:f, s:I}", "lane", lane_names[lane],
		"sent_packets", (json_int_t)result->lanes[lane].sent, "received_packets",
		(json_int_t)result->lanes[lane].received, "lost_packets",
		(json_int_t)result->lanes[lane].lost, "sent_packets_per_second",
		(double)result->lanes[lane].sent / seconds, "received_packets_per_second",
		(double)result->lanes[lane].received / seconds, "gaps",
		(json_int_t)result->lanes[lane].gaps);

	for (unsigned int verdict = 0; verdict < VERDICTS; verdict++)
		json_object_set_new(object, verdict_name((enum verdict)verdict),
			json_integer((json_int_t)result->lanes[lane].verdicts[verdict]));
	return object;
}

static void
run_json(const struct generator *generator, const struct result *result, bool right)
{
	json_t *lanes = json_array();

	for (unsigned int lane = 0; lane < LANES; lane++)
		if (result->lanes[lane].active)
			json_array_append_new(lanes, lane_json(result, lane));
	print_json(json_pack("{s:b, s:f, s:I, s:I, s:o}", "right", right, "seconds",
		result->seconds, "flows", (json_int_t)bench_flows_count(&generator->plan->flows),
		"learned_flows", (json_int_t)learned_flows(generator), "lanes", lanes));
}

static void
lane_text(const struct result *result, unsigned int lane)
{
	double seconds = result->seconds > 0 ? result->seconds : 1;
	const uint64_t *verdicts = result->lanes[lane].verdicts;

	printf("%-4s %14" PRIu64 " %14" PRIu64 " %12" PRIu64 " %11.3f %11.3f", lane_names[lane],
		result->lanes[lane].sent, result->lanes[lane].received, result->lanes[lane].lost,
		(double)result->lanes[lane].sent / seconds / 1e6,
		(double)result->lanes[lane].received / seconds / 1e6);
	for (unsigned int verdict = 0; verdict < VERDICTS; verdict++)
		printf(" %10" PRIu64, verdicts[verdict]);
	printf("\n");
}

void
report_run(const struct generator *generator, const struct result *result, bool right)
{
	if (generator->plan->json) {
		run_json(generator, result, right);
		return;
	}
	printf("%u flows, %u learned, %.2f s\n", bench_flows_count(&generator->plan->flows),
		learned_flows(generator), result->seconds);
	printf("%-4s %14s %14s %12s %11s %11s", "lane", "sent", "received", "lost", "Mpps sent",
		"Mpps back");
	for (unsigned int verdict = 0; verdict < VERDICTS; verdict++)
		printf(" %10s", verdict_name((enum verdict)verdict));
	printf("\n");
	for (unsigned int lane = 0; lane < LANES; lane++)
		if (result->lanes[lane].active)
			lane_text(result, lane);
	printf("%s\n", right ? "all came back right" : "a check found faults");
}

void
report_search(const struct generator *generator, double rate, unsigned int trials)
{
	if (generator->plan->json)
		print_json(json_pack("{s:f, s:f, s:i}", "no_drop_packets_per_second", rate,
			"tolerated_loss", generator->plan->search_loss, "trials", (int)trials));
	else
		printf("%.0f packets a second each way with at most %g lost, after %u trials\n",
			rate, generator->plan->search_loss, trials);
}

void
report_fault(const struct fault *fault, bool json)
{
	char text[512];

	if (json)
		print_json(json_pack("{s:b, s:{s:s, s:s, s:s, s:s}}", "ok", 0, "error", "code",
			fault->code, "what", fault->what, "value", fault->value, "remedy",
			fault->remedy));
	else
		fprintf(stderr, "binfm-pktgen: %s\n", fault_text(fault, text, sizeof(text)));
}
