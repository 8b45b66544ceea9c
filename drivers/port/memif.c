/* Driver memif: shared memory between two processes, negotiated over a unix socket (net_memif).
 *
 * Server: a socket file that a killed server left behind is removed when the port opens; one that
 * somebody listens on is refused. Client (the default): the server has to be there, unless the
 * option wait=yes says that it may come later.
 *
 * net_memif's client connects in dev_start and never again. So link() of a client whose server is
 * missing or has gone dials again when somebody listens, at most once a second: the control thread
 * asks for the link state anyway. While the device is not started the bursts return 0; `started`
 * tells the workers. A worker that is inside a burst at that moment meets a device that is not
 * connected, which net_memif's bursts check first.
 *
 * Source: DPDK 22.11 guides/nics/memif.rst.
 */
#include "drivers/port/list.h"

#include <errno.h>
#include <libgen.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>
#include <bsd/string.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "drivers/port/checks.h"
#include "drivers/port/ethdev.h"
#include "drivers/port/options.h"
#include "drivers/port/system.h"

#define MTU_MOST 9600

enum { ROLE, ID, BUFFER_BYTES, RING_LOG2, MAY_WAIT, OPTIONS };
enum { CLIENT, SERVER };

static const char *const roles[] = {[CLIENT] = "client", [SERVER] = "server", NULL};

static const struct option_row options[OPTIONS] = {
	[ROLE] = {.key = "role", .type = OPTION_CHOICE, .standard = CLIENT, .choices = roles},
	[ID] = {.key = "id", .type = OPTION_NUMBER, .maximum = UINT32_MAX},
	[BUFFER_BYTES] = {.key = "bsize",
		.type = OPTION_NUMBER,
		.minimum = 128,
		.maximum = UINT16_MAX},
	[RING_LOG2] = {.key = "rsize",
		.type = OPTION_NUMBER,
		.standard = 10,
		.minimum = 1,
		.maximum = 14},
	[MAY_WAIT] = {.key = "wait", .type = OPTION_FLAG},
};

/* An ethdev's driver_state. */
struct memif {
	bool is_client;
	atomic_bool started;
	uint64_t dialled_cycles; /* when the client last connected */
};

static int
check_server(const char *path, struct fault *fault)
{
	char copy[PORT_DEVICE_BYTES], held[CLAIM_BYTES];

	switch (system_socket_look(path)) {
	case SYSTEM_SOCKET_ALIVE:
		/* Several interfaces of this process may share its socket, told apart by their id.
		 */
		snprintf(held, sizeof(held), "memif server %s id ", path);
		if (claim_begins(held))
			return 0;
		return fault_set(fault, EADDRINUSE, "socket-in-use", path,
			"Stop the other server, use role=client, or another path",
			"another process already serves this memif socket");
	case SYSTEM_SOCKET_FOREIGN:
		return fault_set(fault, EEXIST, "socket-path-taken", path,
			"Move the file away or use another path",
			"the path of a memif socket holds something else");
	case SYSTEM_SOCKET_DENIED:
		return fault_set(fault, EACCES, "no-permission", path,
			"Give the process access to the path",
			"the process may not look at a memif socket");
	case SYSTEM_SOCKET_STALE:
	case SYSTEM_SOCKET_ABSENT:
		break;
	}
	strlcpy(copy, path, sizeof(copy));
	if (access(dirname(copy), W_OK | X_OK) == 0)
		return 0;
	return fault_set(fault, errno, "socket-directory", path,
		"Make the directory and let the process write there",
		"a memif socket cannot be made (%s)", strerror(errno));
}

static int
check_client(const char *path, bool wait, struct fault *fault)
{
	enum system_socket state = system_socket_look(path);

	if (state == SYSTEM_SOCKET_ALIVE)
		return 0;
	if (state == SYSTEM_SOCKET_FOREIGN)
		return fault_set(fault, ENOTSOCK, "socket-path-taken", path,
			"Give the path of the server's socket", "a memif socket is no socket");
	if (state == SYSTEM_SOCKET_DENIED)
		return fault_set(fault, EACCES, "no-permission", path,
			"Give the process access to the path",
			"the process may not connect to a memif socket");
	if (wait)
		return 0;
	return fault_set(fault, ECONNREFUSED, "no-memif-server", path,
		"Start the server first, or set the option wait=yes",
		state == SYSTEM_SOCKET_STALE ? "nobody listens on a memif socket any more"
					     : "the memif socket does not exist");
}

static int
memif_check(const struct port_request *request, struct fault *fault)
{
	uint64_t values[OPTIONS];
	int error;

	if ((error = options_parse(request->options, options, OPTIONS, values, fault)) != 0 ||
		(error = check_device_text(request->device, "a socket path", fault)) != 0 ||
		(error = check_mtu(request, MTU_MOST, fault)) != 0)
		return error;
	if (request->device[0] != '/' ||
		strlen(request->device) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return fault_set(fault, EINVAL, "bad-device", request->device,
			"Give an absolute path of at most 107 characters",
			"a unix socket cannot have this path");
	if (values[ROLE] == SERVER)
		return check_server(request->device, fault);
	return check_client(request->device, values[MAY_WAIT], fault);
}

static uint16_t
memif_rx(struct port *port, uint16_t queue, struct rte_mbuf **packets, uint16_t count)
{
	struct memif *memif = ((struct ethdev *)port->state)->driver_state;

	if (!atomic_load_explicit(&memif->started, memory_order_acquire))
		return 0;
	return rte_eth_rx_burst(port->ethdev, queue, packets, count);
}

static uint16_t
memif_tx(struct port *port, uint16_t queue, struct rte_mbuf **packets, uint16_t count)
{
	struct memif *memif = ((struct ethdev *)port->state)->driver_state;

	if (!atomic_load_explicit(&memif->started, memory_order_acquire))
		return 0;
	return rte_eth_tx_burst(port->ethdev, queue, packets, count);
}

static void
make_plan(const struct port_request *request, const uint64_t values[OPTIONS],
	struct ethdev_plan *plan)
{
	const char *role = roles[values[ROLE]];
	uint64_t buffer =
		values[BUFFER_BYTES] ? values[BUFFER_BYTES] : PORT_BUFFER_BYTES(request->mtu_bytes);

	ethdev_name(plan, "net_memif", request);
	snprintf(plan->claim, sizeof(plan->claim), "memif %s %s id %u", role, request->device,
		(unsigned int)values[ID]);
	snprintf(plan->arguments, sizeof(plan->arguments),
		"role=%s,id=%u,socket=%s,socket-abstract=no,bsize=%u,rsize=%u,zero-copy=no", role,
		(unsigned int)values[ID], request->device, (unsigned int)buffer,
		(unsigned int)values[RING_LOG2]);
}

static int
memif_open(const struct port_request *request, struct port *port, struct fault *fault)
{
	struct ethdev_plan plan = {.bus = "vdev", .own_mac = true, .starts_later = true};
	uint64_t values[OPTIONS];
	struct memif *memif;
	int error = memif_check(request, fault);

	if (error != 0)
		return error;
	options_parse(request->options, options, OPTIONS, values, NULL);
	memif = calloc(1, sizeof(*memif));
	if (memif == NULL)
		return fault_set(fault, ENOMEM, "no-memory", request->name, "Free some memory",
			"no memory for a port");
	make_plan(request, values, &plan);
	memif->is_client = values[ROLE] == CLIENT;
	if (!memif->is_client && system_socket_look(request->device) == SYSTEM_SOCKET_STALE)
		unlink(request->device);
	error = ethdev_open(request, &plan, port, fault);
	if (error != 0) {
		free(memif);
		return error;
	}
	((struct ethdev *)port->state)->driver_state = memif;
	port->rx = memif_rx;
	port->tx = memif_tx;
	if (memif->is_client && values[MAY_WAIT] &&
		system_socket_look(request->device) != SYSTEM_SOCKET_ALIVE)
		return 0;
	memif->dialled_cycles = rte_get_timer_cycles();
	if (rte_eth_dev_start(port->ethdev) == 0) {
		atomic_store_explicit(&memif->started, true, memory_order_release);
		return 0;
	}
	ethdev_close(port);
	free(memif);
	return fault_set(fault, ECONNREFUSED, "no-memif-server", request->device,
		"Start the server first, or set the option wait=yes",
		"port %s could not connect to its memif server", request->name);
}

static void
memif_close(struct port *port)
{
	struct memif *memif = ((struct ethdev *)port->state)->driver_state;

	ethdev_close(port);
	free(memif);
}

/* Connects a client that is not connected, if there is somebody to connect to. */
static void
memif_dial(struct port *port, struct memif *memif)
{
	uint64_t now = rte_get_timer_cycles();

	if (memif->dialled_cycles != 0 && now - memif->dialled_cycles < rte_get_timer_hz())
		return;
	if (system_socket_look(port->device) != SYSTEM_SOCKET_ALIVE)
		return;
	memif->dialled_cycles = now;
	if (atomic_exchange_explicit(&memif->started, false, memory_order_acq_rel))
		rte_eth_dev_stop(port->ethdev);
	if (rte_eth_dev_start(port->ethdev) == 0)
		atomic_store_explicit(&memif->started, true, memory_order_release);
}

static int
memif_link(struct port *port, uint32_t *speed_mbps)
{
	struct memif *memif = ((struct ethdev *)port->state)->driver_state;
	int up = ethdev_link(port, speed_mbps);

	if (up == 0 && memif->is_client)
		memif_dial(port, memif);
	*speed_mbps = 0; /* net_memif's figure means nothing */
	return up;
}

const struct port_driver port_memif = {
	.name = "memif",
	.device_help = "the absolute path of the unix socket",
	.options_help =
		"role=client|server (client), id=0.. (0), bsize=128..65535 (fits the MTU), "
		"rsize=1..14 (log2 of the ring, 10), wait=yes|no (no: the server must be there)",
	.check = memif_check,
	.open = memif_open,
	.close = memif_close,
	.counters = ethdev_counters,
	.link = memif_link,
};
