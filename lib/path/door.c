/* See door.h. */
#include "path/door.h"

#include <errno.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_ring_elem.h>

#include "nat/claim.h"
#include "path/path.h"

_Static_assert(sizeof(struct door_request) == 16, "ring elements are multiples of four bytes");

int
door_open(struct door *door, const char *name)
{
	*door = (struct door){0};
	door->requests = rte_ring_create_elem(name, sizeof(struct door_request), DOOR_CAPACITY,
		SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	return door->requests != NULL ? 0 : -ENOMEM;
}

void
door_close(struct door *door)
{
	rte_ring_free(door->requests);
	door->requests = NULL;
}

unsigned int
door_post(struct door *door, const struct door_request *requests, unsigned int count)
{
	unsigned int queued = rte_ring_sp_enqueue_burst_elem(
		door->requests, requests, sizeof(requests[0]), count, NULL);

	door->posted += queued;
	return queued;
}

bool
door_is_done(const struct door *door)
{
	return __atomic_load_n(&door->done, __ATOMIC_ACQUIRE) == door->posted;
}

bool
door_wait(const struct door *door, unsigned int timeout_ms)
{
	uint64_t deadline = rte_get_timer_cycles() + rte_get_timer_hz() / 1000 * timeout_ms;

	while (!door_is_done(door)) {
		if (rte_get_timer_cycles() > deadline)
			return false;
		usleep(50);
	}
	return true;
}

static void
serve(struct worker *worker, const struct door_request *request)
{
	struct nat *nat = worker->path->nat;
	struct flow_pool *flows = worker->path->flows;

	switch ((enum door_operation)request->operation) {
	case DOOR_UNLINK_MAPPING:
		/* The endpoint may have come back since control decided. */
		nat_unlink_closing(nat, request->number);
		break;
	case DOOR_PUBLISH_MAPPING:
		worker->door.last_result = nat_publish(nat, request->number);
		break;
	case DOOR_CLOSE_MAPPING:
		/* An operator removes a mapping: only the one that was meant. */
		worker->door.last_result =
			nat_retire(nat, request->number, (unsigned int)request->generation) &&
					nat_unlink_closing(nat, request->number)
				? 0
				: -ENOENT;
		break;
	case DOOR_UNLINK_FLOW:
		flow_unlink(flows, worker->number, request->number);
		break;
	case DOOR_RELEASE_FLOW:
		flow_release(flows, worker->number, request->number);
		break;
	}
}

unsigned int
door_serve(struct worker *worker)
{
	struct door_request requests[DOOR_REQUESTS_A_TURN];
	struct door *door = &worker->door;
	unsigned int count = rte_ring_sc_dequeue_burst_elem(
		door->requests, requests, sizeof(requests[0]), DOOR_REQUESTS_A_TURN, NULL);

	for (unsigned int i = 0; i < count; i++)
		serve(worker, &requests[i]);
	if (count != 0)
		__atomic_store_n(&door->done, door->done + count, __ATOMIC_RELEASE);
	return count;
}
