/*
 * within.h: permutation tests within one sample: each path, and each block that is explained.
 *
 * Weights are chosen so that scores correlate; to permute fixed scores forgets that (a nominal .05
 * becomes .2 to .6). So here rows of indicators are permuted, and every replicate is a PLS model of
 * its own. For each construct j that has predecessors, one uniform permutation π of the
 * observations a row, and these models:
 *
 *   block   the rows of j's block are permuted jointly, y* = y_π; statistic: R² of j
 *   path k  y = ŷ + e by regression on the base scores of j's other predecessors (none: ŷ is the
 *           mean), for every indicator of j; y* = ŷ + e_π (Freedman & Lane 1983, the residuals'
 *           rows permuted jointly); statistic: t of path k, b / SE of ordinary least squares in the
 *           full equation of j, SE² = (1 - R²) (C⁻¹)_kk / (n - 1 - predecessors)
 *
 * What is exact: block_r2, for every n, where the block's rows are exchangeable, that is, where j
 * and its whole block are independent of all other blocks (within strata, where there are some).
 * Of a construct whose single predecessor is all that it is related to, t of the path tests the same
 * by the same permutations and is exact, too. Every other t is asymptotic: its null hypothesis leaves
 * the other paths open, and ŷ holds their estimates. Where none of j's paths is real its
 * weights never settle, and t rejects in .06 to .075 instead of .05: print block_r2's p beside it
 * where that p is above .05. An indirect effect's p is the largest of its paths' (joint test).
 *
 *   row r ─▶ π of each j ─▶ sums of products ─▶ S of each model ─▶ batch.h's solver ─▶ t, R²
 *
 * Weights are those of the base row. Cross products of standardised answers, not answers, make S:
 * all pairs without an indicator of j keep their base correlations. A row is a pure function of
 * (estimator, base, settings, row): no instruction set and no cut of a job shows in its bits.
 */
#ifndef PLSTRAP_WITHIN_H
#define PLSTRAP_WITHIN_H

#include "plstrap/design.h"
#include "plstrap/estimator.h"
#include "plstrap/kernels.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pls_within; /* of one rank or thread; holds its scratch */

struct pls_within_settings {
    uint64_t seed;                       /* purpose PLS_PURPOSE_WITHIN, cell j                  */
    const struct pls_design *opt_design; /* what may be exchanged: rows, or whole clusters, inside
                                            strata; NULL: all rows. Must outlive pls_within     */
    bool align; /* constructs are turned as in the base row (`align: base`): signs of t */
    bool exact; /* rows are all assignments, numbered from 0, the identity first       */
};

/*
 * The columns of a row, known from the model alone: t of every path (PLS_PARTIAL_T, "KK~KD") in the
 * model's order, then R² of every construct with predecessors (PLS_BLOCK_R2, "KK").
 */
enum pls_code pls_within_columns(const struct pls_estimator *estimator, struct pls_columns *out,
                                 struct pls_error *err);

/* Which columns are exact as told above, true or false each. */
bool pls_within_is_exact(const struct pls_estimator *estimator, size_t column);

/* How many rows there are with `exact`, the product over strata of (units)!; 0: more than 2^63. */
uint64_t pls_within_assignments(size_t n, const struct pls_design *opt_design);

/*
 *   base  [columns of the estimator]  in  the row of unit weights, copied; must have values
 *
 * Returns PLS_OK; PLS_EDATA where clusters of one stratum differ in size (whole clusters are
 * exchanged, row by row in the order of the data), nothing can be exchanged, the model has no path,
 * or observations are too few for t; PLS_EUNAVAILABLE.
 */
enum pls_code pls_within_new(const struct pls_estimator *estimator, const double *base,
                             const struct pls_within_settings *settings, enum pls_isa isa,
                             struct pls_within **out_new, struct pls_error *err);
void pls_within_free(struct pls_within *within);

const struct pls_columns *pls_within_own_columns(const struct pls_within *within);

/* The statistics of the data as they are; row [columns]. PLS_OK, or the trouble of that model. */
struct pls_outcome pls_within_observed(struct pls_within *within, double *row);

/*
 * Rows first … first+count-1.
 *
 *   rows      [column][stride]  out  count of them used; stride >= count
 *   outcomes  [count]           out
 *
 * Models of a row are numbered construct by construct (in the model's order, those with
 * predecessors): its block, then its paths. The first that fails gives the row its status and where,
 * and its number + 1 (at most 63) bits 1 … 6 of flags; columns of models without values are
 * NaN. iterations is the largest of the models'.
 *
 * Some thousand rows a call are best, as in batch.h.
 */
void pls_within_rows(struct pls_within *within, uint64_t first, size_t count, double *rows,
                     size_t stride, struct pls_outcome *outcomes);

/* Number of models of a row. */
size_t pls_within_models(const struct pls_estimator *estimator);

#endif
