/*
 * groups.h: groups compared: from labels of the observations to a row of group models, differences,
 * distances and measures of invariance. Room pls.
 *
 *   labels ─▶ 0/1 counts of each group ─▶ batch.h: each group's row ─▶ differences, studentised
 *      │                                        ├─▶ distances of the implied matrices, Q
 *      └─▶ pooled scores: means, variances      └─▶ weights: c of MICOM
 *
 * Comparisons: every pair of groups g < h, then, of more than two groups, all together ("all"). A
 * pair's rows are those of its two groups; labels are exchanged among them alone, and different
 * comparisons of a row have different streams (cell = number of the comparison, design.h).
 *
 * Columns, P being those of the estimator; for each comparison:
 *
 *   for each variant (raw, within): P estimates of each of its groups; pairs: P differences, first
 *   minus second; pairs, raw, `studentised`: P of them over sqrt(SE² + SE²); `omnibus`: d_L, d_G;
 *   "all": P values Q. After the variants, pairs, `micom`: J values c, J differences of means, J
 *   log ratios of variances.
 *
 * The lhs of a column is "COMPARISON/GROUP:" or "COMPARISON:", then "within:" where the variant is,
 * then, of differences and Q, the parameter's component and ":" ("path:"), then its lhs; of MICOM
 * the construct; of d_L and d_G nothing more.
 *
 * Every value is a pure function of (data, study, seed, row): no instruction set and no cut of the
 * rows into calls shows in it.
 */
#ifndef PLSTRAP_GROUPS_H
#define PLSTRAP_GROUPS_H

#include "plstrap/batch.h"
#include "plstrap/design.h"
#include "plstrap/estimator.h"
#include "plstrap/kernels.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pls_groups; /* scratch included: one of each rank or thread */

struct pls_groups_options {
    const struct pls_estimator *opt_raw;    /* of the rows as they are                        */
    const struct pls_estimator *opt_within; /* of pls_groups_standardise()'s rows; not both NULL */
    const struct pls_design *opt_design;    /* strata and clusters; NULL: none                */
    size_t groups;                          /* G, 2 … PLS_MOST_GROUPS                         */
    const char *const *name;                /* [G]                                            */
    const uint8_t *of;                      /* [n] group of each row, all below G             */
    bool micom, omnibus, studentised;       /* micom: needs raw, else there are no columns    */
    enum pls_micom_scale micom_scale;
    const double *opt_base; /* [P] base row to align to (estimator.h) */
    enum pls_isa isa;
};

/*
 * The columns, without data (outline).
 *
 *   columns  in  of the estimator
 *   out      in  {0}
 */
enum pls_code pls_groups_columns(const struct pls_columns *columns, const struct pls_model *model,
                                 const char *const *name, size_t groups, bool raw, bool within,
                                 bool micom, bool omnibus, bool studentised,
                                 struct pls_columns *out, struct pls_error *err);

/*
 * Values standardised within their group (mean 0, variance 1, divisor n-1), of which the caller
 * makes a dataset of the same columns. A column that is constant in a group is 0 there.
 *
 *   values  [n][p]  out  p: columns of the dataset
 */
void pls_groups_standardise(const struct pls_dataset *dataset, const uint8_t *of, size_t groups,
                            double *values);

/*
 * Everything that options point to must outlive the groups.
 *
 * Returns PLS_OK; PLS_EDATA with a sentence that names the group and the cause (too few rows, a
 * constant indicator, a collinear block, no convergence), or the comparison whose labels nothing
 * can be exchanged of; PLS_EUNAVAILABLE.
 */
enum pls_code pls_groups_new(const struct pls_groups_options *options, struct pls_groups **out_new,
                             struct pls_error *err);
void pls_groups_free(struct pls_groups *groups);

/* The row of the observed labels; row [pls_groups_columns()]. Its models have converged. */
void pls_groups_observed(struct pls_groups *groups, double *row);

/*
 * How many assignments of labels there are where all can be enumerated as rows: of two groups, and
 * not more than PLS_MOST_ASSIGNMENTS; else 0.
 */
uint64_t pls_groups_assignments(const struct pls_groups *groups);

enum pls_labelling {
    PLS_LABELS_RANDOM, /* row r: permutation r of the seed                                  */
    PLS_LABELS_EXACT,  /* row r: assignment r < pls_groups_assignments()                    */
    PLS_LABELS_GIVEN   /* row r: line r of labels; pairs of several groups take the rows that the
                          line labels so, and their MICOM values are NaN where these are others
                          than the pair's own                                                */
};

struct pls_labels_source {
    enum pls_labelling labelling;
    uint64_t seed;         /* random                                  */
    const uint32_t *given; /* [lines][n] numbers of groups, each below G; NULL: the observed ones */
};

/*
 * Rows first … first+count-1.
 *
 *   rows      [column][stride]  out  count of them used; stride >= count
 *   outcomes  [count]           out  of the first group model of the row that failed, in the order
 *                                    of the columns; its number among the models of the row is in
 *                                    the flags (PLS_FLAG_RUN, rows.h). iterations: the most of a model
 *
 * A value that depends on a model without values is NaN. Without a status of their own, only NaN:
 * d_G where an implied matrix is not positive definite, studentised differences
 * where a model of the row or of its jackknife (one observation left out) failed.
 */
void pls_groups_rows(struct pls_groups *groups, const struct pls_labels_source *source,
                     uint64_t first, size_t count, double *rows, size_t stride,
                     struct pls_outcome *outcomes);

/*
 * The same columns of bootstrap rows: observations (clusters) drawn anew within each group and
 * stratum, as pls_weights_design() draws them of that design. Each group's estimates stand in every
 * comparison that has the group, in the raw variant (where there is none, in the within one: it is
 * the same but for rounding), and differences of pairs; all other columns are NaN.
 */
void pls_groups_bootstrap_rows(struct pls_groups *groups, uint64_t seed, uint64_t first,
                               size_t count, double *rows, size_t stride,
                               struct pls_outcome *outcomes);

#endif
