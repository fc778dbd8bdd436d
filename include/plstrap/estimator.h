/*
 * estimator.h: from weights of observations to one row of statistics.
 *
 * Room pls: numbers in, numbers out. No files, no MPI, no shared state; one estimator serves many
 * threads or ranks, each with a workspace of its own. A row is a pure function of (model, settings,
 * data, weights): own code in fixed order, + - * / and square root only, no fused multiply-add.
 *
 *   weights ─▶ moments ─▶ solve (weights, paths) ─▶ effects ─▶ row
 */
#ifndef PLSTRAP_ESTIMATOR_H
#define PLSTRAP_ESTIMATOR_H

#include "plstrap/dataset.h"
#include "plstrap/error.h"
#include "plstrap/model.h"
#include "plstrap/rows.h"
#include "plstrap/study.h"

#include <stddef.h>
#include <stdint.h>

struct pls_estimator; /* immutable once made */
struct pls_workspace; /* scratch of one rank or thread: a row allocates nothing */

/*
 * Prepares the data and lists the columns of a row: weights, loadings, paths, R², total, total
 * indirect and specific indirect effects; in the order of constructs and indicators, effects by
 * target and then source, chains depth first. model, keys and dataset must outlive the estimator;
 * the dataset may hold more columns than the model uses, in any order.
 *
 * Returns PLS_OK; PLS_EDATA, which names a constant indicator, too few rows or a collinear Mode B
 * block; PLS_ESTUDY (an indicator that the data lack, more than 10,000 columns); PLS_EUNAVAILABLE.
 * The sentence has no file name: the caller knows it.
 */
enum pls_code pls_estimator_new(const struct pls_model *model,
                                const struct pls_estimation_keys *keys,
                                const struct pls_dataset *dataset, struct pls_estimator **out_new,
                                struct pls_error *err);

/* The same without data: it knows its columns, and computes nothing. */
enum pls_code pls_estimator_outline(const struct pls_model *model,
                                    const struct pls_estimation_keys *keys,
                                    struct pls_estimator **out_new, struct pls_error *err);
void pls_estimator_free(struct pls_estimator *estimator);

const struct pls_columns *pls_estimator_columns(const struct pls_estimator *estimator);

/*
 * Column of an effect of the model, or columns->count where the model has none such.
 *
 *   chain  [length]  in  constructs from first to last; of a total or indirect effect only these
 *                        two count
 */
size_t pls_estimator_column(const struct pls_estimator *estimator, enum pls_effect effect,
                            const size_t *chain, size_t length);

enum pls_code pls_workspace_new(const struct pls_estimator *estimator,
                                struct pls_workspace **out_new, struct pls_error *err);
void pls_workspace_free(struct pls_workspace *workspace);

/*
 * One row.
 *
 *   weights   [n]        in   of the observations; not all zero
 *   opt_base  [columns]  in   the base row that constructs are aligned to (METHODS 2.7,
 *                             `align: base`), or NULL: the study's own sign rule alone; a dominant
 *                             indicator beats both
 *   row       [columns]  out  NaN throughout where status says that there are no values
 *   outcome              out
 */
void pls_estimator_row(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                       const uint32_t *weights, const double *opt_base, double *row,
                       struct pls_outcome *outcome);

/*
 * How well the solution satisfies its equations (METHODS 2.3): max |w - update(w)|, constructs
 * aligned. After a row with values, of that row; NaN where an update is not possible.
 */
double pls_workspace_residual(const struct pls_estimator *estimator,
                              struct pls_workspace *workspace);

/*
 * What a paper's two steps show of the base model beyond the row's columns: adjusted R², f², VIF,
 * construct correlations, cross-loadings, alpha, rho_A, rho_C, AVE, HTMT.
 *
 *   row  [columns]  in  the row of unit weights; must have values
 */
struct pls_assessment {
    struct pls_columns columns; /* beyond those of the row */
    double *value;              /* [columns.count] NaN where not applicable */
    const char **note;          /* [columns.count] why a value is NaN, else "" (static text) */
};
enum pls_code pls_assess(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                         const double *row, struct pls_assessment *out, struct pls_error *err);
void pls_assessment_free(struct pls_assessment *assessment);

/*
 * Construct scores of the data: standardised indicators (divisor n-1) times the weights of a row.
 *
 *   scores  [n][J]  out
 */
void pls_estimator_scores(const struct pls_estimator *estimator, const double *row, double *scores);

#endif
