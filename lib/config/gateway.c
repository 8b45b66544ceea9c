/* Loads gateway.yaml; see gateway.h. */
#include "config/gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/gateway_table.h"
#include "config/value_text.h"

const struct config_row *
gateway_config_rows(size_t *count)
{
	*count = gateway_table.row_count;
	return gateway_table.rows;
}

static int
check_all(const struct gateway_check *check)
{
	int error = gateway_check_machine(check);

	if (error == 0)
		error = gateway_check_networks(check);
	if (error == 0)
		error = gateway_check_pools(check);
	if (error == 0)
		error = gateway_check_statics(check);
	return error;
}

/* What follows from other values. */
static void
derive(struct gateway_config *config)
{
	static const uint8_t none[sizeof(config->interfaces[0].mac)];

	for (unsigned int i = 0; i < config->interface_count; i++) {
		struct config_interface *interface = &config->interfaces[i];

		interface->mac_set = memcmp(interface->mac, none, sizeof(none)) != 0;
	}
}

static int
refuse_size(const char *name, struct fault *fault)
{
	return fault_set(fault, E2BIG, "file-too-large", name,
		"Give the configuration file, not another one",
		"the file is larger than 1 MiB, more than any configuration needs");
}

int
gateway_config_parse(const char *name, const void *text, size_t length,
	struct gateway_config *config, struct fault *fault)
{
	struct config_source source;
	struct gateway_config *new;
	int error;

	if (length > CONFIG_FILE_BYTES)
		return refuse_size(name, fault);
	new = calloc(1, sizeof(*new)); /* zeroed, padding too: compare looks at bytes */
	if (new == NULL)
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Free memory and try again",
			"no memory to read the file");
	error = config_source_open(&source, name, text, length, fault);
	if (error != 0)
		goto free_config;
	error = config_table_load(&gateway_table, &source, new, fault);
	if (error == 0)
		error = check_all(&(struct gateway_check){&source, new, fault});
	if (error == 0) {
		derive(new);
		memcpy(config, new, sizeof(*new));
	}
	config_source_close(&source);
free_config:
	free(new);
	return error;
}

/* Reads at most one byte more than is allowed, so that a file that grows is caught too. */
static int
read_all(int descriptor, char *text, size_t *length)
{
	*length = 0;
	while (*length <= CONFIG_FILE_BYTES) {
		ssize_t got = read(descriptor, text + *length, CONFIG_FILE_BYTES + 1 - *length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		*length += (size_t)got;
	}
	return 0;
}

int
gateway_config_load(const char *path, struct gateway_config *config, struct fault *fault)
{
	int descriptor =
		open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a fifo must not hang us */
	struct stat status;
	size_t length;
	char *text;
	int error;

	if (descriptor < 0)
		return fault_set(fault, errno, "cannot-read", path,
			"Give a file that exists and that this user may read",
			"the configuration cannot be opened (%s)", strerror(errno));
	if (fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode)) {
		close(descriptor);
		return fault_set(fault, EINVAL, "not-a-file", path, "Give a regular file",
			"the configuration is not a regular file");
	}
	text = malloc(CONFIG_FILE_BYTES + 1);
	if (text == NULL) {
		close(descriptor);
		return fault_set(fault, ENOMEM, "no-memory", NULL, "Free memory and try again",
			"no memory to read the file");
	}
	error = read_all(descriptor, text, &length);
	close(descriptor);
	if (error != 0)
		fault_set(fault, -error, "cannot-read", path, "Check the disk and the file",
			"the configuration cannot be read (%s)", strerror(-error));
	else
		error = gateway_config_parse(path, text, length, config, fault);
	free(text);
	return error;
}

unsigned int
gateway_config_compare(const struct gateway_config *old, const struct gateway_config *new,
	config_difference *each, void *opaque)
{
	return config_table_compare(&gateway_table, old, new, each, opaque);
}

void
gateway_config_visit(
	const struct gateway_config *config, config_value_text_visitor *each, void *opaque)
{
	config_table_visit(&gateway_table, config, each, opaque);
}
