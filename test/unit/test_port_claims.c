/* Claims on devices: within the process, and against other processes for kernel interfaces. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/port/claims.h"

const char *const unit_suite = "port_claims";

#define CLAIM CLAIM_INTERFACE "claims-test0"

/* Another process that has `claim` until it is killed; it tells by a byte that it does. */
static pid_t
start_other(const char *claim)
{
	int ready[2];
	char byte;
	pid_t other;

	CU_ASSERT_EQUAL_FATAL(pipe(ready), 0);
	other = fork();
	if (other == 0) {
		struct fault fault;

		if (claim_take(claim, "theirs", &fault) == 0 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	CU_ASSERT_EQUAL_FATAL(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return other;
}

static void
kill_other(pid_t other)
{
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
}

static void
a_device_is_claimed_once(void)
{
	struct fault fault;

	CU_ASSERT_EQUAL(claim_take(CLAIM, "a", &fault), 0);
	CU_ASSERT_EQUAL(claim_take(CLAIM, "b", &fault), -EBUSY);
	CU_ASSERT_PTR_NOT_NULL(strstr(fault.what, "port a"));
	claim_release(CLAIM);
	CU_ASSERT_EQUAL(claim_take(CLAIM, "b", &fault), 0);
	claim_release(CLAIM);
}

static void
an_interface_is_claimed_against_other_processes(void)
{
	pid_t other = start_other(CLAIM);
	struct fault fault;

	CU_ASSERT_EQUAL(claim_take(CLAIM, "ours", &fault), -EBUSY);
	CU_ASSERT_PTR_NOT_NULL(strstr(fault.what, "another process"));
	CU_ASSERT_EQUAL(claim_take(CLAIM "1", "ours", &fault), 0);
	claim_release(CLAIM "1");
	/* A killed process leaves nothing behind. */
	kill_other(other);
	CU_ASSERT_EQUAL(claim_take(CLAIM, "ours", &fault), 0);
	claim_release(CLAIM);
}

/* Rings have names within a process. */
static void
other_devices_are_not(void)
{
	pid_t other = start_other("ring lan end 0");
	struct fault fault;

	CU_ASSERT_EQUAL(claim_take("ring lan end 0", "ours", &fault), 0);
	claim_release("ring lan end 0");
	kill_other(other);
}

const struct unit_test unit_tests[] = {
	{"a_device_is_claimed_once", a_device_is_claimed_once},
	{"an_interface_is_claimed_against_other_processes",
		an_interface_is_claimed_against_other_processes},
	{"other_devices_are_not", other_devices_are_not},
	{NULL, NULL},
};
