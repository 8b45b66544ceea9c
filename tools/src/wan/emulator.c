/* See emulator.h. */
#include "emulator.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"

#define SPIN_NS       UINT64_C(50000)
#define SEND_MOST     64u /* a direction and turn; then reading has its turn */
#define EVENTS_MAX    32
#define CLIENTS_MAX   16u
#define FIFO_PRIORITY 10
#define PLACES        (EMULATOR_LINKS_MAX * 3 + CLIENTS_MAX + 2)

enum watch_kind { WATCH_NOTHING, WATCH_END, WATCH_LISTENER, WATCH_CLIENT, WATCH_TIMER, WATCH_STOP };

/* A descriptor that epoll looks at, and whose it is. */
struct watch {
	enum watch_kind kind;
	int descriptor;
	struct link *link;
	enum link_direction direction;
};

struct emulator {
	const struct emulator_plan *plan;
	int epoll, timer;
	bool realtime, stopped;
	unsigned int links_open, clients;
	uint64_t timer_ns; /* what the timer is set to; 0 = to nothing */
	struct watch watches[PLACES];
	struct link links[EMULATOR_LINKS_MAX];
};

static int
watch(struct emulator *emulator, const struct watch *wanted)
{
	for (struct watch *place = emulator->watches; place < emulator->watches + PLACES; place++) {
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = place};

		if (place->kind != WATCH_NOTHING)
			continue;
		*place = *wanted;
		if (epoll_ctl(emulator->epoll, EPOLL_CTL_ADD, place->descriptor, &event) == 0)
			return 0;
		place->kind = WATCH_NOTHING;
		return -errno;
	}
	return -ENOSPC;
}

static void
unwatch(struct emulator *emulator, struct watch *place)
{
	epoll_ctl(emulator->epoll, EPOLL_CTL_DEL, place->descriptor, NULL);
	place->kind = WATCH_NOTHING;
}

static void
accept_client(struct emulator *emulator, const struct watch *listener)
{
	struct watch client = {.kind = WATCH_CLIENT, .link = listener->link};

	client.descriptor = accept4(listener->descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (client.descriptor < 0)
		return;
	if (emulator->clients == CLIENTS_MAX || watch(emulator, &client) != 0)
		close(client.descriptor);
	else
		emulator->clients++;
}

/* One request a client. What is not one gets no answer. */
static void
serve(struct emulator *emulator, struct watch *client)
{
	struct protocol_request request;
	struct protocol_reply reply;
	ssize_t length = recv(client->descriptor, &request, sizeof(request), MSG_TRUNC);

	if (length == sizeof(request)) {
		request.text[sizeof(request.text) - 1] = '\0';
		link_answer(client->link, &request, &reply);
		reply.realtime = emulator->realtime;
		send(client->descriptor, &reply, sizeof(reply), MSG_NOSIGNAL);
	}
	unwatch(emulator, client);
	close(client->descriptor);
	emulator->clients--;
}

static void
handle(struct emulator *emulator, struct watch *place, uint32_t events)
{
	uint64_t expirations;

	switch (place->kind) {
	case WATCH_END:
		/* A TAP interface that somebody deleted reports it forever. */
		if ((events & (EPOLLERR | EPOLLHUP)) && place->link->ends[place->direction].tap) {
			place->link->ends[place->direction].deleted = true;
			unwatch(emulator, place);
		} else {
			link_receive(place->link, place->direction);
		}
		break;
	case WATCH_LISTENER:
		accept_client(emulator, place);
		break;
	case WATCH_CLIENT:
		serve(emulator, place);
		break;
	case WATCH_TIMER:
		if (read(place->descriptor, &expirations, sizeof(expirations)) > 0)
			emulator->timer_ns = 0;
		break;
	case WATCH_STOP:
		emulator->stopped = true;
		break;
	case WATCH_NOTHING:
		break;
	}
}

static uint64_t
send_due(struct emulator *emulator)
{
	uint64_t next_ns = UINT64_MAX, departure_ns;

	for (unsigned int i = 0; i < emulator->links_open; i++) {
		link_send_due(&emulator->links[i], SEND_MOST);
		departure_ns = link_next_departure(&emulator->links[i]);
		if (departure_ns < next_ns)
			next_ns = departure_ns;
	}
	return next_ns;
}

static void
set_timer(struct emulator *emulator, uint64_t time_ns)
{
	struct itimerspec timer = {.it_value = {.tv_sec = (time_t)(time_ns / 1000000000),
					   .tv_nsec = (long)(time_ns % 1000000000)}};

	if (emulator->timer_ns == time_ns)
		return;
	timerfd_settime(emulator->timer, TFD_TIMER_ABSTIME, &timer, NULL);
	emulator->timer_ns = time_ns;
}

/* Waits for frames, requests, or until shortly before `next_ns`. Returns how many events. */
static int
wait_for_events(struct emulator *emulator, uint64_t next_ns, struct epoll_event *events)
{
	uint64_t now_ns = clock_now_ns();

	if (next_ns <= now_ns + SPIN_NS) {
		int count = epoll_wait(emulator->epoll, events, EVENTS_MAX, 0);

		while (count == 0 && clock_now_ns() < next_ns)
			__builtin_ia32_pause();
		return count;
	}
	if (next_ns != UINT64_MAX)
		set_timer(emulator, next_ns - SPIN_NS);
	return epoll_wait(emulator->epoll, events, EVENTS_MAX, -1);
}

static void
loop(struct emulator *emulator)
{
	struct epoll_event events[EVENTS_MAX];

	while (!emulator->stopped) {
		uint64_t next_ns = send_due(emulator);
		int count = wait_for_events(emulator, next_ns, events);

		for (int i = 0; i < count; i++)
			handle(emulator, events[i].data.ptr, events[i].events);
	}
}

static int
open_link(struct emulator *emulator, const struct link_plan *plan, struct fault *fault)
{
	struct link *link = &emulator->links[emulator->links_open];
	struct watch wanted = {.link = link};
	int error, listener = control_listen(emulator->plan->directory, plan->name, fault);

	if (listener < 0)
		return listener;
	error = link_open(link, plan, fault);
	if (error != 0) {
		control_remove(emulator->plan->directory, plan->name);
		close(listener);
		return error;
	}
	emulator->links_open++;
	wanted.kind = WATCH_LISTENER;
	wanted.descriptor = listener;
	error = watch(emulator, &wanted);
	wanted.kind = WATCH_END;
	for (unsigned int direction = 0; error == 0 && direction < LINK_DIRECTIONS; direction++) {
		wanted.descriptor = link->ends[direction].descriptor;
		wanted.direction = direction;
		error = watch(emulator, &wanted);
	}
	return error == 0 ? 0
			  : fault_set(fault, -error, "no-epoll", NULL, NULL,
				    "the kernel cannot watch the link (%s)", strerror(-error));
}

/* Signals are events as well: nothing is cut off in the middle. */
static int
open_loop(struct emulator *emulator, struct fault *fault)
{
	struct watch timer = {.kind = WATCH_TIMER}, stop = {.kind = WATCH_STOP};
	sigset_t signals;
	int error;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	emulator->epoll = epoll_create1(EPOLL_CLOEXEC);
	emulator->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	timer.descriptor = emulator->timer;
	stop.descriptor = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (emulator->epoll >= 0 && timer.descriptor >= 0 && stop.descriptor >= 0 &&
		watch(emulator, &timer) == 0 && watch(emulator, &stop) == 0)
		return 0;
	error = errno;
	return fault_set(fault, error, "no-epoll", NULL, "Raise the limit of open files",
		"the kernel gives no event loop (%s)", strerror(error));
}

/* The slack of timers counts only without real-time priority. */
static void
take_priority(struct emulator *emulator)
{
	struct sched_param priority = {.sched_priority = FIFO_PRIORITY};

	prctl(PR_SET_TIMERSLACK, 1UL);
	emulator->realtime =
		emulator->plan->realtime &&
		sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority) == 0;
}

static void
close_all(struct emulator *emulator)
{
	for (unsigned int i = 0; i < emulator->links_open; i++) {
		control_remove(emulator->plan->directory, emulator->links[i].plan->name);
		link_close(&emulator->links[i]);
	}
	for (struct watch *place = emulator->watches; place < emulator->watches + PLACES; place++)
		if (place->kind != WATCH_NOTHING && place->kind != WATCH_END)
			close(place->descriptor);
	close(emulator->epoll);
}

int
emulator_run(
	const struct emulator_plan *plan, emulator_ready *ready, void *opaque, struct fault *fault)
{
	struct emulator *emulator = calloc(1, sizeof(*emulator));
	int error;

	if (emulator == NULL)
		return fault_set(fault, ENOMEM, "no-memory", NULL, NULL, "out of memory");
	emulator->plan = plan;
	error = open_loop(emulator, fault);
	for (unsigned int i = 0; error == 0 && i < plan->link_count; i++)
		error = open_link(emulator, &plan->links[i], fault);
	if (error == 0) {
		take_priority(emulator);
		ready(opaque, emulator->realtime);
		loop(emulator);
	}
	close_all(emulator);
	free(emulator);
	return error;
}
