/* Opening and closing of ends; see end.h. */
#include "end.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <bsd/string.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <arpa/inet.h>

#define BUFFER_BYTES (16 << 20)
#define TAP_WORD     "tap="

static int
no_permission(struct fault *fault, const char *value, const char *what)
{
	return fault_set(fault, EPERM, "no-permission", value,
		"Run as root (CAP_NET_RAW, CAP_NET_ADMIN and, for namespaces, CAP_SYS_ADMIN)",
		"this program may not %s", what);
}

/* Moves to the namespace. Returns the descriptor of the one before, to go back, or -errno. */
static int
enter_namespace(const char *name, struct fault *fault)
{
	char path[300];
	int before = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there, error;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (before >= 0 && there >= 0 && setns(there, CLONE_NEWNET) == 0) {
		close(there);
		return before;
	}
	error = errno;
	if (there >= 0)
		close(there);
	if (before >= 0)
		close(before);
	if (error == EPERM || error == EACCES)
		return no_permission(fault, name, "enter a network namespace");
	return fault_set(fault, error, "no-namespace", name,
		"See `ip netns list`; make it with `ip netns add`",
		"the network namespace cannot be entered (%s)", strerror(error));
}

static int
option_set(int descriptor, int level, int option, int value)
{
	return setsockopt(descriptor, level, option, &value, sizeof(value)) == 0 ? 0 : -errno;
}

/* What the receiving and sending side of the socket rely on. */
static int
set_options(int descriptor, int index)
{
	struct packet_mreq all = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};
	int error;

	if ((error = option_set(descriptor, SOL_PACKET, PACKET_VNET_HDR, 1)) != 0 ||
		(error = option_set(descriptor, SOL_PACKET, PACKET_AUXDATA, 1)) != 0 ||
		(error = option_set(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)) != 0 ||
		(error = option_set(descriptor, SOL_PACKET, PACKET_QDISC_BYPASS, 1)) != 0 ||
		(error = option_set(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, 1)) != 0)
		return error;
	/* Larger buffers help against loss before us; smaller ones only make it visible sooner. */
	option_set(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES);
	option_set(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES);
	return setsockopt(descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) == 0
		       ? 0
		       : -errno;
}

static int
check_up(int descriptor, const char *name, struct fault *fault)
{
	struct ifreq request = {0};

	strlcpy(request.ifr_name, name, sizeof(request.ifr_name));
	if (ioctl(descriptor, SIOCGIFFLAGS, &request) == 0 && !(request.ifr_flags & IFF_UP))
		return fault_set(fault, ENETDOWN, "interface-down", name,
			"Set it up first: ip link set NAME up", "the interface is down");
	return 0;
}

static int
open_socket(const char *name, struct fault *fault)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int descriptor, error;

	address.sll_ifindex = (int)if_nametoindex(name);
	if (address.sll_ifindex == 0)
		return fault_set(fault, ENODEV, "no-interface", name,
			"See `ip link`; the namespace stands before the name: NETNS:INTERFACE",
			"there is no interface of this name");
	/* No protocol yet: frames of other interfaces must not come in before bind(). */
	descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (descriptor < 0 && errno == EPERM)
		return no_permission(fault, name, "open a packet socket");
	error = descriptor < 0 ? -errno : check_up(descriptor, name, fault);
	if (error == -ENETDOWN) {
		close(descriptor);
		return error;
	}
	if (error == 0)
		error = set_options(descriptor, address.sll_ifindex);
	if (error == 0 && bind(descriptor, (struct sockaddr *)&address, sizeof(address)) != 0)
		error = -errno;
	if (error == 0)
		return descriptor;
	if (descriptor >= 0)
		close(descriptor);
	return fault_set(fault, -error, "no-socket", name,
		"See that the interface carries Ethernet",
		"no packet socket can be bound to the interface (%s)", strerror(-error));
}

static int
set_up(const char *name)
{
	struct ifreq request = {0};
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = -EIO;

	strlcpy(request.ifr_name, name, sizeof(request.ifr_name));
	if (control < 0)
		return -errno;
	if (ioctl(control, SIOCGIFFLAGS, &request) == 0) {
		request.ifr_flags |= IFF_UP;
		error = ioctl(control, SIOCSIFFLAGS, &request) == 0 ? 0 : -errno;
	}
	close(control);
	return error;
}

/* The kernel finishes checksums and cuts large frames by itself for a TAP without offloads. */
static int
open_tap(const char *name, struct fault *fault)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL};
	int descriptor, error;

	strlcpy(request.ifr_name, name, sizeof(request.ifr_name));
	descriptor = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (descriptor >= 0 && ioctl(descriptor, TUNSETIFF, &request) == 0 &&
		(errno = -set_up(name)) == 0)
		return descriptor;
	error = errno;
	if (descriptor >= 0)
		close(descriptor);
	if (error == EBUSY || error == EEXIST)
		return fault_set(fault, error, "interface-taken", name,
			"Choose another name, or leave tap= out to use the interface that is there",
			"an interface of this name is there already");
	if (error == EPERM || error == EACCES)
		return no_permission(fault, name, "make a TAP interface");
	return fault_set(fault, error, "no-tap", name, "See that /dev/net/tun is there",
		"the TAP interface cannot be made (%s)", strerror(error));
}

/* Cuts "NETNS:INTERFACE"; `space` is "" for the own namespace. */
static int
read_text(struct end *end, char *space, size_t size, const char **interface, struct fault *fault)
{
	const char *colon = strchr(end->text, ':');
	size_t length = colon != NULL ? (size_t)(colon - end->text) : 0;
	const char *name = colon != NULL ? colon + 1 : end->text;

	end->tap = strncmp(name, TAP_WORD, strlen(TAP_WORD)) == 0;
	if (end->tap)
		name += strlen(TAP_WORD);
	if (length >= size || memchr(end->text, '/', length) != NULL || name[0] == '\0' ||
		strlen(name) >= IFNAMSIZ || strchr(name, '/') != NULL)
		return fault_set(fault, EINVAL, "bad-end", end->text,
			"Write INTERFACE, NETNS:INTERFACE or NETNS:tap=NEW-INTERFACE",
			"an end of a link is not written so");
	memcpy(space, end->text, length);
	space[length] = '\0';
	*interface = name;
	return 0;
}

int
end_open(struct end *end, const char *text, struct fault *fault)
{
	char space[256];
	const char *interface = NULL;
	int before = -1, result;

	memset(end, 0, sizeof(*end));
	end->descriptor = -1;
	if (strlcpy(end->text, text, sizeof(end->text)) >= sizeof(end->text))
		return fault_set(fault, EINVAL, "bad-end", NULL, "Use shorter names",
			"the name of an end has more than %d bytes", END_TEXT_BYTES - 1);
	result = read_text(end, space, sizeof(space), &interface, fault);
	if (result != 0)
		return result;
	if (space[0] != '\0' && (before = enter_namespace(space, fault)) < 0)
		return before;
	result = end->tap ? open_tap(interface, fault) : open_socket(interface, fault);
	if (before >= 0) {
		/* Going back to where one came from fails only when the kernel is broken. */
		if (setns(before, CLONE_NEWNET) != 0 && result >= 0) {
			close(result);
			result = fault_set(fault, errno, "no-namespace", space, NULL,
				"the own network namespace cannot be entered again");
		}
		close(before);
	}
	if (result < 0)
		return result;
	end->descriptor = result;
	return 0;
}

void
end_close(struct end *end)
{
	if (end->descriptor >= 0)
		close(end->descriptor);
	end->descriptor = -1;
}
