/*
 * within.c: rows of within.h.
 *
 *   for each construct with predecessors: 64 rows' sums ─▶ for each of its models: S of a few lanes
 *   ─▶ batch.c's solver ─▶ t or R² of that model; at last the outcomes of a row's models in order
 *
 * Model number v * PLS_WITHIN_ROWS + r of a construct is its v-th of row r of this stretch of rows.
 */
#include "within_internal.h"

#include "plstrap/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 64 };

/* One construct's models of a stretch of rows. */
struct run {
    struct pls_within *within;
    const struct pls_target *target;
    uint64_t first;
    size_t from; /* row whose sums are lane 0's */
    double *rows;
    size_t stride;
    struct pls_recombination work;
};

enum pls_code pls_within_columns(const struct pls_estimator *estimator, struct pls_columns *out,
                                 struct pls_error *err)
{
    const struct pls_model *model = estimator->model;
    enum pls_code code = PLS_OK;
    for (size_t j = 0; j < model->constructs; j++)
        for (size_t a = model->arrow[j]; a < model->arrow[j + 1] && code == PLS_OK; a++)
            code = pls_columns_add(out, PLS_PARTIAL_T, model->construct[j], "~",
                                   model->construct[model->source[a]], err);
    for (size_t j = 0; j < model->constructs && code == PLS_OK; j++)
        if (model->arrow[j + 1] > model->arrow[j])
            code = pls_columns_add(out, PLS_BLOCK_R2, model->construct[j], "", "", err);
    return code;
}

bool pls_within_is_exact(const struct pls_estimator *estimator, size_t column)
{
    const struct pls_model *model = estimator->model;
    size_t j = 0;
    if (column >= model->paths)
        return true;
    while (model->arrow[j + 1] <= column)
        j++;
    for (size_t a = 0; a < model->paths; a++)
        if (model->source[a] == j)
            return false;
    return model->arrow[j + 1] - model->arrow[j] == 1;
}

size_t pls_within_models(const struct pls_estimator *estimator)
{
    const struct pls_model *model = estimator->model;
    size_t count = model->paths;
    for (size_t j = 0; j < model->constructs; j++)
        count += model->arrow[j + 1] > model->arrow[j];
    return count;
}

const struct pls_columns *pls_within_own_columns(const struct pls_within *within)
{
    return &within->columns;
}

/* Scratch of the widest construct. */
static enum pls_code allocate(struct pls_within *within, struct pls_error *err)
{
    const struct pls_design *design = within->settings.opt_design;
    size_t g = 0, d = 0, q = 0;
    for (size_t t = 0; t < within->targets; t++) {
        const struct pls_target *target = &within->target[t];
        const size_t K = target->size, own = target->related * target->wide;
        const size_t lanes = (target->related + target->predecessors + K + 1) * K;
        g = own > g ? own : g;
        d = lanes > d ? lanes : d;
        q = target->predecessors > q ? target->predecessors : q;
    }
    const size_t in_lanes = within->kernels == NULL ? 0 : g * PLS_LANES + d * PLS_MOST_WIDTH;
    enum pls_code code;
    if ((code = pls_alloc(&within->g, g, sizeof *within->g, err)) != PLS_OK ||
        (code = pls_alloc(&within->d, d, sizeof *within->d, err)) != PLS_OK ||
        (code = pls_alloc(&within->unit, q, sizeof *within->unit, err)) != PLS_OK ||
        (code = pls_alloc(&within->term, q, sizeof *within->term, err)) != PLS_OK ||
        (code = pls_alloc(&within->pi, within->n, sizeof *within->pi, err)) != PLS_OK ||
        (code = pls_alloc(&within->order, design == NULL ? 0 : design->units, sizeof *within->order,
                          err)) != PLS_OK ||
        (code = pls_alloc(&within->values, q + 1, sizeof *within->values, err)) != PLS_OK ||
        (code = pls_alloc(&within->outcomes, (q + 1) * PLS_WITHIN_ROWS, sizeof *within->outcomes,
                          err)) != PLS_OK ||
        (code = pls_alloc(&within->memory, in_lanes * sizeof(double) + LINE, 1, err)) != PLS_OK)
        return code;
    unsigned char *memory = within->memory;
    memory += LINE - (uintptr_t)memory % LINE;
    within->lane_g = (void *)memory;
    within->lane_d = within->kernels == NULL ? NULL : within->lane_g + g * PLS_LANES;
    return PLS_OK;
}

enum pls_code pls_within_new(const struct pls_estimator *estimator, const double *base,
                             const struct pls_within_settings *settings, enum pls_isa isa,
                             struct pls_within **out_new, struct pls_error *err)
{
    const size_t n = estimator->dataset->rows, columns = estimator->columns.count;
    struct pls_within *within = NULL;
    if (estimator->model->paths == 0)
        return pls_fail(err, PLS_EDATA,
                        "the model has no path to test; write one, such as Y ~ X, into the model");
    enum pls_code code = pls_within_check_design(n, settings->opt_design, err);
    if (code == PLS_OK)
        code = pls_alloc(&within, 1, sizeof *within, err);
    if (code != PLS_OK)
        return code;
    within->estimator = estimator;
    within->settings = *settings;
    within->n = n;
    if ((code = pls_within_columns(estimator, &within->columns, err)) == PLS_OK &&
        (code = pls_workspace_new(estimator, &within->workspace, err)) == PLS_OK &&
        (code = pls_batch_new(estimator, isa, &within->batch, err)) == PLS_OK &&
        (code = pls_alloc(&within->base, columns, sizeof *within->base, err)) == PLS_OK) {
        memcpy(within->base, base, columns * sizeof *base);
        within->kernels = pls_batch_kernels(within->batch);
        within->plan = pls_batch_plan(within->batch);
        code = pls_within_prepare(within, err);
    }
    if (code == PLS_OK)
        code = allocate(within, err);
    if (code == PLS_OK)
        *out_new = within;
    else
        pls_within_free(within);
    return code;
}

void pls_within_free(struct pls_within *within)
{
    if (within == NULL)
        return;
    pls_within_release(within);
    pls_columns_free(&within->columns);
    pls_workspace_free(within->workspace);
    pls_batch_free(within->batch);
    free(within->base);
    free(within->g);
    free(within->d);
    free(within->unit);
    free(within->term);
    free(within->order);
    free(within->pi);
    free(within->values);
    free(within->outcomes);
    free(within->memory);
    free(within);
}

struct pls_outcome pls_within_observed(struct pls_within *within, double *row)
{
    const struct pls_estimator *estimator = within->estimator;
    const size_t p = estimator->model->indicators;
    struct pls_outcome outcome = {0};
    memcpy(within->workspace->s, within->s, p * p * sizeof *within->s);
    const bool solved = pls_solve_correlations(
        estimator, within->workspace, within->settings.align ? within->base : NULL, &outcome);
    for (size_t c = 0; c < within->columns.count; c++)
        row[c] = NAN;
    for (size_t t = 0; t < within->targets && solved; t++) {
        const struct pls_target *target = &within->target[t];
        pls_within_tests(within, target, row + target->path, row + target->r2);
    }
    return outcome;
}

/* The one value that a model is there for: of v 0 R², else t of path v - 1. */
static void take(void *self, size_t model, const double *value, size_t stride,
                 const struct pls_outcome *outcome)
{
    const struct run *run = self;
    const struct pls_target *target = run->target;
    const size_t v = model / PLS_WITHIN_ROWS, row = model % PLS_WITHIN_ROWS;
    const size_t column = v == 0 ? target->r2 : target->path + v - 1;
    run->rows[column * run->stride + row] = value[(v == 0 ? target->predecessors : v - 1) * stride];
    run->within->outcomes[model] = *outcome;
}

static void again(void *self, size_t model)
{
    const struct run *run = self;
    struct pls_within *within = run->within;
    struct pls_outcome outcome;
    pls_within_model(within, run->target, model / PLS_WITHIN_ROWS,
                     run->first + model % PLS_WITHIN_ROWS, within->values,
                     within->values + run->target->predecessors, &outcome);
    take(self, model, within->values, 1, &outcome);
}

static unsigned correlate(void *self, size_t model, double *s)
{
    const struct run *run = self;
    const size_t lane = model % PLS_WITHIN_ROWS - run->from;
    return run->within->kernels->recombine(run->within->plan, &run->work,
                                           run->within->lane_g + lane, s);
}

/* What the kernel needs of the v-th model. */
static void describe(struct run *run, size_t v)
{
    const struct pls_within *within = run->within;
    const struct pls_target *target = run->target;
    const struct pls_variant *variant = &target->variant[v];
    const struct pls_model *model = within->estimator->model;
    for (size_t a = 0; a < variant->used; a++) {
        const size_t use = variant->use[a], i = model->source[model->arrow[target->j] + use];
        within->term[a] = (struct pls_fit_term){.beta = variant->beta + a * target->size,
                                                .weights = within->base + model->block[i],
                                                .column = target->size + use,
                                                .from = target->from[use],
                                                .count = model->block[i + 1] - model->block[i]};
    }
    run->work = (struct pls_recombination){.base = within->lane_s,
                                           .term = within->term,
                                           .terms = variant->used,
                                           .related = target->related,
                                           .wide = target->wide,
                                           .size = target->size,
                                           .fitted = variant->fitted,
                                           .block = variant->block,
                                           .to = target->to,
                                           .own = within->plan->block[target->j].s,
                                           .scratch = within->lane_d};
}

/* Sums of up to PLS_LANES rows. */
static void sum_lanes(const struct run *run, size_t lanes)
{
    const struct pls_within *within = run->within;
    const struct pls_target *target = run->target;
    struct pls_cross work = {.x = target->x,
                             .h = target->h,
                             .pi = within->pi,
                             .n = within->n,
                             .related = target->related,
                             .wide = target->wide};
    for (size_t lane = 0; lane < lanes; lane++) {
        pls_within_shuffle(within, target->j, run->first + run->from + lane, within->order,
                           within->pi);
        work.sums = within->lane_g + lane;
        within->kernels->cross(&work);
    }
}

/* All models of one construct, `count` rows. */
static void solve_target(struct run *run, size_t count)
{
    struct pls_within *within = run->within;
    const struct pls_target *target = run->target;
    const struct pls_lane_job job = {.self = run,
                                     .j = target->j,
                                     .opt_base = within->settings.align ? within->base : NULL,
                                     .correlate = correlate,
                                     .again = again,
                                     .take = take};
    if (within->kernels == NULL) {
        for (size_t v = 0; v <= target->predecessors; v++)
            for (size_t row = 0; row < count; row++)
                again(run, v * PLS_WITHIN_ROWS + row);
        return;
    }
    for (run->from = 0; run->from < count; run->from += PLS_LANES) {
        const size_t left = count - run->from, lanes = left < PLS_LANES ? left : PLS_LANES;
        sum_lanes(run, lanes);
        for (size_t v = 0; v <= target->predecessors; v++) {
            describe(run, v);
            pls_batch_solve(within->batch, &job, v * PLS_WITHIN_ROWS + run->from, lanes);
        }
    }
    pls_batch_drain(within->batch, &job);
}

/* Adds what became of a row's model to that of the row. */
static void note(struct pls_outcome *row, const struct pls_outcome *model, size_t number)
{
    const size_t most = PLS_FLAG_RUN >> PLS_FLAG_RUN_SHIFT;
    if (row->status == PLS_STATUS_OK) {
        const bool first_turned = (model->flags & ~row->flags & PLS_FLAG_TURNED) != 0;
        if (model->status != PLS_STATUS_OK || first_turned)
            row->where = model->where;
        row->status = model->status;
        if (model->status != PLS_STATUS_OK)
            row->flags |= (uint8_t)((number + 1 < most ? number + 1 : most) << PLS_FLAG_RUN_SHIFT);
    }
    row->flags |= model->flags;
    if (model->iterations > row->iterations)
        row->iterations = model->iterations;
}

void pls_within_rows(struct pls_within *within, uint64_t first, size_t count, double *rows,
                     size_t stride, struct pls_outcome *outcomes)
{
    memset(outcomes, 0, count * sizeof *outcomes);
    for (size_t done = 0; done < count; done += PLS_WITHIN_ROWS) {
        const size_t left = count - done, some = left < PLS_WITHIN_ROWS ? left : PLS_WITHIN_ROWS;
        for (size_t t = 0; t < within->targets; t++) {
            const struct pls_target *target = &within->target[t];
            struct run run = {.within = within,
                              .target = target,
                              .first = first + done,
                              .rows = rows + done,
                              .stride = stride};
            solve_target(&run, some);
            for (size_t v = 0; v <= target->predecessors; v++)
                for (size_t row = 0; row < some; row++)
                    note(&outcomes[done + row], &within->outcomes[v * PLS_WITHIN_ROWS + row],
                         target->model + v);
        }
    }
}
