/* Offers the metrics over HTTP: GET /metrics, Prometheus' text format or, when the client's Accept
 * header names it, OpenMetrics.
 *
 * libmicrohttpd does HTTP without a thread of its own: its epoll descriptor is watched by the
 * caller's libuv loop, so collectors run on the loop's thread and need no locks. A client can hold
 * a connection only for as long as it keeps sending; connections, their memory and their idle time
 * are bounded. There is neither encryption nor a password: listen on a loopback or management
 * address.
 *
 * Life cycle: start -> the loop runs -> stop -> the loop runs until its handles are closed, which
 * frees the exporter.
 *
 * Threads: the loop's thread.
 */
#ifndef TELEMETRY_EXPORTER_H
#define TELEMETRY_EXPORTER_H

#include <uv.h>

#include "base/fault.h"
#include "telemetry/metrics.h"

struct telemetry_exporter;

struct telemetry_exporter_limits {
	unsigned int connections;  /* at once; more wait in the kernel's queue */
	unsigned int idle_seconds; /* a connection that sends nothing is closed after this */
};

/* Listens on `listen`, "address:port"; port 0 lets the kernel choose. With "" nothing is listened
 * on, and *exporter is NULL. `limits` NULL = 16 connections, 10 s. `telemetry` must outlive the
 * exporter.
 * 0, or -errno with a fault that names the address: -EADDRINUSE, -EADDRNOTAVAIL, -EACCES, -EINVAL
 * for another text than an address and port. */
int telemetry_exporter_start(uv_loop_t *loop, const char *listen, struct telemetry *telemetry,
	const struct telemetry_exporter_limits *limits, struct telemetry_exporter **exporter,
	struct fault *fault);

/* The port that is listened on. */
unsigned int telemetry_exporter_port(const struct telemetry_exporter *exporter);

/* Closes all connections. NULL is allowed. */
void telemetry_exporter_stop(struct telemetry_exporter *exporter);

#endif
