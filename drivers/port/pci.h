/* The pci driver's check, with the roots of its looks as parameters for tests. */
#ifndef PORT_PCI_H
#define PORT_PCI_H

#include "base/fault.h"
#include "path/port.h"

/* `sysfs` is "/sys" and `devices` "/dev", or a test's own trees. Changes nothing. Faults:
 * "bad-device", "no-such-pci-device", "no-vfio", "wrong-driver", "no-iommu", "no-permission",
 * "no-hugepages". Control thread. */
int pci_check_at(const struct port_request *request, const char *sysfs, const char *devices,
	struct fault *fault);

#endif
