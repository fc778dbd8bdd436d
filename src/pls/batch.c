/*
 * batch.c: many rows at once, 64 replicates after the other.
 *
 *   counts ─▶ moments of 64 lanes ─▶ for each group of `width` lanes: S ─▶ a few iterations
 *                                      ├─ converged ─▶ statistics of the group ─▶ rows
 *                                      ├─ not yet ──▶ a free lane of the stream
 *                                      └─ trouble ──▶ pls_estimator_row()
 *
 * The stream is a group whose lanes are exchanged one by one as they converge, so that slow
 * replicates keep each other company; those done are collected until their statistics fill a
 * vector. Most replicates of good data converge within their first group and are never moved.
 */
#include "batch_internal.h"

#include "plstrap/alloc.h"

#include <stdlib.h>
#include <string.h>

enum {
    FIRST_ITERATIONS = 10, /* of a group, before those left go to the stream */
    LINE = 64              /* bytes of a cache line                          */
};

/* Replicates done, until there are enough for a vector. */
struct harvest {
    double *w, *own, *c;
    uint32_t row[PLS_MOST_WIDTH], iterations[PLS_MOST_WIDTH];
    unsigned stopped; /* bit l: lane l has not converged */
    size_t count;
};

struct pls_batch {
    const struct pls_estimator *estimator;
    const struct pls_lane_kernels *kernels; /* NULL: the readable version alone */
    struct pls_lane_plan *plan;
    struct pls_workspace *workspace;
    uint32_t *weights; /* [n]       of one row that is computed again */
    double *values;    /* [columns]                                   */
    void *memory;      /* of all that follows                         */
    struct pls_lane_moments moments;
    struct pls_group first, stream;
    struct harvest harvest;
    double *scratch; /* [pls_lane_scratch()]  */
    double *table;   /* [columns] statistics  */
    uint8_t *counts; /* [padded][PLS_LANES], as draws and packs lay them out */

    uint64_t (*clock)(void);
    struct pls_batch_times *times;
    uint64_t lap;
};

/* One call of pls_batch_rows(), or models that come as correlations: then only `job` counts. */
struct call {
    const struct pls_lane_job *job;
    const struct pls_source *source;
    uint64_t first;
    const double *opt_base;
    double *rows;
    size_t stride;
    struct pls_outcome *outcomes;
};

void pls_batch_time(struct pls_batch *batch, uint64_t (*clock)(void), struct pls_batch_times *times)
{
    batch->clock = clock;
    batch->times = times;
    batch->lap = times != NULL ? clock() : 0;
}

/* Adds the time since the last lap to a stage. */
static void lap(struct pls_batch *batch, uint64_t *opt_stage)
{
    const uint64_t now = batch->clock();
    if (opt_stage != NULL)
        *opt_stage += now - batch->lap;
    batch->lap = now;
}

#define LAP(batch, stage)                                                                          \
    do {                                                                                           \
        if ((batch)->times != NULL)                                                                \
            lap((batch), &(batch)->times->stage);                                                  \
    } while (0)

static const struct pls_lane_kernels *kernels_of(enum pls_isa isa)
{
    switch (isa) {
    case PLS_ISA_PORTABLE:
        return &pls_lane_kernels_portable;
#if defined(__x86_64__)
    case PLS_ISA_AVX2:
        return &pls_lane_kernels_avx2;
    case PLS_ISA_AVX512:
        return &pls_lane_kernels_avx512;
#endif
    default:
        return NULL;
    }
}

void *pls_carve(struct pls_arena *arena, size_t count, size_t size)
{
    void *place = arena->memory == NULL ? NULL : arena->memory + arena->used;
    arena->used += (count * size + LINE - 1) / LINE * LINE;
    return place;
}

static double *carve_vectors(const struct pls_batch *batch, struct pls_arena *arena, size_t count)
{
    return pls_carve(arena, count * batch->kernels->width, sizeof(double));
}

static void carve_group(const struct pls_batch *batch, struct pls_arena *arena,
                        struct pls_group *group)
{
    const struct pls_lane_plan *plan = batch->plan;
    group->s = carve_vectors(batch, arena, plan->s);
    group->w = carve_vectors(batch, arena, plan->indicators);
    group->v = carve_vectors(batch, arena, plan->v);
    group->own = carve_vectors(batch, arena, plan->indicators);
    group->c = carve_vectors(batch, arena, plan->joints);
    group->factor = carve_vectors(batch, arena, plan->factor);
    group->solution = carve_vectors(batch, arena, plan->indicators);
    group->scratch = batch->scratch;
}

static void carve(struct pls_batch *batch, struct pls_arena *arena)
{
    const struct pls_lane_plan *plan = batch->plan;
    batch->scratch = carve_vectors(batch, arena, pls_lane_scratch(plan));
    carve_group(batch, arena, &batch->first);
    carve_group(batch, arena, &batch->stream);
    batch->harvest.w = carve_vectors(batch, arena, plan->indicators);
    batch->harvest.own = carve_vectors(batch, arena, plan->indicators);
    batch->harvest.c = carve_vectors(batch, arena, plan->joints);
    batch->table = carve_vectors(batch, arena, plan->columns);
    batch->counts = pls_carve(arena, batch->moments.padded, PLS_LANES);
    pls_lane_moments_carve(&batch->moments, arena);
}

static enum pls_code prepare_lanes(struct pls_batch *batch, struct pls_error *err)
{
    struct pls_arena arena = {0};
    enum pls_code code = pls_lane_plan_new(batch->estimator, &batch->plan, err);
    if (code != PLS_OK)
        return code;
    if (batch->plan->hopeless) {
        batch->kernels = NULL;
        return PLS_OK;
    }
    pls_lane_moments_plan(&batch->moments, batch->plan, batch->kernels);
    carve(batch, &arena);
    code = pls_alloc(&batch->memory, arena.used + LINE, 1, err);
    if (code != PLS_OK)
        return code;
    arena.memory = batch->memory;
    arena.memory += LINE - (uintptr_t)arena.memory % LINE;
    arena.used = 0;
    carve(batch, &arena);
    pls_lane_moments_prepare(&batch->moments);
    return PLS_OK;
}

enum pls_code pls_batch_new(const struct pls_estimator *estimator, enum pls_isa isa,
                            struct pls_batch **out_new, struct pls_error *err)
{
    struct pls_batch *batch = NULL;
    enum pls_code code = pls_alloc(&batch, 1, sizeof *batch, err);
    if (code != PLS_OK)
        return code;
    batch->estimator = estimator;
    batch->kernels = kernels_of(isa);
    code = pls_workspace_new(estimator, &batch->workspace, err);
    if (code == PLS_OK)
        code = pls_alloc(&batch->weights, estimator->dataset->rows, sizeof *batch->weights, err);
    if (code == PLS_OK)
        code = pls_alloc(&batch->values, estimator->columns.count, sizeof *batch->values, err);
    if (code == PLS_OK && batch->kernels != NULL)
        code = prepare_lanes(batch, err);
    if (code == PLS_OK)
        *out_new = batch;
    else
        pls_batch_free(batch);
    return code;
}

void pls_batch_free(struct pls_batch *batch)
{
    if (batch == NULL)
        return;
    pls_lane_plan_free(batch->plan);
    pls_workspace_free(batch->workspace);
    free(batch->weights);
    free(batch->values);
    free(batch->memory);
    free(batch);
}

static void compute_again(struct pls_batch *batch, const struct call *call, size_t row)
{
    if (batch->times != NULL)
        batch->times->again++;
    if (call->job != NULL) {
        call->job->again(call->job->self, row);
        return;
    }
    call->source->weights(call->source->self, call->first + row, batch->weights);
    pls_estimator_row(batch->estimator, batch->workspace, batch->weights, call->opt_base,
                      batch->values, &call->outcomes[row]);
    for (size_t c = 0; c < batch->estimator->columns.count; c++)
        call->rows[c * call->stride + row] = batch->values[c];
}

static void compute_lanes_again(struct pls_batch *batch, const struct call *call,
                                const uint32_t *row, unsigned lanes)
{
    if (lanes == 0)
        return;
    for (size_t lane = 0; lane < batch->kernels->width; lane++)
        if ((lanes >> lane & 1) != 0)
            compute_again(batch, call, row[lane]);
    LAP(batch, reference);
}

static struct pls_outcome outcome_of(const struct pls_batch *batch, uint32_t iterations,
                                     bool converged, uint16_t turned)
{
    struct pls_outcome outcome = {.status = converged ? PLS_STATUS_OK : PLS_STATUS_NOT_CONVERGED,
                                  .flags = converged ? 0 : PLS_FLAG_NOT_CONVERGED,
                                  .iterations = (uint16_t)iterations};
    if (turned < batch->plan->constructs) {
        outcome.flags |= PLS_FLAG_TURNED;
        outcome.where = turned;
    }
    return outcome;
}

static void copy_lane(const struct pls_batch *batch, size_t count, const double *from, size_t a,
                      double *to, size_t b)
{
    const size_t width = batch->kernels->width;
    for (size_t i = 0; i < count; i++)
        to[i * width + b] = from[i * width + a];
}

static void compute_statistics(const struct pls_batch *batch, const struct call *call,
                               struct pls_statistics *work)
{
    if (call->job != NULL)
        batch->kernels->tests(batch->plan, work, call->job->j);
    else
        batch->kernels->statistics(batch->plan, work);
}

/* One replicate, done, to its row; its statistics are in the table unless they are there already.
 */
static void take(const struct pls_batch *batch, const struct call *call, bool in_place, size_t lane,
                 size_t row, const struct pls_outcome *outcome)
{
    const size_t width = batch->kernels->width;
    if (call->job != NULL) {
        call->job->take(call->job->self, row, batch->table + lane, width, outcome);
        return;
    }
    call->outcomes[row] = *outcome;
    if (in_place)
        return;
    for (size_t c = 0; c < batch->plan->columns; c++)
        call->rows[c * call->stride + row] = batch->table[c * width + lane];
}

/* Rows of the replicates collected. */
static void deliver(struct pls_batch *batch, const struct call *call)
{
    struct harvest *harvest = &batch->harvest;
    uint16_t turned[PLS_MOST_WIDTH];
    struct pls_statistics work = {.w = harvest->w,
                                  .own = harvest->own,
                                  .c = harvest->c,
                                  .opt_base = call->opt_base,
                                  .scratch = batch->scratch,
                                  .rows = batch->table,
                                  .stride = batch->kernels->width,
                                  .turned = turned};
    compute_statistics(batch, call, &work);
    for (size_t lane = 0; lane < harvest->count; lane++) {
        const struct pls_outcome outcome = outcome_of(
            batch, harvest->iterations[lane], (harvest->stopped >> lane & 1) == 0, turned[lane]);
        take(batch, call, false, lane, harvest->row[lane], &outcome);
    }
    LAP(batch, statistics);
    compute_lanes_again(batch, call, harvest->row, work.troubled & ((1U << harvest->count) - 1));
    harvest->count = 0;
    harvest->stopped = 0;
}

/* Takes a lane out of the stream whose own and C are those of its weights. */
static void collect(struct pls_batch *batch, const struct call *call, size_t lane, bool converged)
{
    const struct pls_group *stream = &batch->stream;
    struct harvest *harvest = &batch->harvest;
    const size_t to = harvest->count++;
    copy_lane(batch, batch->plan->indicators, stream->w, lane, harvest->w, to);
    copy_lane(batch, batch->plan->indicators, stream->own, lane, harvest->own, to);
    copy_lane(batch, batch->plan->joints, stream->c, lane, harvest->c, to);
    harvest->row[to] = stream->row[lane];
    harvest->iterations[to] = stream->iterations[lane];
    harvest->stopped |= (unsigned)!converged << to;
    if (harvest->count == batch->kernels->width) {
        LAP(batch, solve);
        deliver(batch, call);
    }
}

/* Iterates until at least one lane of the stream is free. */
static void advance(struct pls_batch *batch, const struct call *call)
{
    struct pls_group *stream = &batch->stream;
    const uint32_t most = batch->estimator->keys->max_iterations;
    uint32_t left = most;
    for (size_t lane = 0; lane < batch->kernels->width; lane++)
        if ((stream->active >> lane & 1) != 0 && most - stream->iterations[lane] < left)
            left = most - stream->iterations[lane];
    const struct pls_progress progress = batch->kernels->iterate(batch->plan, stream, left);

    unsigned done = progress.converged;
    for (size_t lane = 0; lane < batch->kernels->width; lane++) {
        stream->iterations[lane] += progress.iterations;
        done |= (unsigned)(stream->iterations[lane] == most) << lane;
    }
    done &= stream->active & ~progress.troubled;
    stream->active &= ~(done | progress.troubled);
    if (done != 0)
        batch->kernels->compose(batch->plan, stream, stream->w);
    for (size_t lane = 0; lane < batch->kernels->width; lane++)
        if ((done >> lane & 1) != 0)
            collect(batch, call, lane, (progress.converged >> lane & 1) != 0);
    LAP(batch, solve);
    compute_lanes_again(batch, call, stream->row, progress.troubled);
}

/* Moves a lane of the first group into the stream. */
static void enter(struct pls_batch *batch, const struct call *call, size_t lane)
{
    const struct pls_lane_plan *plan = batch->plan;
    const struct pls_group *from = &batch->first;
    struct pls_group *stream = &batch->stream;
    const size_t width = batch->kernels->width;
    size_t to = 0;
    while (stream->active == (1U << width) - 1)
        advance(batch, call);
    while ((stream->active >> to & 1) != 0)
        to++;
    copy_lane(batch, plan->s, from->s, lane, stream->s, to);
    copy_lane(batch, plan->indicators, from->w, lane, stream->w, to);
    copy_lane(batch, plan->factor, from->factor, lane, stream->factor, to);
    stream->row[to] = from->row[lane];
    stream->iterations[to] = from->iterations[lane];
    stream->active |= 1U << to;
}

/* Rows of the lanes of the first group that are done; in one piece where all lanes are asked for.
 * */
static void finish(struct pls_batch *batch, const struct call *call, unsigned valid, unsigned done,
                   unsigned converged)
{
    struct pls_group *group = &batch->first;
    const size_t width = batch->kernels->width;
    const bool whole = valid == (1U << width) - 1 && call->job == NULL;
    uint16_t turned[PLS_MOST_WIDTH];
    struct pls_statistics work = {.w = group->solution,
                                  .own = group->own,
                                  .c = group->c,
                                  .opt_base = call->opt_base,
                                  .scratch = batch->scratch,
                                  .rows = whole ? call->rows + group->row[0] : batch->table,
                                  .stride = whole ? call->stride : width,
                                  .turned = turned};
    batch->kernels->compose(batch->plan, group, group->solution);
    LAP(batch, solve);
    compute_statistics(batch, call, &work);
    for (size_t lane = 0; lane < width; lane++) {
        if ((done >> lane & 1) == 0)
            continue;
        const struct pls_outcome outcome =
            outcome_of(batch, group->iterations[lane], (converged >> lane & 1) != 0, turned[lane]);
        take(batch, call, whole, lane, group->row[lane], &outcome);
    }
    LAP(batch, statistics);
    compute_lanes_again(batch, call, group->row, work.troubled & done);
}

/* Iterates the first group; bits of lanes that converged. */
static unsigned begin(struct pls_batch *batch, uint32_t most, unsigned *troubled)
{
    struct pls_group *group = &batch->first;
    unsigned converged = 0;
    uint32_t iterations = 0;
    *troubled |= batch->kernels->start(batch->plan, group) & group->active;
    group->active &= ~*troubled;
    while (group->active != 0 && iterations < most) {
        const struct pls_progress progress =
            batch->kernels->iterate(batch->plan, group, most - iterations);
        iterations += progress.iterations;
        for (size_t lane = 0; lane < batch->kernels->width; lane++)
            if ((group->active >> lane & 1) != 0)
                group->iterations[lane] = iterations;
        if (progress.converged != 0)
            batch->kernels->settle(batch->plan, group, progress.converged);
        converged |= progress.converged;
        *troubled |= progress.troubled;
        group->active &= ~(progress.converged | progress.troubled);
    }
    return converged;
}

/* `width` lanes whose moments are there; row: number of the first one, valid: those asked for. */
static void solve_group(struct pls_batch *batch, const struct call *call, size_t lane, size_t row,
                        unsigned valid, unsigned troubled)
{
    struct pls_group *group = &batch->first;
    const uint32_t limit = batch->estimator->keys->max_iterations;
    const uint32_t most = limit < FIRST_ITERATIONS ? limit : FIRST_ITERATIONS;
    for (size_t i = 0; i < batch->kernels->width; i++)
        group->row[i] = (uint32_t)(row + i);
    troubled |= call->job != NULL
                    ? call->job->correlate(call->job->self, row, group->s)
                    : pls_lane_moments_correlate(&batch->moments, lane, group->s, batch->scratch);
    LAP(batch, correlations);
    troubled &= valid;
    group->active = valid & ~troubled;
    const unsigned converged = begin(batch, most, &troubled);
    unsigned done = converged;
    if (group->active != 0 && most == limit) {
        batch->kernels->settle(batch->plan, group, group->active);
        done |= group->active;
        group->active = 0;
    }
    if (done != 0)
        finish(batch, call, valid, done, converged);
    for (size_t i = 0; i < batch->kernels->width; i++)
        if ((group->active >> i & 1) != 0)
            enter(batch, call, i);
    LAP(batch, solve);
    compute_lanes_again(batch, call, group->row, troubled);
}

/* Up to PLS_LANES rows from number `row` of the call on. */
static void solve_lanes(struct pls_batch *batch, const struct call *call, size_t row, size_t lanes)
{
    const size_t width = batch->kernels->width;
    uint64_t overflow = 0;
    if (batch->times != NULL)
        lap(batch, NULL);
    call->source->counts(call->source->self, call->first + row, lanes, batch->counts, &overflow);
    LAP(batch, counts);
    overflow |= pls_lane_moments_sum(&batch->moments, batch->counts);
    LAP(batch, moments);
    for (size_t lane = 0; lane < lanes; lane += width) {
        const size_t some = lanes - lane < width ? lanes - lane : width;
        const unsigned valid = (1U << some) - 1;
        solve_group(batch, call, lane, row + lane, valid, (unsigned)(overflow >> lane) & valid);
    }
}

/* Ends what still iterates or waits. */
static void drain(struct pls_batch *batch, const struct call *call)
{
    while (batch->stream.active != 0)
        advance(batch, call);
    if (batch->harvest.count > 0)
        deliver(batch, call);
}

void pls_batch_rows(struct pls_batch *batch, const struct pls_source *source, uint64_t first,
                    size_t count, const double *opt_base, double *rows, size_t stride,
                    struct pls_outcome *outcomes)
{
    const struct call call = {.source = source,
                              .first = first,
                              .opt_base = opt_base,
                              .rows = rows,
                              .stride = stride,
                              .outcomes = outcomes};
    if (batch->kernels == NULL) {
        for (size_t row = 0; row < count; row++)
            compute_again(batch, &call, row);
        return;
    }
    for (size_t row = 0; row < count; row += PLS_LANES)
        solve_lanes(batch, &call, row, count - row < PLS_LANES ? count - row : PLS_LANES);
    drain(batch, &call);
}

const struct pls_lane_kernels *pls_batch_kernels(const struct pls_batch *batch)
{
    return batch->kernels;
}

const struct pls_lane_plan *pls_batch_plan(const struct pls_batch *batch)
{
    return batch->kernels != NULL ? batch->plan : NULL;
}

void pls_batch_solve(struct pls_batch *batch, const struct pls_lane_job *job, size_t model,
                     size_t count)
{
    const struct call call = {.job = job, .opt_base = job->opt_base};
    const size_t width = batch->kernels->width;
    for (size_t done = 0; done < count; done += width) {
        const size_t some = count - done < width ? count - done : width;
        solve_group(batch, &call, 0, model + done, (1U << some) - 1, 0);
    }
}

void pls_batch_drain(struct pls_batch *batch, const struct pls_lane_job *job)
{
    const struct call call = {.job = job, .opt_base = job->opt_base};
    drain(batch, &call);
}
