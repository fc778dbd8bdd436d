/* job_bootstrap.c: the rows of the bootstrap job: resamples of the observations, and the jackknife. */
#include "plstrap/alloc.h"
#include "plstrap/batch.h"
#include "plstrap/weights.h"

#include "job_internal.h"

#include <stdlib.h>
#include <string.h>

static bool wants_jackknife(const struct pls_bootstrap_keys *keys)
{
    for (size_t m = 0; m < keys->methods; m++)
        if (keys->method[m] == PLS_BCA)
            return true;
    return false;
}

static size_t series_of(const struct pls_plan *plan, struct pls_series series[2])
{
    series[SERIES_MAIN] = (struct pls_series){
        .name = "bootstrap",
        .count = plan->replicates,
        .columns = plan->columns,
    };
    series[SERIES_WHOLE] = (struct pls_series){
        .name = "jackknife",
        .count = plan->design != NULL ? plan->design->units : plan->observations,
        .columns = plan->columns,
    };
    return wants_jackknife(&plan->study->bootstrap) ? 2 : 1;
}

static enum pls_on_failure on_failure(const struct pls_plan *plan)
{
    return plan->study->bootstrap.on_failure;
}

struct resampler {
    const struct pls_plan *plan;
    struct pls_batch *batch;
    enum pls_isa isa;
    size_t series;     /* that is being computed                                      */
    uint32_t *weights; /* [PLS_LANES][n] of resamples that are not drawn in lanes     */
    void *scratch;     /* of the draws                                                */
    void *aligned;     /* the same from a multiple of 64 bytes on                     */
};

static void release(void *own)
{
    struct resampler *self = own;
    if (self == NULL)
        return;
    pls_batch_free(self->batch);
    free(self->weights);
    free(self->scratch);
    free(self);
}

static enum pls_code prepare(const struct pls_plan *plan, enum pls_isa isa, void **out_new,
                             struct pls_error *err)
{
    struct resampler *self = NULL;
    const size_t n = plan->dataset->rows, align = 64;

    enum pls_code code = pls_alloc(&self, 1, sizeof *self, err);
    if (code == PLS_OK)
        code = pls_batch_new(plan->estimator, isa, &self->batch, err);
    if (code == PLS_OK)
        code = pls_alloc(&self->weights, n, PLS_LANES * sizeof *self->weights, err);
    if (code == PLS_OK)
        code = pls_alloc(&self->scratch, pls_draw_scratch(n) + align, 1, err);
    if (code != PLS_OK) {
        release(self);
        return code;
    }
    self->aligned = (char *)self->scratch + (align - (uintptr_t)self->scratch % align);
    self->plan = plan;
    self->isa = isa;
    *out_new = self;
    return PLS_OK;
}

struct pls_batch *pls_job_batch(struct pls_job_state *state)
{
    struct resampler *self = pls_job_own(state);
    return self->batch;
}

/* Delete-one jackknife over the units that were sampled. */
static void leave_out(const struct pls_design *design, uint64_t unit, uint32_t *weights)
{
    for (size_t i = 0; i < design->n; i++)
        weights[i] = 1;
    for (size_t i = design->start[unit]; i < design->start[unit + 1]; i++)
        weights[design->row[i]] = 0;
}

/* A pls_weights_fn: weights of one row. */
static void weights_of(void *own, uint64_t row, uint32_t *weights)
{
    const struct resampler *self = own;
    const struct pls_plan *plan = self->plan;
    const size_t n = plan->dataset->rows;
    if (self->series == SERIES_WHOLE && plan->design != NULL)
        leave_out(plan->design, row, weights);
    else if (self->series == SERIES_WHOLE)
        pls_weights_jackknife(row, n, weights);
    else if (plan->given != NULL)
        memcpy(weights, plan->given + (size_t)row * n, n * sizeof *weights);
    else if (plan->design != NULL)
        pls_weights_design(plan->study->bootstrap.seed, row, plan->design, weights);
    else
        pls_weights_bootstrap(plan->study->bootstrap.seed, row, n, weights);
}

/* Counts of some rows side by side: drawn straight into place, or packed. */
static void counts_of(void *own, uint64_t first, size_t lanes, uint8_t *counts, uint64_t *overflow)
{
    struct resampler *self = own;
    const struct pls_plan *plan = self->plan;
    const size_t n = plan->dataset->rows;
    if (self->series == SERIES_MAIN && plan->given == NULL && plan->design == NULL) {
        pls_draw_lanes(self->isa, plan->study->bootstrap.seed, first, lanes, n, counts, overflow,
                       self->aligned);
        return;
    }
    for (size_t lane = 0; lane < lanes; lane++)
        weights_of(self, first + lane, self->weights + lane * n);
    pls_counts_pack(self->weights, lanes, n, counts, overflow);
}

static void rows(void *own, size_t series, uint64_t first, size_t count, double *rows,
                 size_t stride, struct pls_outcome *outcomes)
{
    struct resampler *self = own;
    const struct pls_plan *plan = self->plan;
    const struct pls_source source = {self, counts_of, weights_of};
    const double *base = plan->study->bootstrap.align == PLS_ALIGN_BASE ? plan->base : NULL;
    self->series = series;
    pls_batch_rows(self->batch, &source, first, count, base, rows, stride, outcomes);
}

static struct pls_infer_options options(const struct pls_plan *plan, enum pls_isa isa)
{
    const struct pls_bootstrap_keys *keys = &plan->study->bootstrap;
    struct pls_infer_options options = {
        .levels = keys->levels,
        .methods = keys->methods,
        .quantile = plan->study->inference.quantile,
        .centre = plan->study->inference.centre,
        .n = plan->observations,
        .isa = isa,
    };
    memcpy(options.level, keys->level, sizeof options.level);
    memcpy(options.method, keys->method, sizeof options.method);
    return options;
}

const struct pls_job_kind pls_job_kind_bootstrap = {
    .name = "bootstrap",
    .series = series_of,
    .on_failure = on_failure,
    .prepare = prepare,
    .release = release,
    .rows = rows,
    .options = options,
    .jackknife = true,
    .tables = pls_bootstrap_tables,
};
