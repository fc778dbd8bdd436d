/*
 * within_internal.h: what the files of within.h share.
 *
 *   within_data.c       what stays the same in all rows: z, base scores, regressions, constants of S
 *   within_shuffle.c    π of a row
 *   within_reference.c  one model of a row, readable: the specification
 *   within.c            columns, rows; lanes by kernel/within.kernel.c
 *
 * Of construct j (K indicators y, predecessors with base scores s) and the indicators x of the
 * blocks related to it, all of mean 0 and sum of squares 1:
 *
 *   G = x' [y s]_π       a row's only pass over the observations
 *   D = x' e_π = G_y - G_s β      A = x' y* = x' ŷ + D
 *   M = s' e_π = w' D             B = y*' y* = ŷ'ŷ + e'e + β'M + M'β
 *   S_xy = A / √B_ll              S_yy = B / √(B_kk B_ll)
 *
 * β of the block's own model is empty: ŷ = 0, e = y.
 */
#ifndef PLSTRAP_WITHIN_INTERNAL_H
#define PLSTRAP_WITHIN_INTERNAL_H

#include "batch_internal.h"

#include "plstrap/within.h"

enum { PLS_WITHIN_ROWS = 1024 }; /* rows whose models are solved together */

/* y* of construct j = ŷ + e_π with these predecessors in ŷ. */
struct pls_variant {
    size_t used;    /* number of them            */
    size_t *use;    /* [used] among predecessors */
    double *beta;   /* [used][K]                 */
    double *fitted; /* [R][K] x' ŷ               */
    double *block;  /* [K][K] ŷ'ŷ + e'e          */
};

/* A construct with predecessors. */
struct pls_target {
    size_t j, size;              /* K                                                 */
    size_t predecessors;         /* q                                                 */
    size_t related;              /* R: indicators of related blocks                   */
    size_t wide;                 /* columns of h: K + q, to whole vectors of any width */
    size_t *indicator;           /* [R]                                               */
    size_t *from;                /* [q] where a predecessor's block begins among them  */
    double *x;                   /* [n][R]                                            */
    double *h;                   /* [n][wide] y, then s, then 0                       */
    uint32_t *to;                /* [R][K] where plan keeps S of x and y              */
    size_t model;                /* number of its block's model within a row          */
    size_t path;                 /* column of its first t                             */
    size_t r2;                   /* column of its R²                                  */
    struct pls_variant *variant; /* [1+q] the block's, then each path's       */
};

struct pls_within {
    const struct pls_estimator *estimator;
    struct pls_within_settings settings;
    struct pls_columns columns;
    struct pls_workspace *workspace;
    struct pls_batch *batch;
    const struct pls_lane_plan *plan; /* NULL: readable version alone */
    const struct pls_lane_kernels *kernels;
    size_t n;
    double *base;   /* [columns of the estimator]              */
    double *z;      /* [n][p]                                  */
    double *score;  /* [n][J]                                  */
    double *s;      /* [p][p] base correlations, pairs needed  */
    double *lane_s; /* [plan.s] the same as the plan has them  */
    struct pls_target *target;
    size_t targets;
    double *g;                    /* [R][wide] of one row                   */
    double *lane_g;               /* [R*wide][PLS_LANES]                    */
    double *d;                    /* [R][K], [q][K], [K], [K][K] scratch    */
    double *lane_d;               /* the same, in vectors                   */
    double *values;               /* [q+1] of one model                     */
    struct pls_fit_term *term;    /* [q] of the model being solved */
    void *memory;                 /* of lane_g and lane_d                   */
    double *unit;                 /* [q] scratch                            */
    uint32_t *order;              /* [units]                                */
    uint32_t *pi;                 /* [n]                                    */
    struct pls_outcome *outcomes; /* [1+q][PLS_WITHIN_ROWS]    */
};

/* within_data.c */
enum pls_code pls_within_prepare(struct pls_within *within, struct pls_error *err);
void pls_within_release(struct pls_within *within);

/* within_shuffle.c: π of construct j in a row: answers of observation pi[i] stand at i. */
void pls_within_shuffle(const struct pls_within *within, size_t j, uint64_t row, uint32_t *order,
                        uint32_t *pi);
enum pls_code pls_within_check_design(size_t n, const struct pls_design *opt_design,
                                      struct pls_error *err);

/* within_reference.c */

/* t of a construct's paths and R², from the model solved in the workspace. */
void pls_within_tests(struct pls_within *within, const struct pls_target *target, double *t,
                      double *r2);
/* One model of a row; its values, [q] t and R²; NaN where the outcome says that there are none. */
void pls_within_model(struct pls_within *within, const struct pls_target *target, size_t variant,
                      uint64_t row, double *t, double *r2, struct pls_outcome *outcome);

#endif
