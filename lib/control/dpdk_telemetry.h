/* The gateway in DPDK's own telemetry: /binfm/status, /binfm/nat/summary, /binfm/worker/stages and
 * /binfm/drops, for dpdk-telemetry.py and what is built on it.
 *
 * DPDK answers on a thread of its own, one client at a time. The handlers read what any thread may
 * read, counters with one writer each and atomic loads, and what does not change while they are
 * registered; the pools, which control exchanges, are left to the prompt and to Prometheus.
 *
 * DPDK 22.11 cannot take a command back: dpdk_telemetry_stop() makes them answer that nothing runs,
 * and waits until no handler is at work.
 *
 * Threads: start and stop on the control thread.
 */
#ifndef CONTROL_DPDK_TELEMETRY_H
#define CONTROL_DPDK_TELEMETRY_H

struct gateway;

/* 0 or -errno: DPDK takes no more commands. */
int dpdk_telemetry_start(const struct gateway *gateway);
void dpdk_telemetry_stop(void);

#endif
