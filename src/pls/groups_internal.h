/*
 * groups_internal.h: what the files of groups.h share.
 *
 *   groups.c           columns, preparation, what is refused
 *   groups_rows.c      labels ─▶ models ─▶ rows
 *   groups_micom.c     c, means and variances
 *   groups_implied.c   implied matrices and their distances
 *   groups_distance.c  eigenvalues and logarithm
 */
#ifndef PLSTRAP_PLS_GROUPS_INTERNAL_H
#define PLSTRAP_PLS_GROUPS_INTERNAL_H

#include "internal.h"

#include "plstrap/groups.h"

/* First columns of what a comparison has of one kind of rows; -1: it has none. */
struct pls_group_places {
    long estimates, difference, studentised, d_l, d_g, q;
};

/* Rows as they are, or standardised within groups. */
struct pls_group_variant {
    bool within;
    const struct pls_estimator *estimator;
    struct pls_batch *batch;
    struct pls_implied *implied; /* NULL: no omnibus */
};

/* What MICOM needs of a pair's pooled rows; none of it depends on the labels. */
struct pls_micom {
    double *s;      /* [p][p] of each block: covariances or correlations   */
    double *toward; /* [p]    S times the pooled model's weights, by block */
    double *powers; /* [n][width] J scores of the pooled model, their squares; 0 in other rows */
    double *sum;    /* [width] of powers over the rows                     */
    size_t width;   /* 2*J, in whole PLS_POWERS                            */
};

enum { PLS_POWERS = 8 }; /* sums kept in registers at once */

struct pls_comparison {
    size_t groups;
    uint8_t group[PLS_MOST_GROUPS];
    struct pls_group_places places[2]; /* by variant */
    size_t run;                        /* number of its first model within a row */
    struct pls_exchange *exchange;
    struct pls_micom micom;
    long c, mean, variance;
};

struct pls_groups {
    struct pls_groups_options options;
    const struct pls_model *model;
    size_t n, parameters, columns;
    size_t *size; /* [G] */
    struct pls_group_variant variant[2];
    size_t variants;
    struct pls_comparison *comparison; /* [comparisons] */
    size_t comparisons;
    struct pls_design *design; /* strata and clusters within groups */

    size_t chunk;       /* rows at once, whole blocks of PLS_LANES               */
    size_t block;       /* bytes of the labels (or counts) of PLS_LANES rows     */
    uint8_t *labels;    /* [chunk / PLS_LANES][block] laid out as counts (batch.h) */
    uint64_t *overflow; /* [chunk / PLS_LANES] of bootstrap counts               */
    uint8_t *line;      /* [n] labels of one row                                 */
    uint32_t *weights;  /* [n]                                                   */
    uint32_t *member;   /* [n]                                                   */
    double *sums;   /* [2*J, in whole PLS_POWERS]                                                 */
    double *values; /* [G][P] of one row                                     */
    double *jackknife;            /* [P][jackknives], or NULL                              */
    double *error;                /* [2][P] squared standard errors                        */
    size_t jackknives;            /* rows of the largest group, not a multiple of 512      */
    struct pls_outcome *outcomes; /* [chunk or jackknives] */
};

/* ---- groups_micom.c ---- */

enum pls_code pls_micom_prepare(struct pls_groups *groups, struct pls_comparison *comparison,
                                struct pls_error *err);
void pls_micom_free(struct pls_micom *micom);
/* Of the weights in rows row … row+count-1, where they stand. */
void pls_micom_compositional(const struct pls_groups *groups,
                             const struct pls_comparison *comparison, size_t row, size_t count,
                             double *rows, size_t stride);
/* Of the labels in groups->line, to column c at rows[c * stride]. */
void pls_micom_moments(struct pls_groups *groups, const struct pls_comparison *comparison,
                       double *rows, size_t stride);

/* ---- groups_implied.c ---- */

/* Room for the matrices of some groups. */
enum pls_code pls_implied_new(const struct pls_estimator *estimator, size_t groups,
                              struct pls_implied **out_new, struct pls_error *err);
void pls_implied_free(struct pls_implied *implied);
/* Whether pls_implied_set() reads its weights. */
bool pls_implied_needs_data(const struct pls_implied *implied);
/* The matrix of group number g of those compared, from its row and 0/1 weights [n]. */
void pls_implied_set(struct pls_implied *implied, size_t g, const double *row,
                     const uint32_t *weights);
/* d_L and d_G of two groups; of more the means over pairs of twice these. */
void pls_implied_distances(struct pls_implied *implied, size_t groups, double *d_l, double *d_g);

/* ---- groups_distance.c ---- */

/* Natural logarithm, the same bits everywhere; x > 0 and finite, else NaN. Within 2 ulp. */
double pls_log(double x);
/*
 * Sum of the squared logarithms of the eigenvalues of B^-1 A; NaN unless both are positive definite.
 *
 *   a, b     [p][p]  in/out  symmetric; destroyed
 *   scratch  [2*p]
 */
double pls_geodesic(double *a, double *b, size_t p, double *scratch);

#endif
