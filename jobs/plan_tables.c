/* plan_tables.c: the base model as tables. */
#include "plstrap/alloc.h"
#include "plstrap/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum pls_code pls_plan_fact(struct pls_tables *tables, struct pls_error *err, const char *key,
                            const char *format, ...)
{
    char value[512];
    va_list args;
    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    return pls_table_append(pls_tables_find(tables, "study"), err, key, value);
}

enum pls_code pls_plan_message(struct pls_tables *tables, struct pls_error *err, const char *kind,
                               const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return pls_table_append(pls_tables_find(tables, "messages"), err, kind, text);
}

static enum pls_code add_facts(const struct pls_plan *plan, struct pls_tables *tables,
                               struct pls_error *err)
{
    const struct pls_study *study = plan->study;
    const struct pls_dataset *data = plan->dataset;
    const bool converged = plan->base_outcome.status == PLS_STATUS_OK;
    struct pls_table *table;

    enum pls_code code = pls_tables_add(tables, "study", "key:text value:text", &table, err);
    if (code == PLS_OK)
        code = pls_table_append(table, err, "title", study->title);
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "n", "%zu", data->rows);
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "rows_in_file", "%zu", data->rows_in_file);
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "rows_dropped", "%zu", data->rows_dropped);
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "data_sha256", "%s", plan->data_digest);
    if (code == PLS_OK)
        code =
            pls_plan_fact(tables, err, "scheme", "%s", pls_scheme_name(study->estimation.scheme));
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "sign", "%s",
                             study->estimation.sign == PLS_SIGN_SUM ? "sum" : "none");
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "tolerance", "%g", study->estimation.tolerance);
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "max_iterations", "%u", study->estimation.max_iterations);
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "iterations", "%u", plan->base_outcome.iterations);
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "status", "%s", converged ? "ok" : "not converged");
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "residual", "%.3g",
                             pls_workspace_residual(plan->estimator, plan->workspace));
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "digits", "%u", study->report.digits);
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "style", "%s",
                             study->report.style == PLS_STYLE_SMARTPLS ? "smartpls" : "plain");
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "version", "%s", PLSTRAP_VERSION);
    return code;
}

static enum pls_code add_constructs(const struct pls_plan *plan, struct pls_tables *tables,
                                    struct pls_error *err)
{
    const struct pls_model *model = plan->study->model;
    struct pls_table *table;
    enum pls_code code = pls_tables_add(tables, "constructs",
                                        "construct:text mode:text indicators:count", &table, err);
    for (size_t j = 0; code == PLS_OK && j < model->constructs; j++)
        code = pls_table_append(table, err, model->construct[j],
                                model->mode[j] == PLS_MODE_A ? "A" : "B",
                                (int64_t)(model->block[j + 1] - model->block[j]));
    return code;
}

static enum pls_code add_parameters(const struct pls_plan *plan, struct pls_tables *tables,
                                    struct pls_error *err)
{
    const struct pls_columns *columns = pls_estimator_columns(plan->estimator);
    struct pls_assessment assessment = {0};
    struct pls_table *table;

    enum pls_code code = pls_assess(plan->estimator, plan->workspace, plan->base, &assessment, err);
    if (code == PLS_OK)
        code = pls_tables_add(tables, "parameters",
                              "component:text term:text lhs:text op:text rhs:text estimate:real "
                              "note:text",
                              &table, err);
    for (size_t c = 0; code == PLS_OK && c < columns->count + assessment.columns.count; c++) {
        const bool row = c < columns->count;
        const size_t a = row ? 0 : c - columns->count;
        const struct pls_column *column = row ? &columns->column[c] : &assessment.columns.column[a];
        code = pls_table_append(table, err, pls_component_name(column->component), column->term,
                                column->lhs, column->op, column->rhs,
                                row ? plan->base[c] : assessment.value[a],
                                row ? "" : assessment.note[a]);
    }
    pls_assessment_free(&assessment);
    return code;
}

/* A column that misses more than this share of its answers is worth a warning (METHODS 4.5). */
static const double many_missing = 0.05;

static enum pls_code warn_of_missing(const struct pls_plan *plan, struct pls_tables *tables,
                                     struct pls_error *err)
{
    const struct pls_dataset *data = plan->dataset;
    enum pls_code code = PLS_OK;
    for (size_t k = 0; code == PLS_OK && k < data->columns; k++) {
        const double share = (double)data->missing[k] / (double)data->rows_in_file;
        if (share > many_missing)
            code = pls_plan_message(tables, err, "warning",
                                    "Indicator %s is missing in %.1f %% of the rows; leaving rows "
                                    "out is only harmless if they are missing at random.",
                                    data->name[k], 100.0 * share);
    }
    return code;
}

static size_t most_frequent(const struct pls_dataset *data, size_t k)
{
    size_t most = 0;
    for (size_t i = 0; i < data->rows && 2 * most < data->rows; i++) {
        const double value = data->values[i * data->columns + k];
        size_t same = 0;
        for (size_t other = i; other < data->rows; other++)
            same += data->values[other * data->columns + k] == value;
        most = same > most ? same : most;
    }
    return most;
}

/* An indicator in which nearly all give one answer: some resamples will draw only those. */
static enum pls_code warn_of_near_constants(const struct pls_plan *plan, struct pls_tables *tables,
                                            struct pls_error *err)
{
    const struct pls_dataset *data = plan->dataset;
    enum pls_code code = PLS_OK;
    for (size_t k = 0; code == PLS_OK && k < data->columns; k++) {
        const size_t others = data->rows - most_frequent(data, k);
        if (others > 2)
            continue;
        double chance = 1.0;
        for (size_t i = 0; i < data->rows; i++)
            chance *= 1.0 - (double)others / (double)data->rows;
        code = pls_plan_message(tables, err, "warning",
                                "Indicator %s has another answer in only %zu of %zu rows; about "
                                "%.0f %% of resamples will find it constant and fail.",
                                data->name[k], others, data->rows, 100.0 * chance);
    }
    return code;
}

static enum pls_code add_messages(const struct pls_plan *plan, struct pls_tables *tables,
                                  struct pls_error *err)
{
    const struct pls_study *study = plan->study;
    struct pls_table *table;
    enum pls_code code = pls_tables_add(tables, "messages", "kind:text text:text", &table, err);
    if (code == PLS_OK && plan->base_outcome.status != PLS_STATUS_OK)
        code =
            pls_plan_message(tables, err, "warning",
                             "The base model did not converge in %u iterations (tolerance %g): "
                             "these are the values of the last one, and no inference should rest "
                             "on them; raise estimation.max_iterations or look at weak blocks.",
                             study->estimation.max_iterations, study->estimation.tolerance);
    if (code == PLS_OK)
        code = warn_of_missing(plan, tables, err);
    if (code == PLS_OK)
        code = warn_of_near_constants(plan, tables, err);
    for (size_t r = 0; code == PLS_OK && r < study->report.remarks; r++)
        code = pls_table_append(table, err, "remark", study->report.remark[r]);
    return code;
}

enum pls_code pls_plan_tables(const struct pls_plan *plan, struct pls_tables *tables,
                              struct pls_error *err)
{
    enum pls_code code = add_facts(plan, tables, err);
    if (code == PLS_OK)
        code = add_constructs(plan, tables, err);
    if (code == PLS_OK)
        code = add_parameters(plan, tables, err);
    if (code == PLS_OK)
        code = add_messages(plan, tables, err);
    return code;
}
