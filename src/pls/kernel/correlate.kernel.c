/* correlate.kernel.c: from sums of a few lanes to correlations, as pls_moments_correlate() does. */
#include "lanes.h"

#include <float.h>

/* Where sums come from: doubles, or integers in digits of 256, the lowest first. */
struct sums {
    const double *real;
    const int32_t *integer;
    uint32_t digits;
};

PLS_INLINE vec sum_at(const struct sums *sums, size_t column)
{
    if (sums->real != NULL)
        return load(sums->real + column * PLS_LANES);
    const int32_t *digit = sums->integer + column * sums->digits * PLS_LANES;
    vec sum = load_i32(digit + (sums->digits - 1) * PLS_LANES);
    for (uint32_t d = sums->digits - 1; d-- > 0;)
        sum = sum * 256.0 + load_i32(digit + d * PLS_LANES);
    return sum;
}

PLS_INLINE unsigned correlate(const struct pls_lane_plan *plan, const struct sums *sums, vec *s,
                              double *scratch)
{
    const struct pls_estimator *estimator = plan->estimator;
    const size_t p = plan->indicators;
    vec *restrict sum = vectors(scratch), *restrict inverse = sum + p;
    const vec total = sum_at(sums, plan->pairs + p);
    const vec unit = all(estimator->exact ? 0.0 : 64.0 * DBL_EPSILON);
    mask troubled = less(all(estimator->exact ? (double)estimator->dataset->rows : DBL_MAX), total);
    for (size_t k = 0; k < p; k++) {
        sum[k] = sum_at(sums, plan->pairs + k);
        const vec variance = total * sum_at(sums, plan->diagonal[k]) - sum[k] * sum[k];
        troubled |= ~less(unit * (total * total + sum[k] * sum[k]), variance);
        inverse[k] = 1.0 / root(variance);
    }
    for (size_t r = 0; r < plan->stretches; r++) {
        const struct pls_stretch *stretch = &plan->stretch[r];
        const vec sum_k = sum[stretch->k], inverse_k = inverse[stretch->k];
        const size_t at = stretch->at, l = stretch->l, to = stretch->to;
        for (size_t t = 0; t < stretch->count; t++)
            s[to + t] =
                ((total * sum_at(sums, at + t) - sum_k * sum[l + t]) * inverse_k) * inverse[l + t];
    }
    return bits(troubled);
}

unsigned PLS_KERNEL(pls_correlate_i32)(const struct pls_lane_plan *plan, const int32_t *sums,
                                       uint32_t digits, size_t lane, double *s, double *scratch)
{
    if (digits == 1) {
        const struct sums single = {.integer = sums + lane, .digits = 1};
        return correlate(plan, &single, vectors(s), scratch);
    }
    const struct sums several = {.integer = sums + lane, .digits = digits};
    return correlate(plan, &several, vectors(s), scratch);
}

unsigned PLS_KERNEL(pls_correlate_f64)(const struct pls_lane_plan *plan, const double *sums,
                                       size_t lane, double *s, double *scratch)
{
    const struct sums real = {.real = sums + lane};
    return correlate(plan, &real, vectors(s), scratch);
}
