/* lib/nat/table_file: reuse, every kind of damage, locks, huge pages. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nat/table_file.h"
#include "nat/table_file_format.h"
#include "nat_fixture.h"

const char *const unit_suite = "table_file";

#define FLOW_BYTES (64u * 1024)

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

static void
a_file_keeps_its_content(void)
{
	begin();
	CU_ASSERT_EQUAL_FATAL(open_file(), 0);
	CU_ASSERT_FALSE(file.reused);
	CU_ASSERT_STRING_EQUAL(file.discarded, "");
	CU_ASSERT_EQUAL(file.table.slot_count, 3 * 65536);
	CU_ASSERT_EQUAL((uintptr_t)file.flow_out % 64, 0);
	CU_ASSERT_EQUAL((uintptr_t)file.flow_in % 64, 0);
	file.table.words[49300] = 0x1234;
	file.table.out[3 * 65536 - 1].remote_port = 77;
	memset(file.flow_out, 1, FLOW_BYTES);
	memset(file.flow_in, 2, FLOW_BYTES);
	table_file_close(&file);

	CU_ASSERT_EQUAL_FATAL(open_file(), 0);
	CU_ASSERT_TRUE(file.reused);
	CU_ASSERT_EQUAL(file.table.words[49300], 0x1234);
	CU_ASSERT_EQUAL(file.table.out[3 * 65536 - 1].remote_port, 77);
	CU_ASSERT_EQUAL(file.table.in[0].last_seen_seconds, 0);
	CU_ASSERT_EQUAL(((uint8_t *)file.flow_out)[FLOW_BYTES - 1], 1);
	CU_ASSERT_EQUAL(((uint8_t *)file.flow_in)[0], 2);
	table_file_close(&file);
	end();
}

/* Changes the stored header; `again` makes its CRC right. */
static void
edit_header(void (*edit)(struct table_file_header *header), bool again)
{
	struct table_file_header header;
	int descriptor = open(path, O_RDWR);

	CU_ASSERT_EQUAL(pread(descriptor, &header, sizeof(header), 0), sizeof(header));
	edit(&header);
	if (again)
		header.crc = table_file_header_crc(&header);
	CU_ASSERT_EQUAL(pwrite(descriptor, &header, sizeof(header), 0), sizeof(header));
	close(descriptor);
}

static void
edit_garbage(struct table_file_header *header)
{
	memset(header, 0xa5, sizeof(*header));
}

static void
edit_nothing_finished(struct table_file_header *header)
{
	memset(header, 0, sizeof(*header));
}

static void
edit_version(struct table_file_header *header)
{
	header->layout_version = 7;
}

static void
edit_one_bit(struct table_file_header *header)
{
	header->place_count ^= 1;
}

static void
edit_addresses(struct table_file_header *header)
{
	header->place_count = 5000; /* more than the file holds */
}

/* All consistent, except with the file. */
static void
edit_everything_larger(struct table_file_header *header)
{
	header->flow_bytes *= 1024;
	header->layout = table_file_layout(header->flow_bytes);
}

static void
edit_offset(struct table_file_header *header)
{
	header->layout.in = UINT64_C(1) << 40;
}

static void
edit_flows(struct table_file_header *header)
{
	header->flow_bytes = UINT64_MAX - 63;
}

static void
edit_file_bytes(struct table_file_header *header)
{
	header->file_bytes *= 2;
}

static void
edit_boot(struct table_file_header *header)
{
	memset(header->boot_id, 'x', sizeof(header->boot_id));
}

/* Whatever the header says: the file is made anew, and the reason names what was wrong. */
static void
a_damaged_header_is_never_trusted(void)
{
	static const struct {
		void (*edit)(struct table_file_header *header);
		bool crc_right;
		const char *reason;
	} rows[] = {
		{edit_garbage, false, "no magic"},
		{edit_nothing_finished, false, "no magic"},
		{edit_version, true, "version 7"},
		{edit_one_bit, false, "damaged (CRC)"},
		{edit_one_bit, true, "contradicts itself"},
		{edit_addresses, true, "contradicts itself"},
		{edit_everything_larger, true, "contradicts itself"},
		{edit_offset, true, "contradicts itself"},
		{edit_flows, true, "contradicts itself"},
		{edit_file_bytes, true, "bytes long instead of"},
		{edit_boot, true, "before the machine's last start"},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin();
		CU_ASSERT_EQUAL_FATAL(open_file(), 0);
		file.table.words[49300] = 0x1234;
		table_file_close(&file);
		edit_header(rows[i].edit, rows[i].crc_right);
		CU_ASSERT_EQUAL_FATAL(open_file(), 0);
		CU_ASSERT_FALSE(file.reused);
		CU_ASSERT_PTR_NOT_NULL(strstr(file.discarded, rows[i].reason));
		CU_ASSERT_EQUAL(file.table.words[49300], 0);
		table_file_close(&file);
		CU_ASSERT_EQUAL_FATAL(open_file(), 0);
		CU_ASSERT_TRUE(file.reused);
		table_file_close(&file);
		end();
	}
}

static void
a_file_of_another_size_is_made_anew(void)
{
	static const struct {
		off_t bytes;
		const char *reason;
	} rows[] = {
		{0, ""},
		{1, "cut short: 1 bytes"},
		{100, "cut short: 100 bytes"},
		{4095, "cut short"},
		{4096, "cut short: 4096 bytes"},
		{40960, "40960 bytes long instead of"},
		{1 << 20, "1048576 bytes long instead of"},
		{64 << 20, "67108864 bytes long instead of"},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin();
		CU_ASSERT_EQUAL_FATAL(open_file(), 0);
		table_file_close(&file);
		CU_ASSERT_EQUAL(truncate(path, rows[i].bytes), 0);
		CU_ASSERT_EQUAL_FATAL(open_file(), 0);
		CU_ASSERT_FALSE(file.reused);
		CU_ASSERT_PTR_NOT_NULL(strstr(file.discarded, rows[i].reason));
		/* Every byte can be touched. */
		for (uint32_t slot = 0; slot < file.table.slot_count; slot += 512)
			CU_ASSERT_EQUAL(file.table.words[slot], 0);
		CU_ASSERT_EQUAL(((uint8_t *)file.flow_in)[FLOW_BYTES - 1], 0);
		table_file_close(&file);
		end();
	}
}

static void
another_configuration_makes_the_file_anew(void)
{
	begin();
	CU_ASSERT_EQUAL_FATAL(open_file(), 0);
	table_file_close(&file);
	CU_ASSERT_EQUAL_FATAL(
		table_file_open(&file, directory, "test", &fixture.pools, 2 * FLOW_BYTES, &fault),
		0);
	CU_ASSERT_FALSE(file.reused);
	table_file_close(&file);
	/* Limits and names decide nothing about slots. */
	fixture.pools.pool[0].refuse_load = 0.1;
	strcpy(fixture.pools.pool[0].name, "other");
	CU_ASSERT_EQUAL_FATAL(
		table_file_open(&file, directory, "test", &fixture.pools, 2 * FLOW_BYTES, &fault),
		0);
	CU_ASSERT_TRUE(file.reused);
	table_file_close(&file);
	end();
}

static void
two_gateways_cannot_share_a_file(void)
{
	struct table_file second;
	char mine[32];

	begin();
	CU_ASSERT_EQUAL_FATAL(open_file(), 0);
	CU_ASSERT_EQUAL(
		table_file_open(&second, directory, "test", &fixture.pools, FLOW_BYTES, &fault),
		-EBUSY);
	CU_ASSERT_STRING_EQUAL(fault.code, "table-locked");
	snprintf(mine, sizeof(mine), "process %d", getpid());
	CU_ASSERT_PTR_NOT_NULL(strstr(fault.what, mine));
	table_file_close(&file);
	CU_ASSERT_EQUAL_FATAL(open_file(), 0);
	table_file_close(&file);
	end();
}

static void
wrong_places_are_named(void)
{
	char missing[80], elsewhere[80];

	begin();
	snprintf(missing, sizeof(missing), "%s/missing", directory);
	CU_ASSERT_EQUAL(table_file_open(&file, missing, "test", &fixture.pools, FLOW_BYTES, &fault),
		-ENOENT);
	CU_ASSERT_STRING_EQUAL(fault.code, "no-such-directory");
	CU_ASSERT_STRING_EQUAL(fault.value, missing);
	CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
	CU_ASSERT_TRUE(open_file() < 0);
	CU_ASSERT_EQUAL(rmdir(path), 0);
	CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
	CU_ASSERT_EQUAL(open_file(), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "not-a-file");
	CU_ASSERT_EQUAL(unlink(path), 0);
	/* A link that somebody left there is not followed. */
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", directory);
	CU_ASSERT_EQUAL(symlink(elsewhere, path), 0);
	CU_ASSERT_TRUE(open_file() < 0);
	CU_ASSERT_EQUAL(access(elsewhere, F_OK), -1);
	end();
}

static void
names_that_dpdk_deletes_are_refused(void)
{
	static const char *const names[] = {"", "a/b", "rtemap_1", "../test"};

	begin();
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		CU_ASSERT_EQUAL(table_file_open(&file, directory, names[i], &fixture.pools,
					FLOW_BYTES, &fault),
			-EINVAL);
		CU_ASSERT_STRING_EQUAL(fault.code, "bad-instance");
	}
	end();
}

/* Runs `check` in a child, which may give up privileges; passes when it returns 0. */
static int
in_child(int (*check)(void))
{
	pid_t child = fork();
	int status = -1;

	if (child == 0)
		_exit(check());
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int
open_without_permission(void)
{
	if (setegid(65534) != 0 || seteuid(65534) != 0)
		return 2;
	if (open_file() != -EACCES || strcmp(fault.code, "no-permission") != 0)
		return 1;
	return fault.remedy[0] == '\0';
}

static void
no_permission_is_named(void)
{
	if (geteuid() != 0) {
		printf("skip table_file::no_permission_is_named: needs root to become another "
		       "user\n");
		return;
	}
	begin();
	CU_ASSERT_EQUAL(in_child(open_without_permission), 0);
	end();
}

/* A private hugetlbfs of five pages: one table fits (a page for header, flows and words, two a
 * direction), a second does not. */
static int
use_huge_pages(void)
{
	struct table_file second;
	struct stat status;

	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("none", directory, "hugetlbfs", 0, "pagesize=2M,size=10M") != 0)
		return 77;
	if (open_file() != 0)
		return strcmp(fault.code, "no-huge-pages") == 0 ? 77 : 1;
	if (fstat(file.descriptor, &status) != 0 || status.st_blocks * 512 != 10 << 20 ||
		file.reused)
		return 2;
	file.table.words[file.table.slot_count - 1] = 5;
	if (table_file_open(&second, directory, "second", &fixture.pools, FLOW_BYTES, &fault) !=
			-ENOSPC ||
		strcmp(fault.code, "no-huge-pages") != 0 ||
		strcmp(fault.value, "5 wanted, 0 free") != 0)
		return 3;
	table_file_close(&file);
	if (open_file() != 0 || !file.reused || file.table.words[file.table.slot_count - 1] != 5)
		return 4;
	table_file_close(&file);
	/* Damaged: its pages are given back before new ones are wanted. */
	if (truncate(path, 2 << 20) != 0 || open_file() != 0 || file.reused)
		return 5;
	table_file_close(&file);
	return 0;
}

static void
huge_pages_are_counted_before_they_are_taken(void)
{
	int result;

	begin();
	result = in_child(use_huge_pages);
	if (result == 77)
		printf("skip table_file::huge_pages_are_counted_before_they_are_taken: needs root "
		       "and five free huge pages of 2 MiB\n");
	else
		CU_ASSERT_EQUAL(result, 0);
	end();
}

static void
a_view_changes_nothing(void)
{
	struct table_file view;

	begin();
	CU_ASSERT_EQUAL_FATAL(open_file(), 0);
	file.table.words[49300] = 0x1234;
	CU_ASSERT_EQUAL_FATAL(table_file_view(&view, path, &fault), 0);
	CU_ASSERT_EQUAL(view.table.slot_count, file.table.slot_count);
	CU_ASSERT_EQUAL(view.table.words[49300], 0x1234);
	file.table.words[49300] = 0x5678; /* it is the same memory */
	CU_ASSERT_EQUAL(view.table.words[49300], 0x5678);
	table_file_close(&view);
	table_file_close(&file);
	edit_header(edit_everything_larger, true);
	CU_ASSERT_EQUAL(table_file_view(&view, path, &fault), -EINVAL);
	CU_ASSERT_STRING_EQUAL(fault.code, "bad-table-file");
	CU_ASSERT_EQUAL(truncate(path, 10), 0);
	CU_ASSERT_EQUAL(table_file_view(&view, path, &fault), -EINVAL);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(table_file_view(&view, path, &fault), -ENOENT);
	end();
}

const struct unit_test unit_tests[] = {
	{"a_file_keeps_its_content", a_file_keeps_its_content},
	{"a_damaged_header_is_never_trusted", a_damaged_header_is_never_trusted},
	{"a_file_of_another_size_is_made_anew", a_file_of_another_size_is_made_anew},
	{"another_configuration_makes_the_file_anew", another_configuration_makes_the_file_anew},
	{"two_gateways_cannot_share_a_file", two_gateways_cannot_share_a_file},
	{"wrong_places_are_named", wrong_places_are_named},
	{"names_that_dpdk_deletes_are_refused", names_that_dpdk_deletes_are_refused},
	{"no_permission_is_named", no_permission_is_named},
	{"huge_pages_are_counted_before_they_are_taken",
		huge_pages_are_counted_before_they_are_taken},
	{"a_view_changes_nothing", a_view_changes_nothing},
	{NULL, NULL},
};
