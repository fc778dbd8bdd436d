/*
 * batch_internal.h: what the fast form of a row shares between its driver and its kernels.
 *
 *   batch_plan.c  struct pls_lane_plan: the model unrolled into lists, once per estimator
 *   batch.c       64 replicates at a time: counts, moments, then a few lanes after the other
 *   kernel/       the loops; each source is compiled once per instruction set
 *
 * A vector holds one element of `width` replicates, a group; arrays of vectors are double
 * [element][width]. (Two groups iterated in turn: a tenth faster for 3 constructs, a tenth slower
 * for 7.) Every lane does the operations of the readable version in the same order, so the bits are
 * the same. Only the sign of a zero inside the iteration may differ; everything that leaves it
 * has + 0.0 added, as every sum of the readable version starts from + 0.0. A lane that meets
 * anything but convergence (a variance or pivot at its threshold, a number that is not finite) is
 * only marked as troubled: the readable version computes that row again and finds out what it
 * was.
 */
#ifndef PLSTRAP_PLS_BATCH_INTERNAL_H
#define PLSTRAP_PLS_BATCH_INTERNAL_H

#include "internal.h"

#include "plstrap/batch.h"

#include <float.h>

enum {
    PLS_MOST_WIDTH = 8,  /* lanes of a group */
    PLS_MOST_SIZE = 8,   /* blocks up to this size have loops of their own */
    PLS_TILE = 6,        /* rows of products that the integer kernels take at once */
    PLS_MOST_COUNT = 127 /* larger counts are left to the readable version (moments_i8) */
};

static const uint32_t PLS_NONE = UINT32_MAX;

/* Pairs (k, l) … (k, l+count-1), k < l: their moments stand from column `at` on, S goes to `to`. */
struct pls_stretch {
    uint32_t k, l, count, at, to;
};

/* Regression of construct j on its predecessors: where C holds what it needs. */
struct pls_regression {
    uint32_t count;
    uint32_t target;  /* pick[target + a]: predecessor a with j                                */
    uint32_t between; /* pick[between + a(a-1)/2 + b]: predecessors a > b                       */
    uint32_t path;    /* number of the first path                                               */
    uint32_t r2;      /* column of R²                                                           */
};

/* A neighbour of a construct. */
struct pls_slot {
    uint32_t c;           /* its correlation            */
    uint32_t predecessor; /* its number, or PLS_NONE    */
};

/* One construct. Offsets count vectors. */
struct pls_lane_block {
    uint32_t first, size; /* indicators                                                          */
    uint32_t s;           /* correlations k < l of the block, row by row                          */
    uint32_t v;           /* V of the block's indicators: [slot][size]                            */
    uint32_t slot, slots; /* neighbours, in the order of constructs                               */
    uint32_t factor;      /* Mode B of more than one indicator: Cholesky factor [size][size]      */
    bool formative;
    uint32_t dominant; /* indicator, or PLS_NONE */
    struct pls_regression regression;
};

/* Related constructs j < i. Its number is the place of their correlation in C. */
struct pls_joint {
    uint32_t j, i;
    uint32_t rows, columns; /* their sizes                                         */
    uint32_t wj, wi;        /* their first indicators                                    */
    uint32_t s;             /* correlations [rows][columns]                              */
    uint32_t vj, vi;        /* V of j's indicators with i, of i's with j; spare room and
                        PLS_NONE for co-predictors                                */
};

/* Effect of a pair: sum of path a times total effect e, plus a direct path. */
struct pls_term {
    uint32_t path, total;
};
struct pls_effect_step {
    uint32_t first, last; /* terms                             */
    uint32_t direct;      /* path, or PLS_NONE                 */
    uint32_t total;       /* number in the list of totals      */
    uint32_t indirect;    /* number in its list, or PLS_NONE   */
};

struct pls_lane_plan {
    const struct pls_estimator *estimator;
    uint32_t constructs, indicators, paths;
    uint32_t columns;   /* of a row                                                      */
    uint32_t pairs;     /* moments' columns: pairs, then p sums, then the sum of weights */
    uint32_t moments;   /* pairs + p + 1                                                 */
    uint32_t *diagonal; /* [p] column of pair (k, k)                                     */
    struct pls_stretch *stretch;
    uint32_t stretches;
    struct pls_lane_block *block; /* [J]                                                     */
    struct pls_slot *slot;
    uint32_t slots;
    struct pls_joint *joint;   /* neighbours first, then co-predictors                         */
    uint32_t joints, iterated; /* those that an iteration needs come first                   */
    uint32_t *pick;            /* numbers in C                                                 */
    struct pls_effect_step *effect; /* sources before targets                                */
    struct pls_term *term;
    uint32_t s, v, factor, widest; /* vectors that groups need; widest: predecessors, blocks */
    bool hopeless; /* a construct without neighbours: no row can have values                 */
};

/* `width` replicates in the course of being solved; each array [element][width]. */
struct pls_group {
    double *s;                    /* plan.s elements: S                                   */
    double *w;                    /* p: outer weights                                     */
    double *v;                    /* plan.v: V where an update needs it                   */
    double *own;                  /* p: V of indicators with their own composite          */
    double *c;                    /* joints: C                                            */
    double *factor;               /* plan.factor: of Mode B blocks                        */
    double *solution;             /* p: weights of the lanes that have converged          */
    double *scratch;              /* pls_lane_scratch()                                   */
    uint32_t row[PLS_MOST_WIDTH]; /* number of each replicate within the call */
    uint32_t iterations[PLS_MOST_WIDTH];
    unsigned active; /* bit l: lane l is still iterating */
};

/* Vectors of scratch that kernels need. */
size_t pls_lane_scratch(const struct pls_lane_plan *plan);

/* What became of a stretch of iterations. */
struct pls_progress {
    uint32_t iterations;
    unsigned converged; /* bits of lanes; of the last iteration */
    unsigned troubled;
};

/* Sums of counts times products: sums[row][lane], exact. */
struct pls_moments_i8 {
    const int8_t *products; /* [rows][stride]; observations padded with 0 to quads */
    size_t stride, rows;    /* rows is a multiple of PLS_TILE */
    const uint8_t *counts;  /* [quads][PLS_LANES][4], none above PLS_MOST_COUNT */
    size_t quads;
    unsigned largest; /* |product| */
    bool fresh;       /* start from 0 */
    int32_t *sums;    /* [rows][PLS_LANES] */
    int16_t *wide;    /* [4*quads][PLS_LANES] scratch of the portable kernel */
};

/* The same in double, each replicate in the order of observations. */
struct pls_moments_f64 {
    const struct pls_pairs *pairs;
    const double *x; /* [rows][p] */
    size_t rows, indicators;
    const uint8_t *counts; /* block that starts with these observations */
    bool fresh;
    double *weights; /* [rows][2*width] scratch */
    double *sums;    /* [moments][PLS_LANES] */
};

/* x' h_π of one permutation: sums [related][wide][PLS_LANES]; each in the order of observations. */
struct pls_cross {
    const double *x; /* [n][related] */
    const double *h; /* [n][wide], whole vectors of any width */
    const uint32_t *pi;
    size_t n, related, wide;
    double *sums; /* out: of one lane */
};

/* Predecessors whose fit stays in place when y is permuted (within_internal.h has the formulas). */
struct pls_fit_term {
    const double *beta;    /* [size]                                           */
    const double *weights; /* [count] of its indicators                        */
    size_t column;         /* of h                                             */
    size_t from, count;    /* its indicators among those related               */
};

/* S of a few permutations of a block, in place of its base correlations. */
struct pls_recombination {
    const double *base;              /* [plan.s]                                    */
    const struct pls_fit_term *term; /* [terms]                                     */
    size_t terms, related, wide, size;
    const double *fitted; /* [related][size]                             */
    const double *block;  /* [size][size]                                */
    const uint32_t *to;   /* [related][size] */
    uint32_t own;         /* where the block's triangle begins           */
    double *scratch;      /* [(related + terms + size + 1) * size]: vectors */
};

/* Of n observations with one construct's predecessors: what is not explained at the least. */
#define PLS_LEAST_UNEXPLAINED (64 * DBL_EPSILON)
/* Variance that is left of a standardised indicator by permuting: below, rounding. */
#define PLS_LEAST_Y 1e-12

struct pls_statistics {
    const double *w, *own, *c; /* vectors, before orientation      */
    const double *opt_base;    /* base row                         */
    double *scratch;
    double *rows; /* out: column c from rows + c*stride on    */
    size_t stride;
    unsigned troubled; /* out */
    uint16_t *turned;  /* [width] out: first construct turned, or J */
};

struct pls_lane_kernels {
    size_t width; /* lanes of a vector */
    void (*moments_i8)(const struct pls_moments_i8 *work);
    void (*moments_f64)(const struct pls_moments_f64 *work);
    /* S of lanes lane … lane+width-1; sums as digits [moments][digits][PLS_LANES]. Troubled lanes.
     * */
    unsigned (*correlate_i32)(const struct pls_lane_plan *plan, const int32_t *sums,
                              uint32_t digits, size_t lane, double *s, double *scratch);
    unsigned (*correlate_f64)(const struct pls_lane_plan *plan, const double *sums, size_t lane,
                              double *s, double *scratch);
    /* Factors and equal weights. Troubled lanes. */
    unsigned (*start)(const struct pls_lane_plan *plan, struct pls_group *group);
    /* At most `most` iterations; ends when one of the active lanes has converged or met trouble. */
    struct pls_progress (*iterate)(const struct pls_lane_plan *plan, struct pls_group *group,
                                   uint32_t most);
    /* Copies w of some lanes to solution. */
    void (*settle)(const struct pls_lane_plan *plan, struct pls_group *group, unsigned lanes);
    /* own and C of the weights given, [p]. */
    void (*compose)(const struct pls_lane_plan *plan, struct pls_group *group, const double *w);
    void (*statistics)(const struct pls_lane_plan *plan, struct pls_statistics *work);
    /* Only t of the paths to construct j and its R²: columns 0 … of rows. */
    void (*tests)(const struct pls_lane_plan *plan, struct pls_statistics *work, size_t j);
    void (*cross)(const struct pls_cross *work);
    /* S of lanes from those sums. Troubled lanes. */
    unsigned (*recombine)(const struct pls_lane_plan *plan, const struct pls_recombination *work,
                          const double *sums, double *s);
};

/* Models that come as correlations, not as counts; those of one construct. */
struct pls_lane_job {
    void *self;
    size_t j;
    const double *opt_base;
    /* S of models model … model+width-1. Troubled lanes. */
    unsigned (*correlate)(void *self, size_t model, double *s);
    /* The readable version of one. */
    void (*again)(void *self, size_t model);
    /* t and R² of one: value[c * stride]. */
    void (*take)(void *self, size_t model, const double *value, size_t stride,
                 const struct pls_outcome *outcome);
};
/* NULL: the readable version alone. */
const struct pls_lane_kernels *pls_batch_kernels(const struct pls_batch *batch);
const struct pls_lane_plan *pls_batch_plan(const struct pls_batch *batch);
/* `count` models from `model` on. Those that need many iterations wait for others, until drained. */
void pls_batch_solve(struct pls_batch *batch, const struct pls_lane_job *job, size_t model,
                     size_t count);
void pls_batch_drain(struct pls_batch *batch, const struct pls_lane_job *job);

/* Places arrays one after the other, each on a cache line; without memory it only adds up. */
struct pls_arena {
    unsigned char *memory;
    size_t used;
};
void *pls_carve(struct pls_arena *arena, size_t count, size_t size);

/* batch_moments.c: the sums of PLS_LANES replicates. */
struct pls_lane_moments {
    const struct pls_lane_plan *plan;
    const struct pls_lane_kernels *kernels;
    size_t padded; /* observations in whole quads    */
    size_t block;  /* observations summed at once    */

    bool integer;     /* int8 digits; else doubles              */
    uint32_t digits;  /* of a product                           */
    unsigned largest; /* |digit|                                */
    bool kept;        /* products of all observations are there */
    size_t rows;      /* moments * digits, in whole tiles       */
    uint32_t *pair;   /* [moments][2] indicators of a product; p: ones  */
    int16_t *codes;   /* [p+1][padded] centred answers, ones            */
    int8_t *products; /* [rows][padded], or [a few rows][block]         */
    int16_t *wide;    /* [block][PLS_LANES] scratch of portable kernels */
    int32_t *sums;    /* [rows][PLS_LANES]                              */

    double *weights; /* [block][2*width]     */
    double *real;    /* [moments][PLS_LANES] */
};

/* Decides how to sum; then memory is carved (twice: to add up, to place); then data are put there.
 * */
void pls_lane_moments_plan(struct pls_lane_moments *moments, const struct pls_lane_plan *plan,
                           const struct pls_lane_kernels *kernels);
void pls_lane_moments_carve(struct pls_lane_moments *moments, struct pls_arena *arena);
void pls_lane_moments_prepare(struct pls_lane_moments *moments);
/* Bits of lanes that cannot be summed, because a count is too large. */
uint64_t pls_lane_moments_sum(struct pls_lane_moments *moments, const uint8_t *counts);
/* S of lanes lane … lane+width-1; bits of those in trouble. */
unsigned pls_lane_moments_correlate(const struct pls_lane_moments *moments, size_t lane, double *s,
                                    double *scratch);

extern const struct pls_lane_kernels pls_lane_kernels_portable;
#if defined(__x86_64__)
extern const struct pls_lane_kernels pls_lane_kernels_avx2;
extern const struct pls_lane_kernels pls_lane_kernels_avx512;
#endif

enum pls_code pls_lane_plan_new(const struct pls_estimator *estimator,
                                struct pls_lane_plan **out_new, struct pls_error *err);
void pls_lane_plan_free(struct pls_lane_plan *plan);

#endif
