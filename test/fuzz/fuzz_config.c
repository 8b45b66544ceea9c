/* libFuzzer on gateway_config_parse(): whatever the file holds, the answer is a configuration or a
 * whole fault. What loads is held to its promises: counts within their arrays, floors kept, equal
 * to itself in compare, and the same when it is loaded again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/gateway.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static void
count_difference(void *opaque, const struct config_row *row)
{
	++*(unsigned int *)opaque;
}

static void
check_loaded(const struct gateway_config *config)
{
	REQUIRE(config->interface_count >= 1 && config->interface_count <= CONFIG_INTERFACES_MAX);
	REQUIRE(config->route_count <= CONFIG_ROUTES_MAX);
	REQUIRE(config->pool_count <= CONFIG_POOLS_MAX);
	REQUIRE(config->static_count <= CONFIG_STATICS_MAX);
	REQUIRE(config->worker_count >= 1 && config->worker_count <= CONFIG_WORKERS_MAX);
	REQUIRE(config->udp_idle_seconds >= 120 && config->tcp_established_seconds >= 7440);
	REQUIRE(config->tcp_transitory_seconds >= 240 && config->icmp_idle_seconds >= 60);
	REQUIRE(config->instance[0] != '\0' && config->prompt_socket[0] == '/');
	for (unsigned int i = 0; i < config->interface_count; i++)
		REQUIRE(config->interfaces[i].address_count >= 1 &&
			config->interfaces[i].address_count <= CONFIG_ADDRESSES_MAX &&
			config->interfaces[i].prefix_count <= CONFIG_PREFIXES_MAX);
	for (unsigned int i = 0; i < config->pool_count; i++)
		REQUIRE(config->pools[i].private_count <= CONFIG_PREFIXES_MAX &&
			config->pools[i].public_count <= CONFIG_PREFIXES_MAX);
}

static void
check_fault(const struct fault *fault)
{
	REQUIRE(fault->error > 0 && fault->code[0] != '\0' && fault->what[0] != '\0');
	REQUIRE(fault->remedy[0] != '\0');
	for (const char *at = fault->what; *at != '\0'; at++)
		REQUIRE(*at >= 0x20 && *at <= 0x7e);
	for (const char *at = fault->value; *at != '\0'; at++)
		REQUIRE(*at >= 0x20 && *at <= 0x7e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct gateway_config config, again;
	struct fault fault = {0};
	unsigned int differences = 0;

	if (gateway_config_parse("fuzz.yaml", data, size, &config, &fault) != 0) {
		check_fault(&fault);
		return 0;
	}
	check_loaded(&config);
	REQUIRE(gateway_config_parse("fuzz.yaml", data, size, &again, &fault) == 0);
	REQUIRE(gateway_config_compare(&config, &again, count_difference, &differences) == 0);
	REQUIRE(differences == 0);
	return 0;
}
