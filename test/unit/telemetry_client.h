/* An exporter on a loop of its own, and a client of it on another thread. */
#ifndef TELEMETRY_CLIENT_H
#define TELEMETRY_CLIENT_H

#include "telemetry/exporter.h"

struct telemetry_server {
	uv_loop_t loop;
	struct telemetry_exporter *exporter;
};

/* Listens on a loopback port that the kernel chooses. */
void telemetry_server_start(struct telemetry_server *server, struct telemetry *telemetry,
	const struct telemetry_exporter_limits *limits);
void telemetry_server_stop(struct telemetry_server *server);

/* A connected socket that the caller closes. */
int telemetry_client_connect(const struct telemetry_server *server);

/* Sends `request` and returns what comes until the server closes, freed by the caller; the server's
 * loop runs meanwhile. */
char *telemetry_client_ask(struct telemetry_server *server, const char *request);

#endif
