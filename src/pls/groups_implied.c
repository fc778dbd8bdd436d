/*
 * groups_implied.c: the indicator correlations that a group's model implies, and their distances.
 *
 * Constructs as the path model has them: exogenous ones correlated as observed, the others
 * sum of paths times predecessors plus an uncorrelated rest of variance 1 - R². Indicators of
 * different constructs correlate by loading, construct correlation and loading; within a Mode A
 * block by their loadings; within a Mode B block as observed.
 */
#include "groups_internal.h"

#include "plstrap/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct pls_implied {
    const struct pls_estimator *estimator;
    bool data; /* Mode B blocks or several exogenous constructs: observed correlations are needed */
    struct pls_pairs pairs;
    struct pls_workspace *workspace;
    double *matrix;  /* [groups][p][p]               */
    double *r;       /* [J][J] of constructs         */
    double *a, *b;   /* [p][p] copies                */
    double *scratch; /* [2*p]                        */
};

static bool is_exogenous(const struct pls_model *model, size_t j)
{
    return model->arrow[j] == model->arrow[j + 1];
}

static bool needs_data(const struct pls_model *model)
{
    size_t exogenous = 0;
    for (size_t j = 0; j < model->constructs; j++) {
        exogenous += is_exogenous(model, j);
        if (model->mode[j] == PLS_MODE_B && model->block[j + 1] - model->block[j] > 1)
            return true;
    }
    return exogenous > 1;
}

enum pls_code pls_implied_new(const struct pls_estimator *estimator, size_t groups,
                              struct pls_implied **out_new, struct pls_error *err)
{
    const size_t p = estimator->model->indicators, J = estimator->model->constructs;
    struct pls_implied *implied = NULL;
    enum pls_code code = pls_alloc(&implied, 1, sizeof *implied, err);
    if (code != PLS_OK)
        return code;
    implied->estimator = estimator;
    implied->data = needs_data(estimator->model);
    if ((code = pls_alloc(&implied->matrix, groups * p * p, sizeof(double), err)) == PLS_OK &&
        (code = pls_alloc(&implied->r, J * J, sizeof(double), err)) == PLS_OK &&
        (code = pls_alloc(&implied->a, p * p, sizeof(double), err)) == PLS_OK &&
        (code = pls_alloc(&implied->b, p * p, sizeof(double), err)) == PLS_OK &&
        (code = pls_alloc(&implied->scratch, 2 * p, sizeof(double), err)) == PLS_OK &&
        (code = pls_workspace_new(estimator, &implied->workspace, err)) == PLS_OK)
        code = pls_pairs_new(estimator, true, &implied->pairs, err);
    if (code == PLS_OK)
        *out_new = implied;
    else
        pls_implied_free(implied);
    return code;
}

void pls_implied_free(struct pls_implied *implied)
{
    if (implied == NULL)
        return;
    pls_pairs_free(&implied->pairs);
    pls_workspace_free(implied->workspace);
    free(implied->matrix);
    free(implied->r);
    free(implied->a);
    free(implied->b);
    free(implied->scratch);
    free(implied);
}

bool pls_implied_needs_data(const struct pls_implied *implied)
{
    return implied->data;
}

/* Correlation of the composites of j and i, from the observed ones of their indicators. */
static double observed(const struct pls_model *model, const double *s, const double *w, size_t j,
                       size_t i)
{
    double sum = 0.0;
    for (size_t k = model->block[j]; k < model->block[j + 1]; k++) {
        double part = 0.0;
        for (size_t l = model->block[i]; l < model->block[i + 1]; l++)
            part += s[k * model->indicators + l] * w[l];
        sum += w[k] * part;
    }
    return sum;
}

/* Covariances of j with the constructs placed before it, and its variance. */
static void place(const struct pls_model *model, const double *path, double r2, size_t j,
                  const bool *placed, double *r)
{
    const size_t J = model->constructs;
    double variance = 1.0 - r2;
    for (size_t i = 0; i < J; i++) {
        double sum = 0.0;
        if (!placed[i])
            continue;
        for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++)
            sum += path[a] * r[model->source[a] * J + i];
        r[j * J + i] = r[i * J + j] = sum;
    }
    for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++)
        variance += path[a] * r[j * J + model->source[a]];
    r[j * J + j] = variance;
}

static size_t r2_column(const struct pls_estimator *estimator, size_t j)
{
    size_t column = estimator->first[PLS_R2];
    for (size_t i = 0; i < j; i++)
        column += !is_exogenous(estimator->model, i);
    return column;
}

static void relate_constructs(struct pls_implied *implied, const double *row)
{
    const struct pls_estimator *estimator = implied->estimator;
    const struct pls_model *model = estimator->model;
    const size_t J = model->constructs;
    double *r = implied->r;
    bool placed[PLS_MOST_COLUMNS]; /* a construct has at least a weight's column */
    for (size_t j = 0; j < J; j++) {
        placed[j] = is_exogenous(model, j);
        r[j * J + j] = 1.0;
        for (size_t i = 0; i < j && placed[j]; i++)
            if (placed[i])
                r[j * J + i] = r[i * J + j] = observed(model, implied->workspace->s,
                                                       row + estimator->first[PLS_WEIGHT], j, i);
    }
    for (size_t o = 0; o < J; o++) {
        const size_t j = model->order[o];
        if (placed[j])
            continue;
        place(model, row + estimator->first[PLS_PATH], row[r2_column(estimator, j)], j, placed, r);
        placed[j] = true;
    }
    for (size_t j = 0; j < J; j++)
        r[j * J + j] = 1.0;
}

void pls_implied_set(struct pls_implied *implied, size_t g, const double *row,
                     const uint32_t *weights)
{
    const struct pls_estimator *estimator = implied->estimator;
    const struct pls_model *model = estimator->model;
    const size_t p = model->indicators, J = model->constructs;
    const double *loading = row + estimator->first[PLS_LOADING];
    double *matrix = implied->matrix + g * p * p;
    if (implied->data)
        pls_moments_correlate(estimator, &implied->pairs, weights, implied->workspace);
    relate_constructs(implied, row);
    for (size_t k = 0; k < p; k++) {
        const size_t j = estimator->owner[k];
        for (size_t l = 0; l < p; l++) {
            const size_t i = estimator->owner[l];
            if (k == l)
                matrix[k * p + l] = 1.0;
            else if (i == j && model->mode[j] == PLS_MODE_B)
                matrix[k * p + l] = implied->workspace->s[k * p + l];
            else
                matrix[k * p + l] = loading[k] * loading[l] * implied->r[j * J + i];
        }
    }
}

void pls_implied_distances(struct pls_implied *implied, size_t groups, double *d_l, double *d_g)
{
    const size_t p = implied->estimator->model->indicators;
    double squares = 0.0, logs = 0.0, pairs = 0.0;
    for (size_t g = 0; g < groups; g++)
        for (size_t h = g + 1; h < groups; h++) {
            const double *a = implied->matrix + g * p * p, *b = implied->matrix + h * p * p;
            double sum = 0.0;
            for (size_t i = 0; i < p * p; i++)
                sum += (a[i] - b[i]) * (a[i] - b[i]);
            squares += sum;
            memcpy(implied->a, a, p * p * sizeof *a);
            memcpy(implied->b, b, p * p * sizeof *b);
            logs += pls_geodesic(implied->a, implied->b, p, implied->scratch);
            pairs += 1.0;
        }
    const double share = groups == 2 ? 0.5 : 1.0 / pairs;
    *d_l = share * squares;
    *d_g = share * logs;
}
