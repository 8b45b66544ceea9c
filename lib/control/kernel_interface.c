/* See kernel_interface.h. */
#include "control/kernel_interface.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <bsd/string.h>

#define FRAMES_A_TURN 64 /* from the kernel, before other work gets its turn */

struct kernel_interface {
	struct gateway *gateway;
	unsigned int number; /* of the view's interface */
	int descriptor;
	uv_poll_t poll;
	char name[IFNAMSIZ];
};

static int
open_tap(const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int descriptor = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int result;

	if (descriptor < 0)
		return -errno;
	strlcpy(request.ifr_name, name, sizeof(request.ifr_name));
	if (ioctl(descriptor, TUNSETIFF, &request) == 0)
		return descriptor;
	result = -errno;
	close(descriptor);
	return result;
}

static void
set_address(struct ifreq *request, uint32_t address)
{
	struct sockaddr_in socket_address = {.sin_family = AF_INET};

	socket_address.sin_addr.s_addr = htonl(address);
	memcpy(&request->ifr_addr, &socket_address, sizeof(socket_address));
}

/* The first address gets the device's own name, the others alias labels, as SIOCSIFADDR wants. */
static int
add_address(int control, const char *name, unsigned int number, struct ipv4_prefix address)
{
	struct ifreq request = {0};
	int length = number == 0 ? snprintf(request.ifr_name, IFNAMSIZ, "%s", name)
				 : snprintf(request.ifr_name, IFNAMSIZ, "%s:%u", name, number);

	if (length >= IFNAMSIZ)
		return -ENAMETOOLONG;
	set_address(&request, address.address);
	if (ioctl(control, SIOCSIFADDR, &request) != 0)
		return -errno;
	set_address(&request, ipv4_mask(address.length));
	return ioctl(control, SIOCSIFNETMASK, &request) == 0 ? 0 : -errno;
}

/* IPv6 is not translated: the kernel's own solicitations would only be noise on the port. */
static void
disable_ipv6(const char *name)
{
	char path[96];
	int descriptor;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	descriptor = open(path, O_WRONLY | O_CLOEXEC);
	if (descriptor < 0)
		return; /* a kernel without IPv6 */
	if (write(descriptor, "1", 1) != 1)
		fprintf(stderr, "warning: IPv6 stays on at %s\n", name);
	close(descriptor);
}

static int
configure(const char *name, const struct path_interface *interface)
{
	struct ifreq request = {0};
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result = 0;

	if (control < 0)
		return -errno;
	strlcpy(request.ifr_name, name, sizeof(request.ifr_name));
	request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(request.ifr_hwaddr.sa_data, interface->mac, 6);
	if (ioctl(control, SIOCSIFHWADDR, &request) != 0)
		result = -errno;
	request.ifr_mtu = interface->mtu_bytes;
	if (result == 0 && ioctl(control, SIOCSIFMTU, &request) != 0)
		result = -errno;
	disable_ipv6(name);
	for (unsigned int i = 0; result == 0 && i < interface->address_count; i++)
		result = add_address(control, name, i, interface->addresses[i]);
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	if (result == 0 && ioctl(control, SIOCSIFFLAGS, &request) != 0)
		result = -errno;
	close(control);
	return result;
}

/* One frame from the kernel into a packet, with the interface's tag; NULL when there was none or
 * it is no IPv4 or ARP frame. `*more` says whether to try again. */
static struct rte_mbuf *
read_frame(struct kernel_interface *kernel, const struct path_interface *interface, bool *more)
{
	struct gateway *gateway = kernel->gateway;
	struct rte_mbuf *packet = rte_pktmbuf_alloc(gateway->packet_pool);
	uint8_t *bytes;
	ssize_t length;
	uint16_t ethertype;

	*more = false;
	if (packet == NULL)
		return NULL;
	bytes = rte_pktmbuf_mtod(packet, uint8_t *);
	length = read(kernel->descriptor, bytes, rte_pktmbuf_tailroom(packet));
	*more = length > 0;
	if (length < ETHERNET_HEADER_BYTES)
		goto none;
	packet->data_len = (uint16_t)length;
	packet->pkt_len = (uint32_t)length;
	ethertype = load_be16(bytes + 12);
	if (ethertype != ETHERTYPE_IPV4 && ethertype != ETHERTYPE_ARP)
		goto none;
	if (interface->vlan == 0)
		return packet;
	bytes = (uint8_t *)rte_pktmbuf_prepend(packet, VLAN_TAG_BYTES);
	if (bytes == NULL)
		goto none;
	memmove(bytes, bytes + VLAN_TAG_BYTES, 12);
	store_be16(bytes + 12, ETHERTYPE_VLAN);
	store_be16(bytes + 14, interface->vlan);
	return packet;
none:
	rte_pktmbuf_free(packet);
	return NULL;
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct kernel_interface *kernel = poll->data;
	struct gateway *gateway = kernel->gateway;
	const struct path_interface *interface = &gateway->view->interfaces[kernel->number];
	bool more = status == 0 && (events & UV_READABLE) != 0;

	for (unsigned int i = 0; i < FRAMES_A_TURN && more; i++) {
		struct rte_mbuf *packet = read_frame(kernel, interface, &more);

		if (packet == NULL)
			continue;
		gateway->counters.from_kernel++;
		gateway_send(gateway, interface->port, packet);
	}
}

int
kernel_interface_open(
	struct gateway *gateway, unsigned int number, const char *name, struct fault *fault)
{
	struct kernel_interface *kernel = calloc(1, sizeof(*kernel));
	int descriptor, result;

	if (kernel == NULL)
		return fault_set(fault, ENOMEM, "no-memory", name, NULL, "no memory");
	descriptor = open_tap(name);
	if (descriptor < 0) {
		free(kernel);
		return fault_set(fault, -descriptor, "no-kernel-interface", name,
			descriptor == -EBUSY
				? "Stop the program that has it, or choose another name"
				: "Load the tun module and run as root",
			"kernel interface cannot be made (%s)", strerror(-descriptor));
	}
	result = configure(name, &gateway->view->interfaces[number]);
	if (result != 0) {
		close(descriptor);
		free(kernel);
		return fault_set(fault, -result, "no-kernel-interface", name,
			"Check the interface's addresses and mtu",
			"kernel interface cannot be configured (%s)", strerror(-result));
	}
	kernel->gateway = gateway;
	kernel->number = number;
	kernel->descriptor = descriptor;
	strlcpy(kernel->name, name, sizeof(kernel->name));
	kernel->poll.data = kernel;
	uv_poll_init(&gateway->loop, &kernel->poll, descriptor);
	uv_poll_start(&kernel->poll, UV_READABLE, on_readable);
	gateway->kernels[number] = kernel;
	return 0;
}

static void
on_closed(uv_handle_t *handle)
{
	struct kernel_interface *kernel = handle->data;

	close(kernel->descriptor);
	free(kernel);
}

void
kernel_interface_close(struct gateway *gateway, unsigned int number)
{
	struct kernel_interface *kernel = gateway->kernels[number];

	if (kernel == NULL)
		return;
	gateway->kernels[number] = NULL;
	uv_close((uv_handle_t *)&kernel->poll, on_closed);
}

void
kernel_interface_write(struct gateway *gateway, unsigned int number, struct rte_mbuf *packet)
{
	struct kernel_interface *kernel = gateway->kernels[number];
	uint8_t *bytes = rte_pktmbuf_mtod(packet, uint8_t *);

	if (load_be16(bytes + 12) == ETHERTYPE_VLAN && packet->data_len > 18) {
		memmove(bytes + VLAN_TAG_BYTES, bytes, 12);
		bytes = (uint8_t *)rte_pktmbuf_adj(packet, VLAN_TAG_BYTES);
	}
	gateway->counters.to_kernel++;
	if (write(kernel->descriptor, bytes, packet->data_len) != packet->data_len)
		gateway->counters.drops[DROP_NO_KERNEL]++;
}
