/* See interface_features.h. The kernel numbers its features and lets us ask for their names; a
 * feature is one bit of a row of 32-bit blocks. */
#include "drivers/port/interface_features.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <bsd/string.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>

#define BLOCKS 4 /* 128 features; kernels of today have about 64 */

struct features {
	char interface[IFNAMSIZ];
	uint32_t switched_off[BLOCKS];
};

static const char *const merging[] = {
	"rx-gro", "rx-lro", "rx-gro-hw", "rx-gro-list", "rx-udp-gro-forwarding", NULL};
static const char *const stripping[] = {"rx-vlan-hw-parse", "rx-vlan-stag-hw-parse", NULL};

static int
ethtool(const char *interface, void *command)
{
	struct ifreq request = {.ifr_data = command};
	int control, error;

	control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (control < 0)
		return -errno;
	strlcpy(request.ifr_name, interface, sizeof(request.ifr_name));
	error = ioctl(control, SIOCETHTOOL, &request) < 0 ? -errno : 0;
	close(control);
	return error;
}

/* The bits of the named features that this interface's kernel knows. */
static int
find(const char *interface, const char *const *names, uint32_t bits[BLOCKS])
{
	struct {
		struct ethtool_sset_info info;
		uint32_t count;
	} sets = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_FEATURES}};
	struct ethtool_gstrings *strings;
	int error = ethtool(interface, &sets);

	if (error != 0)
		return error;
	strings = calloc(1, sizeof(*strings) + (size_t)sets.count * ETH_GSTRING_LEN);
	if (strings == NULL)
		return -ENOMEM;
	strings->cmd = ETHTOOL_GSTRINGS;
	strings->string_set = ETH_SS_FEATURES;
	strings->len = sets.count;
	error = ethtool(interface, strings);
	for (uint32_t i = 0; error == 0 && i < strings->len && i < BLOCKS * 32; i++) {
		const char *feature = (const char *)strings->data + (size_t)i * ETH_GSTRING_LEN;

		for (const char *const *name = names; *name != NULL; name++) {
			if (strncmp(feature, *name, ETH_GSTRING_LEN) == 0)
				bits[i / 32] |= 1u << i % 32;
		}
	}
	free(strings);
	return error;
}

struct feature_blocks {
	struct ethtool_gfeatures head;
	struct ethtool_get_features_block blocks[BLOCKS];
};

static int
set(const char *interface, const uint32_t bits[BLOCKS], bool on)
{
	struct {
		struct ethtool_sfeatures head;
		struct ethtool_set_features_block blocks[BLOCKS];
	} command = {.head = {.cmd = ETHTOOL_SFEATURES}};
	struct feature_blocks now = {.head = {.cmd = ETHTOOL_GFEATURES, .size = BLOCKS}};
	int error = ethtool(interface, &now);

	if (error != 0)
		return error;
	/* The kernel insists on its own number of blocks. */
	command.head.size = now.head.size < BLOCKS ? now.head.size : BLOCKS;
	for (uint32_t i = 0; i < command.head.size; i++) {
		command.blocks[i].valid = bits[i] & now.blocks[i].available;
		command.blocks[i].requested = on ? command.blocks[i].valid : 0;
	}
	return ethtool(interface, &command);
}

static int
disable(struct features *features, const char *const *names)
{
	struct feature_blocks now = {.head = {.cmd = ETHTOOL_GFEATURES, .size = BLOCKS}};
	uint32_t named[BLOCKS] = {0};
	int error;

	if ((error = find(features->interface, names, named)) != 0 ||
		(error = ethtool(features->interface, &now)) != 0)
		return error;
	for (int i = 0; i < BLOCKS; i++) {
		named[i] &= now.blocks[i].active & now.blocks[i].available &
			    ~now.blocks[i].never_changed;
		features->switched_off[i] |= named[i];
	}
	return set(features->interface, named, false);
}

static int
disable_lists(const char *interface, bool tags_too, struct features **result, struct fault *fault)
{
	struct features *features = calloc(1, sizeof(*features));
	int error = features == NULL ? -ENOMEM : 0;

	if (error == 0) {
		strlcpy(features->interface, interface, sizeof(features->interface));
		error = disable(features, merging);
	}
	if (error == 0 && tags_too)
		error = disable(features, stripping);
	if (error != 0 && error != -EOPNOTSUPP) {
		features_restore(features);
		return fault_set(fault, -error, "features-refused", interface,
			"Try `ethtool -K` with gro off on it",
			"the kernel refuses to change the features of an interface (%s)",
			strerror(-error));
	}
	*result = features;
	return 0;
}

int
features_disable_merging(const char *interface, struct features **features, struct fault *fault)
{
	return disable_lists(interface, false, features, fault);
}

int
features_disable_merging_and_stripping(
	const char *interface, struct features **features, struct fault *fault)
{
	return disable_lists(interface, true, features, fault);
}

void
features_restore(struct features *features)
{
	if (features == NULL)
		return;
	set(features->interface, features->switched_off, true);
	free(features);
}
