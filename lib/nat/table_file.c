/* Opening and closing the table file: see table_file.h, and table_file_format.h for its content and
 * the order of writing. */
#include "nat/table_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <bsd/string.h>

#include "nat/table_file_format.h"
#include "nat/table_file_space.h"

#define FILE_MODE 0640

/* The name is a file's, and not one that DPDK's start-up deletes from hugetlbfs ("*map_*"). */
static int
check_name(const char *instance, struct fault *fault)
{
	if (instance[0] == '\0' || strlen(instance) > 64 || strchr(instance, '/') != NULL ||
		strstr(instance, "map_") != NULL)
		return fault_set(fault, EINVAL, "bad-instance", instance,
			"Use 1 to 64 letters without '/' and without \"map_\"",
			"the instance's name cannot name its table file");
	return 0;
}

static int
open_fault(const char *what, const char *path, int error, struct fault *fault)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return fault_set(fault, error, "no-such-directory", path,
			"Make the directory, or mount a hugetlbfs there, or name another",
			"%s does not exist", what);
	case EACCES:
	case EPERM:
	case EROFS:
		return fault_set(fault, error, "no-permission", path,
			"Run as root, or name a directory that this user may write",
			"%s may not be opened", what);
	default:
		return fault_set(fault, error, "cannot-open", path, strerror(error),
			"%s cannot be opened", what);
	}
}

/* Opens DIRECTORY/NAME; returns the descriptor or -errno. Links are not followed: the directory may
 * be one where others write. */
static int
open_in(const char *directory, const char *name, struct fault *fault)
{
	int folder = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC), descriptor, error;
	char path[256];

	if (folder < 0)
		return open_fault("the directory of the port table", directory, errno, fault);
	descriptor = openat(
		folder, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, FILE_MODE);
	error = errno;
	close(folder);
	if (descriptor >= 0)
		return descriptor;
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return open_fault("the table file", path, error, fault);
}

static int
check_regular(int descriptor, const char *name, struct stat *status, struct fault *fault)
{
	if (fstat(descriptor, status) != 0 || !S_ISREG(status->st_mode))
		return fault_set(fault, EINVAL, "not-a-file", name,
			"Remove it, or give the gateway another instance name",
			"what stands in the table file's place is no file");
	return 0;
}

/* As much of the header as there is; the rest is zero. */
static void
read_header(int descriptor, struct table_file_header *header)
{
	memset(header, 0, sizeof(*header));
	if (pread(descriptor, header, sizeof(*header), 0) < 0)
		memset(header, 0, sizeof(*header));
}

static int
lock(int descriptor, const char *name, struct fault *fault)
{
	struct table_file_header header;
	char holder[64] = "another process";

	if (flock(descriptor, LOCK_EX | LOCK_NB) == 0)
		return 0;
	read_header(descriptor, &header);
	if (header.magic == TABLE_FILE_MAGIC && header.process_id != 0)
		snprintf(holder, sizeof(holder), "process %u", header.process_id);
	return fault_set(fault, EBUSY, "table-locked", name,
		"Stop that gateway, or give this one another instance name",
		"the table file is in use by %s", holder);
}

static void
read_boot_id(char boot_id[TABLE_FILE_BOOT_ID_BYTES])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	boot_id[0] = '\0';
	if (file == NULL)
		return;
	if (fgets(boot_id, TABLE_FILE_BOOT_ID_BYTES, file) == NULL)
		boot_id[0] = '\0';
	boot_id[strcspn(boot_id, "\n")] = '\0';
	fclose(file);
}

static void
point(struct table_file *file, const struct table_file_header *header)
{
	uint8_t *memory = file->memory;
	const struct table_file_layout *layout = &header->layout;

	file->table.words = (uint64_t *)(void *)(memory + layout->words);
	file->table.out = (struct nat_hot *)(void *)(memory + layout->out);
	file->table.in = (struct nat_hot *)(void *)(memory + layout->in);
	file->table.address_count = header->address_count;
	file->table.slot_count = header->slot_count;
	file->flow_out = memory + layout->flow_out;
	file->flow_in = memory + layout->flow_in;
}

static int
map(struct table_file *file, int protection, uint64_t bytes, bool populate, struct fault *fault)
{
	int flags = MAP_SHARED | (populate ? MAP_POPULATE : 0);
	void *memory = mmap(NULL, bytes, protection, flags, file->descriptor, 0);

	if (memory == MAP_FAILED)
		return fault_set(fault, errno, "cannot-map", strerror(errno),
			"Give the machine more memory, or use fewer public addresses",
			"the table file cannot be mapped");
	file->memory = memory;
	file->bytes = bytes;
	return 0;
}

/* Empties the file where its content cannot be taken over, gives it all its pages, maps it. */
static int
take_over_or_make(struct table_file *file, const struct table_file_space *space,
	const struct table_file_header *wanted, uint64_t had_bytes, struct fault *fault)
{
	struct table_file_header found, *header;
	int result;

	read_header(file->descriptor, &found);
	file->reused = had_bytes > 0 && table_file_difference(wanted, &found, had_bytes,
						file->discarded, sizeof(file->discarded)) == NULL;
	if (!file->reused && ftruncate(file->descriptor, 0) != 0)
		return fault_set(fault, errno, "cannot-empty", strerror(errno), "Remove the file",
			"the old table file cannot be emptied");
	if (had_bytes == 0)
		file->discarded[0] = '\0';
	result = table_file_space_allocate(file->descriptor, space, wanted->file_bytes, fault);
	if (result == 0)
		result = map(file, PROT_READ | PROT_WRITE, wanted->file_bytes, space->huge, fault);
	if (result != 0) {
		/* Nothing is kept of pages that do not suffice. */
		if (!file->reused && ftruncate(file->descriptor, 0) != 0)
			file->discarded[0] = '\0';
		return result;
	}
	header = file->memory;
	if (!file->reused) {
		found = *wanted;
		found.magic = 0;
		*header = found;
		__atomic_store_n(&header->magic, wanted->magic, __ATOMIC_RELEASE);
	}
	header->process_id = (uint32_t)getpid();
	point(file, wanted);
	return 0;
}

int
table_file_open(struct table_file *file, const char *directory, const char *instance,
	const struct nat_pools *pools, size_t flow_bytes, struct fault *fault)
{
	struct table_file_header wanted;
	struct table_file_space space;
	char name[80], boot_id[TABLE_FILE_BOOT_ID_BYTES];
	struct stat status;
	uint64_t bytes;
	int result = check_name(instance, fault);

	*file = (struct table_file){.descriptor = -1};
	if (result != 0)
		return result;
	snprintf(name, sizeof(name), "%s.table", instance);
	file->descriptor = open_in(directory, name, fault);
	if (file->descriptor < 0)
		return file->descriptor;
	result = check_regular(file->descriptor, name, &status, fault);
	if (result == 0)
		result = lock(file->descriptor, name, fault);
	if (result == 0)
		result = table_file_space_find(file->descriptor, &space, fault);
	/* Its size counts only now: before the lock another gateway may have been making it. */
	if (result == 0)
		result = check_regular(file->descriptor, name, &status, fault);
	if (result == 0) {
		bytes = table_file_layout(pools->address_count, flow_bytes).end;
		bytes = (bytes + space.page_bytes - 1) / space.page_bytes * space.page_bytes;
		read_boot_id(boot_id);
		table_file_header_fill(&wanted, pools, flow_bytes, bytes, boot_id);
		result = take_over_or_make(file, &space, &wanted, (uint64_t)status.st_size, fault);
	}
	if (result != 0)
		table_file_close(file);
	return result;
}

void
table_file_close(struct table_file *file)
{
	if (file->memory != NULL)
		munmap(file->memory, file->bytes);
	if (file->descriptor >= 0)
		close(file->descriptor);
	*file = (struct table_file){.descriptor = -1};
}

int
table_file_view(struct table_file *file, const char *path, struct fault *fault)
{
	struct table_file_header found;
	char reason[128];
	struct stat status;
	int result;

	*file = (struct table_file){.descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
	if (file->descriptor < 0)
		return open_fault("the table file", path, errno, fault);
	result = check_regular(file->descriptor, path, &status, fault);
	if (result == 0) {
		read_header(file->descriptor, &found);
		if (table_file_damage(&found, (uint64_t)status.st_size, reason, sizeof(reason)) !=
			NULL)
			result = fault_set(fault, EINVAL, "bad-table-file", path,
				"Look at the table file of a gateway that runs",
				"the file cannot be read: %s", reason);
	}
	if (result == 0)
		result = map(file, PROT_READ, found.file_bytes, false, fault);
	if (result == 0)
		point(file, &found);
	else
		table_file_close(file);
	return result;
}
