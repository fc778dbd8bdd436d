/*
 * peak.kernel.c: compiled once per instruction set; the build passes -DPLS_ISA=avx2 and the like.
 *
 * Each loop keeps one kind of unit busy: operands in L1, sums in as many registers as the latency
 * of an addition needs (all indices of them constant, or compilers put them into memory).
 * Products are of what is loaded anew, so that no compiler moves them out.
 */
#include "peak.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
enum { BYTES = 64, ROWS = 4, PARTS = 5, BLOCKS = 4 };
#elif defined(__AVX2__)
enum { BYTES = 32, ROWS = 2, PARTS = 5, BLOCKS = 2 };
#else
enum { BYTES = 16, ROWS = 2, PARTS = 4, BLOCKS = 2 };
#endif

#define PASTE(a, b)  a##_##b
#define SUFFIX(a, b) PASTE(a, b)
#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

typedef double vec __attribute__((vector_size(BYTES)));
typedef uint64_t vec64 __attribute__((vector_size(BYTES)));

/* Where in a table a round begins to read its PARTS vectors: a power of two. */
enum { POSITIONS = PEAK_TABLE / BYTES / 2 };

static inline const unsigned char *position(const void *table, size_t round)
{
    return (const unsigned char *)table + (round & (POSITIONS - 1)) * BYTES;
}

static inline vec64 load64(const void *at)
{
    vec64 out;
    memcpy(&out, at, sizeof out);
    return out;
}

static inline void see(struct peak_work *work, vec64 value)
{
    UNROLL
    for (size_t i = 0; i < sizeof value / sizeof value[0]; i++)
        work->seen ^= value[i];
}

/* ---- the dot product of bytes, as the moments use it ---- */

#if defined(__AVX512VNNI__)
#define DOT_WITH "vpdpbusd"
enum { DOT_EACH = BYTES };
typedef __m512i dots;
static inline dots dot(dots sum, dots a, dots b)
{
    return _mm512_dpbusd_epi32(sum, a, b);
}
static inline void put(void *at, dots sum)
{
    _mm512_storeu_si512(at, sum);
}
#elif defined(__AVX2__)
#define DOT_WITH "vpmaddubsw, vpaddw"
enum { DOT_EACH = BYTES };
typedef __m256i dots;
static inline dots dot(dots sum, dots a, dots b)
{
    return _mm256_add_epi16(sum, _mm256_maddubs_epi16(a, b));
}
static inline void put(void *at, dots sum)
{
    _mm256_storeu_si256(at, sum);
}
#else
#define DOT_WITH "16-bit multiplications and additions"
enum { DOT_EACH = BYTES / 2 };
typedef uint16_t dots __attribute__((vector_size(BYTES))); /* wraps, as is its right */
static inline dots dot(dots sum, dots a, dots b)
{
    return sum + a * b;
}
static inline void put(void *at, dots sum)
{
    memcpy(at, &sum, sizeof sum);
}
#endif

static void dot_loop(struct peak_work *work, size_t rounds)
{
    dots sum[ROWS][PARTS] = {{{0}}}, factor[ROWS];
    UNROLL
    for (size_t t = 0; t < ROWS; t++)
        factor[t] = (dots)load64(work->bytes + t * BYTES);
    for (size_t round = 0; round < rounds; round++) {
        const unsigned char *at = position(work->bytes, round);
        UNROLL
        for (size_t part = 0; part < PARTS; part++) {
            const dots a = (dots)load64(at + part * BYTES);
            UNROLL
            for (size_t t = 0; t < ROWS; t++)
                sum[t][part] = dot(sum[t][part], a, factor[t]);
        }
    }
    UNROLL
    for (size_t t = 0; t < ROWS; t++)
        UNROLL
    for (size_t part = 0; part < PARTS; part++)
        put(work->counts + (t * PARTS + part) * BYTES, sum[t][part]);
    work->seen ^= work->counts[0];
}

/* ---- doubles ---- */

static void f64_loop(struct peak_work *work, size_t rounds)
{
    vec sum[ROWS][PARTS] = {{{0}}}, factor[ROWS];
    UNROLL
    for (size_t t = 0; t < ROWS; t++)
        factor[t] = work->numbers[t] - (vec){0};
    for (size_t round = 0; round < rounds; round++) {
        const unsigned char *at = position(work->numbers, round);
        UNROLL
        for (size_t part = 0; part < PARTS; part++) {
            const vec a = (vec)load64(at + part * BYTES);
            UNROLL
            for (size_t t = 0; t < ROWS; t++)
                sum[t][part] += a * factor[t];
        }
    }
    UNROLL
    for (size_t t = 0; t < ROWS; t++)
        UNROLL
    for (size_t part = 0; part < PARTS; part++)
        see(work, (vec64)sum[t][part]);
}

static inline vec root(vec a)
{
#if defined(__AVX512F__)
    return (vec)_mm512_sqrt_pd((__m512d)a);
#elif defined(__AVX2__)
    return (vec)_mm256_sqrt_pd((__m256d)a);
#elif defined(__x86_64__)
    return (vec)_mm_sqrt_pd((__m128d)a);
#else
    for (size_t i = 0; i < sizeof a / sizeof a[0]; i++)
        a[i] = __builtin_sqrt(a[i]);
    return a;
#endif
}

static void root_loop(struct peak_work *work, size_t rounds)
{
    vec sum[PARTS] = {{0}};
    for (size_t round = 0; round < rounds; round++) {
        const unsigned char *at = position(work->numbers, round);
        UNROLL
        for (size_t part = 0; part < PARTS; part++)
            sum[part] += 1.0 / root((vec)load64(at + part * BYTES));
    }
    UNROLL
    for (size_t part = 0; part < PARTS; part++)
        see(work, (vec64)sum[part]);
}

static void division_loop(struct peak_work *work, size_t rounds)
{
    vec sum[PARTS] = {{0}};
    for (size_t round = 0; round < rounds; round++) {
        const unsigned char *at = position(work->numbers, round);
        UNROLL
        for (size_t part = 0; part < PARTS; part++)
            sum[part] += 1.0 / (vec)load64(at + part * BYTES);
    }
    UNROLL
    for (size_t part = 0; part < PARTS; part++)
        see(work, (vec64)sum[part]);
}

/* ---- random numbers and counts ---- */

static inline vec64 product(vec64 a, uint64_t b)
{
#if defined(__AVX512F__)
    return (vec64)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64((int64_t)b));
#elif defined(__AVX2__)
    return (vec64)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x((int64_t)b));
#elif defined(__x86_64__)
    return (vec64)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x((int64_t)b));
#else
    return (a & UINT32_MAX) * b;
#endif
}

/* Philox4x32-10, one block in each 64-bit lane, BLOCKS vectors of them on their way at once. */
static void philox_loop(struct peak_work *work, size_t rounds)
{
    enum { TURNS = 10 };
    vec64 seen = {0};
    for (size_t round = 0; round < rounds; round++) {
        vec64 c[BLOCKS][4];
        UNROLL
        for (size_t b = 0; b < BLOCKS; b++) {
            c[b][0] = c[b][1] = c[b][3] = (vec64){0};
            c[b][2] = round * BLOCKS + b - (vec64){0};
        }
        UNROLL
        for (size_t turn = 0; turn < TURNS; turn++) {
            const uint64_t key[2] = {(uint32_t)(turn * 0x9E3779B9U),
                                     (uint32_t)(turn * 0xBB67AE85U)};
            UNROLL
            for (size_t b = 0; b < BLOCKS; b++) {
                const vec64 p0 = product(c[b][0], 0xD2511F53U), p1 = product(c[b][2], 0xCD9E8D57U);
                c[b][0] = p1 >> 32 ^ c[b][1] ^ key[0];
                c[b][1] = p1;
                c[b][2] = p0 >> 32 ^ c[b][3] ^ key[1];
                c[b][3] = p0;
            }
        }
        UNROLL
        for (size_t b = 0; b < BLOCKS; b++)
            seen ^= (c[b][0] | c[b][1] << 32) ^ (c[b][2] | c[b][3] << 32);
    }
    see(work, seen);
}

static void increments_loop(struct peak_work *work, size_t rounds)
{
    for (size_t round = 0; round < rounds; round++) {
        const uint16_t *place = work->places + round % (PEAK_TABLE / 2 / 16) * 16;
        UNROLL
        for (size_t i = 0; i < 16; i++)
            work->counts[place[i]]++;
    }
    work->seen ^= work->counts[0];
}

/* ---- memory ---- */

static void read_loop(struct peak_work *work, size_t rounds)
{
    vec64 sum[8] = {{0}};
    for (size_t round = 0; round < rounds; round++, work->at += 8 * BYTES) {
        UNROLL
        for (size_t i = 0; i < 8; i++)
            sum[i] += load64(work->at + i * BYTES);
    }
    UNROLL
    for (size_t i = 0; i < 8; i++)
        see(work, sum[i]);
}

static void write_loop(struct peak_work *work, size_t rounds)
{
    vec64 value = {0};
    for (size_t round = 0; round < rounds; round++, work->at += 8 * BYTES) {
        value += 1; /* memset() would not be what the rows are written by */
        UNROLL
        for (size_t i = 0; i < 8; i++)
            memcpy(work->at + i * BYTES, &value, sizeof value);
    }
}

const struct peak_loops SUFFIX(peak_loops, PLS_ISA) = {
    .dot = {dot_loop, (double)DOT_EACH *ROWS *PARTS},
    .f64 = {f64_loop, (double)BYTES / 8 * ROWS *PARTS},
    .root = {root_loop, (double)BYTES / 8 * PARTS},
    .division = {division_loop, (double)BYTES / 8 * PARTS},
    .philox = {philox_loop, (double)BYTES * 2 * BLOCKS},
    .increments = {increments_loop, 16},
    .read = {read_loop, 8 * BYTES},
    .write = {write_loop, 8 * BYTES},
    .dot_with = DOT_WITH,
};
