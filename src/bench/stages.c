/* stages.c: the rate of the replicates, and where their time goes. */
#include "bench.h"

#include "plstrap/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows computed at once: what a rank computes between two looks at its messages, at most. */
enum { MOST_ROWS = 16320 };
static const size_t most_bytes = (size_t)4 << 20; /* of rows */

const char *pls_stage_name(enum pls_stage stage)
{
    static const char *const names[PLS_STAGES] = {
        "draw",      "moments", "correlations", "solve",     "statistics",
        "reference", "store",   "secure",       "inference", "tally"};
    return names[stage];
}

/* Replicates one after the other, a batch of rows overwriting the one before. */
struct rows_task {
    struct pls_job_state *state;
    double *rows;
    struct pls_outcome *outcomes;
    uint64_t next;
    struct pls_batch_times times;
    double iterations; /* of all rows so far */
    double count;
};

static enum pls_code run_rows(void *self, uint64_t units, double parts[PLS_PARTS],
                              struct pls_error *err)
{
    struct rows_task *task = self;
    task->times = (struct pls_batch_times){0};
    const enum pls_code code = pls_job_replicate(task->state, 0, task->next, (size_t)units,
                                                 task->rows, task->outcomes, err);
    task->next += units;
    for (uint64_t r = 0; r < units; r++)
        task->iterations += task->outcomes[r].iterations;
    task->count += (double)units;
    parts[PLS_STAGE_DRAW] = (double)task->times.counts;
    parts[PLS_STAGE_MOMENTS] = (double)task->times.moments;
    parts[PLS_STAGE_CORRELATIONS] = (double)task->times.correlations;
    parts[PLS_STAGE_SOLVE] = (double)task->times.solve;
    parts[PLS_STAGE_STATISTICS] = (double)task->times.statistics;
    parts[PLS_STAGE_REFERENCE] = (double)task->times.reference;
    return code;
}

/* Rate without a look at the stages, which costs some per cent; then the stages. */
static enum pls_code time_rows(const struct pls_bench_setup *setup, struct rows_task *task,
                               uint64_t most, struct pls_bench *out, struct pls_error *err)
{
    _Static_assert((int)PLS_STAGE_REFERENCE < (int)PLS_PARTS, "every stage of a row is a part");
    /* batch.h: multiples of 512 make columns crowd each other out of the cache. */
    const struct pls_task windows = {task, run_rows, PLS_LANES, 512, most};
    double ns = 0.0, parts[PLS_PARTS] = {0.0};
    enum pls_code code = pls_bench_time(&setup->pace, &windows, &out->ns, NULL, err);
    if (code != PLS_OK)
        return code;
    struct pls_batch *batch = pls_job_batch(task->state);
    pls_batch_time(batch, pls_bench_clock, &task->times);
    code = pls_bench_time(&setup->pace, &windows, &ns, parts, err);
    pls_batch_time(batch, NULL, NULL);
    double known = 0.0;
    for (size_t s = 0; s < PLS_PARTS; s++) {
        out->stage[s].ns = parts[s];
        known += parts[s];
    }
    if (known == 0.0) /* PLSTRAP_ISA=ref: there are no stages */
        out->stage[PLS_STAGE_REFERENCE].ns = out->ns;
    out->iterations = task->iterations / task->count;
    return code;
}

static void free_rows(struct pls_bench_rows *rows)
{
    free(rows->values);
    free(rows->usable);
    free(rows->jackknife);
    free(rows->jusable);
}

/* Copies every step-th column of a batch to place `first` of matrix [columns][stride]. */
static void keep(const struct rows_task *task, size_t count, const struct pls_bench_rows *rows,
                 size_t first, size_t stride, double *values, uint8_t *usable)
{
    for (size_t c = 0; c < rows->columns; c++)
        memcpy(values + c * stride + first, task->rows + c * rows->step * count,
               count * sizeof *values);
    for (size_t i = 0; i < count; i++)
        usable[first + i] = task->outcomes[i].status == PLS_STATUS_OK;
}

/* Where time is short, as with the readable version, the rows that are there come again. */
static void repeat(struct pls_bench_rows *rows, size_t have)
{
    for (size_t i = have; i < rows->count; i++) {
        rows->usable[i] = rows->usable[i - have];
        for (size_t c = 0; c < rows->columns; c++)
            rows->values[c * rows->count + i] = rows->values[c * rows->count + i - have];
    }
}

static enum pls_code fill(struct rows_task *task, struct pls_bench_rows *rows, size_t most,
                          double seconds, struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    const uint64_t start = pls_bench_clock();
    size_t have = 0;
    while (code == PLS_OK && have < rows->count &&
           (have < PLS_TALLY_PILOT / 10 || (double)(pls_bench_clock() - start) < 1e9 * seconds)) {
        const size_t left = rows->count - have, count = left < most ? left : most;
        code = pls_job_replicate(task->state, 0, have, count, task->rows, task->outcomes, err);
        keep(task, count, rows, have, rows->count, rows->values, rows->usable);
        have += count;
    }
    repeat(rows, have);
    for (size_t r = 0; code == PLS_OK && r < rows->jcount;) {
        const size_t left = rows->jcount - r, count = left < most ? left : most;
        code = pls_job_replicate(task->state, 1, r, count, task->rows, task->outcomes, err);
        keep(task, count, rows, r, rows->jcount, rows->jackknife, rows->jusable);
        r += count;
    }
    return code;
}

/* Rows for the inference. */
static enum pls_code keep_rows(struct rows_task *task, const struct pls_plan *plan, size_t columns,
                               size_t most, double seconds, struct pls_bench_rows *rows,
                               struct pls_error *err)
{
    enum { ROWS = 1 << 18, MOST_COLUMNS = 16, MOST_JACKKNIFE = 1000 };
    const size_t n = plan->dataset->rows;
    rows->columns = columns < MOST_COLUMNS ? columns : MOST_COLUMNS;
    rows->step = columns / rows->columns;
    rows->count = ROWS;
    rows->jcount = n < MOST_JACKKNIFE ? n : MOST_JACKKNIFE;
    enum pls_code code = pls_alloc(&rows->values, rows->columns, ROWS * sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&rows->usable, ROWS, 1, err);
    if (code == PLS_OK)
        code = pls_alloc(&rows->jackknife, rows->columns, rows->jcount * sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&rows->jusable, rows->jcount, 1, err);
    return code == PLS_OK ? fill(task, rows, most, seconds, err) : code;
}

enum pls_code pls_bench_run(const struct pls_bench_setup *setup, const struct pls_plan *plan,
                            struct pls_bench *out, struct pls_error *err)
{
    const size_t columns = pls_estimator_columns(plan->estimator)->count;
    size_t most = most_bytes / (columns * sizeof(double));
    most = most < PLS_LANES   ? PLS_LANES
           : most > MOST_ROWS ? MOST_ROWS
                              : most / PLS_LANES * PLS_LANES;
    struct rows_task task = {0};
    struct pls_bench_rows rows = {0};

    *out = (struct pls_bench){.plan = plan};
    for (size_t s = 0; s < PLS_STAGES; s++)
        out->stage[s].bound_by = "";
    enum pls_code code = pls_job_prepare(plan, setup->isa, &task.state, err);
    if (code == PLS_OK)
        code = pls_alloc(&task.rows, most, columns * sizeof(double), err);
    if (code == PLS_OK)
        code = pls_alloc(&task.outcomes, most, sizeof *task.outcomes, err);
    if (code == PLS_OK)
        code = time_rows(setup, &task, most, out, err);
    if (code == PLS_OK) {
        pls_bench_limits(out, &setup->peaks);
        code = keep_rows(&task, plan, columns, most, setup->pace.longest / 4.0, &rows, err);
    }
    if (code == PLS_OK)
        code = pls_bench_inference(setup, &rows, out, err);
    if (code == PLS_OK)
        code = pls_bench_keep(setup, &rows, out, err);
    free_rows(&rows);
    pls_job_release(task.state);
    free(task.rows);
    free(task.outcomes);
    return code;
}
