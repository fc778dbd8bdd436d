/* indicators.c: from constructs and blocks to the correlations of the indicators. */
#include "linear.h"
#include "plstrap/alloc.h"
#include "plstrap/population.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One block's correlations [K][K], weights and loadings [K], and scratch for a triangle [K][K]. */
struct block {
    size_t size;
    double *inner, *weight, *loading, *triangle;
};

static enum pls_code factor_block(const char *name, const double *loading, struct block *block,
                                  struct pls_error *err)
{
    double information = 0.0;
    for (size_t k = 0; k < block->size; k++) {
        if (!(fabs(loading[k]) < 1.0))
            return pls_fail(err, PLS_ESTUDY, "loading %zu of %s is %g; give one between -1 and 1",
                            k + 1, name, loading[k]);
        for (size_t l = 0; l < block->size; l++)
            block->inner[k * block->size + l] = k == l ? 1.0 : loading[k] * loading[l];
        block->loading[k] = loading[k];
        block->weight[k] = loading[k] / (1.0 - loading[k] * loading[k]);
        information += loading[k] * block->weight[k];
    }
    if (information == 0.0)
        return pls_fail(err, PLS_ESTUDY, "all loadings of %s are zero; give at least one", name);
    /* The sum of w x has variance information² + information, without scaling. */
    for (size_t k = 0; k < block->size; k++)
        block->weight[k] /= sqrt(information * information + information);
    return PLS_OK;
}

static enum pls_code composite_block(const char *name, const struct pls_block_population *told,
                                     struct block *block, struct pls_error *err)
{
    const size_t size = block->size;
    double variance = 0.0;
    for (size_t k = 0; k < size; k++)
        for (size_t l = 0; l < size; l++)
            block->inner[k * size + l] = k == l                    ? 1.0
                                         : told->opt_inner != NULL ? told->opt_inner[k * size + l]
                                                                   : told->within;
    for (size_t k = 0; k < size; k++)
        for (size_t l = 0; l < k; l++)
            if (fabs(block->inner[k * size + l] - block->inner[l * size + k]) > 1e-12)
                return pls_fail(err, PLS_ESTUDY,
                                "the correlation of indicators %zu and %zu of %s is %g one way and "
                                "%g the other; give one",
                                l + 1, k + 1, name, block->inner[k * size + l],
                                block->inner[l * size + k]);
    if (population_cholesky(size, block->inner, block->triangle) < size)
        return pls_fail(err, PLS_ESTUDY,
                        "no variables have the correlations given within %s: the matrix is not "
                        "positive definite; all must be between -1 and 1, and fit each other",
                        name);
    for (size_t k = 0; k < size; k++) {
        block->loading[k] = 0.0;
        for (size_t l = 0; l < size; l++)
            block->loading[k] += block->inner[k * size + l] * told->value[l];
        variance += told->value[k] * block->loading[k];
    }
    if (!(variance > 0.0))
        return pls_fail(err, PLS_ESTUDY, "all weights of %s are zero; give at least one", name);
    for (size_t k = 0; k < size; k++) {
        block->weight[k] = told->value[k] / sqrt(variance);
        block->loading[k] /= sqrt(variance);
    }
    return PLS_OK;
}

/* Between blocks r λ λᵀ. Within, what was told. */
static void join(const struct pls_model *model, const double *constructs, const double *loading,
                 double *correlation)
{
    const size_t p = model->indicators;
    for (size_t j = 0; j < model->constructs; j++)
        for (size_t i = 0; i < model->constructs; i++) {
            if (i == j)
                continue;
            const double r = constructs[j * model->constructs + i];
            for (size_t k = model->block[j]; k < model->block[j + 1]; k++)
                for (size_t l = model->block[i]; l < model->block[i + 1]; l++)
                    correlation[k * p + l] = r * (loading[k] * loading[l]);
        }
}

enum pls_code pls_population_indicators(const struct pls_model *model, const double *constructs,
                                        const struct pls_block_population *told,
                                        double *correlation, double *opt_weights,
                                        double *opt_loadings, struct pls_error *err)
{
    const size_t p = model->indicators;
    struct block block = {0};
    double *loading = NULL, *weight = NULL;

    enum pls_code code = pls_alloc(&block.inner, p * p, sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&block.triangle, p * p, sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&loading, p, sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&weight, p, sizeof(double), err);
    for (size_t j = 0; code == PLS_OK && j < model->constructs; j++) {
        const size_t first = model->block[j];
        block.size = model->block[j + 1] - first;
        block.loading = loading + first;
        block.weight = weight + first;
        code = told[j].factor ? factor_block(model->construct[j], told[j].value, &block, err)
                              : composite_block(model->construct[j], &told[j], &block, err);
        for (size_t k = 0; code == PLS_OK && k < block.size; k++)
            memcpy(correlation + (first + k) * p + first, block.inner + k * block.size,
                   block.size * sizeof(double));
    }
    if (code == PLS_OK) {
        join(model, constructs, loading, correlation);
        if (opt_weights != NULL)
            memcpy(opt_weights, weight, p * sizeof(double));
        if (opt_loadings != NULL)
            memcpy(opt_loadings, loading, p * sizeof(double));
    }
    free(block.inner);
    free(block.triangle);
    free(loading);
    free(weight);
    return code;
}
