/*
 * sweep.h: the one pass over a tile of values that is all most of them see. Inside the room only.
 *
 *   values ─▶ powers of value - estimate into lanes, counts, bits of those to be looked at
 *          ─▶ these, one behind the other ─▶ the bins that they belong to
 */
#ifndef PLSTRAP_SWEEP_H
#define PLSTRAP_SWEEP_H

#include "plstrap/kernels.h"

#include <stddef.h>
#include <stdint.h>

enum { PLS_SUMMANDS = 8, PLS_SWEEP_MOST = 1024 };

/*
 * Sums of the powers 1 to 4 of value - estimate of one block in the making: usable row i of the
 * block is added to lane i mod PLS_SUMMANDS.
 */
struct pls_lanes {
    double d[4][PLS_SUMMANDS];
};

/*
 * Most values lie in one bin, or beyond all brackets: -infinity <= low <= from <= upto <= high <=
 * infinity, and only those in [low, from) and [upto, high) are others, to be put into bins one by
 * one.
 */
struct pls_crowd {
    double low;
    double from;
    double upto;
    double high;
};

/* All after crowd is added to. */
struct pls_sweep {
    double estimate;
    const double *edge; /* [edges] ascending */
    size_t edges;
    struct pls_crowd crowd;
    struct pls_lanes lanes;
    uint64_t below_estimate; /* number of values < */
    uint64_t above_estimate; /* >, both 0 where the estimate is NaN */
    uint64_t below_zero;
    uint64_t above_zero;
    uint64_t below_low;  /* < crowd.low */
    uint64_t below_high; /* < crowd.high */
};

/* In the order of the values. */
struct pls_others {
    size_t count;
    double value[PLS_SWEEP_MOST + 64];
    uint64_t bin[PLS_SWEEP_MOST + 64]; /* number of edges <= value */
};

/*
 *   values  [count]  in   count <= PLS_SWEEP_MOST; all calls of a block but the last bring a
 *                         multiple of PLS_SUMMANDS
 *   others           out  also beyond its count
 *
 * Values that are not finite do no harm but to the sums, which are then not finite either.
 */
typedef void pls_sweep_fn(struct pls_sweep *sweep, const double *values, size_t count,
                          struct pls_others *others);

pls_sweep_fn pls_sweep_portable;
pls_sweep_fn pls_sweep_avx2;
pls_sweep_fn pls_sweep_avx512;

/* The same bits from all of them; for `ref` the portable one. */
pls_sweep_fn *pls_sweep_of(enum pls_isa isa);

#endif
