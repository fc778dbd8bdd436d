/*
 * batch_moments.c: sums of 64 replicates, as integers where the answers are (and no product is
 * larger than 31 bits), else in double.
 *
 * The products of indicators are made once where they fit 64 MiB; otherwise for a few pairs and a
 * block of observations at a time, which costs a tenth more.
 */
#include "batch_internal.h"

#include <math.h>
#include <string.h>

enum {
    INTEGER_BLOCK = 2048, /* observations whose counts, 128 KiB, stay in L2                  */
    REAL_BYTES = 24576,   /* of answers that stay in L1 while doubles are summed             */
    MOST_DIGITS = 4,      /* beyond, sums in double cost the same                            */
    CHUNK = 4 * PLS_TILE, /* rows of products made at once where they are not kept           */
};
static const size_t largest_matrix = (size_t)64 << 20; /* bytes of products that are kept */
static const size_t most_rows = (size_t)1 << 22; /* sums of 128 * counts stay within 32 bits */

/* Digits that hold every product of the answers; 0: sums in double. */
static uint32_t digits_needed(const struct pls_estimator *estimator, unsigned *largest)
{
    const size_t n = estimator->dataset->rows, p = estimator->model->indicators;
    double most = 1.0, capacity = 127.0;
    if (!estimator->exact || n > most_rows)
        return 0;
    for (size_t i = 0; i < n * p; i++)
        most = fmax(most, fabs(estimator->x[i]));
    if (most > INT16_MAX)
        return 0;
    for (uint32_t digits = 1; digits <= MOST_DIGITS; digits++) {
        if (most * most <= capacity) {
            *largest = digits == 1 ? (unsigned)(most * most) : 128;
            return digits;
        }
        capacity = capacity * 256.0 + 127.0;
    }
    return 0;
}

void pls_lane_moments_plan(struct pls_lane_moments *moments, const struct pls_lane_plan *plan,
                           const struct pls_lane_kernels *kernels)
{
    const size_t n = plan->estimator->dataset->rows;
    const size_t fit = REAL_BYTES / sizeof(double) / plan->indicators / 4 * 4;
    moments->plan = plan;
    moments->kernels = kernels;
    moments->padded = (n + 3) / 4 * 4;
    moments->digits = digits_needed(plan->estimator, &moments->largest);
    moments->integer = moments->digits > 0;
    moments->rows = ((size_t)plan->moments * moments->digits + PLS_TILE - 1) / PLS_TILE * PLS_TILE;
    moments->kept = moments->rows <= largest_matrix / moments->padded;
    moments->block = moments->integer ? INTEGER_BLOCK : fit < 16 ? 16 : fit;
    if (moments->block > moments->padded)
        moments->block = moments->padded;
}

void pls_lane_moments_carve(struct pls_lane_moments *moments, struct pls_arena *arena)
{
    const size_t p = moments->plan->indicators, columns = moments->plan->moments;
    if (moments->integer) {
        const size_t products =
            moments->kept ? moments->rows * moments->padded : CHUNK * moments->block;
        moments->pair = pls_carve(arena, 2 * columns, sizeof *moments->pair);
        moments->codes = pls_carve(arena, (p + 1) * moments->padded, sizeof *moments->codes);
        moments->products = pls_carve(arena, products, sizeof *moments->products);
        moments->wide = pls_carve(arena, moments->block * PLS_LANES, sizeof *moments->wide);
        moments->sums = pls_carve(arena, moments->rows * PLS_LANES, sizeof *moments->sums);
    } else {
        moments->weights =
            pls_carve(arena, moments->block * 2 * moments->kernels->width, sizeof(double));
        moments->real = pls_carve(arena, columns * PLS_LANES, sizeof(double));
    }
}

/* One digit of the products of a pair of indicators. */
static void make_row(const int16_t *a, const int16_t *b, size_t count, uint32_t digits,
                     uint32_t digit, int8_t *out)
{
    if (digits == 1) {
        for (size_t i = 0; i < count; i++)
            out[i] = (int8_t)(a[i] * b[i]);
        return;
    }
    /* Digits are -128 … 127: what stands above digit d is the product rounded to 256^d, so half of
     * each lower digit is added before they are cut off. */
    const uint32_t half = 0x808080U & ((1U << 8 * digit) - 1);
    for (size_t i = 0; i < count; i++)
        out[i] = (int8_t)(uint8_t)(((uint32_t)(a[i] * b[i]) + half) >> 8 * digit);
}

/* Rows first … first+count-1 of the matrix, for some observations. */
static void make_products(const struct pls_lane_moments *moments, size_t first, size_t count,
                          size_t from, size_t observations, int8_t *out, size_t stride)
{
    for (size_t row = first; row < first + count; row++, out += stride) {
        const size_t column = row / moments->digits;
        if (column >= moments->plan->moments) { /* to whole tiles */
            memset(out, 0, observations);
            continue;
        }
        const uint32_t *pair = moments->pair + 2 * column;
        make_row(moments->codes + pair[0] * moments->padded + from,
                 moments->codes + pair[1] * moments->padded + from, observations, moments->digits,
                 (uint32_t)(row % moments->digits), out);
    }
}

/* The columns of moments: pairs in the order of pls_pairs_new(), sums, sum of weights. */
static void list_pairs(struct pls_lane_moments *moments)
{
    const struct pls_pairs *needed = &moments->plan->estimator->needed;
    uint32_t *pair = moments->pair;
    for (size_t r = 0; r < needed->runs; r++)
        for (size_t l = needed->run[r].first; l < needed->run[r].last; l++) {
            *pair++ = (uint32_t)needed->run[r].k;
            *pair++ = (uint32_t)l;
        }
    for (uint32_t k = 0; k <= moments->plan->indicators; k++) {
        *pair++ = k;
        *pair++ = moments->plan->indicators;
    }
}

void pls_lane_moments_prepare(struct pls_lane_moments *moments)
{
    const struct pls_estimator *estimator = moments->plan->estimator;
    const size_t n = estimator->dataset->rows, p = moments->plan->indicators;
    if (!moments->integer)
        return;
    list_pairs(moments);
    for (size_t k = 0; k <= p; k++)
        for (size_t i = 0; i < n; i++)
            moments->codes[k * moments->padded + i] =
                (int16_t)(k < p ? estimator->x[i * p + k] : 1.0);
    if (moments->kept)
        make_products(moments, 0, moments->rows, 0, moments->padded, moments->products,
                      moments->padded);
}

/* Lanes with a count above PLS_MOST_COUNT; where the sum of weights is at most that, so are counts,
 * and larger sums are found by the kernel that correlates. */
static uint64_t lanes_too_large(const struct pls_lane_moments *moments, const uint8_t *counts)
{
    uint32_t any[PLS_LANES] = {0};
    uint64_t out = 0;
    if (moments->plan->estimator->dataset->rows <= PLS_MOST_COUNT)
        return 0;
    for (size_t q = 0; q < moments->padded / 4; q++)
        for (size_t lane = 0; lane < PLS_LANES; lane++) {
            uint32_t quad;
            memcpy(&quad, counts + (q * PLS_LANES + lane) * 4, sizeof quad);
            any[lane] |= quad;
        }
    for (size_t lane = 0; lane < PLS_LANES; lane++)
        out |= (uint64_t)((any[lane] & 0x80808080U) != 0) << lane;
    return out;
}

static void sum_integers(struct pls_lane_moments *moments, const uint8_t *counts)
{
    for (size_t from = 0; from < moments->padded; from += moments->block) {
        const size_t left = moments->padded - from;
        const size_t observations = left < moments->block ? left : moments->block;
        struct pls_moments_i8 work = {.products = moments->products + from,
                                      .stride = moments->padded,
                                      .rows = moments->rows,
                                      .counts = counts + from * PLS_LANES,
                                      .quads = observations / 4,
                                      .largest = moments->largest,
                                      .fresh = from == 0,
                                      .sums = moments->sums,
                                      .wide = moments->wide};
        if (moments->kept) {
            moments->kernels->moments_i8(&work);
            continue;
        }
        work.products = moments->products;
        work.stride = moments->block;
        for (size_t row = 0; row < moments->rows; row += CHUNK) {
            work.rows = moments->rows - row < CHUNK ? moments->rows - row : CHUNK;
            work.sums = moments->sums + row * PLS_LANES;
            make_products(moments, row, work.rows, from, observations, moments->products,
                          moments->block);
            moments->kernels->moments_i8(&work);
        }
    }
}

static void sum_reals(struct pls_lane_moments *moments, const uint8_t *counts)
{
    const struct pls_estimator *estimator = moments->plan->estimator;
    const size_t n = estimator->dataset->rows, p = moments->plan->indicators;
    for (size_t from = 0; from < n; from += moments->block) {
        const struct pls_moments_f64 work = {.pairs = &estimator->needed,
                                             .x = estimator->x + from * p,
                                             .rows = n - from < moments->block ? n - from
                                                                               : moments->block,
                                             .indicators = p,
                                             .counts = counts + from * PLS_LANES,
                                             .fresh = from == 0,
                                             .weights = moments->weights,
                                             .sums = moments->real};
        moments->kernels->moments_f64(&work);
    }
}

uint64_t pls_lane_moments_sum(struct pls_lane_moments *moments, const uint8_t *counts)
{
    if (moments->integer) {
        const uint64_t too_large = lanes_too_large(moments, counts);
        sum_integers(moments, counts);
        return too_large;
    }
    sum_reals(moments, counts);
    return 0;
}

unsigned pls_lane_moments_correlate(const struct pls_lane_moments *moments, size_t lane, double *s,
                                    double *scratch)
{
    if (moments->integer)
        return moments->kernels->correlate_i32(moments->plan, moments->sums, moments->digits, lane,
                                               s, scratch);
    return moments->kernels->correlate_f64(moments->plan, moments->real, lane, s, scratch);
}
