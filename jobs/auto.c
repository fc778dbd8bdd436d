/*
 * auto.c: replicates: auto. Rows are looked at in their order, so the stop depends on the study alone.
 *
 *   bootstrap  at fixed checkpoints: enough when no Monte Carlo error matters (METHODS 6.8)
 *   permute    a stopping rule over the tests that verdicts rest on (STUDIES A.2)
 */
#include "plstrap/alloc.h"

#include "permute_internal.h"

#include <stdlib.h>

struct pls_auto {
    const struct pls_plan *plan;
    enum pls_isa isa;
    size_t checkpoint;           /* bootstrap: number of the next one */
    struct pls_stopper *stopper; /* permute                           */
    size_t *column;              /* [tests] columns that are tested   */
    size_t tests;
    uint64_t seen;
    const char *reason;
};

bool pls_job_automatic(const struct pls_plan *plan)
{
    if (plan->given_count > 0)
        return false;
    return plan->job == PLS_JOB_PERMUTE
               ? plan->study->permutation.automatic && plan->permute->assignments == 0
               : plan->study->bootstrap.automatic;
}

bool pls_job_needs_rows(const struct pls_plan *plan)
{
    return pls_job_automatic(plan) ||
           (plan->job == PLS_JOB_PERMUTE && plan->permute->assignments > 0);
}

/* Whether verdicts rest on a column: paths' differences, MICOM's, distances; paths of one sample. */
static bool is_judged(const struct pls_plan *plan, size_t column)
{
    const struct pls_column *c = &plan->columns->column[column];
    if (c->component == PLS_BLOCK_R2)
        return false;
    if (c->component != PLS_DIFFERENCE && c->component != PLS_STUDENTISED &&
        c->component != PLS_OMNIBUS_Q)
        return pls_permute_wants(plan, column);
    for (size_t i = 0; i < plan->permute->comparisons; i++)
        for (size_t v = 0; v < plan->permute->comparison[i].variants; v++) {
            const struct pls_permute_variant *of = &plan->permute->comparison[i].variant[v];
            const size_t at[] = {of->difference, of->studentised, of->q};
            for (size_t k = 0; k < sizeof at / sizeof at[0]; k++) {
                const size_t first = at[k] + pls_permute_first_path(plan);
                if (at[k] != PLS_NO_COLUMN && column >= first &&
                    column < first + plan->study->model->paths)
                    return true;
            }
        }
    return false;
}

static enum pls_code prepare_stopper(struct pls_auto *rule, struct pls_error *err)
{
    const struct pls_plan *plan = rule->plan;
    const struct pls_permutation_keys *keys = &plan->study->permutation;
    enum pls_code code = pls_alloc(&rule->column, plan->columns->count, sizeof(size_t), err);
    for (size_t c = 0; code == PLS_OK && c < plan->columns->count; c++)
        if (is_judged(plan, c))
            rule->column[rule->tests++] = c;
    if (code == PLS_OK)
        code = pls_stopper_new(keys->stop, rule->tests, plan->study->inference.alpha,
                               pls_procedure_of(keys->adjust), keys->max_replicates, &rule->stopper,
                               err);
    return code;
}

uint64_t pls_job_most(const struct pls_plan *plan)
{
    return plan->job == PLS_JOB_PERMUTE ? plan->study->permutation.max_replicates
                                        : plan->study->bootstrap.max_replicates;
}

uint64_t pls_auto_first(const struct pls_plan *plan)
{
    if (plan->job != PLS_JOB_PERMUTE)
        return pls_auto_checkpoint(0, plan->study->bootstrap.max_replicates);
    const uint64_t most = plan->study->permutation.max_replicates;
    return most < 999 ? most : 999; /* the first look of every rule (permutation.h) */
}

enum pls_code pls_auto_new(const struct pls_plan *plan, enum pls_isa isa, struct pls_auto **out_new,
                           struct pls_error *err)
{
    struct pls_auto *rule = NULL;
    enum pls_code code = pls_alloc(&rule, 1, sizeof *rule, err);
    if (code != PLS_OK)
        return code;
    rule->plan = plan;
    rule->isa = isa;
    rule->reason = "";
    if (plan->job == PLS_JOB_PERMUTE)
        code = prepare_stopper(rule, err);
    if (code != PLS_OK) {
        pls_auto_free(rule);
        return code;
    }
    *out_new = rule;
    return PLS_OK;
}

void pls_auto_free(struct pls_auto *rule)
{
    if (rule == NULL)
        return;
    pls_stopper_free(rule->stopper);
    free(rule->column);
    free(rule);
}

const char *pls_auto_reason(const struct pls_auto *rule)
{
    return rule->reason;
}

/* ---- permute ---- */

static enum pls_side side_of(const struct pls_plan *plan, size_t column)
{
    const enum pls_extreme extreme = pls_permute_extreme(plan->columns->column[column].component);
    return extreme == PLS_EXTREME_UPPER   ? PLS_SIDE_UPPER
           : extreme == PLS_EXTREME_LOWER ? PLS_SIDE_LOWER
                                          : PLS_SIDE_TWO;
}

enum { SOME = 1024 };

static enum pls_code feed(struct pls_auto *rule, const struct pls_rows_source *rows, size_t count,
                          uint8_t *flags, double *values, struct pls_error *err)
{
    const enum pls_on_failure policy = pls_job_on_failure(rule->plan);
    struct pls_outcome outcomes[SOME];
    uint8_t usable[SOME];
    enum pls_code code = rows->outcomes(rows->self, SERIES_MAIN, rule->seen, count, outcomes, err);
    for (size_t i = 0; code == PLS_OK && i < count; i++)
        usable[i] = pls_facts_enters(policy, &outcomes[i]);
    for (size_t t = 0; code == PLS_OK && t < rule->tests; t++) {
        const size_t c = rule->column[t];
        code = rows->column(rows->self, SERIES_MAIN, c, rule->seen, count, values, err);
        if (code == PLS_OK)
            pls_exceed_flags(values, usable, count, rule->plan->estimate[c], side_of(rule->plan, c),
                             flags + t * SOME);
    }
    if (code == PLS_OK)
        code = pls_stopper_rows(rule->stopper, flags, SOME, count, err);
    rule->seen += count;
    return code;
}

static enum pls_code look_at_permutations(struct pls_auto *rule, const struct pls_rows_source *rows,
                                          uint64_t have, bool *done, uint64_t *count,
                                          struct pls_error *err)
{
    uint8_t *flags = NULL;
    double *values = NULL;
    enum pls_code code = pls_alloc(&flags, rule->tests, SOME, err);
    if (code == PLS_OK)
        code = pls_alloc(&values, SOME, sizeof *values, err);
    *done = false;
    while (code == PLS_OK && !*done && rule->seen < have) {
        const uint64_t left = have - rule->seen;
        code = feed(rule, rows, left < SOME ? (size_t)left : SOME, flags, values, err);
        if (code == PLS_OK)
            *done = pls_stopper_done(rule->stopper, count, &rule->reason);
    }
    if (code == PLS_OK && !*done)
        *count = pls_stopper_next(rule->stopper);
    free(flags);
    free(values);
    return code;
}

/* ---- bootstrap ---- */

enum pls_code pls_auto_look(struct pls_auto *rule, const struct pls_rows_source *rows,
                            uint64_t have, bool *done, uint64_t *count, struct pls_error *err)
{
    if (rule->stopper != NULL)
        return look_at_permutations(rule, rows, have, done, count, err);
    const uint64_t most = rule->plan->study->bootstrap.max_replicates;
    enum pls_code code = PLS_OK;
    *done = false;
    for (*count = pls_auto_checkpoint(rule->checkpoint, most); code == PLS_OK && *count <= have;
         *count = pls_auto_checkpoint(++rule->checkpoint, most)) {
        bool enough = false;
        code = pls_bootstrap_enough(rule->plan, rule->isa, rows, *count, &enough, err);
        *done = enough || *count == most;
        rule->reason = enough ? "every Monte Carlo error is below the accuracy asked for"
                              : "max_replicates was reached; some Monte Carlo error is larger than "
                                "the accuracy asked for, or a verdict within it";
        if (*done)
            break;
    }
    return code;
}
