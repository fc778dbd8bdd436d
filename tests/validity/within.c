/* within.c: p-values within one sample: paths, blocks, indirect effects. */
#include "validity.h"

#include "plstrap/alloc.h"
#include "plstrap/permutation.h"
#include "plstrap/within.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 8 };

static double p_of(const struct run *run, const double *values, const uint8_t *usable,
                   double observed)
{
    struct pls_exceedances counts = {0};
    pls_exceed_add(&counts, values, usable, run->permutations, observed);
    return pls_permutation_p(counts.two, counts.used, 0, false, 0.05, 0.99).p;
}

static void record(const struct run *run, const struct pls_columns *columns, const double *observed,
                   const double *rows, const uint8_t *usable, struct ledger *ledger)
{
    double p[MOST_COLUMNS] = {0};
    for (size_t c = 0; c < columns->count; c++) {
        p[c] = p_of(run, rows + c * run->permutations, usable, observed[c]);
        ledger_add(ledger, pls_component_name(columns->column[c].component),
                   columns->column[c].term, p[c]);
    }
    if (run->model->constructs == 3)
        ledger_add(ledger, "joint", "X->M->Y",
                   fmax(p[column_named(columns, PLS_PARTIAL_T, "M~X")],
                        p[column_named(columns, PLS_PARTIAL_T, "Y~M")]));
}

enum pls_code within_sample(const struct run *run, uint64_t sample, const double *values,
                            struct ledger *ledger, struct pls_error *err)
{
    const struct pls_within_settings settings = {.seed = run->seed, .align = true};
    struct pls_dataset data = {.rows = run->n,
                               .columns = run->model->indicators,
                               .name = run->model->indicator,
                               .rows_in_file = run->n};
    struct pls_estimator *estimator = NULL;
    struct pls_workspace *workspace = NULL;
    struct pls_within *within = NULL;
    uint32_t *weights = NULL;
    double *base = NULL, *rows = NULL, observed[MOST_COLUMNS];
    struct pls_outcome *outcomes = NULL, outcome;
    uint8_t *usable = NULL;

    data.values = malloc(run->n * data.columns * sizeof(double));
    enum pls_code code = data.values != NULL ? PLS_OK : pls_fail(err, PLS_EUNAVAILABLE, "memory");
    if (code == PLS_OK) {
        memcpy(data.values, values, run->n * data.columns * sizeof(double));
        code = pls_estimator_new(run->model, &run->keys, &data, &estimator, err);
    }
    if (code == PLS_OK)
        code = pls_workspace_new(estimator, &workspace, err);
    if (code == PLS_OK)
        code = pls_alloc(&weights, run->n, sizeof *weights, err);
    if (code == PLS_OK)
        code = pls_alloc(&base, pls_estimator_columns(estimator)->count, sizeof *base, err);
    if (code == PLS_OK)
        code = pls_alloc(&rows, run->permutations * MOST_COLUMNS, sizeof *rows, err);
    if (code == PLS_OK)
        code = pls_alloc(&outcomes, run->permutations, sizeof *outcomes, err);
    if (code == PLS_OK)
        code = pls_alloc(&usable, run->permutations, 1, err);
    if (code != PLS_OK)
        goto done;
    for (size_t i = 0; i < run->n; i++)
        weights[i] = 1;
    pls_estimator_row(estimator, workspace, weights, NULL, base, &outcome);
    if (outcome.status != PLS_STATUS_OK) {
        code = pls_fail(err, PLS_EDATA, "no estimates of the sample");
        goto done;
    }
    code = pls_within_new(estimator, base, &settings, run->isa, &within, err);
    if (code != PLS_OK)
        goto done;
    pls_within_observed(within, observed);
    pls_within_rows(within, sample * run->permutations, run->permutations, rows, run->permutations,
                    outcomes);
    for (size_t r = 0; r < run->permutations; r++)
        usable[r] = outcomes[r].status == PLS_STATUS_OK;
    record(run, pls_within_own_columns(within), observed, rows, usable, ledger);
done:
    pls_within_free(within);
    pls_workspace_free(workspace);
    pls_estimator_free(estimator);
    free(data.values);
    free(weights);
    free(base);
    free(rows);
    free(outcomes);
    free(usable);
    return code;
}
