/* job.c: one face for all jobs. */
#include "plstrap/alloc.h"
#include "plstrap/digest.h"

#include "job_internal.h"

#include <stdlib.h>

struct pls_job_state {
    const struct pls_plan *plan;
    const struct pls_job_kind *kind;
    enum pls_isa isa;
    void *own;
};

const struct pls_job_kind *pls_job_kind_of(const struct pls_plan *plan)
{
    return plan->job == PLS_JOB_PERMUTE ? &pls_job_kind_permute : &pls_job_kind_bootstrap;
}

const char *pls_job_name(enum pls_job job)
{
    static const char *const names[] = {"estimate", "bootstrap", "permute"};
    return names[job];
}

uint64_t pls_job_seed(const struct pls_plan *plan)
{
    return plan->job == PLS_JOB_PERMUTE ? plan->study->permutation.seed
                                        : plan->study->bootstrap.seed;
}

size_t pls_job_series(const struct pls_plan *plan, struct pls_series series[2])
{
    return pls_job_kind_of(plan)->series(plan, series);
}

enum pls_on_failure pls_job_on_failure(const struct pls_plan *plan)
{
    return pls_job_kind_of(plan)->on_failure(plan);
}

enum pls_code pls_job_digest(const struct pls_plan *plan, bool keeps_rows, char out[65],
                             struct pls_error *err)
{
    struct pls_series series[2];
    struct pls_digest *digest = NULL;
    char count[32];
    enum pls_code code = pls_plan_digest(plan, pls_job_kind_of(plan)->name, out, err);
    if (code != PLS_OK || keeps_rows)
        return code;
    pls_job_series(plan, series);
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

enum pls_code pls_job_prepare(const struct pls_plan *plan, enum pls_isa isa,
                              struct pls_job_state **out_new, struct pls_error *err)
{
    struct pls_job_state *state = NULL;
    enum pls_code code = pls_alloc(&state, 1, sizeof *state, err);
    if (code != PLS_OK)
        return code;
    *state = (struct pls_job_state){plan, pls_job_kind_of(plan), isa, NULL};
    code = state->kind->prepare(plan, isa, &state->own, err);
    if (code != PLS_OK) {
        pls_job_release(state);
        return code;
    }
    *out_new = state;
    return PLS_OK;
}

void pls_job_release(struct pls_job_state *state)
{
    if (state == NULL)
        return;
    state->kind->release(state->own);
    free(state);
}

enum pls_isa pls_job_isa(const struct pls_job_state *state)
{
    return state->isa;
}

void *pls_job_own(struct pls_job_state *state)
{
    return state->own;
}

void pls_job_rows(struct pls_job_state *state, size_t series, uint64_t first, size_t count,
                  double *rows, size_t stride, struct pls_outcome *outcomes)
{
    state->kind->rows(state->own, series, first, count, rows, stride, outcomes);
}

enum pls_code pls_job_replicate(void *state, size_t series, uint64_t first, size_t count,
                                double *rows, struct pls_outcome *outcomes, struct pls_error *err)
{
    (void)err; /* a row that fails says so in its outcome, and a row needs nothing of the world */
    pls_job_rows(state, series, first, count, rows, count, outcomes);
    return PLS_OK;
}

enum pls_code pls_job_failure(const struct pls_plan *plan, size_t series, uint64_t row,
                              const struct pls_outcome *outcome, struct pls_error *err)
{
    const struct pls_model *model = plan->study->model;
    const enum pls_status status = (enum pls_status)outcome->status;
    const char *place = status == PLS_STATUS_NOT_CONVERGED ? ""
                        : status == PLS_STATUS_CONSTANT    ? model->indicator[outcome->where]
                                                           : model->construct[outcome->where];
    struct pls_series all[2];
    pls_job_series(plan, all);
    return pls_fail(err, PLS_EDATA,
                    "%s replicate %llu failed (%s%s%s) and the study says on_failure: stop; write "
                    "on_failure: exclude to go on without it",
                    all[series].name, (unsigned long long)row, pls_status_name(status),
                    place[0] != '\0' ? " " : "", place);
}
