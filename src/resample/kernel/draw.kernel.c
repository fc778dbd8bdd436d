/*
 * draw.kernel.c: compiled once per instruction set; the build passes -DPLS_ISA=avx2 and the like.
 *
 * Measured with AVX-512 at 4.3 GHz, clang 14 (gcc 12 within 3 %), one core, ns per replicate:
 *
 *                        n   120   250   1000
 *   Philox                   8.0    15    104   19 GB/s of words; with AVX2 9.5, portable 4.6
 *   places                   5.5    10     71   the multiplication by n, and which piece counts
 *   counting                  24    55    238   0.75 to 1 cycle a draw, bound by the stores
 *   moving, clearing         2.2   4.7     17
 *   together                  38    72    325   AVX2 47, 90, 505; portable 91, 158, 950
 *
 * A block goes through Philox's rounds, on the vector units, while the one before is counted. One
 * after the other, gcc took 48, 94 and 517; so interleaved, but with the words of a block in a
 * loop, 47, 91 and 465; with the words written out one by one, 39, 71 and 323. A group is counted
 * in a block of its own, not straight into the 64 lanes: so it stays in L1 up to n = 2500, and
 * needs no transposition, for a quad of 16 rows is a cache line.
 */
#include "draw_lanes.h"
#include "plstrap/batch.h"
#include "plstrap/random.h"

#include <stdbool.h>
#include <string.h>

#if defined __SSE2__
#include <immintrin.h>
#endif

#if defined __AVX512F__
enum { BYTES = 64 };
#elif defined __AVX2__
enum { BYTES = 32 };
#else
enum { BYTES = 16 };
#endif

typedef uint16_t vec16 __attribute__((vector_size(BYTES)));
typedef uint32_t vec32 __attribute__((vector_size(BYTES)));
typedef uint64_t vec64 __attribute__((vector_size(BYTES)));

/* PARTS vectors of ROWS rows are a group. */
enum { ROWS = BYTES / 4, PARTS = DRAW_GROUP / ROWS };

#define ALWAYS_INLINE  static inline __attribute__((always_inline))
#define PASTE(a, b)    a##_##b
#define SUFFIX(a, b)   PASTE(a, b)
#define PLS_KERNEL(fn) SUFFIX(fn, PLS_ISA)

/* Philox4x32-10 (Salmon et al. 2011, section 4.2; Random123): multipliers and Weyl constants. */
enum { ROUNDS = 10 };
static const uint32_t multiplier[2] = {0xD2511F53, 0xCD9E8D57};
static const uint32_t weyl[2] = {0x9E3779B9, 0xBB67AE85};

struct group {
    vec64 key[ROUNDS][2];
    vec64 row[PARTS][2];  /* numbers of the even rows, of the odd ones */
    vec64 c[PARTS][2][4]; /* the block on its way through the rounds */
    vec32 word[4][PARTS]; /* the one that left them last */
    vec32 left[PARTS];    /* draws that the row still needs */
};

ALWAYS_INLINE vec32 all32(uint32_t value)
{
    return value - (vec32){0};
}

ALWAYS_INLINE vec64 all64(uint64_t value)
{
    return value - (vec64){0};
}

/* The low halves of a and b multiplied. */
ALWAYS_INLINE vec64 product(vec64 a, vec64 b)
{
#if defined __AVX512F__
    return (vec64)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined __AVX2__
    return (vec64)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined __SSE2__
    return (vec64)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
    return (a & UINT32_MAX) * (b & UINT32_MAX);
#endif
}

/* Low halves of a to even places, low halves of b to odd ones. */
ALWAYS_INLINE vec32 interleaved(vec64 a, vec64 b)
{
    return (vec32)((a & UINT32_MAX) | b << 32);
}

ALWAYS_INLINE void enter_block(struct group *group, uint32_t block)
{
    for (size_t part = 0; part < PARTS; part++)
        for (size_t odd = 0; odd < 2; odd++) {
            group->c[part][odd][0] = all64(block);
            group->c[part][odd][1] = all64((uint64_t)PLS_PURPOSE_BOOTSTRAP << 24); /* cell 0 */
            group->c[part][odd][2] = group->row[part][odd];
            group->c[part][odd][3] = group->row[part][odd] >> 32;
        }
}

/* The high halves of c are of no account, before and after. */
ALWAYS_INLINE void rounds(struct group *group, size_t from, size_t to)
{
    for (size_t part = 0; part < PARTS; part++)
        for (size_t odd = 0; odd < 2; odd++) {
            vec64 *c = group->c[part][odd];
            for (size_t round = from; round < to; round++) {
                const vec64 p0 = product(c[0], all64(multiplier[0]));
                const vec64 p1 = product(c[2], all64(multiplier[1]));
                c[0] = p1 >> 32 ^ c[1] ^ group->key[round][0];
                c[1] = p1;
                c[2] = p0 >> 32 ^ c[3] ^ group->key[round][1];
                c[3] = p0;
            }
        }
}

ALWAYS_INLINE void leave_block(struct group *group)
{
    for (size_t part = 0; part < PARTS; part++)
        for (size_t w = 0; w < 4; w++)
            group->word[w][part] = interleaved(group->c[part][0][w], group->c[part][1][w]);
}

/* Piece k of each word, times n: the index above, what decides its rejection below. */
ALWAYS_INLINE void multiplied(unsigned bits, vec32 word, unsigned k, uint32_t n, vec32 *index,
                              vec32 *remainder)
{
    if (bits == 32) {
        const vec64 even = product((vec64)word, all64(n));
        const vec64 odd = product((vec64)word >> 32, all64(n));
        *index = interleaved(even >> 32, odd >> 32);
        *remainder = interleaved(even, odd);
        return;
    }
    const uint32_t mask = (1U << bits) - 1;
    const vec32 piece = word >> (k * bits) & mask;
    const vec32 both = bits == 8 ? (vec32)((vec16)piece * (vec16)all32(n)) : piece * n;
    *index = both >> bits;
    *remainder = both & mask;
}

/* Where the pieces of a word are counted: a place in the work, without the row's own offset. */
union places {
    vec32 v32[4 * PARTS]; /* [piece][row] */
    vec16 v16[2 * PARTS]; /* [piece % 2][row][piece / 2] */
    uint32_t u32[4 * DRAW_GROUP];
    uint16_t u16[4 * DRAW_GROUP];
};

/* Where rejected pieces of a row are counted, and those that come after its last draw. */
ALWAYS_INLINE uint32_t spare_place(uint32_t n)
{
    return (n + 3) / 4 * 4 * DRAW_GROUP;
}

/* `sure`: all rows need all of the word, which spares the chain from each piece to the next. */
ALWAYS_INLINE void place(unsigned bits, bool sure, struct group *group, size_t w, uint32_t n,
                         uint32_t rejected, union places *places)
{
    const vec32 spare = all32(spare_place(n));
    for (size_t part = 0; part < PARTS; part++) {
        vec32 left = group->left[part];
        for (unsigned k = 0; k < 32 / bits; k++) {
            vec32 index, remainder;
            multiplied(bits, group->word[w][part], k, n, &index, &remainder);
            vec32 take = (vec32)(remainder >= rejected);
            if (!sure)
                take &= (vec32)(left != 0);
            left += take; /* a true lane is -1 */
            const vec32 at = (index >> 2) * (4 * DRAW_GROUP) | (index & 3);
            places->v32[k * PARTS + part] = (at & take) | (spare & ~take);
        }
        group->left[part] = left;
    }
}

/* The same for bytes of which all are needed, in half the instructions. */
ALWAYS_INLINE void place_bytes(struct group *group, size_t w, uint32_t n, uint32_t rejected,
                               union places *places)
{
    const vec16 spare = (uint16_t)spare_place(n) - (vec16){0};
    for (size_t part = 0; part < PARTS; part++) {
        vec16 taken = {0};
        for (unsigned k = 0; k < 2; k++) {
            const vec16 piece = (vec16)(group->word[w][part] >> (k * 8) & 0x00ff00ff);
            const vec16 both = piece * (uint16_t)n;
            const vec16 take = (vec16)((both & 0xff) >= (uint16_t)rejected);
            const vec16 at = (both >> 4 & 0xfc0) | (both >> 8 & 3);
            taken += take;
            places->v16[k * PARTS + part] = (at & take) | (spare & ~take);
        }
        const vec32 drawn = (vec32)-taken;
        group->left[part] -= (drawn & 0xffff) + (drawn >> 16);
    }
}

ALWAYS_INLINE bool all_drawn(const struct group *group)
{
    vec32 any = group->left[0];
    for (size_t part = 1; part < PARTS; part++)
        any |= group->left[part];
#if defined __AVX512F__
    return _mm512_test_epi32_mask((__m512i)any, (__m512i)any) == 0;
#else
    uint32_t left = 0;
    for (size_t row = 0; row < ROWS; row++)
        left |= any[row];
    return left == 0;
#endif
}

ALWAYS_INLINE void count(const union places *places, size_t pieces, uint8_t *restrict work)
{
    for (size_t k = 0; k < pieces; k++)
        for (size_t row = 0; row < DRAW_GROUP; row++)
            work[places->u32[k * DRAW_GROUP + row] + 4 * row]++;
}

ALWAYS_INLINE void count_bytes(const union places *places, uint8_t *restrict work)
{
    for (size_t k = 0; k < 2; k++)
        for (size_t row = 0; row < DRAW_GROUP; row++) {
            const uint16_t *two = places->u16 + (k * DRAW_GROUP + row) * 2;
            work[two[0] + 4 * row]++;
            work[two[1] + 4 * row]++;
        }
}

/*
 * Counts a word of the block that left the rounds while the next one goes through some of them, on
 * other units of the processor. Returns whether all rows have their draws.
 */
ALWAYS_INLINE bool draw_word(unsigned bits, bool sure, struct group *group, size_t w, uint32_t n,
                             uint32_t rejected, uint8_t *restrict work)
{
    union places places;
    if (bits == 8 && sure)
        place_bytes(group, w, n, rejected, &places);
    else
        place(bits, sure, group, w, n, rejected, &places);
    rounds(group, w * ROUNDS / 4, (w + 1) * ROUNDS / 4);
    if (bits == 8 && sure)
        count_bytes(&places, work);
    else
        count(&places, 32 / bits, work);
    return !sure && all_drawn(group);
}

ALWAYS_INLINE bool draw_block(unsigned bits, bool sure, struct group *group, uint32_t next,
                              uint32_t n, uint32_t rejected, uint8_t *restrict work)
{
    enter_block(group, next);
    if (draw_word(bits, sure, group, 0, n, rejected, work) ||
        draw_word(bits, sure, group, 1, n, rejected, work) ||
        draw_word(bits, sure, group, 2, n, rejected, work) ||
        draw_word(bits, sure, group, 3, n, rejected, work))
        return true;
    leave_block(group);
    return false;
}

ALWAYS_INLINE void draw_group(unsigned bits, struct group *group, uint32_t n, uint32_t draws,
                              uint8_t *restrict work)
{
    const uint32_t rejected = (uint32_t)(((uint64_t)1 << bits) % n);
    uint32_t next = 1;
    enter_block(group, 0);
    rounds(group, 0, ROUNDS);
    leave_block(group);
    for (; next <= draws / (128 / bits); next++)
        draw_block(bits, true, group, next, n, rejected, work);
    while (!draw_block(bits, false, group, next, n, rejected, work))
        next++;
}

static void start(struct group *group, const struct draw_lanes *draw, size_t lane)
{
    static const uint64_t even[8] = {0, 2, 4, 6, 8, 10, 12, 14};
    vec64 rows;
    memcpy(&rows, even, sizeof rows);
    for (size_t part = 0; part < PARTS; part++) {
        group->row[part][0] = rows + (draw->first + lane + part * ROWS);
        group->row[part][1] = group->row[part][0] + 1;
        group->left[part] = all32(draw->draws);
    }
    uint32_t low = (uint32_t)draw->seed, high = (uint32_t)(draw->seed >> 32);
    for (size_t round = 0; round < ROUNDS; round++, low += weyl[0], high += weyl[1]) {
        group->key[round][0] = all64(low);
        group->key[round][1] = all64(high);
    }
}

/*
 * Moves the counts of a group to their place and clears the rows that nobody asked for. A byte that
 * wrapped lost 256, so the sum of a row is less than its draws exactly if one did.
 */
static uint64_t move(const uint8_t *restrict work, const struct draw_lanes *draw, size_t lane,
                     uint8_t *restrict counts)
{
    const size_t quads = ((size_t)draw->n + 3) / 4;
    uint64_t overflow = 0;
    for (size_t part = 0; part < PARTS; part++) {
        vec32 wanted = {0}, sum = {0};
        for (size_t row = 0; row < ROWS; row++)
            wanted[row] = lane + part * ROWS + row < draw->lanes ? UINT32_MAX : 0;
        for (size_t quad = 0; quad < quads; quad++) {
            vec32 four;
            memcpy(&four, work + (quad * PARTS + part) * BYTES, BYTES);
            const vec32 two = (four & 0x00ff00ff) + (four >> 8 & 0x00ff00ff);
            sum += (two & 0xffff) + (two >> 16);
            four &= wanted;
            memcpy(counts + (quad * PLS_LANES + lane) * 4 + part * BYTES, &four, BYTES);
        }
        const vec32 wrapped = (vec32)(sum != draw->draws) & wanted;
        for (size_t row = 0; row < ROWS; row++)
            overflow |= (uint64_t)(wrapped[row] & 1) << (lane + part * ROWS + row);
    }
    return overflow;
}

uint64_t PLS_KERNEL(pls_draw_lanes)(const struct draw_lanes *draw, uint8_t *restrict counts,
                                    uint8_t *restrict work)
{
    const size_t quads = ((size_t)draw->n + 3) / 4;
    uint64_t overflow = 0;
    for (size_t lane = 0; lane < PLS_LANES; lane += DRAW_GROUP) {
        memset(work, 0, (quads + 1) * 4 * DRAW_GROUP);
        if (lane < draw->lanes) {
            struct group group;
            start(&group, draw, lane);
            if (draw->n <= 256)
                draw_group(8, &group, draw->n, draw->draws, work);
            else if (draw->n <= 65536)
                draw_group(16, &group, draw->n, draw->draws, work);
            else
                draw_group(32, &group, draw->n, draw->draws, work);
        }
        overflow |= move(work, draw, lane, counts);
    }
    return overflow;
}
