/* The exporter's socket, private to telemetry's files. */
#ifndef TELEMETRY_LISTEN_H
#define TELEMETRY_LISTEN_H

#include "base/fault.h"

/* A listening, non-blocking TCP socket on "address:port", or -errno with a fault. *port becomes the
 * port that was bound. */
int telemetry_listen(const char *address, unsigned int *port, struct fault *fault);

#endif
