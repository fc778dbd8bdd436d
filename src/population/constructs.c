/* constructs.c: from standardised paths to the correlations of the constructs. */
#include "linear.h"
#include "plstrap/alloc.h"
#include "plstrap/population.h"

#include <math.h>
#include <stdlib.h>

static bool is_exogenous(const struct pls_model *model, size_t j)
{
    return model->arrow[j] == model->arrow[j + 1];
}

static enum pls_code fill_exogenous(const struct pls_model *model, const double *opt_exogenous,
                                    double *correlation, struct pls_error *err)
{
    const size_t count = model->constructs;
    for (size_t j = 0; j < count; j++)
        for (size_t i = 0; i < j; i++) {
            if (!is_exogenous(model, i) || !is_exogenous(model, j) || opt_exogenous == NULL)
                continue;
            const double r = opt_exogenous[j * count + i];
            if (!(fabs(r) < 1.0) || fabs(r - opt_exogenous[i * count + j]) > 1e-12)
                return pls_fail(err, PLS_ESTUDY,
                                "the correlation of %s and %s is %g one way and %g the other; give "
                                "one between -1 and 1",
                                model->construct[i], model->construct[j], r,
                                opt_exogenous[i * count + j]);
            correlation[i * count + j] = r;
            correlation[j * count + i] = r;
        }
    return PLS_OK;
}

/* Row j of the correlations with the constructs that `known` marks, and what is explained of j. */
static double fill_endogenous(const struct pls_model *model, const double *paths, size_t j,
                              const bool *known, double *correlation)
{
    const size_t count = model->constructs;
    double explained = 0.0;
    for (size_t i = 0; i < count; i++) {
        if (!known[i])
            continue;
        double r = 0.0;
        for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++)
            r += paths[a] * correlation[model->source[a] * count + i];
        correlation[j * count + i] = r;
        correlation[i * count + j] = r;
    }
    for (size_t a = model->arrow[j]; a < model->arrow[j + 1]; a++)
        explained += paths[a] * correlation[j * count + model->source[a]];
    return explained;
}

enum pls_code pls_population_constructs(const struct pls_model *model, const double *paths,
                                        const double *opt_exogenous, double *correlation,
                                        double *r2, struct pls_error *err)
{
    const size_t count = model->constructs;
    bool *known = NULL;
    double *triangle = NULL;

    for (size_t i = 0; i < count * count; i++)
        correlation[i] = i % (count + 1) == 0 ? 1.0 : 0.0;
    enum pls_code code = fill_exogenous(model, opt_exogenous, correlation, err);
    if (code != PLS_OK)
        goto done;
    code = pls_alloc(&known, count, sizeof *known, err);
    if (code != PLS_OK)
        goto done;
    code = pls_alloc(&triangle, count * count, sizeof *triangle, err);
    if (code != PLS_OK)
        goto done;
    for (size_t j = 0; j < count; j++) {
        known[j] = is_exogenous(model, j);
        r2[j] = 0.0;
    }
    for (size_t o = 0; o < count; o++) {
        const size_t j = model->order[o];
        if (known[j])
            continue;
        r2[j] = fill_endogenous(model, paths, j, known, correlation);
        known[j] = true;
        if (!(r2[j] < 1.0 - 1e-10)) {
            code = pls_fail(err, PLS_ESTUDY,
                            "paths into %s explain %.4g %% of its variance; make them smaller",
                            model->construct[j], 100.0 * r2[j]);
            goto done;
        }
    }
    const size_t bad = population_cholesky(count, correlation, triangle);
    if (bad < count)
        code = pls_fail(err, PLS_ESTUDY,
                        "no variables have the correlations given for %s: with those before it, "
                        "the matrix is not positive definite; make them smaller",
                        model->construct[bad]);
done:
    free(known);
    free(triangle);
    return code;
}
