/* Metrics of the ports. */
#include "control/gateway.h"
#include "control/metrics.h"

/* Hands over one of the counters of every port. */
static void
collect(const struct gateway *gateway, struct telemetry_samples *samples, size_t offset)
{
	for (unsigned int i = 0; i < gateway->port_count; i++) {
		struct port *port = gateway->port_list[i];
		struct telemetry_label label = {"port", port->name};
		struct port_counters counters = {0};

		port->driver->counters(port, &counters);
		telemetry_number(samples,
			*(const uint64_t *)(const void *)((const char *)&counters + offset), &label,
			1);
	}
}

static void
collect_rx_packets(void *context, struct telemetry_samples *samples)
{
	collect(context, samples, offsetof(struct port_counters, rx_packets));
}

static void
collect_rx_bytes(void *context, struct telemetry_samples *samples)
{
	collect(context, samples, offsetof(struct port_counters, rx_bytes));
}

static void
collect_tx_packets(void *context, struct telemetry_samples *samples)
{
	collect(context, samples, offsetof(struct port_counters, tx_packets));
}

static void
collect_tx_bytes(void *context, struct telemetry_samples *samples)
{
	collect(context, samples, offsetof(struct port_counters, tx_bytes));
}

static void
collect_lost(void *context, struct telemetry_samples *samples)
{
	static const char *const reasons[] = {
		"rx_missed", "rx_errors", "rx_no_buffers", "tx_errors"};
	const struct gateway *gateway = context;

	for (unsigned int i = 0; i < gateway->port_count; i++) {
		struct port *port = gateway->port_list[i];
		struct port_counters counters = {0};

		port->driver->counters(port, &counters);
		const uint64_t values[] = {counters.rx_missed, counters.rx_errors,
			counters.rx_no_buffers, counters.tx_errors};

		for (unsigned int k = 0; k < 4; k++) {
			struct telemetry_label labels[] = {
				{"port", port->name}, {"reason", reasons[k]}};

			telemetry_number(samples, values[k], labels, 2);
		}
	}
}

static void
collect_link(void *context, struct telemetry_samples *samples)
{
	const struct gateway *gateway = context;

	for (unsigned int i = 0; i < gateway->port_count; i++) {
		struct port *port = gateway->port_list[i];
		struct telemetry_label label = {"port", port->name};
		uint32_t speed_mbps;

		telemetry_number(samples, port->driver->link(port, &speed_mbps) != 0, &label, 1);
	}
}

static const struct metric metrics[] = {
	{"binfm_port_received_packets", "Packets that a port received.", "", TELEMETRY_COUNTER,
		collect_rx_packets},
	{"binfm_port_received_bytes", "Bytes that a port received.", "bytes", TELEMETRY_COUNTER,
		collect_rx_bytes},
	{"binfm_port_sent_packets", "Packets that a port sent.", "", TELEMETRY_COUNTER,
		collect_tx_packets},
	{"binfm_port_sent_bytes", "Bytes that a port sent.", "bytes", TELEMETRY_COUNTER,
		collect_tx_bytes},
	{"binfm_port_lost_packets", "Packets that a port lost itself, by reason.", "",
		TELEMETRY_COUNTER, collect_lost},
	{"binfm_port_link_up", "Whether a port's link is up.", "", TELEMETRY_GAUGE, collect_link},
};

const struct metric_table port_metrics = {metrics, sizeof(metrics) / sizeof(metrics[0])};
