/* See port_lab.h. */
#include "port_lab.h"

#include <arpa/inet.h>
#include <libgen.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <bsd/string.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "base/bytes.h"
#include "unit.h"

#define FRAME_TYPE 0x88b5 /* IEEE 802: for local experiments */

/* Environment of a process that lab_hold() started. */
#define HOLD_DRIVER "PORT_LAB_HOLD_DRIVER"
#define HOLD_DEVICE "PORT_LAB_HOLD_DEVICE"
#define HOLD_READY  "PORT_LAB_HOLD_READY"

static char directory[] = "/tmp/binfm-port-XXXXXX";
static bool own_namespace;

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		return;
	fputs(text, file);
	fclose(file);
}

/* The EAL leaves its runtime directory behind. */
static void
lab_end(void)
{
	char runtime[PATH_MAX];

	strlcpy(runtime, rte_eal_get_runtime_dir(), sizeof(runtime));
	rte_eal_cleanup();
	rmdir(runtime);
}

static void
lab_tidy_after(pid_t process)
{
	char parent[PATH_MAX], runtime[PATH_MAX + 32];

	strlcpy(parent, rte_eal_get_runtime_dir(), sizeof(parent));
	snprintf(runtime, sizeof(runtime), "%s/port-lab-%d", dirname(parent), (int)process);
	rmdir(runtime);
}

void
lab_start(void)
{
	/* The EAL may write into its arguments and keeps them. */
	static char words[] = "port-lab --no-huge --no-shconf -m 128 --no-pci --no-telemetry "
			      "--lcores 0@(0-1) --log-level lib.*:error --log-level pmd.*:error "
			      "--file-prefix";
	static char prefix[64];
	static bool started;
	char *arguments[32], *rest = words;
	int count = 0;

	if (started)
		return;
	started = true;
	if (getenv(HOLD_DRIVER) != NULL) {
		own_namespace = true; /* our parent's */
	} else if (geteuid() == 0 && unshare(CLONE_NEWNET) == 0) {
		own_namespace = true;
		write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
		write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
		lab_run("ip link set lo up");
	}
	snprintf(prefix, sizeof(prefix), "port-lab-%d", (int)getpid());
	while (rest != NULL)
		arguments[count++] = strsep(&rest, " ");
	arguments[count++] = prefix;
	arguments[count] = NULL;
	if (rte_eal_init(count, arguments) < 0) {
		fprintf(stderr, "the EAL does not start: %s\n", rte_strerror(rte_errno));
		exit(2);
	}
	atexit(lab_end);
}

bool
lab_has_namespace(const char *test)
{
	lab_start();
	if (!own_namespace)
		printf("skip %s::%s: needs root\n", unit_suite, test);
	return own_namespace;
}

void
lab_run(const char *command)
{
	if (system(command) != 0) {
		fprintf(stderr, "failed: %s\n", command);
		exit(2);
	}
}

static void
remove_directory(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", directory);
	if (system(command) != 0)
		fprintf(stderr, "could not remove %s\n", directory);
}

const char *
lab_path(const char *name)
{
	static char path[PORT_DEVICE_BYTES];
	static bool made;

	if (!made && mkdtemp(directory) == NULL)
		abort();
	if (!made)
		atexit(remove_directory);
	made = true;
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

struct rte_mempool *
lab_pool(uint16_t mtu_bytes)
{
	static unsigned int made;
	char name[32];
	struct rte_mempool *pool;

	lab_start();
	snprintf(name, sizeof(name), "lab%u", made++);
	/* No cache: every buffer is in the pool's ring or in use. */
	pool = rte_pktmbuf_pool_create(name, 4095, 0, 0,
		(uint16_t)(RTE_PKTMBUF_HEADROOM + PORT_BUFFER_BYTES(mtu_bytes)), SOCKET_ID_ANY);
	if (pool == NULL) {
		fprintf(stderr, "no pool: %s\n", rte_strerror(rte_errno));
		exit(2);
	}
	return pool;
}

void
lab_pool_check(struct rte_mempool *pool)
{
	CU_ASSERT_EQUAL(rte_mempool_avail_count(pool), pool->size);
	if (!rte_mempool_full(pool))
		printf("    %u of %u packet buffers are missing\n", rte_mempool_in_use_count(pool),
			pool->size);
	rte_mempool_free(pool);
}

struct port_request
lab_request(const char *name, const char *driver, const char *device, const char *options,
	struct rte_mempool *pool)
{
	struct port_request request = {.rx_queues = 1,
		.tx_queues = 1,
		.mtu_bytes = 1500,
		.socket_id = SOCKET_ID_ANY,
		.pool = pool};

	strlcpy(request.name, name, sizeof(request.name));
	strlcpy(request.driver, driver, sizeof(request.driver));
	strlcpy(request.device, device, sizeof(request.device));
	strlcpy(request.options, options, sizeof(request.options));
	return request;
}

bool
lab_open(const struct port_request *request, struct port *port)
{
	const struct port_driver *driver = port_driver_find(request->driver);
	struct fault fault = {0};
	char text[512];
	int error;

	CU_ASSERT_PTR_NOT_NULL_FATAL(driver);
	error = driver->open(request, port, &fault);
	CU_ASSERT_EQUAL(error, 0);
	if (error != 0)
		printf("    %s\n", fault_text(&fault, text, sizeof(text)));
	port->driver = driver;
	return error == 0;
}

void
lab_close(struct port *port)
{
	port->driver->close(port);
}

void
lab_frame(uint8_t *frame, uint16_t length, uint32_t number)
{
	memset(frame, 0xff, 6);
	memcpy(frame + 6, "\x02\0\0\0\0\1", 6);
	store_be16(frame + 12, FRAME_TYPE);
	store_be32(frame + 14, number);
	for (uint16_t i = 18; i < length; i++)
		frame[i] = (uint8_t)(number + i);
}

bool
lab_is_frame(const struct rte_mbuf *packet)
{
	return packet->data_len >= 18 &&
	       load_be16(rte_pktmbuf_mtod_offset(packet, uint8_t *, 12)) == FRAME_TYPE;
}

void
lab_send(struct port *port, struct rte_mempool *pool, uint32_t first, uint32_t count,
	uint16_t length)
{
	for (uint32_t i = 0; i < count; i++) {
		struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);
		uint64_t end = lab_milliseconds() + 3000;
		uint16_t sent;

		CU_ASSERT_PTR_NOT_NULL_FATAL(packet);
		lab_frame((uint8_t *)rte_pktmbuf_append(packet, length), length, first + i);
		while ((sent = port->tx(port, 0, &packet, 1)) == 0 && lab_milliseconds() < end)
			poll(NULL, 0, 1);
		CU_ASSERT_EQUAL(sent, 1);
		if (sent == 0) {
			rte_pktmbuf_free(packet);
			return;
		}
	}
}

uint64_t
lab_milliseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

uint32_t
lab_receive(struct port *port, struct rte_mbuf **packets, uint32_t count, unsigned int milliseconds,
	bool (*wanted)(const struct rte_mbuf *packet))
{
	uint64_t end = lab_milliseconds() + milliseconds;
	uint32_t have = 0;

	while (have < count && lab_milliseconds() < end) {
		struct rte_mbuf *burst[LAB_BURST];
		uint32_t room = count - have < LAB_BURST ? count - have : LAB_BURST;
		uint16_t got = port->rx(port, 0, burst, (uint16_t)room);

		for (uint16_t i = 0; i < got; i++) {
			if (wanted == NULL || wanted(burst[i]))
				packets[have++] = burst[i];
			else
				rte_pktmbuf_free(burst[i]);
		}
		if (got == 0)
			poll(NULL, 0, 1);
	}
	return have;
}

void
lab_expect(struct port *port, uint32_t first, uint32_t count, uint16_t length)
{
	for (uint32_t i = 0; i < count; i++) {
		uint8_t frame[UINT16_MAX];
		struct rte_mbuf *packet;
		uint32_t got = lab_receive(port, &packet, 1, 3000, lab_is_frame);

		CU_ASSERT_EQUAL(got, 1);
		if (got == 0)
			return;
		lab_frame(frame, length, first + i);
		CU_ASSERT_EQUAL(packet->pkt_len, length);
		CU_ASSERT_EQUAL(packet->data_len, length);
		if (packet->data_len == length)
			CU_ASSERT_EQUAL(memcmp(rte_pktmbuf_mtod(packet, void *), frame, length), 0);
		rte_pktmbuf_free(packet);
	}
}

int
lab_packet_socket(const char *interface)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(interface)};
	struct timeval patience = {.tv_sec = 3};
	int room = 1 << 22; /* a burst of jumbo frames is more than the kernel's standard */
	int packet_socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	if (packet_socket < 0 ||
		bind(packet_socket, (struct sockaddr *)&address, sizeof(address)) != 0)
		abort();
	setsockopt(packet_socket, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(packet_socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return packet_socket;
}

/* Runs before main() in a process that lab_hold() started: opens the port, tells, waits. */
__attribute__((constructor)) static void
hold(void)
{
	const char *driver = getenv(HOLD_DRIVER), *ready = getenv(HOLD_READY);
	struct port_request request;
	struct fault fault = {0};
	struct port port;
	char text[512];

	if (driver == NULL)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	request = lab_request("held", driver, getenv(HOLD_DEVICE), "", lab_pool(1500));
	if (port_driver_find(driver)->open(&request, &port, &fault) != 0) {
		fprintf(stderr, "%s\n", fault_text(&fault, text, sizeof(text)));
		_exit(1);
	}
	if (write(atoi(ready), "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

pid_t
lab_hold(const char *driver, const char *device)
{
	int ready[2];
	char number[16], byte;
	pid_t child;

	if (pipe(ready) != 0)
		abort();
	fflush(stdout);
	child = fork();
	if (child == 0) {
		close(ready[0]);
		snprintf(number, sizeof(number), "%d", ready[1]);
		setenv(HOLD_DRIVER, driver, 1);
		setenv(HOLD_DEVICE, device, 1);
		setenv(HOLD_READY, number, 1);
		execl("/proc/self/exe", "port-lab-hold", (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	CU_ASSERT_EQUAL(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

void
lab_kill(pid_t child)
{
	int status;

	kill(child, SIGKILL);
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_TRUE(WIFSIGNALED(status)); /* it ran until now */
	lab_tidy_after(child);
}
