/* lib/nat/table_file and nat_open: what SIGKILL in the middle of claiming leaves behind. */
#include "unit.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nat/table_file.h"
#include "nat_fixture.h"

const char *const unit_suite = "table_kill";

#define FLOW_BYTES (64u * 1024)
#define HOST_1     0x0a000001u /* 10.0.0.1 */

static char directory[] = "/tmp/binfm-table-XXXXXX";
static char path[64];
static struct nat_fixture fixture; /* its pools alone */
static struct table_file file;
static struct fault fault;

static void
begin(void)
{
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/test.table", directory);
	nat_fixture_pool(&fixture, "10.0.0.0/24", "198.51.100.1/32");
	memset(&fault, 0, sizeof(fault));
}

static void
end(void)
{
	unlink(path);
	CU_ASSERT_EQUAL(rmdir(directory), 0);
}

static int
open_file(void)
{
	return table_file_open(&file, directory, "test", &fixture.pools, FLOW_BYTES, &fault);
}

/* The child of the next test: claims as fast as it can until it is killed. `*claimed` tells the
 * parent how far it is. */
static void
claim_until_killed(volatile uint32_t *claimed)
{
	const struct nat_endpoint half = {HOST_1, 80, NAT_TCP, 0};
	uint32_t slot;

	if (open_file() != 0 ||
		nat_open(&fixture.nat, &file.table, &fixture.pools, 2, 0, false, NULL, &fault) != 0)
		_exit(1);
	fixture.table = file.table;
	/* One word is surely CLAIMING at the end. */
	if (nat_reserve(&fixture.nat, &half, 0xc6336401, 8080, 0, &slot) != 0)
		_exit(1);
	for (uint32_t i = 0;; i++) {
		slot = nat_fixture_claim(
			&fixture, NAT_UDP, HOST_1 + i % 250, (uint16_t)(i * 7), 0, NULL);
		if (slot != NAT_SLOT_NONE && i % 3 == 0)
			nat_fixture_free(&fixture, slot);
		*claimed = i;
	}
}

static void
check_after_kill(void)
{
	struct nat_restored restored;
	uint32_t active = 0, found = 0;
	struct nat *nat = &fixture.nat;

	CU_ASSERT_EQUAL_FATAL(open_file(), 0);
	CU_ASSERT_TRUE(file.reused);
	CU_ASSERT_EQUAL_FATAL(
		nat_open(nat, &file.table, &fixture.pools, 3, 0, false, &restored, &fault), 0);
	for (uint32_t slot = 0; slot < file.table.slot_count; slot++) {
		uint64_t word = nat_word_load(&file.table, slot);
		struct nat_endpoint endpoint = {nat_word_address(word), nat_word_port(word),
			nat_word_protocol(word), nat_word_vrf(word)};

		if (nat_word_state(word) == NAT_FREE)
			continue;
		active += nat_word_state(word) == NAT_ACTIVE;
		found += nat_find(nat, &endpoint) == slot;
	}
	CU_ASSERT_TRUE(active > 0);
	CU_ASSERT_EQUAL(active, restored.kept);
	CU_ASSERT_EQUAL(found, restored.kept);
	CU_ASSERT_TRUE(restored.freed >= 1);
	fixture.table = file.table;
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), restored.kept);
	CU_ASSERT_EQUAL(nat_fixture_host_mappings(&fixture), restored.kept);
	CU_ASSERT_EQUAL(nat_fixture_indexed(&fixture), restored.kept);
	nat_close(nat);
	table_file_close(&file);
}

static void
a_killed_gateway_leaves_a_whole_table(void)
{
	for (unsigned int round = 0; round < 5; round++) {
		volatile uint32_t *claimed =
			mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		int status = 0;
		pid_t child;

		begin();
		child = fork();
		if (child == 0)
			claim_until_killed(claimed);
		while (*claimed < 5000 * (round + 1) && waitpid(child, &status, WNOHANG) == 0)
			sched_yield();
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		check_after_kill();
		munmap((void *)(uintptr_t)claimed, 4096);
		end();
	}
}

const struct unit_test unit_tests[] = {
	{"a_killed_gateway_leaves_a_whole_table", a_killed_gateway_leaves_a_whole_table},
	{NULL, NULL},
};
