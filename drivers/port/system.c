/* See system.h. */
#include "drivers/port/system.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include <bsd/string.h>
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>

static uint32_t
interface_speed(int control, struct ifreq *request)
{
	struct ethtool_cmd command = {.cmd = ETHTOOL_GSET};
	uint32_t speed;

	request->ifr_data = (char *)&command;
	if (ioctl(control, SIOCETHTOOL, request) != 0)
		return 0;
	speed = ethtool_cmd_speed(&command);
	return speed == (uint32_t)SPEED_UNKNOWN || speed == UINT16_MAX ? 0 : speed;
}

int
system_interface_look(const char *name, struct system_interface *look)
{
	struct ifreq request = {0};
	int control, error = 0;

	memset(look, 0, sizeof(*look));
	if (strlcpy(request.ifr_name, name, sizeof(request.ifr_name)) >= sizeof(request.ifr_name) ||
		name[0] == '\0')
		return -ENODEV;
	control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (control < 0)
		return -errno;
	if (ioctl(control, SIOCGIFINDEX, &request) != 0) {
		error = -errno;
		goto out;
	}
	look->index = (unsigned int)request.ifr_ifindex;
	if (ioctl(control, SIOCGIFFLAGS, &request) != 0) {
		error = -errno;
		goto out;
	}
	look->up = request.ifr_flags & IFF_UP;
	look->running = request.ifr_flags & IFF_RUNNING;
	if (ioctl(control, SIOCGIFMTU, &request) != 0) {
		error = -errno;
		goto out;
	}
	look->mtu_bytes = (uint32_t)request.ifr_mtu;
	look->speed_mbps = interface_speed(control, &request);
out:
	close(control);
	return error;
}

uint32_t
system_interface_queues(const char *name)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
	struct ifreq request = {.ifr_data = (char *)&channels};
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t queues = 0;

	if (control < 0)
		return 1;
	strlcpy(request.ifr_name, name, sizeof(request.ifr_name));
	if (ioctl(control, SIOCETHTOOL, &request) == 0)
		queues = channels.rx_count + channels.combined_count;
	close(control);
	return queues == 0 ? 1 : queues;
}

bool
system_has_capability(unsigned int capability)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (capability / 32 >= _LINUX_CAPABILITY_U32S_3 || syscall(SYS_capget, &header, data) != 0)
		return false;
	return data[capability / 32].effective & (1u << capability % 32);
}

enum system_socket
system_socket_look(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat file;
	int probe, result;

	if (stat(path, &file) != 0)
		return errno == ENOENT ? SYSTEM_SOCKET_ABSENT : SYSTEM_SOCKET_DENIED;
	if (!S_ISSOCK(file.st_mode))
		return SYSTEM_SOCKET_FOREIGN;
	if (strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path))
		return SYSTEM_SOCKET_DENIED;
	probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (probe < 0)
		return SYSTEM_SOCKET_DENIED;
	result = connect(probe, (struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : errno;
	close(probe);
	if (result == ECONNREFUSED)
		return SYSTEM_SOCKET_STALE;
	/* A datagram socket that accepted us is not memif's, but it is in use all the same. */
	return result == EPROTOTYPE || result == 0 ? SYSTEM_SOCKET_ALIVE : SYSTEM_SOCKET_DENIED;
}

/* The last name of what a symbolic link points to. */
static bool
link_target(const char *path, char *name, size_t size)
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target) - 1);
	const char *slash;

	if (length <= 0)
		return false;
	target[length] = '\0';
	slash = strrchr(target, '/');
	return strlcpy(name, slash != NULL ? slash + 1 : target, size) < size;
}

void
system_pci_look(const char *sysfs, const char *address, struct system_pci *look)
{
	char path[PATH_MAX];

	memset(look, 0, sizeof(*look));
	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s", sysfs, address);
	look->present = access(path, F_OK) == 0;
	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/iommu_group", sysfs, address);
	look->has_iommu_group = link_target(path, look->iommu_group, sizeof(look->iommu_group));
	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/driver", sysfs, address);
	link_target(path, look->driver, sizeof(look->driver));
}

bool
system_module_present(const char *sysfs, const char *module)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/module/%s", sysfs, module);
	return access(path, F_OK) == 0;
}

bool
system_vfio_without_iommu(const char *sysfs)
{
	char path[PATH_MAX];
	FILE *file;
	int answer;

	snprintf(path, sizeof(path), "%s/module/vfio/parameters/enable_unsafe_noiommu_mode", sysfs);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	answer = fgetc(file);
	fclose(file);
	return answer == 'Y' || answer == '1';
}

uint64_t
system_hugepages(const char *sysfs)
{
	char path[PATH_MAX];
	struct dirent *entry;
	uint64_t total = 0;
	DIR *sizes;

	snprintf(path, sizeof(path), "%s/kernel/mm/hugepages", sysfs);
	sizes = opendir(path);
	if (sizes == NULL)
		return 0;
	while ((entry = readdir(sizes)) != NULL) {
		unsigned long pages = 0;
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/kernel/mm/hugepages/%s/nr_hugepages", sysfs,
			entry->d_name);
		file = fopen(path, "re");
		if (file == NULL)
			continue;
		if (fscanf(file, "%lu", &pages) == 1)
			total += pages;
		fclose(file);
	}
	closedir(sizes);
	return total;
}
