/*
 * inference.c: percentile, BC and BCa intervals of rows that are stored, and of rows only counted.
 *
 * The limit of both is reading every value once from memory.
 */
#include "bench.h"

#include "plstrap/alloc.h"
#include "plstrap/infer.h"
#include "plstrap/tally.h"

#include <stdlib.h>

/* Rows of the job that the tally believes to count: so many that no window comes to their end. */
static const uint64_t endless = UINT64_C(1) << 40;
static const double usual_width = 6.0; /* as run_summary.c's */

struct inference_task {
    const struct pls_bench_rows *rows;
    const double *base;
    struct pls_infer_options options;
    double *work; /* [count] */
    struct pls_tally **tally;
    uint64_t next; /* column, or column of a block */
    double seen;   /* of every result */
};

static enum pls_code run_intervals(void *self, uint64_t units, double parts[PLS_PARTS],
                                   struct pls_error *err)
{
    (void)parts;
    struct inference_task *task = self;
    const struct pls_bench_rows *rows = task->rows;
    enum pls_code code = PLS_OK;
    for (uint64_t u = 0; code == PLS_OK && u < units; u++) {
        const size_t c = (size_t)(task->next++ % rows->columns);
        struct pls_inference inference;
        code = pls_infer_column(rows->values + c * rows->count, rows->usable, rows->count,
                                task->base[c * rows->step], rows->jackknife + c * rows->jcount,
                                rows->jusable, rows->jcount, &task->options, task->work, &inference,
                                err);
        if (code == PLS_OK)
            task->seen += inference.se;
    }
    return code;
}

/* Block after block, all columns of each; blocks come again under new numbers. */
static enum pls_code run_tallies(void *self, uint64_t units, double parts[PLS_PARTS],
                                 struct pls_error *err)
{
    (void)parts;
    struct inference_task *task = self;
    const struct pls_bench_rows *rows = task->rows;
    enum pls_code code = PLS_OK;
    for (uint64_t u = 0; code == PLS_OK && u < units; u++, task->next++) {
        const size_t c = (size_t)(task->next % rows->columns);
        const uint64_t block = task->next / rows->columns;
        const size_t at = (size_t)(block * PLS_TALLY_BLOCK % rows->count);
        code = pls_tally_add(task->tally[c], rows->values + c * rows->count + at, rows->usable + at,
                             block * PLS_TALLY_BLOCK, PLS_TALLY_BLOCK, err);
    }
    return code;
}

static enum pls_code make_tallies(struct inference_task *task, struct pls_error *err)
{
    const struct pls_bench_rows *rows = task->rows;
    enum pls_code code = pls_alloc(&task->tally, rows->columns, sizeof *task->tally, err);
    for (size_t c = 0; code == PLS_OK && c < rows->columns; c++)
        code = pls_tally_new(rows->values + c * rows->count, rows->usable, PLS_TALLY_PILOT, endless,
                             task->base[c * rows->step], rows->jackknife + c * rows->jcount,
                             rows->jusable, rows->jcount, &task->options, usual_width,
                             &task->tally[c], err);
    return code;
}

static void set(struct pls_stage_time *stage, double ns, double columns,
                const struct pls_peaks *peaks)
{
    stage->ns = ns * columns;
    stage->limit = columns * sizeof(double) / peaks->per_second[PLS_PEAK_READ] * 1e9;
    stage->bound_by = pls_peak_name(PLS_PEAK_READ);
}

enum pls_code pls_bench_inference(const struct pls_bench_setup *setup,
                                  const struct pls_bench_rows *rows, struct pls_bench *out,
                                  struct pls_error *err)
{
    const struct pls_plan *plan = out->plan;
    const struct pls_inference_keys *keys = &plan->study->inference;
    const double columns = (double)pls_estimator_columns(plan->estimator)->count;
    struct inference_task task = {.rows = rows,
                                  .base = plan->base,
                                  .options = {.level = {0.95},
                                              .levels = 1,
                                              .method = {PLS_PERCENTILE, PLS_BC, PLS_BCA},
                                              .methods = 3,
                                              .quantile = keys->quantile,
                                              .centre = keys->centre,
                                              .n = plan->dataset->rows,
                                              .isa = setup->isa}};
    const struct pls_task intervals = {&task, run_intervals, 1, 0, rows->columns};
    const struct pls_task tallies = {&task, run_tallies, 1, 0, UINT64_C(1) << 20};
    double ns = 0.0;

    enum pls_code code = pls_alloc(&task.work, rows->count, sizeof *task.work, err);
    if (code == PLS_OK)
        code = pls_bench_time(&setup->pace, &intervals, &ns, NULL, err);
    if (code == PLS_OK) {
        set(&out->stage[PLS_STAGE_INFERENCE], ns / (double)rows->count, columns, &setup->peaks);
        code = make_tallies(&task, err);
    }
    task.next = 0;
    if (code == PLS_OK)
        code = pls_bench_time(&setup->pace, &tallies, &ns, NULL, err);
    if (code == PLS_OK)
        set(&out->stage[PLS_STAGE_TALLY], ns / PLS_TALLY_BLOCK, columns, &setup->peaks);
    for (size_t c = 0; task.tally != NULL && c < rows->columns; c++)
        pls_tally_free(task.tally[c]);
    free(task.tally);
    free(task.work);
    return code;
}
