/* See tag_index.h. */
#include "base/tag_index.h"

#include <errno.h>
#include <string.h>
#include <bsd/stdlib.h>

#include "base/memory.h"

#define ENTRIES_PER_BUCKET 4 /* planned; with 8 ways 2 % of the buckets overflow */
#define OVERFLOW_SHARE     8 /* overflow buckets: one for so many primary ones */
#define OVERFLOW_LEAST     64

int
tag_index_init(struct tag_index *index, uint32_t entries, int huge)
{
	memset(index, 0, sizeof(*index));
	index->primary_count = entries / ENTRIES_PER_BUCKET + 1;
	index->overflow_count = index->primary_count / OVERFLOW_SHARE + OVERFLOW_LEAST;
	index->bytes = ((uint64_t)index->primary_count + index->overflow_count) *
		       sizeof(struct tag_bucket);
	index->buckets = memory_reserve(index->bytes, huge);
	if (index->buckets == NULL)
		return -ENOMEM;
	arc4random_buf(index->secret, sizeof(index->secret));
	index->secret[1] |= 1;
	index->secret[2] |= 1;
	return 0;
}

void
tag_index_free(struct tag_index *index)
{
	memory_release(index->buckets, index->bytes);
	memset(index, 0, sizeof(*index));
}

/* An empty overflow bucket's number; 0 when the area is used up. */
static uint32_t
overflow_take(struct tag_index *index)
{
	uint32_t number = index->overflow_free;

	if (number != 0) {
		index->overflow_free = index->buckets[number].next_free;
		return number;
	}
	if (index->overflow_used == index->overflow_count)
		return 0;
	return index->primary_count + index->overflow_used++;
}

/* The bucket of the chain that begins at `bucket` with a free place; grows the chain when there is
 * none. NULL when the overflow area is used up. */
static struct tag_bucket *
bucket_with_room(struct tag_index *index, struct tag_bucket *bucket)
{
	while (tag_bucket_match(bucket, 0) == 0) {
		if (bucket->next == 0) {
			uint32_t fresh = overflow_take(index);

			if (fresh == 0)
				return NULL;
			__atomic_store_n(&bucket->next, fresh, __ATOMIC_RELEASE);
		}
		bucket = &index->buckets[bucket->next];
	}
	return bucket;
}

static bool
bucket_empty(const struct tag_bucket *bucket)
{
	return tag_bucket_match(bucket, 0) == 0x5555;
}

/* Takes the empty buckets at the end of a chain out of it. */
static void
shorten_chain(struct tag_index *index, struct tag_bucket *primary)
{
	while (primary->next != 0) {
		struct tag_bucket *before = primary, *last = &index->buckets[primary->next];

		while (last->next != 0) {
			before = last;
			last = &index->buckets[last->next];
		}
		if (!bucket_empty(last))
			return;
		last->next_free = index->overflow_free;
		index->overflow_free = before->next;
		__atomic_store_n(&before->next, 0, __ATOMIC_RELEASE);
	}
}

int
tag_index_insert(struct tag_index *index, uint64_t hash, uint32_t value)
{
	struct tag_bucket *bucket = bucket_with_room(index, tag_index_bucket(index, hash));
	unsigned int place;

	if (bucket == NULL)
		return -ENOSPC;
	place = (unsigned int)__builtin_ctz(tag_bucket_match(bucket, 0)) / 2;
	__atomic_store_n(&bucket->values[place], value, __ATOMIC_RELEASE);
	__atomic_store_n(&bucket->tags[place], tag_index_tag(hash), __ATOMIC_RELEASE);
	index->entry_count++;
	return 0;
}

bool
tag_index_remove(struct tag_index *index, uint64_t hash, uint32_t value)
{
	struct tag_bucket *primary = tag_index_bucket(index, hash), *bucket = primary;
	uint16_t tag = tag_index_tag(hash);

	for (;;) {
		for (uint32_t match = tag_bucket_match(bucket, tag); match != 0;
			match &= match - 1) {
			unsigned int place = (unsigned int)__builtin_ctz(match) / 2;

			if (bucket->values[place] != value)
				continue;
			__atomic_store_n(&bucket->tags[place], 0, __ATOMIC_RELEASE);
			index->entry_count--;
			shorten_chain(index, primary);
			return true;
		}
		if (bucket->next == 0)
			return false;
		bucket = &index->buckets[bucket->next];
	}
}
