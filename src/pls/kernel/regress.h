/* regress.h: regression on a few predecessors, lane by lane: pls_cholesky() and its solution. */
#ifndef PLSTRAP_PLS_REGRESS_H
#define PLSTRAP_PLS_REGRESS_H

#include "lanes.h"

/* In place, lower triangle, row-major; lanes with a pivot <= 1e-12. As the first pivot is a
 * correlation of 1, its root and the divisions by it are left out. */
PLS_INLINE mask factorise(size_t size, vec *a)
{
    mask troubled = {0};
    PLS_UNROLL
    for (size_t k = 1; k < size; k++) {
        PLS_UNROLL
        for (size_t l = 1; l <= k; l++) {
            vec rest = a[k * size + l];
            PLS_UNROLL
            for (size_t m = 0; m < l; m++)
                rest -= a[k * size + m] * a[l * size + m];
            if (l < k) {
                a[k * size + l] = rest / a[l * size + l];
            } else {
                troubled |= ~less(all(1e-12), rest);
                a[k * size + k] = root(rest);
            }
        }
    }
    return troubled;
}

PLS_INLINE void substitute(size_t size, const vec *factor, vec *b)
{
    PLS_UNROLL
    for (size_t k = 1; k < size; k++) {
        PLS_UNROLL
        for (size_t m = 0; m < k; m++)
            b[k] -= factor[k * size + m] * b[m];
        b[k] /= factor[k * size + k];
    }
    PLS_UNROLL
    for (size_t k = size; k-- > 0;) {
        PLS_UNROLL
        for (size_t m = k + 1; m < size; m++)
            b[k] -= factor[m * size + k] * b[m];
        if (k > 0)
            b[k] /= factor[k * size + k];
    }
}

PLS_INLINE mask regress_of(size_t count, const struct pls_lane_plan *plan,
                           const struct pls_regression *regression, const vec *c, vec *factor,
                           vec *coefficient)
{
    const uint32_t *between = plan->pick + regression->between;
    PLS_UNROLL
    for (size_t a = 0; a < count; a++) {
        coefficient[a] = c[plan->pick[regression->target + a]];
        PLS_UNROLL
        for (size_t b = 0; b < a; b++)
            factor[a * count + b] = c[*between++];
        factor[a * count + a] = all(1.0);
    }
    const mask troubled = factorise(count, factor);
    substitute(count, factor, coefficient);
    return troubled;
}

PLS_INLINE mask regress_small(size_t count, const struct pls_lane_plan *plan,
                              const struct pls_regression *regression, const vec *c,
                              vec *coefficient)
{
    vec factor[16], result[4];
    const mask troubled = regress_of(count, plan, regression, c, factor, result);
    PLS_UNROLL
    for (size_t a = 0; a < count; a++)
        coefficient[a] = result[a];
    return troubled;
}

/* coefficient [count], then a factor [count][count] is scratch. Lanes whose predecessors are
 * collinear. */
PLS_INLINE mask regress(const struct pls_lane_plan *plan, const struct pls_regression *regression,
                        const vec *c, vec *coefficient)
{
    switch (regression->count) {
    case 0:
        return (mask){0};
    case 1:
        coefficient[0] = c[plan->pick[regression->target]];
        return (mask){0};
    case 2:
        return regress_small(2, plan, regression, c, coefficient);
    case 3:
        return regress_small(3, plan, regression, c, coefficient);
    case 4:
        return regress_small(4, plan, regression, c, coefficient);
    default:
        return regress_of(regression->count, plan, regression, c, coefficient + regression->count,
                          coefficient);
    }
}

#endif
