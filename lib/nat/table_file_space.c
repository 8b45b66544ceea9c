/* See table_file_space.h. */
#include "nat/table_file_space.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

int
table_file_space_find(int descriptor, struct table_file_space *space, struct fault *fault)
{
	struct statfs mount;

	if (fstatfs(descriptor, &mount) != 0)
		return fault_set(fault, errno, "bad-mount", strerror(errno), NULL,
			"the mount of the table file cannot be asked");
	space->huge = mount.f_type == HUGETLBFS_MAGIC;
	space->page_bytes = space->huge ? (uint64_t)mount.f_bsize : (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

/* A number that the kernel tells about huge pages of one size; 0 when it does not. */
static uint64_t
huge_page_number(uint64_t page_bytes, const char *name)
{
	char path[128];
	uint64_t number = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/%s",
		page_bytes / 1024, name);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%" SCNu64, &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

/* Pages that this mount can still give: free in the system, not promised to others, and within the
 * mount's own limit, if it has one. */
static uint64_t
huge_pages_free(int descriptor, uint64_t page_bytes)
{
	uint64_t free_pages = huge_page_number(page_bytes, "free_hugepages");
	uint64_t promised = huge_page_number(page_bytes, "resv_hugepages");
	struct statfs mount;

	free_pages = free_pages > promised ? free_pages - promised : 0;
	if (fstatfs(descriptor, &mount) == 0 && mount.f_blocks > 0 && mount.f_bfree < free_pages)
		free_pages = mount.f_bfree;
	return free_pages;
}

static int
too_few_huge_pages(const struct table_file_space *space, uint64_t wanted, uint64_t free_pages,
	struct fault *fault)
{
	char value[64], remedy[160];

	snprintf(value, sizeof(value), "%" PRIu64 " wanted, %" PRIu64 " free", wanted, free_pages);
	snprintf(remedy, sizeof(remedy),
		"Reserve %" PRIu64 " more (sysctl vm.nr_hugepages), or use an ordinary directory",
		wanted - free_pages);
	return fault_set(fault, ENOSPC, "no-huge-pages", value, remedy,
		"there are too few huge pages of %" PRIu64 " KiB for the port table",
		space->page_bytes / 1024);
}

int
table_file_space_check(
	int descriptor, const struct table_file_space *space, uint64_t pages, struct fault *fault)
{
	uint64_t free_pages;

	/* Asked before anything is taken: an allocation that fails in the middle would have taken
	 * all that other programs wait for. */
	if (!space->huge)
		return 0;
	free_pages = huge_pages_free(descriptor, space->page_bytes);
	return free_pages >= pages ? 0 : too_few_huge_pages(space, pages, free_pages, fault);
}

int
table_file_space_allocate(int descriptor, const struct table_file_space *space, uint64_t offset,
	uint64_t bytes, struct fault *fault)
{
	char value[64];
	int error;

	do {
		if (space->huge)
			error = fallocate(descriptor, 0, (off_t)offset, (off_t)bytes) == 0 ? 0
											   : errno;
		else
			error = posix_fallocate(descriptor, (off_t)offset, (off_t)bytes);
	} while (error == EINTR);
	if (error == 0)
		return 0;
	if (space->huge) /* someone else was quicker */
		return too_few_huge_pages(space, bytes / space->page_bytes, 0, fault);
	snprintf(value, sizeof(value), "%" PRIu64 " bytes wanted (%s)", bytes, strerror(error));
	return fault_set(fault, error, "no-space", value,
		"Free space there, name another directory, or use fewer public addresses",
		"there is no space for the port table");
}

void
table_file_space_release(int descriptor, uint64_t offset, uint64_t bytes)
{
	/* A file system that cannot punch holes keeps the pages, to no harm. */
	if (bytes != 0 && fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				  (off_t)offset, (off_t)bytes) != 0)
		errno = 0;
}
