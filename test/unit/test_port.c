/* drivers/port, what needs no device: options, checks and their faults, checksums, spreading. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <bsd/string.h>
#include <linux/capability.h>

#include <rte_ip.h>

#include "base/bytes.h"
#include "drivers/port/checksum.h"
#include "drivers/port/claims.h"
#include "drivers/port/options.h"
#include "drivers/port/pci.h"
#include "drivers/port/spread.h"
#include "drivers/port/system.h"

const char *const unit_suite = "port";

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

static void
options_are_parsed_or_refused(void)
{
	static const char *const colours[] = {"red", "green", NULL};
	static const struct option_row keys[] = {
		{.key = "count", .type = OPTION_NUMBER, .standard = 7, .minimum = 2, .maximum = 99},
		{.key = "wait", .type = OPTION_FLAG, .standard = 1},
		{.key = "colour", .type = OPTION_CHOICE, .choices = colours},
	};
	static const struct {
		const char *text;
		const char *code; /* NULL = accepted */
		const char *value;
		uint64_t values[3];
	} rows[] = {
		{"", NULL, NULL, {7, 1, 0}},
		{"count=2", NULL, NULL, {2, 1, 0}},
		{"colour=green,wait=no,count=99", NULL, NULL, {99, 0, 1}},
		{"count=1", "bad-option-value", "1", {0}},
		{"count=100", "bad-option-value", "100", {0}},
		{"count=-3", "bad-option-value", "-3", {0}},
		{"count=99999999999999999999", "bad-option-value", "99999999999999999999", {0}},
		{"wait=maybe", "bad-option-value", "maybe", {0}},
		{"colour=blue", "bad-option-value", "blue", {0}},
		{"wait=yes,wait=yes", "duplicate-option", "wait", {0}},
		{"size=3", "unknown-option", "size", {0}},
		{"Count=3", "unknown-option", "Count", {0}},
		{"count", "bad-options", "count", {0}},
		{"count=", "bad-options", "count=", {0}},
		{"=3", "bad-options", "=3", {0}},
		{",", "bad-options", "", {0}},
		{"count=3,", "bad-options", "", {0}},
		{"count=3,,wait=no", "bad-options", "", {0}},
		{" count=3", "unknown-option", " count", {0}},
		{"count=3=4", "bad-option-value", "3=4", {0}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t values[3];
		struct fault fault = {0};
		int error = options_parse(rows[i].text, keys, 3, values, &fault);

		CU_ASSERT_EQUAL(error, rows[i].code == NULL ? 0 : -EINVAL);
		CU_ASSERT_STRING_EQUAL(fault.code, rows[i].code == NULL ? "" : rows[i].code);
		if (rows[i].code == NULL) {
			CU_ASSERT_EQUAL(memcmp(values, rows[i].values, sizeof(values)), 0);
		} else {
			CU_ASSERT_STRING_EQUAL(fault.value, rows[i].value);
			CU_ASSERT_NOT_EQUAL(fault.remedy[0], '\0');
		}
	}
}

static void
unknown_options_name_the_known_ones(void)
{
	static const struct option_row keys[] = {
		{.key = "frames", .type = OPTION_NUMBER, .maximum = 9},
		{.key = "wait", .type = OPTION_FLAG},
	};
	uint64_t values[2];
	struct fault fault;
	char longest[200];

	options_parse("x=1", keys, 2, values, &fault);
	CU_ASSERT_PTR_NOT_NULL(strstr(fault.remedy, "frames, wait"));
	CU_ASSERT_EQUAL(options_parse("x=1", NULL, 0, NULL, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "unknown-option");
	/* Longer than any word: refused, not cut. */
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	CU_ASSERT_EQUAL(options_parse(longest, keys, 2, values, &fault), -EINVAL);
	memcpy(longest, "frames=", 7);
	CU_ASSERT_EQUAL(options_parse(longest, keys, 2, values, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "bad-options");
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
		printf("skip port::%s: needs root\n", __func__);
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
		printf("skip port::%s: needs root\n", __func__);
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

static void
claims_are_exclusive(void)
{
	struct fault fault;

	CU_ASSERT_EQUAL(claim_take("interface x", "lan0", &fault), 0);
	CU_ASSERT_EQUAL(claim_take("interface xy", "lan1", &fault), 0);
	CU_ASSERT_EQUAL(claim_take("interface x", "lan2", &fault), -EBUSY);
	CU_ASSERT_STRING_EQUAL(fault.code, "device-in-use");
	CU_ASSERT_PTR_NOT_NULL(strstr(fault.what, "lan0"));
	CU_ASSERT_TRUE(claim_begins("interface x"));
	claim_release("interface x");
	claim_release("interface x");
	CU_ASSERT_EQUAL(claim_take("interface x", "lan2", &fault), 0);
	claim_release("interface x");
	claim_release("interface xy");
	CU_ASSERT_FALSE(claim_begins("interface"));
}

#define FRAME_MOST 128

/* Ethernet, `tags` 802.1Q tags, IPv4, TCP or UDP with `payload` bytes; returns the offset of the
 * IPv4 header, and the frame's length in `length`. The checksum is right. */
static uint32_t
build_frame(uint8_t *frame, int tags, uint8_t protocol, uint32_t payload, uint32_t *length)
{
	uint32_t offset = 12, header = protocol == IPPROTO_TCP ? 20 : 8;
	struct rte_ipv4_hdr *ip;
	uint16_t sum;

	for (uint32_t i = 0; i < FRAME_MOST; i++)
		frame[i] = (uint8_t)(i * 37 + 11);
	for (int i = 0; i < tags; i++, offset += 4)
		store_be16(frame + offset, 0x8100);
	store_be16(frame + offset, 0x0800);
	offset += 2;
	memcpy(frame + offset,
		(const uint8_t[]){0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, protocol, 0, 0, 10, 0, 0, 1,
			192, 0, 2, 1},
		20);
	store_be16(frame + offset + 2, (uint16_t)(20 + header + payload));
	if (protocol == IPPROTO_UDP)
		store_be16(frame + offset + 24, (uint16_t)(header + payload));
	ip = (void *)(frame + offset);
	store_be16(frame + offset + 20 + (protocol == IPPROTO_TCP ? 16 : 6), 0);
	sum = rte_ipv4_udptcp_cksum(ip, frame + offset + 20);
	memcpy(frame + offset + 20 + (protocol == IPPROTO_TCP ? 16 : 6), &sum, 2);
	*length = offset + 20 + header + payload;
	return offset;
}

static void
unfinished_checksums_are_completed(void)
{
	for (int tags = 0; tags <= 2; tags++) {
		for (uint32_t payload = 0; payload < 20; payload++) {
			static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP};

			for (int p = 0; p < 2; p++) {
				uint8_t frame[FRAME_MOST], right[FRAME_MOST];
				uint32_t length, offset = build_frame(right, tags, protocols[p],
							 payload, &length);
				uint16_t pseudo = rte_ipv4_phdr_cksum((void *)(right + offset), 0);

				memcpy(frame, right, sizeof(frame));
				CU_ASSERT_FALSE(checksum_complete(frame, length));
				CU_ASSERT_EQUAL(memcmp(frame, right, sizeof(frame)), 0);
				memcpy(frame + offset + 20 + (p == 0 ? 16 : 6), &pseudo, 2);
				CU_ASSERT_TRUE(checksum_complete(frame, length));
				CU_ASSERT_EQUAL(memcmp(frame, right, sizeof(frame)), 0);
			}
		}
	}
}

static void
other_packets_keep_their_checksum(void)
{
	static const struct {
		const char *what;
		uint32_t at;   /* from the IPv4 header */
		uint8_t value; /* put there after the field was made unfinished */
		int cut;       /* bytes missing at the end */
	} rows[] = {
		{"more fragments", 6, 0x20, 0},
		{"a later fragment", 7, 0x01, 0},
		{"version 6", 0, 0x65, 0},
		{"header of 16 bytes", 0, 0x44, 0},
		{"options beyond the packet", 0, 0x4f, 0},
		{"GRE", 9, 47, 0},
		{"total length beyond the frame", 2, 0x7f, 0},
		{"total length below the header", 3, 19, 0},
		{"a cut frame", 8, 64, 1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t frame[FRAME_MOST], before[FRAME_MOST];
		uint32_t length, offset = build_frame(frame, 1, IPPROTO_UDP, 10, &length);
		uint16_t pseudo = rte_ipv4_phdr_cksum((void *)(frame + offset), 0);

		memcpy(frame + offset + 26, &pseudo, 2);
		frame[offset + rows[i].at] = rows[i].value;
		memcpy(before, frame, sizeof(frame));
		CU_ASSERT_FALSE(checksum_complete(frame, length - (uint32_t)rows[i].cut));
		CU_ASSERT_EQUAL(memcmp(frame, before, sizeof(frame)), 0);
	}
	/* A UDP checksum of zero is no checksum, and a wrong one stays wrong. */
	uint8_t frame[FRAME_MOST];
	uint32_t length, offset = build_frame(frame, 0, IPPROTO_UDP, 10, &length);
	store_be16(frame + offset + 26, 0);
	CU_ASSERT_FALSE(checksum_complete(frame, length));
	store_be16(frame + offset + 26, 0x1234);
	CU_ASSERT_FALSE(checksum_complete(frame, length));
	/* Every cut is safe to look at. */
	for (uint32_t cut = 0; cut < length; cut++)
		CU_ASSERT_FALSE(checksum_complete(frame, cut));
}

static void
spreading_prefers_the_owners_end(void)
{
	const uint64_t kinds =
		RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP;
	const uint64_t source = RTE_ETH_RSS_L3_SRC_ONLY | RTE_ETH_RSS_L4_SRC_ONLY;
	const uint64_t destination = RTE_ETH_RSS_L3_DST_ONLY | RTE_ETH_RSS_L4_DST_ONLY;
	const struct {
		uint64_t offered;
		enum port_side side;
		bool one_end;
		uint64_t chosen;
	} rows[] = {
		{0, PORT_INSIDE, false, 0},
		{RTE_ETH_RSS_IPV6 | source, PORT_INSIDE, false, 0},
		{kinds, PORT_INSIDE, false, kinds},
		{kinds | source, PORT_INSIDE, true, kinds | source},
		{kinds | source, PORT_OUTSIDE, false, kinds},
		{kinds | source | destination, PORT_OUTSIDE, true, kinds | destination},
		{kinds | RTE_ETH_RSS_L3_SRC_ONLY, PORT_INSIDE, false, kinds},
		{RTE_ETH_RSS_IPV4 | source, PORT_INSIDE, false, RTE_ETH_RSS_IPV4},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rte_eth_conf conf = {0};

		CU_ASSERT_EQUAL(
			spread_configure(rows[i].offered, rows[i].side, &conf), rows[i].one_end);
		CU_ASSERT_EQUAL(conf.rx_adv_conf.rss_conf.rss_hf, rows[i].chosen);
		CU_ASSERT_EQUAL(conf.rxmode.mq_mode,
			rows[i].chosen != 0 ? RTE_ETH_MQ_RX_RSS : RTE_ETH_MQ_RX_NONE);
	}
}

const struct unit_test unit_tests[] = {
	{"options_are_parsed_or_refused", options_are_parsed_or_refused},
	{"unknown_options_name_the_known_ones", unknown_options_name_the_known_ones},
	{"checks_refuse_bad_devices_and_options", checks_refuse_bad_devices_and_options},
	{"drivers_are_found_by_their_whole_name", drivers_are_found_by_their_whole_name},
	{"interfaces_must_be_up_and_wide_enough", interfaces_must_be_up_and_wide_enough},
	{"drivers_name_the_missing_permission", drivers_name_the_missing_permission},
	{"pci_devices_must_be_bound_and_protected", pci_devices_must_be_bound_and_protected},
	{"claims_are_exclusive", claims_are_exclusive},
	{"unfinished_checksums_are_completed", unfinished_checksums_are_completed},
	{"other_packets_keep_their_checksum", other_packets_keep_their_checksum},
	{"spreading_prefers_the_owners_end", spreading_prefers_the_owners_end},
	{NULL, NULL},
};
