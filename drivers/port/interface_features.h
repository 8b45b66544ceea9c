/* Kernel features of an interface (what `ethtool -k` lists), switched off while we use it.
 *
 * Threads: control thread. Source: the kernel's include/uapi/linux/ethtool.h.
 */
#ifndef PORT_INTERFACE_FEATURES_H
#define PORT_INTERFACE_FEATURES_H

#include "base/fault.h"

struct features; /* what was switched off, to be put back */

/* Switches off what merges received packets into frames larger than the MTU (GRO, LRO and its
 * hardware kin), which would be cut off at a ring frame's end. Features that the interface does not
 * have or cannot change are left alone. Fault: "features-refused". */
int features_disable_merging(
	const char *interface, struct features **features, struct fault *fault);

/* Switches off the kernel's stripping of received tags as well (AF_XDP would lose the tag). */
int features_disable_merging_and_stripping(
	const char *interface, struct features **features, struct fault *fault);

/* Switches on again what was switched off, and frees. NULL is allowed, and an interface that has
 * gone meanwhile. */
void features_restore(struct features *features);

#endif
