/* See watching.h. */
#include "control/watching.h"

#include "control/capture_file.h"
#include "control/gateway.h"
#include "path/trace.h"

static void
publish(struct gateway *gateway)
{
	watch_publish(
		&gateway->path, gateway->watching.armed.trace, gateway->watching.armed.capture);
}

void
watching_arm_trace(struct gateway *gateway, struct trace *trace)
{
	struct watching *watching = &gateway->watching;

	watching->armed.trace = trace;
	publish(gateway);
	if (watching->trace != trace)
		trace_free(watching->trace);
	watching->trace = trace;
}

void
watching_disarm_trace(struct gateway *gateway)
{
	gateway->watching.armed.trace = NULL;
	publish(gateway);
}

void
watching_set_capture(struct gateway *gateway, struct capture *capture)
{
	gateway->watching.armed.capture = capture;
	publish(gateway);
}

void
watching_step(struct gateway *gateway)
{
	const struct trace *armed = gateway->watching.armed.trace;

	capture_file_step(gateway);
	/* One more turn for packets that are still under way. */
	if (armed != NULL && trace_taken(armed) == armed->wanted)
		watching_disarm_trace(gateway);
}

void
watching_close(struct gateway *gateway)
{
	struct capture_figures figures;

	capture_file_stop(gateway, &figures);
	watching_arm_trace(gateway, NULL);
}
