/* check_data.c: data that no model of this kind can be estimated from, named before anything is
 * computed. */
#include "internal.h"

#include "plstrap/alloc.h"

#include <math.h>
#include <stdlib.h>

enum { FEWEST_ROWS = 3 };

enum pls_code pls_check_rows(const struct pls_estimator *estimator, struct pls_error *err)
{
    const struct pls_model *model = estimator->model;
    const size_t n = estimator->dataset->rows;
    if (n < FEWEST_ROWS)
        return pls_fail(err, PLS_EDATA,
                        "there are %zu complete rows, but a model needs at least %d; collect more "
                        "answers",
                        n, FEWEST_ROWS);
    for (size_t j = 0; j < model->constructs; j++) {
        const size_t predictors = model->arrow[j + 1] - model->arrow[j];
        if (n <= predictors + 1)
            return pls_fail(err, PLS_EDATA,
                            "%zu complete rows are too few to explain construct %s by %zu others; "
                            "at least %zu are needed",
                            n, model->construct[j], predictors, predictors + 2);
        const size_t size = model->block[j + 1] - model->block[j];
        if (model->mode[j] == PLS_MODE_B && n <= size)
            return pls_fail(err, PLS_EDATA,
                            "%zu complete rows are too few for the %zu indicators of the formative "
                            "construct %s; at least %zu are needed",
                            n, size, model->construct[j], size + 1);
    }
    return PLS_OK;
}

static bool is_constant(const struct pls_estimator *estimator, size_t k)
{
    const struct pls_dataset *dataset = estimator->dataset;
    const double *value = dataset->values + estimator->data_column[k];
    for (size_t i = 1; i < dataset->rows; i++)
        if (value[i * dataset->columns] != value[0])
            return false;
    return true;
}

enum pls_code pls_check_constants(const struct pls_estimator *estimator, struct pls_error *err)
{
    const struct pls_model *model = estimator->model;
    for (size_t k = 0; k < model->indicators; k++) {
        if (is_constant(estimator, k))
            return pls_fail(err, PLS_EDATA,
                            "indicator %s has the same value in all %zu rows; leave it out of the "
                            "model, or correct the data",
                            model->indicator[k], estimator->dataset->rows);
        if (!(estimator->sd[k] > 0.0 && isfinite(estimator->sd[k])))
            return pls_fail(err, PLS_EDATA,
                            "the values of indicator %s are too large or too close together for "
                            "double precision; give it in another unit",
                            model->indicator[k]);
    }
    return PLS_OK;
}

/* The first indicator of block j that those before it determine, or p. factor is scratch
 * [size][size]. */
static size_t dependent_indicator(const struct pls_model *model, size_t j, const double *s,
                                  double *factor)
{
    const size_t p = model->indicators, first = model->block[j];
    const size_t size = model->block[j + 1] - first;
    for (size_t k = 0; k < size; k++)
        for (size_t l = 0; l < size; l++)
            factor[k * size + l] = s[(first + k) * p + first + l];
    const size_t pivot = pls_cholesky(factor, size);
    return pivot < size ? first + pivot : p;
}

static enum pls_code collinear(const struct pls_model *model, size_t j, size_t k, const double *s,
                               struct pls_error *err)
{
    for (size_t l = model->block[j]; l < k; l++)
        if (fabs(s[k * model->indicators + l]) >= 1.0 - 1e-12)
            return pls_fail(err, PLS_EDATA,
                            "indicators %s and %s of the formative construct %s are perfectly "
                            "correlated, so their weights are not determined; leave one of them "
                            "out, or use =~",
                            model->indicator[l], model->indicator[k], model->construct[j]);
    return pls_fail(
        err, PLS_EDATA,
        "indicator %s of the formative construct %s follows exactly from the indicators "
        "before it, so their weights are not determined; leave it out, or use =~",
        model->indicator[k], model->construct[j]);
}

enum pls_code pls_check_blocks(const struct pls_estimator *estimator, struct pls_error *err)
{
    const struct pls_model *model = estimator->model;
    const size_t n = estimator->dataset->rows, p = model->indicators;
    struct pls_workspace *workspace = NULL;
    uint32_t *ones = NULL;
    enum pls_code code = pls_workspace_new(estimator, &workspace, err);
    if (code == PLS_OK)
        code = pls_alloc(&ones, n, sizeof *ones, err);
    if (code != PLS_OK)
        goto done;
    for (size_t i = 0; i < n; i++)
        ones[i] = 1;
    pls_moments_correlate(estimator, &estimator->needed, ones, workspace);
    for (size_t j = 0; j < model->constructs && code == PLS_OK; j++) {
        if (model->mode[j] != PLS_MODE_B)
            continue;
        const size_t k = dependent_indicator(model, j, workspace->s, workspace->block);
        if (k < p)
            code = collinear(model, j, k, workspace->s, err);
    }

done:
    pls_workspace_free(workspace);
    free(ones);
    return code;
}
