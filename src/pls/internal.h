/*
 * internal.h: what the files of room pls share.
 *
 *   weights ─▶ moments.c: S ─▶ solve.c: w, V, C, paths, R² ─▶ effects.c: effects ─▶ row
 *                                                         └─▶ assess.c: the base model's tables
 *
 * This is the readable version, one row at a time; faster ones are held against it. Symbols are
 * those of the methods page: S correlations of the indicators, w weights, V = S W correlations of
 * the indicators with the composites, C = W'S W those of the composites.
 */
#ifndef PLSTRAP_PLS_INTERNAL_H
#define PLSTRAP_PLS_INTERNAL_H

#include "plstrap/estimator.h"

#include <stdbool.h>

/* More columns than anyone can read: a path model with many chains reaches millions. */
enum { PLS_MOST_COLUMNS = 10000 };

/* What construct i is to construct j. A pair that is both is a neighbour rather than a
 * co-predictor. */
enum pls_kinship {
    PLS_UNRELATED,
    PLS_ITSELF,
    PLS_PREDECESSOR, /* i -> j */
    PLS_SUCCESSOR,   /* j -> i */
    PLS_CO_PREDICTOR /* both explain a third one */
};

/* Indicator pairs (k, first) … (k, last-1), first >= k; their sums stand together from `at` on. */
struct pls_run {
    size_t k, first, last, at;
};

struct pls_pairs {
    struct pls_run *run;
    size_t runs;
    size_t count; /* pairs in all */
};

/* Effects that a row holds, as the structure of the model has them. */
struct pls_effect_list {
    size_t *pair; /* [count] target*J + source */
    size_t count;
    size_t capacity;
};

struct pls_chain_list {
    size_t *path;  /* [start[count]] numbers of the paths along each chain */
    size_t *start; /* [count+1]      chain c: path[start[c]] … path[start[c+1]-1] */
    size_t count;
    size_t path_capacity, start_capacity;
};

struct pls_estimator {
    const struct pls_model *model;
    const struct pls_estimation_keys *keys;
    const struct pls_dataset *dataset;
    size_t *data_column;     /* [p]     where the dataset holds an indicator               */
    size_t *owner;           /* [p]     construct of an indicator                          */
    unsigned char *relation; /* [J][J]  enum pls_kinship of column to row                  */
    bool exact;              /* all answers are integers: sums of x are exact              */
    double *x;               /* [n][p]  exact: codes less the rounded mean; else z-scores  */
    double *mean;            /* [p]     of the answers                                     */
    double *sd;              /* [p]     divisor n-1                                        */
    struct pls_pairs needed; /* pairs that a row depends on                                */
    struct pls_effect_list total;
    struct pls_effect_list indirect;
    struct pls_chain_list specific;
    struct pls_columns columns;
    size_t first[PLS_SPECIFIC + 1]; /* first column of each component of a row */
};

struct pls_workspace {
    double *sums;        /* [pairs, all of them] weighted sums of products             */
    double *sum;         /* [p]     weighted sums                                      */
    double *scaled;      /* [p]     one observation times its weight, then 1/sqrt(N)   */
    double *s;           /* [p][p]  S, both triangles, where pairs were asked for      */
    double *w;           /* [p]     outer weights                                      */
    double *next;        /* [p]     their update                                       */
    double *v;           /* [p][J]  V where blocks are related                         */
    double *c;           /* [J][J]  C, both triangles, likewise                        */
    double *inner;       /* [J]     inner weights of one construct                     */
    double *block;       /* [p][p]  Cholesky factors of Mode B blocks, j's from block[j]*p on  */
    double *small;       /* [J][J]  Cholesky factor of one construct's predecessors    */
    double *coefficient; /* [J]     their regression coefficients                      */
    double *path;        /* [q]                                                        */
    double *r2;          /* [J]                                                        */
    double *total;       /* [J][J]  effect of column on row                            */
    double *indirect;    /* [J][J]                                                     */
};

/* estimator.c: everything up to paths and R² from workspace->s; false: there are no values. */
bool pls_solve_correlations(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                            const double *opt_base, struct pls_outcome *outcome);

/* Number of the path source -> target, or q. */
size_t pls_path_between(const struct pls_model *model, size_t source, size_t target);

/* check_data.c: what the study promises about its data. */
enum pls_code pls_check_rows(const struct pls_estimator *estimator, struct pls_error *err);
enum pls_code pls_check_constants(const struct pls_estimator *estimator, struct pls_error *err);
enum pls_code pls_check_blocks(const struct pls_estimator *estimator, struct pls_error *err);

/* columns.c: columns and the first one of each component, after the effects are planned. */
enum pls_code pls_columns_plan(struct pls_estimator *estimator, struct pls_error *err);

/* moments.c */
enum pls_code pls_moments_prepare(struct pls_estimator *estimator, struct pls_error *err);
enum pls_code pls_pairs_new(const struct pls_estimator *estimator, bool all, struct pls_pairs *out,
                            struct pls_error *err);
void pls_pairs_free(struct pls_pairs *pairs);

/* S of the weighted answers; p, or the first indicator without variance. */
size_t pls_moments_correlate(const struct pls_estimator *estimator, const struct pls_pairs *pairs,
                             const uint32_t *weights, struct pls_workspace *workspace);

/* solve.c */

/* In place, lower triangle, row-major; size, or the first row whose pivot is <= 1e-12. */
size_t pls_cholesky(double *a, size_t size);
void pls_cholesky_solve(const double *factor, size_t size, double *b);

/* Weights from S; where and iterations of outcome are set. V and C belong to the weights returned.
 * */
enum pls_status pls_solve(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                          struct pls_outcome *outcome);
/* V and C of the weights, for related constructs or for all. */
void pls_composites(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                    bool all);
/* Signs, after METHODS 2.7; returns J, or the first construct turned against the study's rule. */
size_t pls_orient(const struct pls_estimator *estimator, const double *opt_base,
                  struct pls_workspace *workspace);
/* Coefficients of j on its predecessors, left in workspace->coefficient; false: collinear. */
bool pls_regress(const struct pls_model *model, size_t j, struct pls_workspace *workspace);
/* Paths and R² from C; J, or the first construct whose predecessors are collinear. */
size_t pls_structural(const struct pls_model *model, struct pls_workspace *workspace);
double pls_solve_residual(const struct pls_estimator *estimator, struct pls_workspace *workspace);

/* effects.c */
enum pls_code pls_effects_plan(struct pls_estimator *estimator, struct pls_error *err);
void pls_effects_free(struct pls_estimator *estimator);
/* Writes total, indirect and specific effects from workspace->path to their columns of a row. */
void pls_effects_row(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                     double *row);

#endif
