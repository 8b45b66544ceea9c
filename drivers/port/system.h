/* Looks at the machine that the drivers' checks need. Nothing here changes anything.
 *
 * Threads: any. Sources: netdevice(7), capabilities(7), unix(7), the kernel's sysfs-bus-pci.
 */
#ifndef PORT_SYSTEM_H
#define PORT_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

struct system_interface {
	unsigned int index;
	bool up;      /* administratively */
	bool running; /* has carrier */
	uint32_t mtu_bytes;
	uint32_t speed_mbps; /* 0 = unknown */
};

/* What the kernel says about a network interface of the caller's network namespace. Returns 0,
 * -ENODEV when there is none of that name, or another -errno. */
int system_interface_look(const char *name, struct system_interface *look);

/* Receive queues of an interface; 1 where its driver does not say. */
uint32_t system_interface_queues(const char *name);

/* Whether the process has this capability (CAP_NET_RAW, ...) in effect. */
bool system_has_capability(unsigned int capability);

enum system_socket {
	SYSTEM_SOCKET_ABSENT,
	SYSTEM_SOCKET_STALE, /* a file that nobody listens on */
	SYSTEM_SOCKET_ALIVE,
	SYSTEM_SOCKET_FOREIGN, /* the path exists and is not a socket */
	SYSTEM_SOCKET_DENIED,  /* no permission to tell */
};

/* The state of a SOCK_SEQPACKET unix socket (memif's kind). Asks with a socket of another type: the
 * kernel then answers "wrong type" where somebody listens and the listener hears nothing. */
enum system_socket system_socket_look(const char *path);

struct system_pci {
	bool present;
	bool has_iommu_group;
	char iommu_group[16]; /* its number; "" = none */
	char driver[32];      /* bound kernel driver; "" = none */
};

/* `sysfs` is "/sys", or a test's own tree. */
void system_pci_look(const char *sysfs, const char *address, struct system_pci *look);

/* Whether a kernel module is loaded or built in, as far as sysfs shows. */
bool system_module_present(const char *sysfs, const char *module);

/* Whether vfio may be used without an IOMMU (its enable_unsafe_noiommu_mode). */
bool system_vfio_without_iommu(const char *sysfs);

/* Reserved hugepages of all sizes. */
uint64_t system_hugepages(const char *sysfs);

#endif
