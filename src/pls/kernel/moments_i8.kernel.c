/*
 * moments_i8.kernel.c: sums of counts times products of indicators, in exact integers.
 *
 *            lanes             A product of matrices, so a tile of the result stays in
 *         c c c … c  counts    registers: 6 rows of products times 64 replicates (AVX-512, 24
 *   p p p + + + … +            registers), each quad of observations one vpdpbusd; the
 *   p p p + + + … +  sums      multiplier is the limit. AVX2 adds pairs of observations in 16
 *   products                   bits as long as sums fit, portable code single ones.
 *
 * |product| <= 128 and counts <= 127, so that at least one pair fits.
 */
#include "lanes.h"

PLS_INLINE const int8_t *row_of(const struct pls_moments_i8 *work, size_t row)
{
    return work->products + row * work->stride;
}

#if defined(__AVX512VNNI__)

PLS_INLINE __m512i quad_of(const int8_t *products)
{
    int32_t quad;
    memcpy(&quad, products, sizeof quad);
    return _mm512_set1_epi32(quad);
}

void PLS_KERNEL(pls_moments_i8)(const struct pls_moments_i8 *work)
{
    enum { PARTS = PLS_LANES / 16 };
    for (size_t row = 0; row < work->rows; row += PLS_TILE) {
        const int8_t *products = row_of(work, row);
        const uint8_t *counts = work->counts;
        int32_t *sums = work->sums + row * PLS_LANES;
        __m512i sum[PLS_TILE][PARTS];
        PLS_UNROLL
        for (size_t t = 0; t < PLS_TILE; t++)
            PLS_UNROLL
        for (size_t part = 0; part < PARTS; part++)
            sum[t][part] = work->fresh ? _mm512_setzero_si512()
                                       : _mm512_loadu_si512(sums + t * PLS_LANES + part * 16);
        for (size_t q = 0; q < work->quads; q++, counts += PLS_LANES * 4, products += 4) {
            __m512i count[PARTS];
            PLS_UNROLL
            for (size_t part = 0; part < PARTS; part++)
                count[part] = _mm512_loadu_si512(counts + part * 64);
            PLS_UNROLL
            for (size_t t = 0; t < PLS_TILE; t++) {
                const __m512i quad = quad_of(products + t * work->stride);
                PLS_UNROLL
                for (size_t part = 0; part < PARTS; part++)
                    sum[t][part] = _mm512_dpbusd_epi32(sum[t][part], count[part], quad);
            }
        }
        PLS_UNROLL
        for (size_t t = 0; t < PLS_TILE; t++)
            PLS_UNROLL
        for (size_t part = 0; part < PARTS; part++)
            _mm512_storeu_si512(sums + t * PLS_LANES + part * 16, sum[t][part]);
    }
}

#elif defined(__AVX2__)

enum { ROWS = 2, PARTS = 4 };

/* Quads whose pairs of products can be added in 16 bits. */
PLS_INLINE size_t narrow_quads(const struct pls_moments_i8 *work)
{
    return INT16_MAX / (2 * PLS_MOST_COUNT * (size_t)work->largest);
}

/* Adds quads first … last-1 of two rows and 32 lanes. */
PLS_INLINE void add_quads(const struct pls_moments_i8 *work, size_t row, size_t lane, size_t first,
                          size_t last)
{
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i narrow[ROWS][PARTS];
    PLS_UNROLL
    for (size_t t = 0; t < ROWS; t++)
        PLS_UNROLL
    for (size_t part = 0; part < PARTS; part++)
        narrow[t][part] = _mm256_setzero_si256();
    for (size_t q = first; q < last; q++) {
        __m256i quad[ROWS];
        PLS_UNROLL
        for (size_t t = 0; t < ROWS; t++) {
            int32_t products;
            memcpy(&products, row_of(work, row + t) + 4 * q, sizeof products);
            quad[t] = _mm256_set1_epi32(products);
        }
        PLS_UNROLL
        for (size_t part = 0; part < PARTS; part++) {
            const __m256i count = _mm256_loadu_si256(
                (const void *)(work->counts + (q * PLS_LANES + lane + part * 8) * 4));
            PLS_UNROLL
            for (size_t t = 0; t < ROWS; t++)
                narrow[t][part] =
                    _mm256_add_epi16(narrow[t][part], _mm256_maddubs_epi16(count, quad[t]));
        }
    }
    PLS_UNROLL
    for (size_t t = 0; t < ROWS; t++)
        PLS_UNROLL
    for (size_t part = 0; part < PARTS; part++) {
        void *sums = work->sums + (row + t) * PLS_LANES + lane + part * 8;
        _mm256_storeu_si256(sums, _mm256_add_epi32(_mm256_loadu_si256(sums),
                                                   _mm256_madd_epi16(narrow[t][part], ones)));
    }
}

void PLS_KERNEL(pls_moments_i8)(const struct pls_moments_i8 *work)
{
    const size_t step = narrow_quads(work);
    if (work->fresh)
        memset(work->sums, 0, work->rows * PLS_LANES * sizeof *work->sums);
    for (size_t row = 0; row < work->rows; row += ROWS)
        for (size_t lane = 0; lane < PLS_LANES; lane += 8 * PARTS)
            for (size_t q = 0; q < work->quads; q += step)
                add_quads(work, row, lane, q, q + step < work->quads ? q + step : work->quads);
}

#else

/* 16-bit integers, eight lanes to a vector; without sign, so that lanes with larger counts (which
 * are computed again) may overflow. */
typedef uint16_t narrow __attribute__((vector_size(16)));
enum { PARTS = PLS_LANES / 8 };

static void widen_counts(const struct pls_moments_i8 *work)
{
    for (size_t q = 0; q < work->quads; q++)
        for (size_t lane = 0; lane < PLS_LANES; lane++)
            for (size_t i = 0; i < 4; i++)
                work->wide[(q * 4 + i) * PLS_LANES + lane] =
                    work->counts[(q * PLS_LANES + lane) * 4 + i];
}

/* Adds observations first … last-1 of one row and all lanes. */
PLS_INLINE void add_observations(const struct pls_moments_i8 *work, const int8_t *products,
                                 size_t first, size_t last, int32_t *sums)
{
    narrow sum[PARTS];
    PLS_UNROLL
    for (size_t part = 0; part < PARTS; part++)
        sum[part] = (narrow){0};
    for (size_t i = first; i < last; i++) {
        const narrow product = (uint16_t)products[i] - (narrow){0};
        const narrow *counts = (const void *)(work->wide + i * PLS_LANES);
        PLS_UNROLL
        for (size_t part = 0; part < PARTS; part++)
            sum[part] += counts[part] * product;
    }
    int16_t flat[PLS_LANES];
    memcpy(flat, sum, sizeof flat);
    for (size_t lane = 0; lane < PLS_LANES; lane++)
        sums[lane] += flat[lane];
}

void PLS_KERNEL(pls_moments_i8)(const struct pls_moments_i8 *work)
{
    const size_t step = INT16_MAX / (PLS_MOST_COUNT * (size_t)work->largest);
    const size_t count = work->quads * 4;
    widen_counts(work);
    if (work->fresh)
        memset(work->sums, 0, work->rows * PLS_LANES * sizeof *work->sums);
    for (size_t row = 0; row < work->rows; row++)
        for (size_t i = 0; i < count; i += step)
            add_observations(work, row_of(work, row), i, i + step < count ? i + step : count,
                             work->sums + row * PLS_LANES);
}

#endif
