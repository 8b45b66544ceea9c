/* A compact hash index from keys that live elsewhere to 32-bit numbers.
 *
 * One bucket is one cache line: eight 16-bit tags, compared at once, and eight 32-bit values. The
 * index does not store keys: the caller verifies a candidate value against its own record. About
 * 18 bytes an entry at the planned load of four entries a bucket.
 *
 * Life cycle and synchronisation. One thread writes (insert, remove); any thread reads at any time
 * without a lock. Entries never move: a full bucket grows a chain of overflow buckets. So a reader
 * never misses an entry that is there for the whole of its look-up. An insert stores the value
 * before its tag; a remove clears the tag only. A reader that races with both may see a value of
 * another key, which its own verification refuses.
 *
 * An overflow bucket leaves its chain when it is empty and last, and may serve another chain at
 * once, without a grace period: a reader that stands in it had passed all buckets of its own chain,
 * so whatever it meets from there on can only be refused by its verification. Without that, chains
 * would only grow: under steady churn every bucket overflows sooner or later.
 *
 * Hashes are keyed with a random secret, so that nobody outside can aim at one bucket.
 */
#ifndef BASE_TAG_INDEX_H
#define BASE_TAG_INDEX_H

#include <stdbool.h>
#include <stdint.h>
#include <emmintrin.h>

#define TAG_INDEX_WAYS 8
#define TAG_INDEX_NONE UINT32_MAX

struct tag_bucket {
	uint16_t tags[TAG_INDEX_WAYS]; /* 0 = empty */
	uint32_t values[TAG_INDEX_WAYS];
	uint32_t next;      /* overflow bucket's number, 0 = none */
	uint32_t next_free; /* the same for a bucket that left its chain; writer only */
	uint32_t unused[2];
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct tag_bucket) == 64, "a bucket is one cache line");

struct tag_index {
	struct tag_bucket *buckets; /* primary ones, then the overflow area */
	uint32_t primary_count;
	uint32_t overflow_count, overflow_used; /* used: ever linked, from the lowest number up */
	uint32_t overflow_free;                 /* those that left their chain; 0 = none */
	uint32_t entry_count;
	uint64_t secret[3];
	uint64_t bytes;
};

/* Room for about `entries` entries (more fit, in overflow buckets, up to 12.5 % of the buckets).
 * Returns 0 or -ENOMEM. */
int tag_index_init(struct tag_index *index, uint32_t entries, int huge);
void tag_index_free(struct tag_index *index);

/* Adds `value` under `hash`; the caller knows that it is absent. Returns 0, or -ENOSPC when the
 * overflow area is used up (nothing is changed then). Writer only. */
int tag_index_insert(struct tag_index *index, uint64_t hash, uint32_t value);

/* Removes the entry (hash, value). Returns whether it was there. Writer only. */
bool tag_index_remove(struct tag_index *index, uint64_t hash, uint32_t value);

static inline uint64_t
tag_index_fold(uint64_t one, uint64_t other)
{
	unsigned __int128 product = (unsigned __int128)one * other;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Mixes a 64-bit key with the secret: two wide multiplications, the halves of each folded. One does
 * not suffice: keys in steps (the addresses of a scan, the ports of a host) times one number are in
 * steps too, and for one secret in twenty those pile up in few buckets. */
static inline uint64_t
tag_index_hash(const struct tag_index *index, uint64_t key)
{
	return tag_index_fold(
		tag_index_fold(key ^ index->secret[0], index->secret[1]), index->secret[2]);
}

/* A tag is never 0, which marks an empty place. */
static inline uint16_t
tag_index_tag(uint64_t hash)
{
	uint16_t tag = (uint16_t)(hash >> 48);

	return tag != 0 ? tag : 1;
}

/* The bucket where the search for `hash` begins; prefetch it early. */
static inline struct tag_bucket *
tag_index_bucket(const struct tag_index *index, uint64_t hash)
{
	return &index->buckets[(uint64_t)(uint32_t)hash * index->primary_count >> 32];
}

/* The thread sanitizer knows atomic loads only; a vector load of tags would be a race to it. */
#if defined(__SANITIZE_THREAD__)
#define TAG_INDEX_ATOMIC_MATCH 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TAG_INDEX_ATOMIC_MATCH 1
#endif
#endif

/* Bits 0, 2, 4 ... of the answer say which of the eight places carry `tag`. */
static inline uint32_t
tag_bucket_match(const struct tag_bucket *bucket, uint16_t tag)
{
#ifdef TAG_INDEX_ATOMIC_MATCH
	uint32_t match = 0;

	for (unsigned int place = 0; place < TAG_INDEX_WAYS; place++)
		if (__atomic_load_n(&bucket->tags[place], __ATOMIC_ACQUIRE) == tag)
			match |= 1u << (place * 2);
	return match;
#else
	__m128i tags = _mm_load_si128((const __m128i *)bucket->tags);

	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi16(tags, _mm_set1_epi16((short)tag))) &
	       0x5555;
#endif
}

static inline uint32_t
tag_bucket_value(const struct tag_bucket *bucket, uint32_t match)
{
	return __atomic_load_n(&bucket->values[__builtin_ctz(match) / 2], __ATOMIC_ACQUIRE);
}

static inline const struct tag_bucket *
tag_index_next(const struct tag_index *index, const struct tag_bucket *bucket)
{
	uint32_t next = __atomic_load_n(&bucket->next, __ATOMIC_ACQUIRE);

	return next != 0 ? &index->buckets[next] : NULL;
}

#endif
