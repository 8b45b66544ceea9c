/* Driver pci: a NIC that DPDK drives itself, by its PCI address.
 *
 * The NIC has to be bound to vfio-pci (or a uio driver); Mellanox NICs stay with their own kernel
 * driver. Start the EAL with an allow-list of exactly the configured addresses, otherwise it takes
 * every NIC that is bound.
 *
 * Source: DPDK 22.11 linux_gsg/linux_drivers.rst.
 */
#include "drivers/port/pci.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bsd/string.h>

#include "drivers/port/checks.h"
#include "drivers/port/ethdev.h"
#include "drivers/port/list.h"
#include "drivers/port/options.h"
#include "drivers/port/system.h"

#define MTU_MOST 9600

/* DPDK drives these through uio. */
static const char *const uio_drivers[] = {"uio_pci_generic", "igb_uio", NULL};
/* These keep their kernel driver and share the NIC with it. */
static const char *const shared_drivers[] = {"mlx4_core", "mlx5_core", "mana", NULL};

static bool
listed(const char *const *list, const char *name)
{
	for (; *list != NULL; list++) {
		if (strcmp(*list, name) == 0)
			return true;
	}
	return false;
}

/* "dddd:bb:dd.f" in lower case, as sysfs writes it. */
static bool
address_is_canonical(const char *address)
{
	static const char shape[] = "hhhh:hh:hh.o";

	if (strlen(address) != strlen(shape))
		return false;
	for (size_t i = 0; shape[i] != '\0'; i++) {
		const char *accepted = shape[i] == 'h' ? "0123456789abcdef" : "01234567";

		if (shape[i] == 'h' || shape[i] == 'o') {
			if (strchr(accepted, address[i]) == NULL)
				return false;
		} else if (address[i] != shape[i]) {
			return false;
		}
	}
	return true;
}

static int
check_bound_driver(const struct port_request *request, const struct system_pci *look,
	const char *sysfs, struct fault *fault)
{
	char value[256], remedy[256];

	if (strcmp(look->driver, "vfio-pci") == 0 || listed(uio_drivers, look->driver) ||
		listed(shared_drivers, look->driver))
		return 0;
	if (!system_module_present(sysfs, "vfio_pci"))
		return fault_set(fault, ENODEV, "no-vfio", request->device,
			"Run `modprobe vfio-pci`, then bind the device with dpdk-devbind.py",
			"port %s needs the vfio-pci module, which is not loaded", request->name);
	snprintf(value, sizeof(value), "%s has %s", request->device,
		look->driver[0] != '\0' ? look->driver : "no driver");
	snprintf(remedy, sizeof(remedy), "Run `dpdk-devbind.py --bind=vfio-pci %s`",
		request->device);
	return fault_set(fault, EBUSY, "wrong-driver", value, remedy,
		"the device of port %s is not bound to a driver that DPDK can use", request->name);
}

static int
check_vfio(const struct port_request *request, const struct system_pci *look, const char *sysfs,
	const char *devices, struct fault *fault)
{
	char path[PATH_MAX];

	if (!look->has_iommu_group && !system_vfio_without_iommu(sysfs))
		return fault_set(fault, ENODEV, "no-iommu", request->device,
			"Switch the IOMMU on (firmware; intel_iommu=on), or set "
			"/sys/module/vfio/parameters/enable_unsafe_noiommu_mode to 1",
			"port %s is bound to vfio-pci and has no IOMMU group", request->name);
	if (look->iommu_group[0] == '\0')
		return 0;
	snprintf(path, sizeof(path), "%s/vfio/%s", devices, look->iommu_group);
	if (access(path, R_OK | W_OK) == 0 || errno != EACCES)
		return 0;
	return fault_set(fault, EACCES, "no-permission", path,
		"Start as root or give the process's user this device file",
		"the process may not use the device of port %s", request->name);
}

int
pci_check_at(const struct port_request *request, const char *sysfs, const char *devices,
	struct fault *fault)
{
	struct system_pci look;
	int error;

	if ((error = options_parse(request->options, NULL, 0, NULL, fault)) != 0 ||
		(error = check_mtu(request, MTU_MOST, fault)) != 0)
		return error;
	if (!address_is_canonical(request->device))
		return fault_set(fault, EINVAL, "bad-device", request->device,
			"Write it as 0000:03:00.1; `dpdk-devbind.py --status` lists the devices",
			"not the address of a PCI device");
	system_pci_look(sysfs, request->device, &look);
	if (!look.present)
		return fault_set(fault, ENODEV, "no-such-pci-device", request->device,
			"Correct the address; `dpdk-devbind.py --status` lists the devices",
			"the PCI device of port %s does not exist", request->name);
	if ((error = check_bound_driver(request, &look, sysfs, fault)) != 0)
		return error;
	if (strcmp(look.driver, "vfio-pci") == 0 &&
		(error = check_vfio(request, &look, sysfs, devices, fault)) != 0)
		return error;
	if (system_hugepages(sysfs) == 0)
		return fault_set(fault, ENOMEM, "no-hugepages", request->device,
			"Run `sysctl vm.nr_hugepages=1024`",
			"the NIC of port %s needs hugepages, and none are reserved", request->name);
	return 0;
}

static int
pci_check(const struct port_request *request, struct fault *fault)
{
	return pci_check_at(request, "/sys", "/dev", fault);
}

static int
pci_open(const struct port_request *request, struct port *port, struct fault *fault)
{
	struct ethdev_plan plan = {.bus = "pci", .sets_mtu = true};
	int error = pci_check(request, fault);

	if (error != 0)
		return error;
	strlcpy(plan.name, request->device, sizeof(plan.name));
	snprintf(plan.claim, sizeof(plan.claim), "pci %s", request->device);
	return ethdev_open(request, &plan, port, fault);
}

const struct port_driver port_pci = {
	.name = "pci",
	.device_help = "a PCI address: 0000:03:00.1",
	.options_help = "",
	.check = pci_check,
	.open = pci_open,
	.close = ethdev_close,
	.counters = ethdev_counters,
	.link = ethdev_link,
};
