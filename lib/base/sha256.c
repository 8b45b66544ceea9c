/* See sha256.h. The block is padded on the stack, then compressed by one of two functions. */
#include "base/sha256.h"

#include <assert.h>
#include <string.h>
#include <immintrin.h>

#include "base/bytes.h"

static const uint32_t initial[8] = {
	0x6a09e667,
	0xbb67ae85,
	0x3c6ef372,
	0xa54ff53a,
	0x510e527f,
	0x9b05688c,
	0x1f83d9ab,
	0x5be0cd19,
};

static const uint32_t round_constants[64] __attribute__((aligned(16))) = {
	0x428a2f98,
	0x71374491,
	0xb5c0fbcf,
	0xe9b5dba5,
	0x3956c25b,
	0x59f111f1,
	0x923f82a4,
	0xab1c5ed5,
	0xd807aa98,
	0x12835b01,
	0x243185be,
	0x550c7dc3,
	0x72be5d74,
	0x80deb1fe,
	0x9bdc06a7,
	0xc19bf174,
	0xe49b69c1,
	0xefbe4786,
	0x0fc19dc6,
	0x240ca1cc,
	0x2de92c6f,
	0x4a7484aa,
	0x5cb0a9dc,
	0x76f988da,
	0x983e5152,
	0xa831c66d,
	0xb00327c8,
	0xbf597fc7,
	0xc6e00bf3,
	0xd5a79147,
	0x06ca6351,
	0x14292967,
	0x27b70a85,
	0x2e1b2138,
	0x4d2c6dfc,
	0x53380d13,
	0x650a7354,
	0x766a0abb,
	0x81c2c92e,
	0x92722c85,
	0xa2bfe8a1,
	0xa81a664b,
	0xc24b8b70,
	0xc76c51a3,
	0xd192e819,
	0xd6990624,
	0xf40e3585,
	0x106aa070,
	0x19a4c116,
	0x1e376c08,
	0x2748774c,
	0x34b0bcb5,
	0x391c0cb3,
	0x4ed8aa4a,
	0x5b9cca4f,
	0x682e6ff3,
	0x748f82ee,
	0x78a5636f,
	0x84c87814,
	0x8cc70208,
	0x90befffa,
	0xa4506ceb,
	0xbef9a3f7,
	0xc67178f2,
};

/* FIPS 180-4, 5.1.1: the message, a one bit, zeros, the length in bits. */
static void
pad(uint8_t block[64], const void *message, size_t length)
{
	assert(length <= SHA256_SHORT_BYTES);
	memset(block, 0, 64);
	memcpy(block, message, length);
	block[length] = 0x80;
	store_be64(block + 56, (uint64_t)length * 8);
}

static inline uint32_t
rotate_right(uint32_t value, int bits)
{
	return value >> bits | value << (32 - bits);
}

/* FIPS 180-4, 6.2.2, step 1: expands the block to 64 words. */
static void
expand(uint32_t schedule[64], const uint8_t block[64])
{
	for (int i = 0; i < 16; i++)
		schedule[i] = load_be32(block + 4 * i);
	for (int i = 16; i < 64; i++) {
		uint32_t early = schedule[i - 15], late = schedule[i - 2];
		uint32_t sigma0 = rotate_right(early, 7) ^ rotate_right(early, 18) ^ early >> 3;
		uint32_t sigma1 = rotate_right(late, 17) ^ rotate_right(late, 19) ^ late >> 10;

		schedule[i] = schedule[i - 16] + sigma0 + schedule[i - 7] + sigma1;
	}
}

struct sha256_digest
sha256_short_portable(const void *message, size_t length)
{
	struct sha256_digest digest;
	uint32_t schedule[64], s[8];
	uint8_t block[64];

	pad(block, message, length);
	expand(schedule, block);
	memcpy(s, initial, sizeof(s));
	for (int i = 0; i < 64; i++) {
		uint32_t sum1 =
			rotate_right(s[4], 6) ^ rotate_right(s[4], 11) ^ rotate_right(s[4], 25);
		uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
		uint32_t first = s[7] + sum1 + choice + round_constants[i] + schedule[i];
		uint32_t sum0 =
			rotate_right(s[0], 2) ^ rotate_right(s[0], 13) ^ rotate_right(s[0], 22);
		uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);

		memmove(s + 1, s, 7 * sizeof(s[0]));
		s[4] += first;
		s[0] = first + sum0 + majority;
	}
	for (int i = 0; i < 8; i++)
		digest.words[i] = initial[i] + s[i];
	return digest;
}

/* The SHA extensions work on the state as two vectors, ABEF and CDGH; each sha256rnds2 does two
 * rounds, sha256msg1/msg2 the schedule (Intel SDM, volume 2, SHA256RNDS2). */
__attribute__((target("sha,sse4.1"))) struct sha256_digest
sha256_short_shani(const void *message, size_t length)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	const __m128i abef =
		_mm_set_epi32((int)initial[0], (int)initial[1], (int)initial[4], (int)initial[5]);
	const __m128i cdgh =
		_mm_set_epi32((int)initial[2], (int)initial[3], (int)initial[6], (int)initial[7]);
	__m128i state0 = abef, state1 = cdgh, words[4];
	uint8_t block[64] __attribute__((aligned(16)));
	uint32_t out0[4], out1[4];

	pad(block, message, length);
	for (int i = 0; i < 4; i++)
		words[i] =
			_mm_shuffle_epi8(_mm_load_si128((const __m128i *)(block + 16 * i)), swap);
#pragma GCC unroll 16
	for (int i = 0; i < 16; i++) {
		__m128i *now = &words[i & 3];
		__m128i sum = _mm_add_epi32(
			*now, _mm_load_si128((const __m128i *)(round_constants + 4 * i)));

		state1 = _mm_sha256rnds2_epu32(state1, state0, sum);
		state0 = _mm_sha256rnds2_epu32(state0, state1, _mm_shuffle_epi32(sum, 0x0e));
		if (i < 12) { /* words 16..63: four new ones replace the four just used */
			const __m128i one = words[(i + 1) & 3], two = words[(i + 2) & 3];
			const __m128i three = words[(i + 3) & 3];
			__m128i next = _mm_add_epi32(
				_mm_sha256msg1_epu32(*now, one), _mm_alignr_epi8(three, two, 4));

			*now = _mm_sha256msg2_epu32(next, three);
		}
	}
	_mm_storeu_si128((__m128i *)out0, _mm_add_epi32(state0, abef));
	_mm_storeu_si128((__m128i *)out1, _mm_add_epi32(state1, cdgh));
	return (struct sha256_digest){
		{out0[3], out0[2], out1[3], out1[2], out0[1], out0[0], out1[1], out1[0]}};
}

int
sha256_has_shani(void)
{
	uint32_t eax, ebx, ecx, edx;

	__asm__("cpuid" : "=a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx) : "a"(7), "c"(0));
	return (ebx >> 29 & 1) && __builtin_cpu_supports("sse4.1");
}

static struct sha256_digest (*chosen)(const void *, size_t) = sha256_short_portable;

void
sha256_init(void)
{
	__builtin_cpu_init();
	if (sha256_has_shani())
		chosen = sha256_short_shani;
}

struct sha256_digest
sha256_short(const void *message, size_t length)
{
	return chosen(message, length);
}
