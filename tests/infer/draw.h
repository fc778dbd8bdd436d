/*
 * draw.h: replicates to test with: a small generator of the tests' own, and one call with defaults.
 */
#ifndef PLSTRAP_TEST_DRAW_H
#define PLSTRAP_TEST_DRAW_H

#include "check.h"
#include "plstrap/infer.h"
#include "sample.h"

#include <gsl/gsl_cdf.h>
#include <stdlib.h>

/* SplitMix64. */
static inline uint64_t draw(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Inside (0, 1). */
static inline double draw_uniform(uint64_t *state)
{
    return ((double)(draw(state) >> 12) + 0.5) * 0x1p-52;
}

static inline double draw_normal(uint64_t *state)
{
    return gsl_cdf_ugaussian_Pinv(draw_uniform(state));
}

static inline double draw_exponential(uint64_t *state)
{
    return -log(draw_uniform(state));
}

/* Every kind of interval at its own number, 95 %, 30 observations. */
static inline struct pls_infer_options default_options(void)
{
    return (struct pls_infer_options){
        .level = {0.95},
        .levels = 1,
        .method = {PLS_PERCENTILE, PLS_BASIC, PLS_NORMAL, PLS_BC, PLS_BCA},
        .methods = PLS_METHODS,
        .quantile = PLS_QUANTILE_6,
        .centre = PLS_CENTRE_ESTIMATE,
        .n = 30,
    };
}

/* What pls_order_… makes of sorted or other values: all of them, kept. */
static inline void order_all(struct pls_order *order, const double *values, size_t count)
{
    struct pls_error err;
    assert_ok(pls_order_whole(order, NULL, 0, 0.0, 0.0, &err), &err);
    assert_ok(pls_order_add(order, values, count, &err), &err);
}

/* All rows usable, no jackknife. */
static inline struct pls_inference infer_all(const double *values, size_t count, double estimate,
                                             const struct pls_infer_options *options)
{
    struct pls_inference out;
    struct pls_error err = {PLS_OK, ""};
    uint8_t *usable = malloc(count + 1);
    double *work = malloc((count + 1) * sizeof *work);
    assert_non_null(usable);
    assert_non_null(work);
    for (size_t r = 0; r < count; r++)
        usable[r] = 1;
    assert_ok(
        pls_infer_column(values, usable, count, estimate, NULL, NULL, 0, options, work, &out, &err),
        &err);
    free(work);
    free(usable);
    return out;
}

#endif
