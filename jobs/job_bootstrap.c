/* job_bootstrap.c: the rows of the bootstrap job: resamples of the observations, and the jackknife. */
#include "plstrap/alloc.h"
#include "plstrap/batch.h"
#include "plstrap/digest.h"
#include "plstrap/weights.h"

#include "bootstrap_internal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool wants_jackknife(const struct pls_bootstrap_keys *keys)
{
    for (size_t m = 0; m < keys->methods; m++)
        if (keys->method[m] == PLS_BCA)
            return true;
    return false;
}

size_t pls_bootstrap_series(const struct pls_plan *plan, struct pls_series series[2])
{
    const struct pls_columns *columns = pls_estimator_columns(plan->estimator);
    series[SERIES_BOOTSTRAP] = (struct pls_series){
        .name = "bootstrap",
        .count =
            plan->resample_count > 0 ? plan->resample_count : plan->study->bootstrap.replicates,
        .columns = columns,
    };
    series[SERIES_JACKKNIFE] = (struct pls_series){
        .name = "jackknife",
        .count = plan->observations,
        .columns = columns,
    };
    return wants_jackknife(&plan->study->bootstrap) ? 2 : 1;
}

enum pls_code pls_bootstrap_digest(const struct pls_plan *plan, bool keeps_rows, char out[65],
                                   struct pls_error *err)
{
    struct pls_series series[2];
    struct pls_digest *digest = NULL;
    char count[32];
    enum pls_code code = pls_plan_digest(plan, "bootstrap", out, err);
    if (code != PLS_OK || keeps_rows)
        return code;
    pls_bootstrap_series(plan, series);
    code = pls_digest_new(&digest, err);
    if (code == PLS_OK)
        code = pls_digest_add_text(digest, out, err);
    if (code == PLS_OK)
        code = pls_digest_add_text(digest, "summary", err);
    if (code == PLS_OK)
        code = pls_digest_add_text(digest, pls_text_count(series[0].count, count), err);
    if (code == PLS_OK)
        code = pls_digest_hex(digest, out, err);
    pls_digest_free(digest);
    return code;
}

struct pls_bootstrap {
    const struct pls_plan *plan;
    struct pls_batch *batch;
    enum pls_isa isa;
    size_t series;     /* that is being computed                                      */
    uint32_t *weights; /* [PLS_LANES][n] of resamples that are given, of the jackknife */
    void *scratch;     /* of the draws                                                */
    void *aligned;     /* the same from a multiple of 64 bytes on                     */
};

enum pls_code pls_bootstrap_prepare(const struct pls_plan *plan, enum pls_isa isa,
                                    struct pls_bootstrap **out_new, struct pls_error *err)
{
    struct pls_bootstrap *state = NULL;
    const size_t n = plan->dataset->rows, align = 64;

    enum pls_code code = pls_alloc(&state, 1, sizeof *state, err);
    if (code == PLS_OK)
        code = pls_batch_new(plan->estimator, isa, &state->batch, err);
    if (code == PLS_OK)
        code = pls_alloc(&state->weights, n, PLS_LANES * sizeof *state->weights, err);
    if (code == PLS_OK)
        code = pls_alloc(&state->scratch, pls_draw_scratch(n) + align, 1, err);
    if (code != PLS_OK) {
        pls_bootstrap_free(state);
        return code;
    }
    state->aligned = (char *)state->scratch + (align - (uintptr_t)state->scratch % align);
    state->plan = plan;
    state->isa = isa;
    *out_new = state;
    return PLS_OK;
}

void pls_bootstrap_free(struct pls_bootstrap *state)
{
    if (state == NULL)
        return;
    pls_batch_free(state->batch);
    free(state->weights);
    free(state->scratch);
    free(state);
}

enum pls_isa pls_bootstrap_isa(const struct pls_bootstrap *state)
{
    return state->isa;
}

struct pls_batch *pls_bootstrap_batch(struct pls_bootstrap *state)
{
    return state->batch;
}

/* A pls_weights_fn: weights of one row. */
static void weights_of(void *self, uint64_t row, uint32_t *weights)
{
    const struct pls_bootstrap *state = self;
    const struct pls_plan *plan = state->plan;
    const size_t n = plan->dataset->rows;
    if (state->series == SERIES_JACKKNIFE)
        pls_weights_jackknife(row, n, weights);
    else if (plan->resamples != NULL)
        memcpy(weights, plan->resamples + (size_t)row * n, n * sizeof *weights);
    else
        pls_weights_bootstrap(plan->study->bootstrap.seed, row, n, weights);
}

/* Counts of some rows side by side: drawn straight into place, or packed. */
static void counts_of(void *self, uint64_t first, size_t lanes, uint8_t *counts, uint64_t *overflow)
{
    struct pls_bootstrap *state = self;
    const struct pls_plan *plan = state->plan;
    const size_t n = plan->dataset->rows;
    if (state->series == SERIES_BOOTSTRAP && plan->resamples == NULL) {
        pls_draw_lanes(state->isa, plan->study->bootstrap.seed, first, lanes, n, counts, overflow,
                       state->aligned);
        return;
    }
    for (size_t lane = 0; lane < lanes; lane++)
        weights_of(state, first + lane, state->weights + lane * n);
    pls_counts_pack(state->weights, lanes, n, counts, overflow);
}

void pls_bootstrap_rows(struct pls_bootstrap *state, size_t series, uint64_t first, size_t count,
                        double *rows, size_t stride, struct pls_outcome *outcomes)
{
    const struct pls_plan *plan = state->plan;
    const struct pls_source source = {state, counts_of, weights_of};
    const double *base = plan->study->bootstrap.align == PLS_ALIGN_BASE ? plan->base : NULL;
    state->series = series;
    pls_batch_rows(state->batch, &source, first, count, base, rows, stride, outcomes);
}

enum pls_code pls_bootstrap_replicate(void *state, size_t series, uint64_t first, size_t count,
                                      double *rows, struct pls_outcome *outcomes,
                                      struct pls_error *err)
{
    (void)err; /* a row that fails says so in its outcome, and a row needs nothing of the world */
    pls_bootstrap_rows(state, series, first, count, rows, count, outcomes);
    return PLS_OK;
}

enum pls_code pls_bootstrap_failure(const struct pls_plan *plan, size_t series, uint64_t row,
                                    const struct pls_outcome *outcome, struct pls_error *err)
{
    const struct pls_model *model = plan->study->model;
    const enum pls_status status = (enum pls_status)outcome->status;
    const char *place = status == PLS_STATUS_NOT_CONVERGED ? ""
                        : status == PLS_STATUS_CONSTANT    ? model->indicator[outcome->where]
                                                           : model->construct[outcome->where];
    return pls_fail(err, PLS_EDATA,
                    "%s replicate %llu failed (%s%s%s) and the study says on_failure: stop; write "
                    "on_failure: exclude to go on without it",
                    series == SERIES_JACKKNIFE ? "jackknife" : "bootstrap", (unsigned long long)row,
                    pls_status_name(status), place[0] != '\0' ? " " : "", place);
}
