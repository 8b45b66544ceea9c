/* See table_file_places.h, and table_file.h for table_file_use() and table_file_drop().
 *
 * The file is far larger than what is in use of it, and a page of hugetlbfs that was not allocated
 * kills whoever touches it when there is none left. So the file's address range is first reserved
 * as anonymous memory that reads as zero, which is to say FREE, and cannot be written; the file's
 * own pages are mapped over it where a place is in use. A page may hold parts of several places: it
 * comes with the first of them and goes with the last.
 *
 * Workers may look at a place while another is mapped or taken away: no page that is in use is ever
 * mapped again, and a place is taken away a grace period after it went out of use. */
#include "nat/table_file_places.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "nat/table_file_space.h"

#define ARRAYS 3

/* One of the three arrays of the port table. */
struct array {
	uint64_t offset, place_bytes;
};

struct extent {
	uint64_t offset, bytes;
};

static struct array
array_of(const struct table_file *file, unsigned int number)
{
	const struct array arrays[ARRAYS] = {
		{file->layout.words, NAT_PLACE_SLOTS * sizeof(uint64_t)},
		{file->layout.out, NAT_PLACE_SLOTS * sizeof(struct nat_hot)},
		{file->layout.in, NAT_PLACE_SLOTS * sizeof(struct nat_hot)},
	};

	return arrays[number];
}

/* Whether an array has something in use between two offsets. */
static bool
array_needs(const struct table_file *file, struct array array, uint64_t from, uint64_t to)
{
	uint64_t end = array.offset + NAT_ADDRESSES_MAX * array.place_bytes;

	from = from > array.offset ? from : array.offset;
	to = to < end ? to : end;
	if (from >= to)
		return false;
	for (uint64_t place = (from - array.offset) / array.place_bytes;
		place <= (to - 1 - array.offset) / array.place_bytes; place++)
		if (file->addresses[place] != 0)
			return true;
	return false;
}

static bool
page_needed(const struct table_file *file, uint64_t page)
{
	uint64_t from = page * file->space.page_bytes, to = from + file->space.page_bytes;
	bool needed = from < file->layout.words;

	for (unsigned int i = 0; !needed && i < ARRAYS; i++)
		needed = array_needs(file, array_of(file, i), from, to);
	return needed;
}

/* The pages of one array of places that are not in use, less those that something else needs, which
 * can only lie at the ends. */
static struct extent
unneeded(const struct table_file *file, struct array array, uint32_t first_place, uint32_t count)
{
	const uint64_t page_bytes = file->space.page_bytes;
	uint64_t from = array.offset + first_place * array.place_bytes;
	uint64_t page = from / page_bytes;
	uint64_t end = (from + count * array.place_bytes + page_bytes - 1) / page_bytes;

	while (page < end && page_needed(file, page))
		page++;
	while (page < end && page_needed(file, end - 1))
		end--;
	return (struct extent){page * page_bytes, (end - page) * page_bytes};
}

static int
map_fault(struct fault *fault)
{
	return fault_set(fault, errno, "cannot-map", strerror(errno),
		"Give the machine more memory, or use fewer public addresses",
		"the table file cannot be mapped");
}

static int
map_extent(struct table_file *file, struct extent extent, int protection, struct fault *fault)
{
	bool populate = file->space.huge && (protection & PROT_WRITE) != 0;
	int flags = MAP_SHARED | MAP_FIXED | MAP_NORESERVE | (populate ? MAP_POPULATE : 0);

	if (extent.bytes != 0 &&
		mmap((uint8_t *)file->memory + extent.offset, extent.bytes, protection, flags,
			file->descriptor, (off_t)extent.offset) == MAP_FAILED)
		return map_fault(fault);
	return 0;
}

/* Takes the pages of a place that nothing else needs out of memory and file. */
static void
take_pages(struct table_file *file, uint32_t place)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;

	for (unsigned int i = 0; i < ARRAYS; i++) {
		struct extent extent = unneeded(file, array_of(file, i), place, 1);

		/* Not mapped away, they stay: nobody may meet a hole. */
		if (extent.bytes != 0 && mmap((uint8_t *)file->memory + extent.offset, extent.bytes,
						 PROT_READ, flags, -1, 0) != MAP_FAILED)
			table_file_space_release(file->descriptor, extent.offset, extent.bytes);
	}
}

static int
give_pages(struct table_file *file, uint32_t place, struct fault *fault)
{
	int result = 0;

	for (unsigned int i = 0; result == 0 && i < ARRAYS; i++) {
		struct extent extent = unneeded(file, array_of(file, i), place, 1);

		if (extent.bytes == 0)
			continue;
		result = table_file_space_allocate(
			file->descriptor, &file->space, extent.offset, extent.bytes, fault);
		if (result == 0)
			result = map_extent(file, extent, PROT_READ | PROT_WRITE, fault);
	}
	return result;
}

static bool
is_new(const struct table_file *file, const struct nat_pools *pools, uint32_t place)
{
	return pools->addresses[place] != 0 && file->addresses[place] == 0;
}

/* Places lose their pages, from the highest down: each was marked in use when the next came. */
static void
undo_use(struct table_file *file, const bool *made)
{
	for (uint32_t place = NAT_ADDRESSES_MAX; place-- > 0;) {
		if (!made[place])
			continue;
		file->addresses[place] = 0;
		take_pages(file, place);
	}
}

uint64_t
table_file_pages_wanted(struct table_file *file, const struct nat_pools *pools)
{
	uint32_t before[NAT_ADDRESSES_MAX];
	uint64_t bytes = 0;

	memcpy(before, file->addresses, sizeof(before));
	for (uint32_t place = 0; place < pools->place_limit; place++) {
		if (!is_new(file, pools, place))
			continue;
		for (unsigned int i = 0; i < ARRAYS; i++)
			bytes += unneeded(file, array_of(file, i), place, 1).bytes;
		file->addresses[place] = pools->addresses[place];
	}
	memcpy(file->addresses, before, sizeof(before));
	return bytes / file->space.page_bytes;
}

int
table_file_use(struct table_file *file, const struct nat_pools *pools, struct fault *fault)
{
	bool made[NAT_ADDRESSES_MAX] = {false};
	int result = table_file_space_check(
		file->descriptor, &file->space, table_file_pages_wanted(file, pools), fault);

	for (uint32_t place = 0; result == 0 && place < pools->place_limit; place++) {
		if (!is_new(file, pools, place))
			continue;
		made[place] = true;
		result = give_pages(file, place, fault);
		file->addresses[place] = pools->addresses[place];
		/* A shared page may still have words of a place that was here before. */
		if (result == 0)
			memset(&file->table.words[nat_slot(place, NAT_UDP, 0)], 0,
				NAT_PLACE_SLOTS * sizeof(uint64_t));
	}
	if (result != 0) {
		undo_use(file, made);
		return result;
	}
	for (uint32_t place = 0; place < pools->place_limit; place++)
		if (made[place])
			__atomic_store_n(&file->entries[place],
				table_file_place_entry(place, file->addresses[place]),
				__ATOMIC_RELEASE);
	return 0;
}

void
table_file_drop(struct table_file *file, const struct nat_pools *pools)
{
	for (uint32_t place = 0; place < NAT_ADDRESSES_MAX; place++) {
		if (file->addresses[place] == 0 ||
			file->addresses[place] == pools->addresses[place])
			continue;
		__atomic_store_n(&file->entries[place], 0, __ATOMIC_RELEASE);
		file->addresses[place] = 0;
		take_pages(file, place);
	}
}

uint64_t
table_file_fixed_bytes(const struct table_file *file)
{
	const uint64_t page_bytes = file->space.page_bytes;

	return (file->layout.words + page_bytes - 1) / page_bytes * page_bytes;
}

int
table_file_memory_reserve(struct table_file *file, int protection, struct fault *fault)
{
	const struct extent fixed = {0, table_file_fixed_bytes(file)};
	uint8_t *memory;

	/* One page more, since mmap() knows nothing of how large the file's are. */
	file->reserved_bytes = file->bytes + file->space.page_bytes;
	memory = mmap(NULL, file->reserved_bytes, PROT_READ,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return map_fault(fault);
	file->reserved = memory;
	file->memory = memory + (-(uintptr_t)memory & (file->space.page_bytes - 1));
	return map_extent(file, fixed, protection, fault);
}

int
table_file_memory_map(struct table_file *file, int protection, struct fault *fault)
{
	uint32_t addresses[NAT_ADDRESSES_MAX];
	int result = 0;

	/* As if they came one after the other. */
	memcpy(addresses, file->addresses, sizeof(addresses));
	memset(file->addresses, 0, sizeof(file->addresses));
	for (uint32_t place = 0; place < NAT_ADDRESSES_MAX; place++) {
		if (addresses[place] == 0)
			continue;
		for (unsigned int i = 0; result == 0 && i < ARRAYS; i++)
			result = map_extent(file, unneeded(file, array_of(file, i), place, 1),
				protection, fault);
		file->addresses[place] = addresses[place];
	}
	return result;
}

void
table_file_memory_free(struct table_file *file)
{
	if (file->reserved != NULL)
		munmap(file->reserved, file->reserved_bytes);
	file->reserved = file->memory = NULL;
}

void
table_file_trim(const struct table_file *file)
{
	uint32_t first = 0;

	while (first < NAT_ADDRESSES_MAX) {
		uint32_t end = first;

		while (end < NAT_ADDRESSES_MAX && file->addresses[end] == 0)
			end++;
		for (unsigned int i = 0; end > first && i < ARRAYS; i++) {
			struct extent extent =
				unneeded(file, array_of(file, i), first, end - first);

			table_file_space_release(file->descriptor, extent.offset, extent.bytes);
		}
		first = end + 1;
	}
}
