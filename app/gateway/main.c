/* binfm-gateway: reads its configuration, starts in stages, runs the control loop. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "arguments.h"
#include "base/log.h"
#include "command/man.h"
#include "control/commands.h"
#include "control/prompt_script.h"
#include "control/prompt_terminal.h"
#include "control/reload.h"
#include "stages.h"

#define EXIT_REFUSED 1
#define EXIT_FAULTS  4

static struct gateway gateway; /* one a process; too large for a stack */

static void
complain(const char *where, const struct fault *fault)
{
	char text[512];

	fprintf(stderr, "binfm-gateway: %s: %s\n", where, fault_text(fault, text, sizeof(text)));
}

static int
check(const char *path)
{
	struct fault fault;

	if (gateway_config_load(path, &gateway.config, &fault) != 0 ||
		stages_check(&gateway, &fault) != 0) {
		complain("check", &fault);
		return EXIT_FAULTS;
	}
	printf("%s: good\n", path);
	return 0;
}

static int
print(const struct arguments *arguments)
{
	struct command_registry *registry;

	if (arguments->print_reference)
		gateway_config_print_reference(stdout);
	if (arguments->print_example)
		gateway_config_print_example(stdout);
	if (arguments->print_man) {
		registry = command_registry_new();
		commands_register(registry, &gateway);
		commands_print_man(registry, stdout);
		command_registry_free(registry);
	}
	return 0;
}

static void
on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	commands_quit(signal->data);
}

/* systemctl reload. What comes of it is in the log. */
static void
on_hangup(uv_signal_t *signal, int number)
{
	struct reload_report report;

	(void)number;
	reload_run(signal->data, &report, NULL);
}

static void
on_prompt_left(void *opaque)
{
	commands_quit(opaque);
}

/* Runs until somebody quits. Returns the exit status. */
static int
run(const struct arguments *arguments)
{
	uv_signal_t interrupt, terminate, hangup;
	struct fault fault;
	int status = 0;

	uv_signal_init(&gateway.loop, &interrupt);
	uv_signal_init(&gateway.loop, &terminate);
	uv_signal_init(&gateway.loop, &hangup);
	interrupt.data = terminate.data = hangup.data = &gateway;
	uv_signal_start(&hangup, on_hangup, SIGHUP);
	uv_signal_start(&interrupt, on_signal, SIGINT);
	uv_signal_start(&terminate, on_signal, SIGTERM);
	if (arguments->cmdline_file != NULL &&
		prompt_script_run(gateway.registry, arguments->cmdline_file, stdout, stderr) != 0) {
		status = EXIT_REFUSED;
		gateway.quit = true;
	}
	if (arguments->interactive && !gateway.quit) {
		gateway.terminal = prompt_terminal_start(
			&gateway.loop, gateway.registry, on_prompt_left, &gateway, &fault);
		if (gateway.terminal == NULL) {
			complain("prompt", &fault);
			status = EXIT_REFUSED;
			gateway.quit = true;
		}
	}
	if (!gateway.quit)
		uv_run(&gateway.loop, UV_RUN_DEFAULT);
	prompt_terminal_stop(gateway.terminal);
	uv_close((uv_handle_t *)&interrupt, NULL);
	uv_close((uv_handle_t *)&terminate, NULL);
	uv_close((uv_handle_t *)&hangup, NULL);
	uv_run(&gateway.loop, UV_RUN_NOWAIT); /* the handles are on this stack */
	return status;
}

static void
set_log_level(void)
{
	enum log_level level;

	if (log_level_parse(gateway.config.log_level, &level) == 0)
		log_set_level(level);
}

static void
tell_start(void)
{
	if (gateway.table_file.discarded[0] != '\0')
		log_warn("the mappings of before could not be taken over: %s",
			gateway.table_file.discarded);
	log_info("running: %u workers, %u ports, %u public addresses; %u mappings taken over, "
		 "%u freed, %u discarded because their pool has gone; prompt at %s",
		gateway.path.worker_count, gateway.port_count, gateway.nat.pools->address_count,
		gateway.mappings_restored, gateway.mappings_freed, gateway.mappings_discarded,
		gateway.config.prompt_socket);
}

int
main(int count, char **words)
{
	struct arguments arguments;
	struct fault fault;
	const char *stage;
	int status = arguments_parse(count, words, &arguments);

	if (status >= 0)
		return status;
	if (arguments.print_reference || arguments.print_example || arguments.print_man)
		return print(&arguments);
	if (arguments.check != NULL)
		return check(arguments.check);
	strlcpy(gateway.config_path, arguments.config, sizeof(gateway.config_path));
	if (gateway_config_load(arguments.config, &gateway.config, &fault) != 0) {
		complain("configuration", &fault);
		return EXIT_REFUSED;
	}
	set_log_level();
	if (stages_start(&gateway, &stage, &fault) != 0) {
		complain(stage, &fault);
		return EXIT_REFUSED;
	}
	tell_start();
	status = run(&arguments);
	stages_stop(&gateway);
	log_info("ended");
	return status;
}
