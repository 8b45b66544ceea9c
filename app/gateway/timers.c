/* See timers.h. */
#include "timers.h"

#include "base/log.h"
#include "control/ageing.h"
#include "control/alarms.h"
#include "control/neighbour.h"
#include "control/pools.h"
#include "control/punt.h"

#define CLOCK_MS     100
#define PUNT_MS      1 /* by how much an ARP answer or a ping to the gateway can be late */
#define AGE_MS       100
#define CLOSE_MS     2
#define NEIGHBOUR_MS 500
#define SECOND_MS    1000

static void
on_clock(uv_timer_t *timer)
{
	struct gateway *gateway = timer->data;

	__atomic_store_n(&gateway->path.now_seconds, gateway_now_seconds(), __ATOMIC_RELAXED);
	watching_step(gateway);
}

static void
on_punt(uv_timer_t *timer)
{
	punt_serve(timer->data);
}

static void
on_age(uv_timer_t *timer)
{
	struct gateway *gateway = timer->data;

	ageing_step(gateway, gateway_now_seconds());
	pools_step(gateway);
	/* An operator waits for mappings that are closed, and their batches for the next step. */
	uv_timer_set_repeat(timer, pools_are_closing(gateway) ? CLOSE_MS : AGE_MS);
}

static void
on_neighbour(uv_timer_t *timer)
{
	neighbour_tick(timer->data, gateway_now_ms());
}

static void
on_second(uv_timer_t *timer)
{
	alarms_tick(timer->data, gateway_now_ms());
	log_tick();
}

static void
start(struct gateway *gateway, uv_timer_t *timer, uv_timer_cb callback, uint64_t every_ms)
{
	uv_timer_init(&gateway->loop, timer);
	timer->data = gateway;
	uv_timer_start(timer, callback, 0, every_ms);
}

void
timers_start(struct gateway *gateway)
{
	start(gateway, &gateway->clock_timer, on_clock, CLOCK_MS);
	start(gateway, &gateway->punt_timer, on_punt, PUNT_MS);
	start(gateway, &gateway->age_timer, on_age, AGE_MS);
	start(gateway, &gateway->neighbour_timer, on_neighbour, NEIGHBOUR_MS);
	start(gateway, &gateway->second_timer, on_second, SECOND_MS);
}

void
timers_stop(struct gateway *gateway)
{
	uv_close((uv_handle_t *)&gateway->clock_timer, NULL);
	uv_close((uv_handle_t *)&gateway->punt_timer, NULL);
	uv_close((uv_handle_t *)&gateway->age_timer, NULL);
	uv_close((uv_handle_t *)&gateway->neighbour_timer, NULL);
	uv_close((uv_handle_t *)&gateway->second_timer, NULL);
}
