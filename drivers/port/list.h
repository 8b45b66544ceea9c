/* The drivers, for drivers.c; each is defined in the file of its name. */
#ifndef PORT_LIST_H
#define PORT_LIST_H

#include "path/port.h"

extern const struct port_driver port_af_packet;
extern const struct port_driver port_af_xdp;
extern const struct port_driver port_bench;
extern const struct port_driver port_memif;
extern const struct port_driver port_pcap;
extern const struct port_driver port_pci;
extern const struct port_driver port_ring;
extern const struct port_driver port_tap;

#endif
