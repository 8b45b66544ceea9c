/* drivers/port: what the checks refuse, with which code, value and remedy, before anything is
 * opened; and that they change nothing. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <bsd/string.h>
#include <linux/capability.h>

#include "drivers/port/pci.h"
#include "drivers/port/system.h"

const char *const unit_suite = "port_checks";

static char directory[] = "/tmp/binfm-port-XXXXXX"; /* made by scratch() */

static void
remove_scratch(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", directory);
	if (system(command) != 0)
		fprintf(stderr, "could not remove %s\n", directory);
}

/* A path in a directory of this run's own. */
static const char *
scratch(const char *name)
{
	static char path[PORT_DEVICE_BYTES];
	static bool made;

	if (!made) {
		if (mkdtemp(directory) == NULL)
			abort();
		made = true;
		atexit(remove_scratch);
	}
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void
make_file(const char *name, const void *content, size_t length)
{
	FILE *file = fopen(scratch(name), "w");

	if (file == NULL || fwrite(content, 1, length, file) != length || fclose(file) != 0)
		abort();
}

/* A socket file; the listener is returned, or closed when the file shall be stale. */
static int
make_socket(const char *name, bool stale)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	strlcpy(address.sun_path, scratch(name), sizeof(address.sun_path));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
		listen(listener, 1) != 0)
		abort();
	if (stale)
		close(listener);
	return listener;
}

static void
run(const char *command)
{
	if (system(command) != 0) {
		fprintf(stderr, "failed: %s\n", command);
		abort();
	}
}

static struct port_request
request_of(const char *driver, const char *device, const char *options, uint16_t mtu_bytes)
{
	struct port_request request = {
		.name = "lan0", .rx_queues = 1, .tx_queues = 1, .mtu_bytes = mtu_bytes};

	strlcpy(request.driver, driver, sizeof(request.driver));
	strlcpy(request.device, device, sizeof(request.device));
	strlcpy(request.options, options, sizeof(request.options));
	return request;
}

struct check_row {
	const char *driver, *device, *options;
	uint16_t mtu_bytes;
	const char *code;   /* "" = accepted */
	const char *value;  /* a part of it */
	const char *remedy; /* a part of it */
};

static void
expect_checks(const struct check_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct check_row *row = &rows[i];
		const struct port_driver *driver = port_driver_find(row->driver);
		/* "@name" stands for a path in the scratch directory. */
		const char *device = row->device[0] == '@' ? scratch(row->device + 1) : row->device;
		struct port_request request =
			request_of(row->driver, device, row->options, row->mtu_bytes);
		struct fault fault = {0};
		int error;

		CU_ASSERT_PTR_NOT_NULL_FATAL(driver);
		error = driver->check(&request, &fault);
		CU_ASSERT_EQUAL(error != 0, row->code[0] != '\0');
		CU_ASSERT_EQUAL(error, -fault.error);
		CU_ASSERT_STRING_EQUAL(fault.code, row->code);
		CU_ASSERT_PTR_NOT_NULL(strstr(fault.value, row->value));
		CU_ASSERT_PTR_NOT_NULL(strstr(fault.remedy, row->remedy));
		if (strcmp(fault.code, row->code) != 0)
			printf("    row %zu: %s %s %s: got \"%s\" %s\n", i, row->driver, device,
				row->options, fault.code, fault.value);
	}
}

static void
checks_refuse_bad_devices_and_options(void)
{
	static const uint8_t pcap_head[] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0};
	static const struct check_row rows[] = {
		{"af_packet", "", "", 1500, "bad-device", "", "device"},
		{"af_packet", "lo,qpairs=9", "", 1500, "bad-device", "lo,qpairs=9", "commas"},
		{"af_packet", "nosuch0", "", 1500, "no-such-interface", "nosuch0", "ip link"},
		{"af_packet", "lo", "frames=1", 1500, "bad-option-value", "1", "64 to 16384"},
		{"af_packet", "lo", "", 67, "bad-mtu", "67", "68 to 9600"},
		{"af_packet", "lo", "", 9601, "bad-mtu", "9601", "68 to 9600"},
		{"af_xdp", "nosuch0", "", 1500, "no-such-interface", "nosuch0", "ip link"},
		{"af_xdp", "lo", "", 9000, "bad-mtu", "9000", "3072"},
		{"tap", "lo", "", 1500, "interface-exists", "lo", "af_packet"},
		{"tap", "averyveryverylongname", "", 1500, "bad-device", "averyvery", "15"},
		{"tap", "t0", "wait=yes", 1500, "unknown-option", "wait", "Remove"},
		{"memif", "relative.sock", "", 1500, "bad-device", "relative.sock", "absolute"},
		{"memif", "@nobody", "", 1500, "no-memif-server", "nobody", "Start the server"},
		{"memif", "@nobody", "wait=yes", 1500, "", "", ""},
		{"memif", "@stale", "", 1500, "no-memif-server", "stale", "Start the server"},
		{"memif", "@stale", "wait=yes", 1500, "", "", ""},
		{"memif", "@stale", "role=server", 1500, "", "", ""},
		{"memif", "@alive", "", 1500, "", "", ""},
		{"memif", "@alive", "role=server", 1500, "socket-in-use", "alive", "Stop"},
		{"memif", "@file", "role=server", 1500, "socket-path-taken", "file", "Move"},
		{"memif", "@file", "", 1500, "socket-path-taken", "file", "server"},
		{"memif", "@no/dir/x", "role=server", 1500, "socket-directory", "no/dir", "Make"},
		{"memif", "@alive", "role=master", 1500, "bad-option-value", "master", "client"},
		{"memif", "@alive", "rsize=15", 1500, "bad-option-value", "15", "1 to 14"},
		{"pcap", "", "", 1500, "bad-device", "", "device"},
		{"pcap", "@missing", "", 1500, "no-capture-file", "missing", "path"},
		{"pcap", "@file", "", 1500, "bad-capture-file", "file", "tcpdump"},
		{"pcap", "@capture", "", 1500, "", "", ""},
		{"pcap", "@capture", "infinite_rx=1", 1500, "bad-option-value", "1", "yes or no"},
		{"pcap", ",/nonexistent/x.pcap", "", 1500, "capture-unwritable", "/nonexistent",
			"dir"},
		{"pcap", ",/dev/null", "", 1500, "capture-unwritable", "/dev/null", "ordinary"},
		{"pcap", ",/tmp/x.pcap", "infinite_rx=yes", 1500, "bad-option-value", "infinite",
			"Name"},
		{"ring", "", "", 1500, "bad-device", "", "device"},
		{"ring", "a", "size=33", 1500, "bad-option-value", "33", "power of two"},
		{"ring", "a", "size=64", 1500, "", "", ""},
		{"pci", "03:00.0", "", 1500, "bad-device", "03:00.0", "0000:03:00.1"},
		{"pci", "0000:03:00.8", "", 1500, "bad-device", "0000:03:00.8", "0000:03:00.1"},
		{"pci", "ffff:ff:1f.7", "", 1500, "no-such-pci-device", "ffff:ff:1f.7", "devbind"},
	};
	int listener = make_socket("alive", false);

	make_socket("stale", true);
	make_file("file", "text", 4);
	make_file("capture", pcap_head, sizeof(pcap_head));
	expect_checks(rows, sizeof(rows) / sizeof(rows[0]));
	/* No side effect: the stale socket is still there, the live one still lives. */
	CU_ASSERT_EQUAL(system_socket_look(scratch("stale")), SYSTEM_SOCKET_STALE);
	CU_ASSERT_EQUAL(system_socket_look(scratch("alive")), SYSTEM_SOCKET_ALIVE);
	/* And its listener was not disturbed: nobody waits to be accepted. */
	fcntl(listener, F_SETFL, O_NONBLOCK);
	CU_ASSERT_EQUAL(accept(listener, NULL, NULL), -1);
	CU_ASSERT_EQUAL(errno, EAGAIN);
	close(listener);
}

static void
drivers_are_found_by_their_whole_name(void)
{
	CU_ASSERT_PTR_NULL(port_driver_find("af_packet "));
	CU_ASSERT_PTR_NULL(port_driver_find("af"));
	CU_ASSERT_PTR_NULL(port_driver_find(""));
	for (const struct port_driver *const *driver = port_drivers; *driver != NULL; driver++)
		CU_ASSERT_PTR_EQUAL(port_driver_find((*driver)->name), *driver);
}

/* Looks at interfaces in a network namespace of its own, in a child: the parent keeps its own. */
static void
in_namespace(void (*body)(void))
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (unshare(CLONE_NEWNET) != 0)
			_exit(2);
		body();
		fflush(stdout);
		_exit(CU_get_number_of_failures() != 0);
	}
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_EQUAL(status, 0);
}

static void
interface_rows(void)
{
	static const struct check_row rows[] = {
		{"af_packet", "lo", "", 1500, "interface-down", "lo", "ip link set lo up"},
		{"af_xdp", "lo", "", 1500, "interface-down", "lo", "ip link set lo up"},
		{"af_packet", "va", "", 1400, "", "", ""},
		{"af_packet", "va", "", 1401, "mtu-too-small", "va has 1400, 1401", "mtu 1401"},
		{"af_xdp", "va", "", 1500, "mtu-too-small", "va has 1400, 1500", "mtu 1500"},
		{"af_xdp", "va", "", 1400, "", "", ""},
		{"af_xdp", "va", "start_queue=1", 1400, "queues-differ", "va has 1", "ethtool -L"},
		{"tap", "va", "", 1400, "interface-exists", "va", "free"},
		{"tap", "vc", "", 1400, "", "", ""},
	};

	run("ip link add va type veth peer name vb && ip link set va mtu 1400 up && "
	    "ip link set vb up");
	expect_checks(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
interfaces_must_be_up_and_wide_enough(void)
{
	if (geteuid() != 0) {
		printf("skip port_checks::%s: needs root\n", __func__);
		return;
	}
	in_namespace(interface_rows);
}

static void
drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	syscall(SYS_capset, &header, none);
}

static void
unprivileged_rows(void)
{
	static const struct check_row rows[] = {
		{"af_packet", "va", "", 1400, "no-permission", "CAP_NET_RAW", "root"},
		{"af_xdp", "va", "", 1400, "no-permission", "CAP_NET_RAW", "root"},
		{"tap", "vc", "", 1400, "no-permission", "CAP_NET_ADMIN", "root"},
	};

	run("ip link add va type veth peer name vb && ip link set va up && ip link set vb up");
	drop_capabilities();
	expect_checks(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
drivers_name_the_missing_permission(void)
{
	if (geteuid() != 0) {
		printf("skip port_checks::%s: needs root\n", __func__);
		return;
	}
	in_namespace(unprivileged_rows);
}

/* A sysfs of our own grows until the NIC is usable; each step cures the fault before it. */
static void
pci_devices_must_be_bound_and_protected(void)
{
	static const struct {
		const char *step; /* run in the scratch directory */
		const char *code, *value, *remedy;
	} rows[] = {
		{"mkdir -p sys/module sys/bus/pci/drivers/{ixgbe,vfio-pci,mlx5_core} dev/vfio",
			"no-such-pci-device", "0000:03:00.1", "devbind"},
		{"mkdir -p sys/bus/pci/devices/0000:03:00.1 && "
		 "ln -s ../../drivers/ixgbe sys/bus/pci/devices/0000:03:00.1/driver",
			"no-vfio", "0000:03:00.1", "modprobe vfio-pci"},
		{"mkdir -p sys/module/vfio_pci", "wrong-driver", "has ixgbe",
			"dpdk-devbind.py --bind=vfio-pci 0000:03:00.1"},
		{"rm sys/bus/pci/devices/0000:03:00.1/driver", "wrong-driver", "has no driver",
			"dpdk-devbind.py --bind=vfio-pci 0000:03:00.1"},
		{"ln -s ../../drivers/vfio-pci sys/bus/pci/devices/0000:03:00.1/driver", "no-iommu",
			"0000:03:00.1", "iommu"},
		{"mkdir -p sys/module/vfio/parameters && "
		 "echo N > sys/module/vfio/parameters/enable_unsafe_noiommu_mode",
			"no-iommu", "0000:03:00.1", "iommu"},
		{"echo Y > sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "no-hugepages",
			"0000:03:00.1", "nr_hugepages"},
		{"mkdir -p sys/kernel/mm/hugepages/hugepages-2048kB && "
		 "echo 0 > sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
			"no-hugepages", "0000:03:00.1", "nr_hugepages"},
		{"echo 8 > sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "", "", ""},
		{"ln -s ../../../../kernel/iommu_groups/17 "
		 "sys/bus/pci/devices/0000:03:00.1/iommu_group && "
		 "rm sys/module/vfio/parameters/enable_unsafe_noiommu_mode",
			"", "", ""},
		{"ln -sfn ../../drivers/mlx5_core sys/bus/pci/devices/0000:03:00.1/driver && "
		 "rm sys/bus/pci/devices/0000:03:00.1/iommu_group",
			"", "", ""},
	};
	struct port_request request = request_of("pci", "0000:03:00.1", "", 1500);
	char sysfs[PORT_DEVICE_BYTES], devices[PORT_DEVICE_BYTES], command[512];

	strlcpy(sysfs, scratch("sys"), sizeof(sysfs));
	strlcpy(devices, scratch("dev"), sizeof(devices));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fault fault = {0};

		snprintf(
			command, sizeof(command), "cd %s && bash -c '%s'", directory, rows[i].step);
		run(command);
		CU_ASSERT_EQUAL(pci_check_at(&request, sysfs, devices, &fault), -fault.error);
		CU_ASSERT_STRING_EQUAL(fault.code, rows[i].code);
		CU_ASSERT_PTR_NOT_NULL(strstr(fault.value, rows[i].value));
		CU_ASSERT_PTR_NOT_NULL(strstr(fault.remedy, rows[i].remedy));
	}
}

const struct unit_test unit_tests[] = {
	{"checks_refuse_bad_devices_and_options", checks_refuse_bad_devices_and_options},
	{"drivers_are_found_by_their_whole_name", drivers_are_found_by_their_whole_name},
	{"interfaces_must_be_up_and_wide_enough", interfaces_must_be_up_and_wide_enough},
	{"drivers_name_the_missing_permission", drivers_name_the_missing_permission},
	{"pci_devices_must_be_bound_and_protected", pci_devices_must_be_bound_and_protected},
	{NULL, NULL},
};
