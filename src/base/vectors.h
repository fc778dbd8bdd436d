/*
 * vectors.h: vectors of doubles as wide as the instruction set that a kernel is compiled for; plain
 * operators work on them. For *.kernel.c of any room (pls_kernels() in rooms.cmake finds it).
 *
 * GNU vectors rather than loops over lanes: the same code from gcc and clang, whatever the shape.
 */
#ifndef PLSTRAP_BASE_VECTORS_H
#define PLSTRAP_BASE_VECTORS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define PLS_WIDTH 8
#elif defined(__AVX2__)
#define PLS_WIDTH 4
#else
#define PLS_WIDTH 2
#endif

#define PLS_JOIN(name, isa) name##_##isa
#define PLS_NAME(name, isa) PLS_JOIN(name, isa)
#define PLS_KERNEL(name)    PLS_NAME(name, PLS_ISA)
#define PLS_INLINE          static inline __attribute__((always_inline))

#if defined(__clang__)
#define PLS_UNROLL _Pragma("unroll")
#else
#define PLS_UNROLL _Pragma("GCC unroll 16")
#endif

typedef double vec __attribute__((vector_size(8 * PLS_WIDTH)));
typedef int64_t mask __attribute__((vector_size(8 * PLS_WIDTH))); /* lanes of 0 or -1, or bits */

PLS_INLINE vec all(double value)
{
    return value - (vec){0};
}

/* a < b; false for NaN. By intrinsics: gcc 12 fails on some combinations of the operators. */
PLS_INLINE mask less(vec a, vec b)
{
#if defined(__AVX512F__)
    return (mask)_mm512_movm_epi64(_mm512_cmp_pd_mask(a, b, _CMP_LT_OQ));
#elif defined(__AVX2__)
    return (mask)_mm256_cmp_pd(a, b, _CMP_LT_OQ);
#elif defined(__x86_64__)
    return (mask)_mm_cmplt_pd(a, b);
#else
    return a < b;
#endif
}

/* One bit a lane. */
PLS_INLINE unsigned bits(mask lanes)
{
#if defined(__AVX512F__)
    return _mm512_movepi64_mask((__m512i)lanes);
#elif defined(__AVX2__)
    return (unsigned)_mm256_movemask_pd((__m256d)lanes);
#elif defined(__x86_64__)
    return (unsigned)_mm_movemask_pd((__m128d)lanes);
#else
    unsigned out = 0;
    for (int i = 0; i < PLS_WIDTH; i++)
        out |= (unsigned)(lanes[i] < 0) << i;
    return out;
#endif
}

PLS_INLINE vec load(const double *at)
{
    vec out;
    memcpy(&out, at, sizeof out);
    return out;
}

PLS_INLINE void store(double *at, vec value)
{
    memcpy(at, &value, sizeof value);
}

#endif
