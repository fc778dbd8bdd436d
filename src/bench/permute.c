/* permute.c: how fast permutations are, by the models that a row of them solves. */
#include "bench.h"

#include "plstrap/alloc.h"
#include "plstrap/within.h"

#include <stdlib.h>

enum { ROWS = 15 * PLS_LANES }; /* a call: batch.h */

struct permuting {
    struct pls_job_state *state;
    double *rows;
    struct pls_outcome *outcomes;
    uint64_t next;
};

static enum pls_code run(void *self, uint64_t units, double parts[PLS_PARTS], struct pls_error *err)
{
    struct permuting *task = self;
    (void)parts;
    const enum pls_code code = pls_job_replicate(task->state, 0, task->next, (size_t)units,
                                                 task->rows, task->outcomes, err);
    task->next += units;
    return code;
}

/* Two of every pair of groups, and one of each where there are more than two. */
static size_t models_of(const struct pls_plan *plan, size_t groups)
{
    if (groups == 0)
        return pls_within_models(plan->estimator);
    return groups * (groups - 1) + (groups > 2 ? groups : 0);
}

enum pls_code pls_bench_permute(const struct pls_bench_setup *setup, struct pls_permuting *of,
                                struct pls_error *err)
{
    struct permuting task = {0};
    struct pls_plan *plan = NULL;
    enum pls_code code = pls_case_permuted(of->number, of->groups, of->tests, &plan, err);
    if (code == PLS_OK)
        code = pls_job_prepare(plan, setup->isa, &task.state, err);
    if (code == PLS_OK)
        code = pls_alloc(&task.rows, plan->columns->count, ROWS * sizeof *task.rows, err);
    if (code == PLS_OK)
        code = pls_alloc(&task.outcomes, ROWS, sizeof *task.outcomes, err);
    if (code == PLS_OK) {
        const struct pls_task work = {
            .self = &task, .run = run, .quantum = PLS_LANES, .most = ROWS};
        of->models = models_of(plan, of->groups);
        code = pls_bench_time(&setup->pace, &work, &of->ns, NULL, err);
    }
    free(task.rows);
    free(task.outcomes);
    pls_job_release(task.state);
    pls_plan_free(plan);
    return code;
}
