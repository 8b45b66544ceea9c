/* See reload.h. */
#include "control/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "control/ageing.h"
#include "control/pools.h"
#include "control/routes.h"
#include "control/statics.h"

static void
note_difference(void *opaque, const struct config_row *row)
{
	struct reload_report *report = opaque;

	if (row->live && report->applied_count < RELOAD_ROWS_MAX)
		report->applied[report->applied_count++] = row;
	else if (!row->live && report->restart_count < RELOAD_ROWS_MAX)
		report->restart[report->restart_count++] = row;
}

static bool
same_static(const struct config_static *one, const struct config_static *other)
{
	return one->protocol == other->protocol &&
	       one->private_endpoint.address == other->private_endpoint.address &&
	       one->private_endpoint.port == other->private_endpoint.port &&
	       one->public_endpoint.address == other->public_endpoint.address &&
	       one->public_endpoint.port == other->public_endpoint.port;
}

static bool
has_static(const struct gateway_config *config, const struct config_static *wanted)
{
	for (unsigned int i = 0; i < config->static_count; i++)
		if (same_static(&config->statics[i], wanted))
			return true;
	return false;
}

static bool
is_made(const struct gateway *gateway, const struct config_static *wanted)
{
	for (unsigned int i = 0; i < gateway->static_count; i++)
		if (same_static(&gateway->statics[i].config, wanted))
			return true;
	return false;
}

/* Those of the former configuration; what was typed at the prompt stays. */
static int
remove_statics(struct gateway *gateway, const struct gateway_config *wanted, struct fault *fault)
{
	int result = 0;

	for (unsigned int i = 0; result == 0 && i < gateway->config.static_count; i++) {
		const struct config_static *former = &gateway->config.statics[i];

		if (!has_static(wanted, former) && is_made(gateway, former))
			result = statics_remove(gateway, former, fault);
	}
	return result;
}

static int
add_statics(struct gateway *gateway, const struct gateway_config *wanted, struct fault *fault)
{
	int result = 0;

	for (unsigned int i = 0; result == 0 && i < wanted->static_count; i++)
		if (!is_made(gateway, &wanted->statics[i]))
			result = statics_add(gateway, &wanted->statics[i], fault);
	if (result != 0)
		return result;
	gateway->config.static_count = wanted->static_count;
	memcpy(gateway->config.statics, wanted->statics, sizeof(wanted->statics));
	return 0;
}

/* `outcome->restart` counts pools whose prefixes differ from those that are in use. */
static int
apply_pools(struct gateway *gateway, const struct gateway_config *wanted,
	struct pools_outcome *outcome, struct fault *fault)
{
	int result = pools_apply(gateway, wanted, outcome, fault);

	/* In the file's order from now on, or the next reload would find it changed. */
	if (result == 0 && outcome->restart == 0)
		memcpy(gateway->config.pools, wanted->pools, sizeof(wanted->pools));
	return result;
}

static void
apply_values(struct gateway *gateway, const struct gateway_config *wanted)
{
	struct gateway_config *config = &gateway->config;
	enum log_level level;

	config->udp_idle_seconds = wanted->udp_idle_seconds;
	config->tcp_established_seconds = wanted->tcp_established_seconds;
	config->tcp_transitory_seconds = wanted->tcp_transitory_seconds;
	config->icmp_idle_seconds = wanted->icmp_idle_seconds;
	config->quarantine_seconds = wanted->quarantine_seconds;
	ageing_set_timers(gateway);
	memcpy(config->log_level, wanted->log_level, sizeof(config->log_level));
	if (log_level_parse(config->log_level, &level) == 0)
		log_set_level(level);
}

static int
apply(struct gateway *gateway, const struct gateway_config *wanted, struct pools_outcome *outcome,
	struct fault *fault)
{
	int result = routes_follow_config(gateway, wanted, fault);

	if (result == 0)
		result = remove_statics(gateway, wanted, fault);
	if (result == 0)
		result = apply_pools(gateway, wanted, outcome, fault);
	if (result == 0)
		result = add_statics(gateway, wanted, fault);
	if (result == 0)
		apply_values(gateway, wanted);
	return result;
}

/* Pools come and go live, whatever their rows say: those speak of a pool that stays. */
static void
note_pools_applied(struct reload_report *report)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < report->restart_count; i++) {
		const struct config_row *row = report->restart[i];

		if (strncmp(row->path, "pools[]", strlen("pools[]")) != 0)
			report->restart[kept++] = row;
		else if (report->applied_count < RELOAD_ROWS_MAX)
			report->applied[report->applied_count++] = row;
	}
	report->restart_count = kept;
}

/* The file is good: what differs is applied. */
static int
follow(struct gateway *gateway, const struct gateway_config *wanted, struct reload_report *report,
	struct fault *fault)
{
	struct pools_outcome outcome;
	int result;

	gateway_config_compare(&gateway->config, wanted, note_difference, report);
	if (report->applied_count + report->restart_count == 0)
		return 0;
	result = apply(gateway, wanted, &outcome, fault);
	if (result == 0 && outcome.restart == 0)
		note_pools_applied(report);
	return result;
}

int
reload_run(struct gateway *gateway, struct reload_report *report, struct fault *fault)
{
	struct gateway_config *wanted = calloc(1, sizeof(*wanted)); /* large: not on the stack */
	struct fault own;
	char text[512];
	int result;

	memset(report, 0, sizeof(*report));
	if (fault == NULL) /* the log wants it */
		fault = &own;
	if (wanted == NULL)
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Free memory and try again",
			"no memory to read the configuration");
	result = gateway_config_load(gateway->config_path, wanted, fault);
	if (result == 0)
		result = follow(gateway, wanted, report, fault);
	if (result == 0)
		log_info("reloaded: %u values applied, %u need a restart", report->applied_count,
			report->restart_count);
	else
		log_error("not reloaded: %s", fault_text(fault, text, sizeof(text)));
	free(wanted);
	return result;
}
