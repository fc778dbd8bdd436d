/*
 * solve.c: the PLS algorithm on the correlations of the indicators (METHODS 2.1-2.7), and the
 * structural regressions (2.9). Lohmöller's variant: all blocks are updated from the same
 * composites.
 */
#include "internal.h"

#include <math.h>
#include <string.h>

/* A pivot of a correlation matrix below this is rounding: collinear. */
static const double least_pivot = 1e-12;
/* Variance of an updated composite before it is scaled, in units of correlations squared: below
 * this its correlations with all neighbours are rounding. */
static const double least_variance = 1e-24;
/* Variance of the plain sum of a block's standardised indicators: below this they cancel. */
static const double least_start = 1e-12;

size_t pls_cholesky(double *a, size_t size)
{
    for (size_t k = 0; k < size; k++) {
        double *row = a + k * size;
        for (size_t l = 0; l <= k; l++) {
            double rest = row[l];
            for (size_t m = 0; m < l; m++)
                rest -= row[m] * a[l * size + m];
            if (l < k)
                row[l] = rest / a[l * size + l];
            else if (rest > least_pivot)
                row[k] = sqrt(rest);
            else
                return k;
        }
    }
    return size;
}

void pls_cholesky_solve(const double *factor, size_t size, double *b)
{
    for (size_t k = 0; k < size; k++) {
        for (size_t m = 0; m < k; m++)
            b[k] -= factor[k * size + m] * b[m];
        b[k] /= factor[k * size + k];
    }
    for (size_t k = size; k-- > 0;) {
        for (size_t m = k + 1; m < size; m++)
            b[k] -= factor[m * size + k] * b[m];
        b[k] /= factor[k * size + k];
    }
}

static double dot(const double *a, const double *b, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

void pls_composites(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                    bool all)
{
    const struct pls_model *model = estimator->model;
    const size_t J = model->constructs, p = model->indicators;
    const double *s = workspace->s, *w = workspace->w;
    double *v = workspace->v, *c = workspace->c;
    for (size_t j = 0; j < J; j++)
        for (size_t i = 0; i < J; i++) {
            if (!all && estimator->relation[j * J + i] == PLS_UNRELATED)
                continue;
            const size_t first = model->block[i], count = model->block[i + 1] - first;
            for (size_t k = model->block[j]; k < model->block[j + 1]; k++)
                v[k * J + i] = dot(s + k * p + first, w + first, count);
            if (i < j)
                continue;
            double sum = 0.0;
            for (size_t k = model->block[j]; k < model->block[j + 1]; k++)
                sum += w[k] * v[k * J + i];
            c[j * J + i] = c[i * J + j] = i == j ? 1.0 : sum;
        }
}

/* Scales the weights u of block j so that w'S w = 1; false: their composite has no variance. */
static bool normalise(const struct pls_model *model, size_t j, const double *s, double least,
                      double *u)
{
    const size_t p = model->indicators, first = model->block[j];
    const size_t count = model->block[j + 1] - first;
    if (count == 1) {
        u[first] = 1.0;
        return true;
    }
    double variance = 0.0;
    for (size_t k = first; k < first + count; k++)
        variance += u[k] * dot(s + k * p + first, u + first, count);
    if (!(variance > least))
        return false;
    const double scale = 1.0 / sqrt(variance);
    for (size_t k = first; k < first + count; k++)
        u[k] *= scale;
    return true;
}

bool pls_regress(const struct pls_model *model, size_t j, struct pls_workspace *workspace)
{
    const size_t J = model->constructs, count = model->arrow[j + 1] - model->arrow[j];
    const size_t *source = model->source + model->arrow[j];
    for (size_t a = 0; a < count; a++) {
        workspace->coefficient[a] = workspace->c[source[a] * J + j];
        for (size_t b = 0; b < count; b++)
            workspace->small[a * count + b] = workspace->c[source[a] * J + source[b]];
    }
    if (pls_cholesky(workspace->small, count) < count)
        return false;
    pls_cholesky_solve(workspace->small, count, workspace->coefficient);
    return true;
}

/* METHODS 2.2. sign(0) is 0 here: the neighbour drops out of this pass. */
static bool inner_weights(const struct pls_estimator *estimator, size_t j,
                          struct pls_workspace *workspace)
{
    const struct pls_model *model = estimator->model;
    const size_t J = model->constructs;
    const enum pls_scheme scheme = estimator->keys->scheme;
    for (size_t i = 0; i < J; i++) {
        const unsigned char kind = estimator->relation[j * J + i];
        const double r = workspace->c[j * J + i];
        if (kind != PLS_PREDECESSOR && kind != PLS_SUCCESSOR)
            workspace->inner[i] = 0.0;
        else if (scheme == PLS_SCHEME_CENTROID)
            workspace->inner[i] = (double)((r > 0.0) - (r < 0.0));
        else
            workspace->inner[i] = r;
    }
    if (scheme != PLS_SCHEME_PATH)
        return true;
    if (!pls_regress(model, j, workspace))
        return false;
    for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++)
        workspace->inner[model->source[a]] = workspace->coefficient[a - model->arrow[j]];
    return true;
}

/* workspace->next of block j from V and C: METHODS 2.1, steps 3 to 6. */
static enum pls_status update(const struct pls_estimator *estimator, size_t j,
                              struct pls_workspace *workspace)
{
    const struct pls_model *model = estimator->model;
    const size_t J = model->constructs, first = model->block[j];
    const size_t count = model->block[j + 1] - first;
    if (!inner_weights(estimator, j, workspace))
        return PLS_STATUS_SINGULAR_INNER;
    for (size_t k = first; k < first + count; k++) {
        workspace->next[k] = 0.0;
        for (size_t i = 0; i < J; i++)
            if (workspace->inner[i] != 0.0)
                workspace->next[k] += workspace->inner[i] * workspace->v[k * J + i];
    }
    if (model->mode[j] == PLS_MODE_B && count > 1)
        pls_cholesky_solve(workspace->block + first * model->indicators, count,
                           workspace->next + first);
    return normalise(model, j, workspace->s, least_variance, workspace->next)
               ? PLS_STATUS_OK
               : PLS_STATUS_ZERO_PROXY;
}

/* METHODS 2.6: sign of the correlation of new and old composite, +1 at 0. With these three schemes
 * old weights times g are a sum of squares or of |c|, so that no solution alternates in sign; the sign
 * can be -1 only far from one. */
static double alignment(const struct pls_model *model, size_t j,
                        const struct pls_workspace *workspace)
{
    double r = 0.0;
    for (size_t k = model->block[j]; k < model->block[j + 1]; k++)
        r += workspace->next[k] * workspace->v[k * model->constructs + j];
    return r < 0.0 ? -1.0 : 1.0;
}

/* Block factors and equal weights; `where` is the construct that cannot start. */
static enum pls_status start(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                             size_t *where)
{
    const struct pls_model *model = estimator->model;
    const size_t p = model->indicators;
    for (*where = 0; *where < model->constructs; ++*where) {
        const size_t first = model->block[*where], count = model->block[*where + 1] - first;
        for (size_t k = 0; k < count; k++)
            workspace->w[first + k] = 1.0;
        if (model->mode[*where] == PLS_MODE_B && count > 1) {
            double *factor = workspace->block + first * p;
            for (size_t k = 0; k < count; k++)
                memcpy(factor + k * count, workspace->s + (first + k) * p + first,
                       count * sizeof *factor);
            if (pls_cholesky(factor, count) < count)
                return PLS_STATUS_SINGULAR_BLOCK;
        }
        if (!normalise(model, *where, workspace->s, least_start, workspace->w))
            return PLS_STATUS_ZERO_PROXY;
    }
    return PLS_STATUS_OK;
}

/* All blocks once; *change is the sum of |change| of all weights. */
static enum pls_status step(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                            double *change, size_t *where)
{
    const struct pls_model *model = estimator->model;
    pls_composites(estimator, workspace, false);
    *change = 0.0;
    for (*where = 0; *where < model->constructs; ++*where) {
        const enum pls_status status = update(estimator, *where, workspace);
        if (status != PLS_STATUS_OK)
            return status;
        const double sign = alignment(model, *where, workspace);
        for (size_t k = model->block[*where]; k < model->block[*where + 1]; k++)
            *change += fabs(workspace->next[k] - sign * workspace->w[k]);
    }
    memcpy(workspace->w, workspace->next, model->indicators * sizeof *workspace->w);
    return PLS_STATUS_OK;
}

enum pls_status pls_solve(const struct pls_estimator *estimator, struct pls_workspace *workspace,
                          struct pls_outcome *outcome)
{
    size_t where = 0;
    double change = INFINITY;
    enum pls_status status = start(estimator, workspace, &where);
    while (status == PLS_STATUS_OK && !(change < estimator->keys->tolerance)) {
        if (outcome->iterations == estimator->keys->max_iterations) {
            status = PLS_STATUS_NOT_CONVERGED;
            break;
        }
        status = step(estimator, workspace, &change, &where);
        outcome->iterations = (uint16_t)(outcome->iterations + (status == PLS_STATUS_OK));
    }
    if (status == PLS_STATUS_OK || status == PLS_STATUS_NOT_CONVERGED)
        pls_composites(estimator, workspace, false);
    else
        outcome->where = (uint16_t)where;
    return status;
}

static void turn(const struct pls_model *model, size_t j, struct pls_workspace *workspace)
{
    const size_t J = model->constructs;
    for (size_t k = model->block[j]; k < model->block[j + 1]; k++)
        workspace->w[k] = -workspace->w[k];
    for (size_t k = 0; k < model->indicators; k++)
        workspace->v[k * J + j] = -workspace->v[k * J + j];
    for (size_t i = 0; i < J; i++)
        if (i != j) {
            workspace->c[i * J + j] = -workspace->c[i * J + j];
            workspace->c[j * J + i] = -workspace->c[j * J + i];
        }
}

/* Loadings of block j times weights: of the base (its correlation with the base composite), or
 * ones. */
static double agreement(const struct pls_model *model, size_t j, const double *opt_weights,
                        const struct pls_workspace *workspace)
{
    double sum = 0.0;
    for (size_t k = model->block[j]; k < model->block[j + 1]; k++)
        sum += workspace->v[k * model->constructs + j] * (opt_weights ? opt_weights[k] : 1.0);
    return sum;
}

size_t pls_orient(const struct pls_estimator *estimator, const double *opt_base,
                  struct pls_workspace *workspace)
{
    const struct pls_model *model = estimator->model;
    const struct pls_estimation_keys *keys = estimator->keys;
    const size_t J = model->constructs;
    size_t turned = J;
    for (size_t j = 0; j < J; j++) {
        const size_t dominant = keys->dominant != NULL ? keys->dominant[j] : model->indicators;
        if (dominant < model->indicators) { /* beats both rules */
            if (workspace->v[dominant * J + j] < 0.0)
                turn(model, j, workspace);
            continue;
        }
        if (keys->sign == PLS_SIGN_SUM && agreement(model, j, NULL, workspace) < 0.0)
            turn(model, j, workspace);
        if (opt_base != NULL && agreement(model, j, opt_base, workspace) < 0.0) {
            turn(model, j, workspace);
            if (turned == J)
                turned = j;
        }
    }
    return turned;
}

size_t pls_structural(const struct pls_model *model, struct pls_workspace *workspace)
{
    const size_t J = model->constructs;
    for (size_t j = 0; j < J; j++) {
        const size_t first = model->arrow[j], count = model->arrow[j + 1] - first;
        workspace->r2[j] = 0.0;
        if (!pls_regress(model, j, workspace))
            return j;
        for (size_t a = 0; a < count; a++) {
            workspace->path[first + a] = workspace->coefficient[a];
            workspace->r2[j] +=
                workspace->coefficient[a] * workspace->c[model->source[first + a] * J + j];
        }
    }
    return J;
}

double pls_solve_residual(const struct pls_estimator *estimator, struct pls_workspace *workspace)
{
    const struct pls_model *model = estimator->model;
    double largest = 0.0;
    pls_composites(estimator, workspace, false);
    for (size_t j = 0; j < model->constructs; j++) {
        if (update(estimator, j, workspace) != PLS_STATUS_OK)
            return NAN;
        const double sign = alignment(model, j, workspace);
        for (size_t k = model->block[j]; k < model->block[j + 1]; k++)
            largest = fmax(largest, fabs(workspace->w[k] - sign * workspace->next[k]));
    }
    return largest;
}
