/* capture start, capture stop, show capture. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "control/capture_file.h"
#include "control/command_tables.h"
#include "control/gateway.h"

#define SNAP_STANDARD 256

enum {
	ARGUMENT_FILE,
	ARGUMENT_INTERFACE,
	ARGUMENT_DIRECTION,
	ARGUMENT_REASON,
	ARGUMENT_COUNT,
	ARGUMENT_SNAPLEN
};

static const char *const directions[] = {"in", "out", "both", "dropped", NULL};

/* In the order of enum drop_reason, with "any" in the place of "none". */
#define REASON_NAME(name, short_name, sentence) DROP_##name == DROP_NONE ? "any" : short_name,
static const char *const reasons[] = {DROP_REASONS(REASON_NAME) NULL};
#undef REASON_NAME

static const unsigned int where_of[] = {
	CAPTURE_IN, CAPTURE_OUT, CAPTURE_IN | CAPTURE_OUT | CAPTURE_DROPPED, CAPTURE_DROPPED};

static int
start(void *context, const struct command_value *values, struct result *result)
{
	struct gateway *gateway = context;
	struct capture_request request = {
		.where = where_of[2],
		.interface = PATH_NO_INTERFACE,
		.snap_bytes = SNAP_STANDARD,
	};
	struct fault fault;

	if (values[ARGUMENT_INTERFACE].given &&
		command_interface(
			gateway, values[ARGUMENT_INTERFACE].word, &request.interface, result) != 0)
		return -ENODEV;
	if (values[ARGUMENT_DIRECTION].given)
		request.where = where_of[values[ARGUMENT_DIRECTION].number];
	if (values[ARGUMENT_REASON].given) {
		request.where = CAPTURE_DROPPED;
		request.reason = (uint8_t)values[ARGUMENT_REASON].number;
	}
	if (values[ARGUMENT_COUNT].given)
		request.packets = (uint32_t)values[ARGUMENT_COUNT].number;
	if (values[ARGUMENT_SNAPLEN].given)
		request.snap_bytes = (uint32_t)values[ARGUMENT_SNAPLEN].number;
	if (capture_file_start(gateway, values[ARGUMENT_FILE].word, &request, &fault) != 0)
		return result_fault(result, &fault);
	log_info("capture started: %s", values[ARGUMENT_FILE].word);
	result_note(result, "Packets go to %s until `capture stop`.", values[ARGUMENT_FILE].word);
	return 0;
}

static void
add_figures(struct result *result, const struct capture_figures *figures, const char *state)
{
	result_text(result, "state", "%s", state);
	result_text(result, "file", "%s", figures->path);
	result_number(result, "packets", figures->written);
	result_number(result, "bytes", figures->bytes);
	result_number(result, "missed", figures->missed);
	if (figures->missed != 0)
		result_note(result, "The control thread or the disk was too slow for the packets "
				    "that are missed; "
				    "capture fewer.");
}

static int
stop(void *context, const struct command_value *values, struct result *result)
{
	struct capture_figures figures;

	(void)values;
	if (capture_file_stop(context, &figures) != 0)
		return result_refuse(result, ENOENT, "no-capture", NULL, "Type: capture start FILE",
			"no capture runs");
	log_info("capture ended: %s, %llu packets", figures.path,
		(unsigned long long)figures.written);
	add_figures(result, &figures, "ended");
	return 0;
}

static int
show_capture(void *context, const struct command_value *values, struct result *result)
{
	struct capture_figures figures;

	(void)values;
	capture_file_step(context);
	if (!capture_file_figures(context, &figures)) {
		result_text(result, "state", "none");
		return 0;
	}
	add_figures(result, &figures, figures.is_over ? "complete" : "running");
	return 0;
}

static const struct command commands[] = {
	{.words = "capture start",
		.help = "write packets to a pcapng file",
		.text = "Packets are written as they were received (in) and as they were sent "
			"(out), "
			"and what is dropped once more where it was dropped, with the reason as "
			"its "
			"comment; the interface is where that happened. `reason` writes dropped "
			"packets "
			"alone. A file of that name is overwritten. Wireshark and tshark read it.",
		.handler = start,
		.arguments = {{"file", "path of the file", COMMAND_WORD},
			{"interface", "only packets of this interface", COMMAND_WORD, true},
			{"direction", "only these; both unless given", COMMAND_WORD, true,
				directions},
			{"reason", "only packets dropped for this", COMMAND_WORD, true, reasons},
			{"count", "packets at most", COMMAND_NUMBER, true, NULL, 1, 100000000},
			{"snaplen", "bytes of each packet, 256 unless given", COMMAND_NUMBER, true,
				NULL, 14, CAPTURE_SNAP_MAX}}},
	{.words = "capture stop", .help = "end the capture and close its file", .handler = stop},
	{.words = "show capture", .help = "how far the capture is", .handler = show_capture},
};

const struct command_table capture_commands = {
	.section = "Packets",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
