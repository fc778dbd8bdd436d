/* job_facts.c: how rows ended and what they say, from rows that are stored. */
#include "plstrap/alloc.h"
#include "plstrap/permutation.h"

#include "job_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum pls_code pls_facts_init(struct pls_facts *facts, const struct pls_plan *plan,
                             struct pls_error *err)
{
    const struct pls_job_kind *kind = pls_job_kind_of(plan);
    const struct pls_model *model = plan->study->model;
    const size_t most =
        model->indicators > model->constructs ? model->indicators : model->constructs;
    *facts = (struct pls_facts){.plan = plan, .places = most + 1};
    facts->columns = plan->columns;
    facts->series_count = pls_job_series(plan, facts->series);
    if (kind->sizes != NULL)
        kind->sizes(plan, &facts->counters, &facts->settled_count);

    enum pls_code code = pls_alloc(&facts->failures, 2 * PLS_STATUS_COUNT * facts->places,
                                   sizeof *facts->failures, err);
    if (code == PLS_OK)
        code = pls_alloc(&facts->turned, facts->places, sizeof *facts->turned, err);
    if (code == PLS_OK)
        code = pls_alloc(&facts->counter, facts->counters, sizeof *facts->counter, err);
    if (code == PLS_OK)
        code = pls_alloc(&facts->settled, facts->settled_count, sizeof *facts->settled, err);
    if (code == PLS_OK)
        code = pls_alloc(&facts->inference, facts->columns->count, sizeof *facts->inference, err);
    return code;
}

void pls_facts_free(struct pls_facts *facts)
{
    free(facts->failures);
    free(facts->turned);
    free(facts->counter);
    free(facts->settled);
    free(facts->inference);
    *facts = (struct pls_facts){0};
}

uint64_t *pls_facts_failures(const struct pls_facts *facts, size_t series, size_t status,
                             size_t where)
{
    return &facts->failures[(series * PLS_STATUS_COUNT + status) * facts->places + where];
}

bool pls_facts_enters(enum pls_on_failure policy, const struct pls_outcome *outcome)
{
    return outcome->status == PLS_STATUS_OK ||
           (policy == PLS_FAILURE_KEEP && outcome->status == PLS_STATUS_NOT_CONVERGED);
}

enum pls_code pls_facts_count(struct pls_facts *facts, size_t series,
                              const struct pls_outcome *outcomes, size_t count, uint8_t *usable,
                              struct pls_error *err)
{
    const enum pls_on_failure policy = pls_job_on_failure(facts->plan);
    for (size_t i = 0; i < count; i++) {
        const struct pls_outcome *o = &outcomes[i];
        if (o->status >= PLS_STATUS_COUNT || o->where >= facts->places)
            return pls_fail(err, PLS_EDATA,
                            "a row has an outcome that does not exist; the result is damaged: "
                            "compute it again with --restart");
        const bool ok = o->status == PLS_STATUS_OK;
        *pls_facts_failures(facts, series, o->status, ok ? 0 : o->where) += 1;
        if (ok && series == SERIES_MAIN && (o->flags & PLS_FLAG_TURNED) != 0)
            facts->turned[o->where]++;
        usable[i] = pls_facts_enters(policy, o);
    }
    return PLS_OK;
}

/* ---- from stored rows ---- */

enum { BLOCK = 16384 }; /* outcomes held in memory at a time */

static enum pls_code count_series(struct pls_facts *facts, const struct pls_rows_source *rows,
                                  size_t series, uint8_t *usable, struct pls_error *err)
{
    const uint64_t count = facts->series[series].count;
    struct pls_outcome *outcomes = NULL;
    enum pls_code code = pls_alloc(&outcomes, BLOCK, sizeof *outcomes, err);
    for (uint64_t first = 0; code == PLS_OK && first < count; first += BLOCK) {
        const size_t some = count - first < BLOCK ? (size_t)(count - first) : BLOCK;
        code = rows->outcomes(rows->self, series, first, some, outcomes, err);
        if (code == PLS_OK)
            code = pls_facts_count(facts, series, outcomes, some, usable + first, err);
    }
    free(outcomes);
    return code;
}

void pls_facts_leave_out_gaps(const double *values, const uint8_t *usable, size_t count,
                              uint8_t *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = usable[i] != 0 && !isnan(values[i]);
}

static enum pls_code infer_columns(struct pls_facts *facts, const struct pls_rows_source *rows,
                                   uint8_t *const usable[2], enum pls_isa isa,
                                   struct pls_error *err)
{
    const struct pls_job_kind *kind = pls_job_kind_of(facts->plan);
    const struct pls_infer_options options = kind->options(facts->plan, isa);
    const size_t count = (size_t)facts->series[SERIES_MAIN].count;
    const size_t jcount =
        kind->jackknife && facts->series_count > 1 ? (size_t)facts->series[SERIES_WHOLE].count : 0;
    double *values = NULL, *work = NULL, *jackknife = NULL;
    uint8_t *without_gaps = NULL;

    enum pls_code code = pls_alloc(&values, count, sizeof *values, err);
    if (code == PLS_OK)
        code = pls_alloc(&work, count, sizeof *work, err);
    if (code == PLS_OK)
        code = pls_alloc(&jackknife, jcount, sizeof *jackknife, err);
    if (code == PLS_OK && kind->gaps)
        code = pls_alloc(&without_gaps, count, 1, err);
    for (size_t c = 0; code == PLS_OK && c < facts->columns->count; c++) {
        if (kind->wants != NULL && !kind->wants(facts->plan, c))
            continue;
        code = rows->column(rows->self, SERIES_MAIN, c, 0, count, values, err);
        if (code == PLS_OK && jcount > 0)
            code = rows->column(rows->self, SERIES_WHOLE, c, 0, jcount, jackknife, err);
        if (code == PLS_OK && kind->gaps)
            pls_facts_leave_out_gaps(values, usable[SERIES_MAIN], count, without_gaps);
        if (code == PLS_OK)
            code = pls_infer_column(values, kind->gaps ? without_gaps : usable[SERIES_MAIN], count,
                                    facts->plan->estimate[c], jcount > 0 ? jackknife : NULL,
                                    usable[SERIES_WHOLE], jcount, &options, work,
                                    &facts->inference[c], err);
        if (code == PLS_EDATA && err != NULL)
            pls_fail(err, code, "%s:%s: %s",
                     pls_component_name(facts->columns->column[c].component),
                     facts->columns->column[c].term, err->text);
    }
    free(values);
    free(work);
    free(jackknife);
    free(without_gaps);
    return code;
}

/* The kind's own counts, a tile of all columns at a time. */
static enum pls_code count_tiles(struct pls_facts *facts, const struct pls_rows_source *rows,
                                 const uint8_t *usable, struct pls_error *err)
{
    enum { TILE = 1024 };
    const struct pls_job_kind *kind = pls_job_kind_of(facts->plan);
    const uint64_t count = facts->series[SERIES_MAIN].count;
    double *values = NULL;
    struct pls_outcome outcomes[TILE];
    if (kind->count == NULL)
        return PLS_OK;
    enum pls_code code = pls_alloc(&values, facts->columns->count, TILE * sizeof *values, err);
    for (uint64_t first = 0; code == PLS_OK && first < count; first += TILE) {
        const size_t some = count - first < TILE ? (size_t)(count - first) : TILE;
        code = rows->outcomes(rows->self, SERIES_MAIN, first, some, outcomes, err);
        for (size_t c = 0; code == PLS_OK && c < facts->columns->count; c++)
            code = rows->column(rows->self, SERIES_MAIN, c, first, some, values + c * TILE, err);
        const struct pls_tile tile = {values, TILE, outcomes, usable + first, some};
        if (code == PLS_OK)
            code = kind->count(facts, &tile, err);
    }
    free(values);
    return code;
}

static enum pls_code count_all(struct pls_facts *facts, const struct pls_rows_source *rows,
                               uint8_t *usable[2], struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (size_t series = 0; code == PLS_OK && series < facts->series_count; series++) {
        code = pls_alloc(&usable[series], (size_t)facts->series[series].count, 1, err);
        if (code == PLS_OK)
            code = count_series(facts, rows, series, usable[series], err);
    }
    return code;
}

/* The rule again, over the rows that it has left: why it stopped is told, not kept. */
static enum pls_code find_reason(struct pls_facts *facts, enum pls_isa isa,
                                 const struct pls_rows_source *rows, struct pls_auto **rule,
                                 struct pls_error *err)
{
    const uint64_t have = facts->series[SERIES_MAIN].count;
    bool done;
    uint64_t count;
    enum pls_code code = pls_auto_new(facts->plan, isa, rule, err);
    if (code == PLS_OK)
        code = pls_auto_look(*rule, rows, have, &done, &count, err);
    if (code == PLS_OK)
        facts->stopped = pls_auto_reason(*rule);
    return code;
}

enum pls_code pls_bootstrap_enough(const struct pls_plan *plan, enum pls_isa isa,
                                   const struct pls_rows_source *rows, uint64_t count, bool *enough,
                                   struct pls_error *err)
{
    const struct pls_study *study = plan->study;
    struct pls_facts facts;
    struct pls_shortfall shortfall;
    struct pls_verdict *verdict = NULL;
    uint8_t *usable[2] = {NULL, NULL};
    const struct pls_infer_options options = pls_job_kind_of(plan)->options(plan, isa);
    enum pls_code code = pls_facts_init(&facts, plan, err);
    facts.series[SERIES_MAIN].count = count;
    if (code == PLS_OK)
        code = pls_alloc(&verdict, study->hypotheses, sizeof *verdict, err);
    if (code == PLS_OK)
        code = count_all(&facts, rows, usable, err);
    if (code == PLS_OK)
        code = infer_columns(&facts, rows, usable, isa, err);
    for (size_t h = 0; code == PLS_OK && h < study->hypotheses; h++) {
        const struct pls_hypothesis *of = &study->hypothesis[h];
        const size_t c = pls_estimator_column(plan->estimator, of->effect, of->chain, of->length);
        verdict[h] = pls_infer_verdict(&study->inference, of->relation, plan->estimate[c],
                                       &facts.inference[c], &facts.inference[c].interval[0][0]);
    }
    if (code == PLS_OK)
        *enough = pls_infer_enough(facts.inference, facts.columns->count, &options,
                                   &study->inference, study->bootstrap.accuracy, NULL, verdict,
                                   study->hypotheses, &shortfall);
    free(verdict);
    free(usable[SERIES_MAIN]);
    free(usable[SERIES_WHOLE]);
    pls_facts_free(&facts);
    return code;
}

enum pls_code pls_job_summarise(const struct pls_plan *plan, enum pls_isa isa,
                                const struct pls_rows_source *rows, struct pls_tables *tables,
                                struct pls_error *err)
{
    const struct pls_job_kind *kind = pls_job_kind_of(plan);
    struct pls_facts facts;
    uint8_t *usable[2] = {NULL, NULL};
    struct pls_auto *rule = NULL;
    enum pls_code code = pls_facts_init(&facts, plan, err);
    if (code == PLS_OK)
        code = count_all(&facts, rows, usable, err);
    if (code == PLS_OK && pls_job_automatic(plan))
        code = find_reason(&facts, isa, rows, &rule, err);
    if (code == PLS_OK && kind->settle != NULL)
        code = kind->settle(&facts, rows, (const uint8_t *const *)usable, err);
    if (code == PLS_OK)
        code = infer_columns(&facts, rows, usable, isa, err);
    if (code == PLS_OK)
        code = count_tiles(&facts, rows, usable[SERIES_MAIN], err);
    if (code == PLS_OK)
        code = kind->tables(&facts, tables, err);
    pls_auto_free(rule);
    free(usable[SERIES_MAIN]);
    free(usable[SERIES_WHOLE]);
    pls_facts_free(&facts);
    return code;
}
