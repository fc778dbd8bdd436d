/*
 * lanes.h: what the kernels of this room share: vectors with one replicate a lane (vectors.h).
 */
#ifndef PLSTRAP_PLS_LANES_H
#define PLSTRAP_PLS_LANES_H

#include "../batch_internal.h"

#include "vectors.h"

/* Kernels of one instruction set, for its table. */
void PLS_KERNEL(pls_moments_i8)(const struct pls_moments_i8 *work);
void PLS_KERNEL(pls_moments_f64)(const struct pls_moments_f64 *work);
unsigned PLS_KERNEL(pls_correlate_i32)(const struct pls_lane_plan *plan, const int32_t *sums,
                                       uint32_t digits, size_t lane, double *s, double *scratch);
unsigned PLS_KERNEL(pls_correlate_f64)(const struct pls_lane_plan *plan, const double *sums,
                                       size_t lane, double *s, double *scratch);
unsigned PLS_KERNEL(pls_start)(const struct pls_lane_plan *plan, struct pls_group *group);
struct pls_progress PLS_KERNEL(pls_iterate)(const struct pls_lane_plan *plan,
                                            struct pls_group *group, uint32_t most);
void PLS_KERNEL(pls_settle)(const struct pls_lane_plan *plan, struct pls_group *group,
                            unsigned lanes);
void PLS_KERNEL(pls_compose)(const struct pls_lane_plan *plan, struct pls_group *group,
                             const double *w);
void PLS_KERNEL(pls_statistics)(const struct pls_lane_plan *plan, struct pls_statistics *work);
void PLS_KERNEL(pls_tests)(const struct pls_lane_plan *plan, struct pls_statistics *work, size_t j);
void PLS_KERNEL(pls_cross)(const struct pls_cross *work);
unsigned PLS_KERNEL(pls_recombine)(const struct pls_lane_plan *plan,
                                   const struct pls_recombination *work, const double *sums,
                                   double *s);

PLS_INLINE vec *vectors(double *array)
{
    return (void *)array;
}

PLS_INLINE const vec *const_vectors(const double *array)
{
    return (const void *)array;
}

PLS_INLINE vec root(vec a)
{
#if defined(__AVX512F__)
    return _mm512_sqrt_pd(a);
#elif defined(__AVX2__)
    return _mm256_sqrt_pd(a);
#elif defined(__x86_64__)
    return _mm_sqrt_pd(a);
#else
    for (int i = 0; i < PLS_WIDTH; i++)
        a[i] = __builtin_sqrt(a[i]);
    return a;
#endif
}

PLS_INLINE vec magnitude(vec a)
{
    return (vec)((mask)a & (INT64_MAX - (mask){0}));
}

/* Sign bits of a, to be given to flip(). */
PLS_INLINE mask sign_bits(vec a)
{
    return (mask)a & (INT64_MIN - (mask){0});
}

PLS_INLINE vec flip(vec a, mask signs)
{
    return (vec)((mask)a ^ signs);
}

PLS_INLINE mask mask_of(unsigned lanes)
{
    mask out;
    for (int i = 0; i < PLS_WIDTH; i++)
        out[i] = -(int64_t)(lanes >> i & 1);
    return out;
}

PLS_INLINE vec load_i32(const int32_t *at)
{
#if defined(__AVX512F__)
    return _mm512_cvtepi32_pd(_mm256_loadu_si256((const void *)at));
#elif defined(__AVX2__)
    return _mm256_cvtepi32_pd(_mm_loadu_si128((const void *)at));
#else
    return (vec){at[0], at[1]};
#endif
}

/* Place of pair k < l in the upper triangle of a block, without diagonal, row by row. */
PLS_INLINE size_t triangle_at(size_t k, size_t l, size_t size)
{
    return k * (2 * size - k - 1) / 2 + (l - k - 1);
}

#endif
