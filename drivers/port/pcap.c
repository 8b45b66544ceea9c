/* Driver pcap: packets from one capture file, packets into another (net_pcap).
 *
 * The device is "RX", "RX,TX" or ",TX". Without RX nothing is received; without TX what is sent is
 * counted and freed. One queue.
 *
 * Source: DPDK 22.11 guides/nics/pcap_ring.rst.
 */
#include "drivers/port/list.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <bsd/string.h>

#include "base/bytes.h"
#include "drivers/port/checks.h"
#include "drivers/port/ethdev.h"
#include "drivers/port/options.h"

#define MTU_MOST 9600

enum { INFINITE, OPTIONS };

static const struct option_row options[OPTIONS] = {
	[INFINITE] = {.key = "infinite_rx", .type = OPTION_FLAG, .standard = 0},
};

struct files {
	char rx[PORT_DEVICE_BYTES], tx[PORT_DEVICE_BYTES]; /* "" = none */
};

static int
files_split(const char *device, struct files *files, struct fault *fault)
{
	const char *comma = strchr(device, ',');
	size_t rx_length = comma != NULL ? (size_t)(comma - device) : strlen(device);
	int error;

	memset(files, 0, sizeof(*files));
	if (rx_length >= sizeof(files->rx))
		return fault_set(fault, ENAMETOOLONG, "bad-device", device, "Use shorter paths",
			"a capture file's path is too long");
	memcpy(files->rx, device, rx_length);
	if (comma != NULL)
		strlcpy(files->tx, comma + 1, sizeof(files->tx));
	if (files->rx[0] != '\0' &&
		(error = check_device_text(files->rx, "a capture file's path", fault)) != 0)
		return error;
	if (files->tx[0] != '\0' || files->rx[0] == '\0')
		return check_device_text(files->tx, "a capture file's path", fault);
	return 0;
}

/* Capture files begin with one of these, in either byte order: microseconds, nanoseconds, pcapng.
 */
static int
check_capture(const char *path, struct fault *fault)
{
	static const uint32_t magics[] = {
		0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0x0a0d0d0a};
	uint8_t head[4];
	size_t length;
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return fault_set(fault, errno, "no-capture-file", path,
			"Give the path of a readable capture file",
			"a capture file cannot be read (%s)", strerror(errno));
	length = fread(head, 1, sizeof(head), file);
	fclose(file);
	for (size_t i = 0; length == sizeof(head) && i < sizeof(magics) / sizeof(magics[0]); i++) {
		uint32_t magic = (uint32_t)load_be16(head) << 16 | load_be16(head + 2);

		if (magic == magics[i])
			return 0;
	}
	return fault_set(fault, EINVAL, "bad-capture-file", path,
		"Give a file that tcpdump or wireshark wrote", "a file is not a packet capture");
}

static int
check_writable(const char *path, struct fault *fault)
{
	char copy[PORT_DEVICE_BYTES];
	struct stat file;

	if (stat(path, &file) == 0) {
		if (S_ISREG(file.st_mode) && access(path, W_OK) == 0)
			return 0;
		return fault_set(fault, S_ISREG(file.st_mode) ? EACCES : EINVAL,
			"capture-unwritable", path,
			"Give the path of an ordinary file that may be written",
			"the capture of sent packets cannot be written");
	}
	strlcpy(copy, path, sizeof(copy));
	if (access(dirname(copy), W_OK | X_OK) == 0)
		return 0;
	return fault_set(fault, errno, "capture-unwritable", path,
		"Make its directory, or give another one",
		"the capture of sent packets cannot be written (%s)", strerror(errno));
}

static int
pcap_check(const struct port_request *request, struct fault *fault)
{
	uint64_t values[OPTIONS];
	struct files files;
	int error;

	if ((error = options_parse(request->options, options, OPTIONS, values, fault)) != 0 ||
		(error = files_split(request->device, &files, fault)) != 0 ||
		(error = check_mtu(request, MTU_MOST, fault)) != 0)
		return error;
	if (values[INFINITE] && files.rx[0] == '\0')
		return fault_set(fault, EINVAL, "bad-option-value", "infinite_rx=yes",
			"Name a capture to receive from, or leave the option out",
			"there is nothing to repeat");
	if (files.rx[0] != '\0' && (error = check_capture(files.rx, fault)) != 0)
		return error;
	return files.tx[0] != '\0' ? check_writable(files.tx, fault) : 0;
}

static int
pcap_open(const struct port_request *request, struct port *port, struct fault *fault)
{
	struct ethdev_plan plan = {.bus = "vdev", .own_mac = true};
	uint64_t values[OPTIONS];
	struct files files;
	int error = pcap_check(request, fault);

	if (error != 0)
		return error;
	options_parse(request->options, options, OPTIONS, values, NULL);
	files_split(request->device, &files, NULL);
	ethdev_name(&plan, "net_pcap", request);
	/* Several ports may read one capture; only one may write a file. */
	if (files.tx[0] != '\0')
		snprintf(plan.claim, sizeof(plan.claim), "capture %s", files.tx);
	else
		snprintf(plan.claim, sizeof(plan.claim), "capture of port %s", request->name);
	snprintf(plan.arguments, sizeof(plan.arguments), "%s%s%s%s%s%s",
		files.rx[0] ? "rx_pcap=" : "", files.rx, files.rx[0] && files.tx[0] ? "," : "",
		files.tx[0] ? "tx_pcap=" : "", files.tx, values[INFINITE] ? ",infinite_rx=1" : "");
	return ethdev_open(request, &plan, port, fault);
}

const struct port_driver port_pcap = {
	.name = "pcap",
	.device_help = "RX.pcap, RX.pcap,TX.pcap or ,TX.pcap",
	.options_help = "infinite_rx=yes|no (no: the capture is received once)",
	.check = pcap_check,
	.open = pcap_open,
	.close = ethdev_close,
	.counters = ethdev_counters,
	.link = ethdev_link,
};
