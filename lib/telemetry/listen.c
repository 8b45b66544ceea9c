/* See listen.h. */
#include "telemetry/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ipv4.h"

#define BACKLOG 16

static int
refuse(int error, const char *address, struct fault *fault)
{
	static const struct {
		int error;
		const char *code, *what, *remedy;
	} reasons[] = {
		{EADDRINUSE, "address-in-use",
			"metrics cannot be offered: another program listens there",
			"Stop that program (ss -ltnp names it) or change metrics.listen"},
		{EADDRNOTAVAIL, "no-such-address",
			"metrics cannot be offered: this machine does not have the address",
			"Set metrics.listen to an address that `ip address` shows"},
		{EACCES, "no-permission", "metrics cannot be offered: a port below 1024 needs root",
			"Set metrics.listen to a port above 1023"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].error == error)
			return fault_set(fault, error, reasons[i].code, address, reasons[i].remedy,
				"%s", reasons[i].what);
	}
	return fault_set(fault, error, "cannot-listen", address, "Change metrics.listen",
		"metrics cannot be offered (%s)", strerror(error));
}

int
telemetry_listen(const char *address, unsigned int *port, struct fault *fault)
{
	struct sockaddr_in name = {.sin_family = AF_INET};
	socklen_t length = sizeof(name);
	struct ipv4_endpoint endpoint;
	int descriptor, error, one = 1;

	if (ipv4_endpoint_parse(address, &endpoint) != 0)
		return fault_set(fault, EINVAL, "bad-endpoint", address,
			"Set metrics.listen to address:port, such as 127.0.0.1:9723, or to \"\"",
			"metrics cannot be offered: this is no IPv4 address and port");
	name.sin_addr.s_addr = htonl(endpoint.address);
	name.sin_port = htons(endpoint.port);
	descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (descriptor < 0)
		return refuse(errno, address, fault);
	/* Connections of the run before, in TIME_WAIT, must not stop a restart. */
	if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
		bind(descriptor, (const struct sockaddr *)&name, sizeof(name)) != 0 ||
		listen(descriptor, BACKLOG) != 0 ||
		getsockname(descriptor, (struct sockaddr *)&name, &length) != 0) {
		error = errno;
		close(descriptor);
		return refuse(error, address, fault);
	}
	*port = ntohs(name.sin_port);
	return descriptor;
}
