/* job_tables.c: tables that all jobs have. */
#include "plstrap/alloc.h"

#include "job_internal.h"

#include <string.h>

static const char *place_name(const struct pls_model *model, size_t status, size_t where)
{
    if (status == PLS_STATUS_OK || status == PLS_STATUS_NOT_CONVERGED)
        return "";
    return status == PLS_STATUS_CONSTANT ? model->indicator[where] : model->construct[where];
}

enum pls_code pls_facts_add_replicates(const struct pls_facts *facts, struct pls_tables *tables,
                                       struct pls_error *err)
{
    struct pls_table *table;
    enum pls_code code =
        pls_tables_add(tables, "replicates",
                       "series:text status:text where:text count:count share:real", &table, err);
    for (size_t series = 0; series < facts->series_count; series++)
        for (size_t status = 0; status < PLS_STATUS_COUNT; status++)
            for (size_t where = 0; code == PLS_OK && where < facts->places; where++) {
                uint64_t count = *pls_facts_failures(facts, series, status, where);
                /* what has no place is told once; of several models it may have a number */
                for (size_t more = 1;
                     where == 0 && status == PLS_STATUS_NOT_CONVERGED && more < facts->places;
                     more++)
                    count += *pls_facts_failures(facts, series, status, more);
                if (status == PLS_STATUS_NOT_CONVERGED && where > 0)
                    continue;
                if (count == 0 && (status != PLS_STATUS_OK || where > 0))
                    continue;
                code = pls_table_append(table, err, facts->series[series].name,
                                        pls_status_name((enum pls_status)status),
                                        place_name(facts->plan->study->model, status, where),
                                        (int64_t)count,
                                        (double)count / (double)facts->series[series].count);
            }
    return code;
}

/* Shares of failed replicates from which they are worth a warning, and a strong one (METHODS 3.5). */
static const double some_failed = 0.01, many_failed = 0.20;
/* Share of replicates in which a construct was turned from which its direction is in doubt. */
static const double often_turned = 0.01;

enum pls_code pls_facts_add_failures(const struct pls_facts *facts, struct pls_tables *tables,
                                     struct pls_error *err)
{
    enum pls_code code = PLS_OK;
    for (size_t series = 0; code == PLS_OK && series < facts->series_count; series++) {
        const uint64_t count = facts->series[series].count;
        const uint64_t ok = *pls_facts_failures(facts, series, PLS_STATUS_OK, 0);
        const double share = (double)(count - ok) / (double)count;
        if (count == ok)
            continue;
        static const char *const policy[] = {
            "they are left out of the inference (on_failure: exclude).",
            "those with values enter the inference (on_failure: keep)."};
        const bool kept = pls_job_on_failure(facts->plan) == PLS_FAILURE_KEEP;
        code = pls_plan_message(
            tables, err, share > some_failed ? "warning" : "note",
            "%llu of %llu %s replicates failed (%.2f%%); %s%s", (unsigned long long)(count - ok),
            (unsigned long long)count, facts->series[series].name, 100.0 * share, policy[kept],
            share > many_failed   ? " Intervals describe only the resamples that could be "
                                    "computed: do not rest a conclusion on them."
            : share > some_failed ? " Intervals describe only the resamples that could be computed."
                                  : "");
    }
    const struct pls_model *model = facts->plan->study->model;
    for (size_t j = 0; code == PLS_OK && j < model->constructs; j++) {
        const double share = (double)facts->turned[j] / (double)facts->series[0].count;
        if (share > often_turned)
            code = pls_plan_message(tables, err, "warning",
                                    "In %.1f %% of the replicates construct %s had to be turned to "
                                    "point as in the base model: the data do not determine its "
                                    "direction.",
                                    100.0 * share, model->construct[j]);
    }
    return code;
}

enum pls_code pls_move_table(struct pls_tables *from, const char *name, struct pls_tables *to,
                             struct pls_error *err)
{
    enum pls_code code =
        pls_grow(&to->table, &to->capacity, to->count + 1, sizeof(struct pls_table *), err);
    for (size_t t = 0; code == PLS_OK && t < from->count; t++) {
        if (strcmp(from->table[t]->name, name) != 0)
            continue;
        to->table[to->count++] = from->table[t];
        from->count--;
        memmove(&from->table[t], &from->table[t + 1],
                (from->count - t) * sizeof(struct pls_table *));
        break;
    }
    return code;
}
