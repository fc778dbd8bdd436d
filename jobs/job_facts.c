/* bootstrap_facts.c: how rows ended and what they say, from rows that are stored. */
#include "plstrap/alloc.h"

#include "bootstrap_internal.h"

#include <stdlib.h>
#include <string.h>

enum pls_code pls_facts_init(struct pls_facts *facts, const struct pls_plan *plan,
                             struct pls_error *err)
{
    const struct pls_model *model = plan->study->model;
    const size_t most =
        model->indicators > model->constructs ? model->indicators : model->constructs;
    *facts = (struct pls_facts){.plan = plan, .places = most + 1};
    facts->columns = pls_estimator_columns(plan->estimator);
    facts->series_count = pls_bootstrap_series(plan, facts->series);

    enum pls_code code = pls_alloc(&facts->failures, 2 * PLS_STATUS_COUNT * facts->places,
                                   sizeof *facts->failures, err);
    if (code == PLS_OK)
        code = pls_alloc(&facts->turned, facts->places, sizeof *facts->turned, err);
    if (code == PLS_OK)
        code = pls_alloc(&facts->inference, facts->columns->count, sizeof *facts->inference, err);
    return code;
}

void pls_facts_free(struct pls_facts *facts)
{
    free(facts->failures);
    free(facts->turned);
    free(facts->inference);
    *facts = (struct pls_facts){0};
}

uint64_t *pls_facts_failures(const struct pls_facts *facts, size_t series, size_t status,
                             size_t where)
{
    return &facts->failures[(series * PLS_STATUS_COUNT + status) * facts->places + where];
}

static bool enters(enum pls_on_failure policy, const struct pls_outcome *outcome)
{
    return outcome->status == PLS_STATUS_OK ||
           (policy == PLS_FAILURE_KEEP && outcome->status == PLS_STATUS_NOT_CONVERGED);
}

enum pls_code pls_facts_count(struct pls_facts *facts, size_t series,
                              const struct pls_outcome *outcomes, size_t count, uint8_t *usable,
                              struct pls_error *err)
{
    const enum pls_on_failure policy = facts->plan->study->bootstrap.on_failure;
    for (size_t i = 0; i < count; i++) {
        const struct pls_outcome *o = &outcomes[i];
        if (o->status >= PLS_STATUS_COUNT || o->where >= facts->places)
            return pls_fail(err, PLS_EDATA,
                            "a row has an outcome that does not exist; the result is damaged: "
                            "compute it again with --restart");
        const bool ok = o->status == PLS_STATUS_OK;
        *pls_facts_failures(facts, series, o->status, ok ? 0 : o->where) += 1;
        if (ok && series == SERIES_BOOTSTRAP && (o->flags & PLS_FLAG_TURNED) != 0)
            facts->turned[o->where]++;
        usable[i] = enters(policy, o);
    }
    return PLS_OK;
}

struct pls_infer_options pls_facts_options(const struct pls_plan *plan, enum pls_isa isa)
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

static enum pls_code infer_columns(struct pls_facts *facts, const struct pls_rows_source *rows,
                                   uint8_t *const usable[2], enum pls_isa isa,
                                   struct pls_error *err)
{
    const struct pls_infer_options options = pls_facts_options(facts->plan, isa);
    const size_t count = (size_t)facts->series[SERIES_BOOTSTRAP].count;
    const size_t jcount =
        facts->series_count > 1 ? (size_t)facts->series[SERIES_JACKKNIFE].count : 0;
    double *values = NULL, *work = NULL, *jackknife = NULL;

    enum pls_code code = pls_alloc(&values, count, sizeof *values, err);
    if (code == PLS_OK)
        code = pls_alloc(&work, count, sizeof *work, err);
    if (code == PLS_OK)
        code = pls_alloc(&jackknife, jcount, sizeof *jackknife, err);
    for (size_t c = 0; code == PLS_OK && c < facts->columns->count; c++) {
        code = rows->column(rows->self, SERIES_BOOTSTRAP, c, 0, count, values, err);
        if (code == PLS_OK && jcount > 0)
            code = rows->column(rows->self, SERIES_JACKKNIFE, c, 0, jcount, jackknife, err);
        if (code == PLS_OK)
            code = pls_infer_column(values, usable[SERIES_BOOTSTRAP], count, facts->plan->base[c],
                                    jcount > 0 ? jackknife : NULL, usable[SERIES_JACKKNIFE], jcount,
                                    &options, work, &facts->inference[c], err);
        if (code == PLS_EDATA && err != NULL)
            pls_fail(err, code, "%s:%s: %s",
                     pls_component_name(facts->columns->column[c].component),
                     facts->columns->column[c].term, err->text);
    }
    free(values);
    free(work);
    free(jackknife);
    return code;
}

enum pls_code pls_bootstrap_summarise(const struct pls_plan *plan, enum pls_isa isa,
                                      const struct pls_rows_source *rows, struct pls_tables *tables,
                                      struct pls_error *err)
{
    struct pls_facts facts;
    uint8_t *usable[2] = {NULL, NULL};
    enum pls_code code = pls_facts_init(&facts, plan, err);
    for (size_t series = 0; code == PLS_OK && series < facts.series_count; series++) {
        code = pls_alloc(&usable[series], (size_t)facts.series[series].count, 1, err);
        if (code == PLS_OK)
            code = count_series(&facts, rows, series, usable[series], err);
    }
    if (code == PLS_OK)
        code = infer_columns(&facts, rows, usable, isa, err);
    if (code == PLS_OK)
        code = pls_facts_tables(&facts, tables, err);
    free(usable[SERIES_BOOTSTRAP]);
    free(usable[SERIES_JACKKNIFE]);
    pls_facts_free(&facts);
    return code;
}
