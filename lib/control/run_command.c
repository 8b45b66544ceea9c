/* start, stop, quit, clear stats, show version, show buffers. */
#include <errno.h>

#include <rte_mempool.h>
#include <rte_version.h>

#include "base/log.h"
#include "control/command_tables.h"
#include "control/commands.h"

static int
start(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct fault fault;

	(void)values;
	if (gateway->running)
		return result_refuse(result, EALREADY, "running", NULL, "Nothing is to be done",
			"the gateway forwards already");
	if (gateway_start_workers(gateway, &fault) != 0)
		return result_fault(result, &fault);
	log_info("started: %u workers forward", gateway->path.worker_count);
	result_text(result, "state", "running");
	return 0;
}

static int
stop(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;

	(void)values;
	if (!gateway->running)
		return result_refuse(result, EALREADY, "stopped", NULL, "Type: start",
			"the gateway is stopped already");
	gateway_stop_workers(gateway);
	log_warn("stopped: nothing is forwarded until `start`");
	result_text(result, "state", "stopped");
	return 0;
}

static int
quit(void *context, const struct command_value *values, struct result *result)
{
	(void)values;
	result_end_input(result);
	commands_quit(context);
	return 0;
}

static int
clear_stats(void *context, const struct command_value *values, struct result *result)
{
	(void)values;
	statistics_clear(context);
	result_note(result, "Counters are shown from now on.");
	return 0;
}

static int
show_version(void *context, const struct command_value *values, struct result *result)
{
	(void)context;
	(void)values;
	result_text(result, "program", "binfm-gateway");
	result_text(result, "version", "%s", BINFM_VERSION);
	result_text(result, "dpdk", "%s", rte_version());
	result_text(result, "compiler", "%s", __VERSION__);
	return 0;
}

static int
show_buffers(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	unsigned int free_count = rte_mempool_avail_count(gateway->packet_pool);

	(void)values;
	result_number(result, "total", gateway->packet_pool->size);
	result_number(result, "free", free_count);
	result_number(result, "used", gateway->packet_pool->size - free_count);
	result_number(result, "bytes_each", rte_pktmbuf_data_room_size(gateway->packet_pool));
	return 0;
}

static const struct command commands[] = {
	{.words = "start",
		.help = "start forwarding",
		.text = "Launches the workers on their cores. The gateway does this itself when it "
			"starts.",
		.handler = start},
	{.words = "stop",
		.help = "stop forwarding",
		.text = "Workers end after the burst in hand. Ports, mappings and the prompt stay; "
			"nothing ages.",
		.handler = stop},
	{.words = "quit",
		.help = "stop the gateway",
		.text = "Workers end after the burst in hand. Mappings stay in the table file and "
			"are "
			"taken over by the next start.",
		.handler = quit},
	{.words = "clear stats",
		.help = "show counters from now on",
		.text = "Workers' counters are not touched: what is shown are differences to this "
			"moment. Metrics for Prometheus go on counting.",
		.handler = clear_stats},
	{.words = "show version",
		.help = "versions of the program and of DPDK",
		.handler = show_version},
	{.words = "show buffers",
		.help = "packet buffers, free and in use",
		.handler = show_buffers},
};

const struct command_table run_commands = {
	.section = "Gateway",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
