/* job_permute.c: the rows of the permutation job: groups compared, or paths of one sample tested. */
#include "plstrap/alloc.h"

#include "permute_internal.h"

#include <stdlib.h>

static size_t series_of(const struct pls_plan *plan, struct pls_series series[2])
{
    series[SERIES_MAIN] = (struct pls_series){"permutation", plan->replicates, plan->columns};
    series[SERIES_WHOLE] =
        (struct pls_series){"bootstrap", plan->study->bootstrap.replicates, plan->columns};
    const bool compares =
        plan->permute->groups.count > 0 && (plan->study->permutation.tests & PLS_TEST_MGA) != 0;
    return compares ? 2 : 1;
}

static enum pls_on_failure on_failure(const struct pls_plan *plan)
{
    return plan->study->permutation.on_failure;
}

struct permuter {
    const struct pls_plan *plan;
    struct pls_groups *groups; /* one of the two */
    struct pls_within *within;
};

static void release(void *own)
{
    struct permuter *self = own;
    if (self == NULL)
        return;
    pls_groups_free(self->groups);
    pls_within_free(self->within);
    free(self);
}

static enum pls_code prepare(const struct pls_plan *plan, enum pls_isa isa, void **out_new,
                             struct pls_error *err)
{
    struct permuter *self = NULL;
    enum pls_code code = pls_alloc(&self, 1, sizeof *self, err);
    if (code != PLS_OK)
        return code;
    self->plan = plan;
    if (plan->permute->groups.count > 0) {
        const struct pls_groups_options options = pls_permute_options(plan, isa);
        code = pls_groups_new(&options, &self->groups, err);
    } else {
        const struct pls_within_settings settings = pls_permute_settings(plan);
        code = pls_within_new(plan->estimator, plan->base, &settings, isa, &self->within, err);
    }
    if (code != PLS_OK) {
        release(self);
        return code;
    }
    *out_new = self;
    return PLS_OK;
}

static void rows_of(void *own, size_t series, uint64_t first, size_t count, double *rows,
                    size_t stride, struct pls_outcome *outcomes)
{
    struct permuter *self = own;
    const struct pls_plan *plan = self->plan;
    const struct pls_labels_source source = {plan->given != NULL              ? PLS_LABELS_GIVEN
                                             : plan->permute->assignments > 0 ? PLS_LABELS_EXACT
                                                                              : PLS_LABELS_RANDOM,
                                             plan->study->permutation.seed, plan->given};
    if (self->within != NULL)
        pls_within_rows(self->within, first, count, rows, stride, outcomes);
    else if (series == SERIES_MAIN)
        pls_groups_rows(self->groups, &source, first, count, rows, stride, outcomes);
    else
        pls_groups_bootstrap_rows(self->groups, plan->study->bootstrap.seed, first, count, rows,
                                  stride, outcomes);
}

/* Ends of permutation intervals: of 95 %, and 5 % at one end. */
static struct pls_infer_options options(const struct pls_plan *plan, enum pls_isa isa)
{
    return (struct pls_infer_options){
        .level = {0.95, 0.90},
        .levels = 2,
        .method = {PLS_PERCENTILE},
        .methods = 1,
        .quantile = plan->study->inference.quantile,
        .n = plan->observations,
        .isa = isa,
    };
}

const struct pls_job_kind pls_job_kind_permute = {
    .name = "permute",
    .series = series_of,
    .on_failure = on_failure,
    .prepare = prepare,
    .release = release,
    .rows = rows_of,
    .options = options,
    .gaps = true,
    .wants = pls_permute_wants,
    .sizes = pls_permute_sizes,
    .settle = pls_permute_settle,
    .count = pls_permute_count,
    .tables = pls_permute_tables,
};
