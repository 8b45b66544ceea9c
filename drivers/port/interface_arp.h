/* Keeps the kernel from answering ARP on an interface that is ours.
 *
 * By default Linux answers on any interface for any address of the machine, so an interface that a
 * packet socket shares with the kernel would give two answers for the gateway's address. While we
 * have the interface, its arp_ignore is 8: no answers. Control thread.
 * Source: the kernel's networking/ip-sysctl.rst.
 */
#ifndef PORT_INTERFACE_ARP_H
#define PORT_INTERFACE_ARP_H

#define ARP_IGNORE_UNKNOWN (-1)

/* Silences the kernel; returns what was set before, or ARP_IGNORE_UNKNOWN when it cannot be read or
 * changed (no /proc/sys: the kernel then goes on answering). */
int interface_arp_silence(const char *interface);

/* Puts the former value back; harmless with ARP_IGNORE_UNKNOWN or a vanished interface. */
void interface_arp_restore(const char *interface, int before);

#endif
