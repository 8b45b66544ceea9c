/* See dpdk_telemetry.h. */
#include "control/dpdk_telemetry.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <bsd/string.h>

#include <rte_mempool.h>
#include <rte_telemetry.h>

#include "base/counter.h"
#include "control/gateway.h"

#define NAME_BYTES 32

/* The gateway that is told of, NULL before and after. The lock is held by a handler at work. */
static const struct gateway *told;
static pthread_mutex_t told_lock = PTHREAD_MUTEX_INITIALIZER;

/* A handler's part: fills `data` for a gateway that stays while it runs. */
typedef void teller(const struct gateway *gateway, struct rte_tel_data *data);

static void
tell_status(const struct gateway *gateway, struct rte_tel_data *data)
{
	rte_tel_data_add_dict_string(data, "instance", gateway->config.instance);
	rte_tel_data_add_dict_string(data, "state",
		__atomic_load_n(&gateway->running, __ATOMIC_RELAXED) ? "running" : "stopped");
	rte_tel_data_add_dict_u64(
		data, "uptime_seconds", (gateway_now_ms() - gateway->started_ms) / 1000);
	rte_tel_data_add_dict_u64(data, "workers", gateway->path.worker_count);
	rte_tel_data_add_dict_u64(data, "ports", gateway->port_count);
	rte_tel_data_add_dict_u64(
		data, "packet_buffers_free", rte_mempool_avail_count(gateway->packet_pool));
}

static void
tell_nat(const struct gateway *gateway, struct rte_tel_data *data)
{
	struct flow_totals flows = flow_totals(&gateway->flows);
	uint64_t created = 0, reclaimed = 0, refused = 0;

	for (unsigned int i = 0; i < gateway->nat.shard_count; i++) {
		const struct nat_shard *shard = &gateway->nat.shards[i];

		created += counter_read(&shard->created);
		reclaimed += counter_read(&shard->reclaimed);
		refused +=
			counter_read(&shard->refused_pool) + counter_read(&shard->refused_load) +
			counter_read(&shard->refused_quota) + counter_read(&shard->refused_ports) +
			counter_read(&shard->refused_index) + counter_read(&shard->refused_drain);
	}
	rte_tel_data_add_dict_u64(data, "mappings_created", created);
	rte_tel_data_add_dict_u64(data, "mappings_reclaimed", reclaimed);
	rte_tel_data_add_dict_u64(data, "refusals", refused);
	rte_tel_data_add_dict_u64(data, "flow_records", flows.records);
	rte_tel_data_add_dict_u64(data, "flow_records_free", flows.records_free);
}

/* "worker0": {"classify": {"packets", "busy_cycles"}, ...}. */
static void
tell_stages(const struct gateway *gateway, struct rte_tel_data *data)
{
	for (unsigned int i = 0; i < gateway->path.worker_count; i++) {
		struct rte_tel_data *worker = rte_tel_data_alloc();
		char name[NAME_BYTES];

		if (worker == NULL)
			return;
		rte_tel_data_start_dict(worker);
		for (unsigned int k = 0; k < STAGE_COUNT; k++) {
			const struct stage_counters *stage = &gateway->path.workers[i]->stages[k];
			struct rte_tel_data *figures = rte_tel_data_alloc();

			if (figures == NULL)
				break;
			rte_tel_data_start_dict(figures);
			rte_tel_data_add_dict_u64(
				figures, "packets", counter_read(&stage->packets));
			rte_tel_data_add_dict_u64(
				figures, "busy_cycles", counter_read(&stage->busy_cycles));
			rte_tel_data_add_dict_container(
				worker, path_stage_name((enum path_stage)k), figures, 0);
		}
		snprintf(name, sizeof(name), "worker%u", i);
		rte_tel_data_add_dict_container(data, name, worker, 0);
	}
}

/* DPDK takes no '-' in names. */
static const char *
telemetry_name(enum drop_reason reason, char name[NAME_BYTES])
{
	strlcpy(name, drop_reason_name(reason), NAME_BYTES);
	for (char *at = name; *at != '\0'; at++)
		if (*at == '-')
			*at = '_';
	return name;
}

static void
tell_drops(const struct gateway *gateway, struct rte_tel_data *data)
{
	char name[NAME_BYTES];

	for (unsigned int i = 1; i < DROP_REASON_COUNT; i++) {
		uint64_t count = counter_read(&gateway->counters.drops[i]);

		for (unsigned int k = 0; k < gateway->path.worker_count; k++)
			count += counter_read(&gateway->path.workers[k]->drops[i]);
		if (count != 0)
			rte_tel_data_add_dict_u64(
				data, telemetry_name((enum drop_reason)i, name), count);
	}
}

static int
tell(teller *fill, struct rte_tel_data *data)
{
	int result = -1;

	rte_tel_data_start_dict(data);
	pthread_mutex_lock(&told_lock);
	if (told != NULL) {
		fill(told, data);
		result = 0;
	}
	pthread_mutex_unlock(&told_lock);
	return result;
}

static int
status(const char *command, const char *parameters, struct rte_tel_data *data)
{
	(void)command;
	(void)parameters;
	return tell(tell_status, data);
}

static int
nat_summary(const char *command, const char *parameters, struct rte_tel_data *data)
{
	(void)command;
	(void)parameters;
	return tell(tell_nat, data);
}

static int
worker_stages(const char *command, const char *parameters, struct rte_tel_data *data)
{
	(void)command;
	(void)parameters;
	return tell(tell_stages, data);
}

static int
drops(const char *command, const char *parameters, struct rte_tel_data *data)
{
	(void)command;
	(void)parameters;
	return tell(tell_drops, data);
}

static const struct {
	const char *path;
	telemetry_cb handler;
	const char *help;
} commands[] = {
	{"/binfm/status", status, "State of the gateway. Takes no parameters"},
	{"/binfm/nat/summary", nat_summary,
		"Mappings, refusals, flow records. Takes no parameters"},
	{"/binfm/worker/stages", worker_stages,
		"Packets and cycles of stages. Takes no parameters"},
	{"/binfm/drops", drops, "Dropped packets by reason. Takes no parameters"},
};

int
dpdk_telemetry_start(const struct gateway *gateway)
{
	static bool registered;

	for (size_t i = 0; !registered && i < sizeof(commands) / sizeof(commands[0]); i++) {
		int result = rte_telemetry_register_cmd(
			commands[i].path, commands[i].handler, commands[i].help);

		if (result != 0)
			return result;
	}
	registered = true;
	pthread_mutex_lock(&told_lock);
	told = gateway;
	pthread_mutex_unlock(&told_lock);
	return 0;
}

void
dpdk_telemetry_stop(void)
{
	pthread_mutex_lock(&told_lock);
	told = NULL;
	pthread_mutex_unlock(&told_lock);
}
