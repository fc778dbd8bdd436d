/*
 * job_shard.c: what a shard keeps beside its rows, and the whole job's plan made from it:
 * tables need the study, the base row and the base model's tables, and no data.
 */
#include "plstrap/alloc.h"

#include "job_internal.h"
#include "plan_internal.h"

#include <string.h>

static const char draws[] = "draws"; /* the last fact of the table `study` of a shard */

enum pls_code pls_job_shard_tables(const struct pls_plan *plan, struct pls_tables *tables,
                                   struct pls_error *err)
{
    enum pls_code code = pls_plan_tables(plan, tables, err);
    if (code == PLS_OK && plan->job == PLS_JOB_PERMUTE)
        code = pls_permute_shard(plan, tables, err);
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, draws, "%s",
                             plan->given_count > 0                                 ? "given"
                             : plan->permute != NULL && pls_permute_is_exact(plan) ? "exact"
                                                                                   : "philox");
    return code;
}

static enum pls_code misfit(const char *path, const char *what, struct pls_error *err)
{
    return pls_fail(err, PLS_EDATA,
                    "%s: damaged, or of another version of plstrap: %s; compute that shard again",
                    path, what);
}

/* The row of a key in the table `study`, or its number of rows. */
static size_t find_fact(const struct pls_table *study, const char *key)
{
    size_t row = 0;
    while (row < study->rows && strcmp(study->column[0].cell.text[row], key) != 0)
        row++;
    return row;
}

/* Whether a table that a file brought has the columns that it is read by: t, r or c for each. */
static bool has_form(const struct pls_tables *tables, const char *name, const char *types)
{
    const struct pls_table *table = pls_tables_find(tables, name);
    bool good = table != NULL && table->columns == strlen(types);
    for (size_t c = 0; good && c < table->columns; c++)
        good = types[c] == "trc"[table->column[c].type];
    return good;
}

static enum pls_code take_tables(const struct pls_outline *outline, struct pls_plan *plan,
                                 struct pls_error *err)
{
    const struct pls_tables *tables = outline->tables;
    if (!has_form(tables, "study", "tt") || !has_form(tables, "constructs", "ttc") ||
        !has_form(tables, "messages", "tt") || !has_form(tables, "parameters", "tttttrt"))
        return misfit(outline->path, "its tables are not those of a base model", err);
    enum pls_code code = pls_tables_copy(tables, &plan->tables, err);
    if (code != PLS_OK)
        return code;

    struct pls_table *study = pls_tables_find(&plan->tables, "study");
    const size_t data = find_fact(study, "data_sha256"), version = find_fact(study, "version"),
                 how = find_fact(study, draws);
    if (data == study->rows || version == study->rows || how + 1 != study->rows ||
        strlen(study->column[1].cell.text[data]) >= sizeof plan->data_digest)
        return misfit(outline->path, "its tables lack facts of the base model", err);
    strcpy(plan->data_digest, study->column[1].cell.text[data]);
    if (strcmp(study->column[1].cell.text[how], "given") == 0)
        plan->given_count = (size_t)outline->replicates;
    if (strcmp(study->column[1].cell.text[how], "exact") == 0)
        plan->exact = true;
    pls_table_cut(study, how);
    return pls_table_set_text(study, version, "value", PLSTRAP_VERSION, err);
}

/* What the plan says of rows and columns against what the shard has. */
static enum pls_code check(const struct pls_outline *outline, const struct pls_plan *plan,
                           struct pls_error *err)
{
    struct pls_series series[2];
    char digest[65];
    const size_t count = pls_job_series(plan, series);
    const bool keeps_rows = outline->series_count > 0;
    if (!pls_columns_equal(series[0].columns, outline->series[0].columns))
        return misfit(outline->path, "its columns are not those of its study", err);
    bool same =
        series[0].count == outline->replicates && (!keeps_rows || outline->series_count == count);
    for (size_t s = 0; same && s < outline->series_count; s++)
        same = strcmp(series[s].name, outline->series[s].name) == 0 &&
               series[s].count == outline->series[s].count;
    if (!same)
        return misfit(outline->path, "its rows are not as many as its study asks for", err);
    if (plan->given_count > 0) /* the digest is over the resamples too, which are not kept */
        return PLS_OK;
    enum pls_code code = pls_job_digest(plan, keeps_rows, digest, err);
    if (code == PLS_OK && strcmp(digest, outline->rows_digest) != 0)
        code = misfit(outline->path, "its rows digest is not that of its study and data", err);
    return code;
}

/* The estimates of the base model: first rows of its table `parameters`. */
static enum pls_code take_base(struct pls_plan *plan, struct pls_error *err)
{
    const struct pls_table *table = pls_tables_find(&plan->tables, "parameters");
    const size_t columns = pls_estimator_columns(plan->estimator)->count;
    if (table->rows < columns)
        return pls_fail(err, PLS_EDATA, "a shard's table of parameters is too short");
    memcpy(plan->base, table->column[5].cell.real, columns * sizeof *plan->base);
    return PLS_OK;
}

enum pls_code pls_job_outline(const struct pls_outline *outline, struct pls_plan **out_new,
                              struct pls_error *err)
{
    struct pls_plan *plan = NULL;
    enum pls_code code = pls_alloc(&plan, 1, sizeof *plan, err);
    if (code != PLS_OK)
        return code;
    plan->job = outline->job;
    plan->observations = (size_t)outline->observations;
    code = pls_study_parse(outline->path, outline->study, strlen(outline->study), outline->model,
                           &plan->study, err);
    if (code == PLS_OK)
        code = pls_estimator_outline(plan->study->model, &plan->study->estimation, &plan->estimator,
                                     err);
    if (code == PLS_OK)
        plan->columns = pls_estimator_columns(plan->estimator);
    if (code == PLS_OK)
        code = take_tables(outline, plan, err);
    plan->replicates = outline->replicates;
    if (code == PLS_OK && plan->job == PLS_JOB_PERMUTE)
        code = pls_permute_outline(plan, outline->series[0].columns, outline->base, err);
    if (code == PLS_OK)
        code = check(outline, plan, err);
    const size_t columns = code == PLS_OK ? pls_estimator_columns(plan->estimator)->count : 0;
    if (code == PLS_OK)
        code = pls_alloc(&plan->base, columns, sizeof *plan->base, err);
    if (code == PLS_OK && plan->job == PLS_JOB_PERMUTE)
        code = take_base(plan, err);
    if (code != PLS_OK) {
        pls_plan_free(plan);
        return code;
    }
    if (plan->job == PLS_JOB_BOOTSTRAP) {
        memcpy(plan->base, outline->base, columns * sizeof *plan->base);
        plan->estimate = plan->base;
    }
    *out_new = plan;
    return PLS_OK;
}
