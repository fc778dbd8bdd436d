/*
 * assess.c: what a paper says about the base model beyond its row (METHODS 2.9, 2.11, 3.1-3.3). A
 * measure that does not apply is NaN with the reason.
 */
#include "internal.h"

#include "plstrap/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The table being filled, and where its numbers come from. */
struct assessor {
    const struct pls_estimator *estimator;
    const struct pls_model *model;
    struct pls_workspace *workspace; /* S, V and C of all pairs */
    const double *row;
    struct pls_assessment *out;
    size_t value_capacity, note_capacity;
    struct pls_error *err;
};

struct measure {
    double value;
    const char *note; /* "" or why value is NaN */
};

static struct measure defined(double value)
{
    return (struct measure){value, ""};
}

static struct measure undefined(const char *why)
{
    return (struct measure){NAN, why};
}

static enum pls_code add(struct assessor *a, enum pls_component component, const char *lhs,
                         const char *op, const char *rhs, struct measure measure)
{
    struct pls_assessment *out = a->out;
    const size_t count = out->columns.count;
    enum pls_code code =
        pls_grow(&out->value, &a->value_capacity, count + 1, sizeof *out->value, a->err);
    if (code == PLS_OK)
        code = pls_grow(&out->note, &a->note_capacity, count + 1, sizeof *out->note, a->err);
    if (code != PLS_OK)
        return code;
    out->value[count] = measure.value;
    out->note[count] = measure.note;
    return pls_columns_add(&out->columns, component, lhs, op, rhs, a->err);
}

static enum pls_code add_adjusted_r2(struct assessor *a)
{
    const struct pls_model *model = a->model;
    const double n = (double)a->estimator->dataset->rows;
    const double *r2 = a->row + a->estimator->first[PLS_R2];
    enum pls_code code = PLS_OK;
    for (size_t j = 0; j < model->constructs && code == PLS_OK; j++) {
        const double k = (double)(model->arrow[j + 1] - model->arrow[j]);
        if (k > 0.0)
            code = add(a, PLS_ADJ_R2, model->construct[j], "", "",
                       defined(1.0 - (1.0 - *r2++) * (n - 1.0) / (n - k - 1.0)));
    }
    return code;
}

/* Diagonal element of the inverse of the matrix that factor is of: |L⁻¹ e|². */
static double inverse_diagonal(const double *factor, size_t size, size_t element, double *column)
{
    double squares = 0.0;
    for (size_t k = element; k < size; k++) {
        column[k] = k == element ? 1.0 : 0.0;
        for (size_t m = element; m < k; m++)
            column[k] -= factor[k * size + m] * column[m];
        column[k] /= factor[k * size + k];
        squares += column[k] * column[k];
    }
    return squares;
}

/* VIF, or f² as beta²/(R⁻¹)_ii/(1 - R²), which equals leaving the predictor out (METHODS 2.11). */
static enum pls_code add_predictors(struct assessor *a, enum pls_component component)
{
    const struct pls_model *model = a->model;
    struct pls_workspace *workspace = a->workspace;
    const double *r2 = a->row + a->estimator->first[PLS_R2];
    const double *path = a->row + a->estimator->first[PLS_PATH];
    enum pls_code code = PLS_OK;
    for (size_t j = 0; j < model->constructs; j++) {
        const size_t first = model->arrow[j], count = model->arrow[j + 1] - first;
        if (count == 0)
            continue;
        const double unexplained = 1.0 - *r2++;
        const bool regular = pls_regress(model, j, workspace);
        for (size_t i = 0; i < count && code == PLS_OK; i++) {
            struct measure measure = undefined("the predictors are collinear");
            if (regular) {
                const double vif =
                    inverse_diagonal(workspace->small, count, i, workspace->coefficient);
                const double beta = path[first + i];
                measure = defined(component == PLS_VIF ? vif : beta * beta / vif / unexplained);
            }
            if (component == PLS_F2 && unexplained <= 1e-12)
                measure = undefined("R² is 1");
            code = add(a, component, model->construct[j], "~",
                       model->construct[model->source[first + i]], measure);
        }
    }
    return code;
}

static enum pls_code add_correlations(struct assessor *a)
{
    const struct pls_model *model = a->model;
    enum pls_code code = PLS_OK;
    for (size_t j = 0; j < model->constructs; j++)
        for (size_t l = j + 1; l < model->constructs && code == PLS_OK; l++)
            code = add(a, PLS_CORRELATION, model->construct[j], "~~", model->construct[l],
                       defined(a->workspace->c[j * model->constructs + l]));
    return code;
}

static enum pls_code add_cross_loadings(struct assessor *a)
{
    const struct pls_model *model = a->model;
    enum pls_code code = PLS_OK;
    for (size_t j = 0; j < model->constructs; j++)
        for (size_t k = 0; k < model->indicators && code == PLS_OK; k++)
            if (a->estimator->owner[k] != j)
                code = add(a, PLS_CROSS_LOADING, model->construct[j], "=~", model->indicator[k],
                           defined(a->workspace->v[k * model->constructs + j]));
    return code;
}

/* Mean correlation between two blocks, or within one (1 where it has one indicator). */
static double mean_correlation(const struct assessor *a, size_t j, size_t l, bool absolute)
{
    const struct pls_model *model = a->model;
    double sum = 0.0, count = 0.0;
    for (size_t g = model->block[j]; g < model->block[j + 1]; g++)
        for (size_t h = j == l ? g + 1 : model->block[l]; h < model->block[l + 1]; h++) {
            const double r = a->workspace->s[g * model->indicators + h];
            sum += absolute ? fabs(r) : r;
            count++;
        }
    return count > 0.0 ? sum / count : 1.0;
}

/* Standardised: K r / (1 + (K-1) r), r the mean correlation. */
static struct measure alpha(const struct assessor *a, size_t j)
{
    const double size = (double)(a->model->block[j + 1] - a->model->block[j]);
    const double r = mean_correlation(a, j, j, false), denominator = 1.0 + (size - 1.0) * r;
    return denominator > 0.0 ? defined(size * r / denominator)
                             : undefined("the indicators cancel each other exactly");
}

/* Dijkstra & Henseler (2015): (w'w)² w'(S - I)w / w'(ww' - diag(ww'))w. */
static struct measure rho_a(const struct assessor *a, size_t j)
{
    const struct pls_model *model = a->model;
    const double *w = a->row, *s = a->workspace->s;
    double square = 0.0, above = 0.0, below = 0.0;
    for (size_t k = model->block[j]; k < model->block[j + 1]; k++) {
        square += w[k] * w[k];
        for (size_t l = model->block[j]; l < k; l++) {
            above += w[k] * w[l] * s[k * model->indicators + l];
            below += w[k] * w[k] * w[l] * w[l];
        }
    }
    return below != 0.0 ? defined(square * square * above / below)
                        : undefined("all weights but one are 0");
}

/* Jöreskog's: (sum l)² / ((sum l)² + sum (1 - l²)). */
static struct measure rho_c(const struct assessor *a, size_t j)
{
    const struct pls_model *model = a->model;
    const double *loading = a->row + a->estimator->first[PLS_LOADING];
    double sum = 0.0, errors = 0.0;
    for (size_t k = model->block[j]; k < model->block[j + 1]; k++) {
        sum += loading[k];
        errors += 1.0 - loading[k] * loading[k];
    }
    return defined(sum * sum / (sum * sum + errors));
}

static struct measure ave(const struct assessor *a, size_t j)
{
    const struct pls_model *model = a->model;
    const double *loading = a->row + a->estimator->first[PLS_LOADING];
    double squares = 0.0;
    for (size_t k = model->block[j]; k < model->block[j + 1]; k++)
        squares += loading[k] * loading[k];
    return defined(squares / (double)(model->block[j + 1] - model->block[j]));
}

static enum pls_code add_reliability(struct assessor *a, enum pls_component component,
                                     struct measure (*compute)(const struct assessor *, size_t))
{
    const struct pls_model *model = a->model;
    enum pls_code code = PLS_OK;
    for (size_t j = 0; j < model->constructs && code == PLS_OK; j++) {
        struct measure measure = undefined("a single indicator");
        if (model->block[j + 1] - model->block[j] > 1)
            measure =
                model->mode[j] == PLS_MODE_A ? compute(a, j) : undefined("a formative construct");
        code = add(a, component, model->construct[j], "", "", measure);
    }
    return code;
}

/* Henseler, Ringle & Sarstedt (2015), of absolute correlations, for pairs of reflective constructs.
 * */
static enum pls_code add_htmt(struct assessor *a)
{
    const struct pls_model *model = a->model;
    enum pls_code code = PLS_OK;
    for (size_t j = 0; j < model->constructs; j++)
        for (size_t l = j + 1; l < model->constructs && code == PLS_OK; l++) {
            if (model->mode[j] != PLS_MODE_A || model->mode[l] != PLS_MODE_A)
                continue;
            const double within = mean_correlation(a, j, j, true) * mean_correlation(a, l, l, true);
            code = add(a, PLS_HTMT, model->construct[j], "~~", model->construct[l],
                       within > 0.0 ? defined(mean_correlation(a, j, l, true) / sqrt(within))
                                    : undefined("the indicators of a block are uncorrelated"));
        }
    return code;
}

/* S, V and C of all pairs of the unweighted answers, for the weights of the row. */
static enum pls_code prepare(const struct assessor *a)
{
    const size_t n = a->estimator->dataset->rows;
    struct pls_pairs all = {0};
    uint32_t *ones = NULL;
    enum pls_code code = pls_pairs_new(a->estimator, true, &all, a->err);
    if (code == PLS_OK)
        code = pls_alloc(&ones, n, sizeof *ones, a->err);
    if (code == PLS_OK) {
        for (size_t i = 0; i < n; i++)
            ones[i] = 1;
        pls_moments_correlate(a->estimator, &all, ones, a->workspace);
        memcpy(a->workspace->w, a->row, a->model->indicators * sizeof *a->row);
        pls_composites(a->estimator, a->workspace, true);
    }
    pls_pairs_free(&all);
    free(ones);
    return code;
}

enum pls_code pls_assess(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                         const double *row, struct pls_assessment *out, struct pls_error *err)
{
    struct assessor a = {.estimator = estimator,
                         .model = estimator->model,
                         .workspace = workspace,
                         .row = row,
                         .out = out,
                         .err = err};
    enum pls_code code;
    *out = (struct pls_assessment){0};
    if (isnan(row[0]))
        return pls_fail(err, PLS_EDATA,
                        "the base model has no solution, so there is nothing to assess; see its "
                        "status");
    if ((code = prepare(&a)) == PLS_OK && (code = add_adjusted_r2(&a)) == PLS_OK &&
        (code = add_predictors(&a, PLS_F2)) == PLS_OK &&
        (code = add_predictors(&a, PLS_VIF)) == PLS_OK && (code = add_correlations(&a)) == PLS_OK &&
        (code = add_cross_loadings(&a)) == PLS_OK &&
        (code = add_reliability(&a, PLS_ALPHA, alpha)) == PLS_OK &&
        (code = add_reliability(&a, PLS_RHO_A, rho_a)) == PLS_OK &&
        (code = add_reliability(&a, PLS_RHO_C, rho_c)) == PLS_OK &&
        (code = add_reliability(&a, PLS_AVE, ave)) == PLS_OK && (code = add_htmt(&a)) == PLS_OK)
        return PLS_OK;
    pls_assessment_free(out);
    return code;
}

void pls_assessment_free(struct pls_assessment *assessment)
{
    pls_columns_free(&assessment->columns);
    free(assessment->value);
    free(assessment->note); /* the notes themselves are static */
    *assessment = (struct pls_assessment){0};
}
