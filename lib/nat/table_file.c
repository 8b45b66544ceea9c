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

#include "nat/table_file_places.h"

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
point(struct table_file *file)
{
	uint8_t *memory = file->memory;
	const struct table_file_layout *layout = &file->layout;

	file->entries = (uint64_t *)(void *)(memory + TABLE_FILE_PLACES);
	file->table.words = (uint64_t *)(void *)(memory + layout->words);
	file->table.out = (struct nat_hot *)(void *)(memory + layout->out);
	file->table.in = (struct nat_hot *)(void *)(memory + layout->in);
	file->flow_out = memory + layout->flow_out;
	file->flow_in = memory + layout->flow_in;
}

/* Reads which place belongs to whom; entries that are damaged belong to nobody. */
static void
read_places(struct table_file *file)
{
	uint64_t entries[NAT_ADDRESSES_MAX];
	ssize_t got = pread(file->descriptor, entries, sizeof(entries), TABLE_FILE_PLACES);

	if (got != (ssize_t)sizeof(entries))
		return;
	for (uint32_t place = 0; place < NAT_ADDRESSES_MAX; place++) {
		file->addresses[place] = table_file_place_address(place, entries[place]);
		if (file->addresses[place] != 0) {
			file->table.address_count = place + 1;
			file->table.slot_count = (place + 1) * NAT_PLACE_SLOTS;
		}
	}
}

/* Sees that the file has its size, its fixed part all its pages, and that those for the pools'
 * places are there to be had. */
static int
give_fixed_part(struct table_file *file, const struct nat_pools *pools, struct fault *fault)
{
	uint64_t fixed = table_file_fixed_bytes(file);
	uint64_t pages = table_file_pages_wanted(file, pools);
	int result;

	if (ftruncate(file->descriptor, (off_t)file->bytes) != 0)
		return fault_set(fault, errno, "no-space", strerror(errno),
			"Name another directory, on a file system with sparse files",
			"the table file cannot be given its size");
	if (!file->reused)
		pages += fixed / file->space.page_bytes;
	result = table_file_space_check(file->descriptor, &file->space, pages, fault);
	return result == 0
		       ? table_file_space_allocate(file->descriptor, &file->space, 0, fixed, fault)
		       : result;
}

/* How many mappings stand in places whose address is no pool's any more. */
static uint32_t
count_discarded(const struct table_file *file, const struct nat_pools *pools)
{
	uint32_t mappings = 0;

	for (uint32_t place = 0; place < NAT_ADDRESSES_MAX; place++) {
		uint32_t first = nat_slot(place, NAT_UDP, 0);

		if (file->addresses[place] == 0 ||
			file->addresses[place] == pools->addresses[place])
			continue;
		for (uint32_t slot = first; slot < first + NAT_PLACE_SLOTS; slot++) {
			enum nat_state state = nat_word_state(file->table.words[slot]);

			mappings += state == NAT_ACTIVE || state == NAT_QUARANTINE;
		}
	}
	return mappings;
}

static int
map_and_place(struct table_file *file, const struct nat_pools *pools, struct fault *fault)
{
	int result = table_file_memory_reserve(file, PROT_READ | PROT_WRITE, fault);

	if (result == 0)
		result = table_file_memory_map(file, PROT_READ | PROT_WRITE, fault);
	if (result != 0)
		return result;
	point(file);
	file->mappings_discarded = count_discarded(file, pools);
	table_file_drop(file, pools);
	return table_file_use(file, pools, fault);
}

/* Empties the file where its content cannot be taken over, gives it its pages, maps it. */
static int
take_over_or_make(struct table_file *file, const struct table_file_header *wanted,
	uint64_t had_bytes, struct nat_pools *pools, struct fault *fault)
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
	if (file->reused) {
		read_places(file);
		table_file_trim(file);
	}
	result = nat_pools_build_over(pools, file->addresses, fault);
	if (result == 0)
		result = give_fixed_part(file, pools, fault);
	if (result == 0)
		result = map_and_place(file, pools, fault);
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
	file->table.address_count = pools->place_limit;
	file->table.slot_count = pools->place_limit * NAT_PLACE_SLOTS;
	return 0;
}

/* The whole pages of a file with such a layout. */
static uint64_t
whole_pages(const struct table_file *file)
{
	const uint64_t page_bytes = file->space.page_bytes;

	return (file->layout.end + page_bytes - 1) / page_bytes * page_bytes;
}

int
table_file_open(struct table_file *file, const char *directory, const char *instance,
	struct nat_pools *pools, size_t flow_bytes, struct fault *fault)
{
	struct table_file_header wanted;
	char name[80], boot_id[TABLE_FILE_BOOT_ID_BYTES];
	struct stat status;
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
		result = table_file_space_find(file->descriptor, &file->space, fault);
	/* Its size counts only now: before the lock another gateway may have been making it. */
	if (result == 0)
		result = check_regular(file->descriptor, name, &status, fault);
	if (result == 0) {
		file->layout = table_file_layout(flow_bytes);
		file->bytes = whole_pages(file);
		read_boot_id(boot_id);
		table_file_header_fill(&wanted, flow_bytes, file->bytes, boot_id);
		result = take_over_or_make(file, &wanted, (uint64_t)status.st_size, pools, fault);
	}
	if (result != 0)
		table_file_close(file);
	return result;
}

void
table_file_close(struct table_file *file)
{
	table_file_memory_free(file);
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
		result = table_file_space_find(file->descriptor, &file->space, fault);
	if (result == 0) {
		file->layout = found.layout;
		file->bytes = found.file_bytes;
		read_places(file);
		result = table_file_memory_reserve(file, PROT_READ, fault);
	}
	if (result == 0)
		result = table_file_memory_map(file, PROT_READ, fault);
	if (result == 0)
		point(file);
	else
		table_file_close(file);
	return result;
}
