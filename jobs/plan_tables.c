/* plan_tables.c: the base model as tables. */
#include "plstrap/alloc.h"
#include "plstrap/plan.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
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

/* "sum", or "sum; A by a2, C by c1" where the study names dominant indicators. */
static enum pls_code add_sign(const struct pls_plan *plan, struct pls_tables *tables,
                              struct pls_error *err)
{
    const struct pls_model *model = plan->study->model;
    const struct pls_estimation_keys *keys = &plan->study->estimation;
    const char *separator = "; ";
    struct pls_text text = {0};
    enum pls_code code =
        pls_text_printf(&text, err, "%s", keys->sign == PLS_SIGN_SUM ? "sum" : "none");
    for (size_t j = 0; code == PLS_OK && keys->dominant != NULL && j < model->constructs; j++) {
        if (keys->dominant[j] >= model->indicators)
            continue;
        code = pls_text_printf(&text, err, "%s%s by %s", separator, model->construct[j],
                               model->indicator[keys->dominant[j]]);
        separator = ", ";
    }
    if (code == PLS_OK)
        code = pls_plan_fact(tables, err, "sign", "%s", text.data);
    pls_text_free(&text);
    return code;
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
        code = add_sign(plan, tables, err);
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

enum { FEW = 2 };

/*
 * How often the commonest answer of an indicator occurs, if all but FEW give it: it is then among the
 * first FEW + 1 answers. Otherwise some smaller number.
 */
static size_t commonest(const struct pls_dataset *data, size_t k)
{
    size_t most = 0;
    for (size_t i = 0; i <= FEW && i < data->rows; i++) {
        const double value = data->values[i * data->columns + k];
        size_t same = 0;
        for (size_t other = 0; other < data->rows; other++)
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
        const size_t others = data->rows - commonest(data, k);
        if (others > FEW)
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

/* ---- codes for "no answer" that the study does not declare ---- */

enum { CODE_VALUES = 20 }; /* distinct values of an indicator up to which a code is told apart */

static bool may_be_code(double value)
{
    static const double codes[] = {9, 99, 999, 9999, -1, -9, -99, -999, -9999};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (value == codes[i])
            return true;
    return false;
}

/* The distinct values of an indicator; 0 where they are no integers or too many. */
static size_t distinct_values(const struct pls_dataset *data, size_t k, double out[CODE_VALUES])
{
    size_t count = 0;
    for (size_t i = 0; i < data->rows; i++) {
        const double value = data->values[i * data->columns + k];
        size_t at = 0;
        while (at < count && out[at] != value)
            at++;
        if (at < count)
            continue;
        if (count == CODE_VALUES || floor(value) != value)
            return 0;
        out[count++] = value;
    }
    return count;
}

/*
 * A value such as -99 further away from all that are no code than these lie apart. Returns it, or
 * 0; low and high are the ends of the others.
 */
static double stray_code(const struct pls_dataset *data, size_t k, double *low, double *high)
{
    double value[CODE_VALUES];
    const size_t count = distinct_values(data, k, value);
    size_t others = 0;
    for (size_t i = 0; i < count; i++) {
        if (may_be_code(value[i]))
            continue;
        *low = others == 0 || value[i] < *low ? value[i] : *low;
        *high = others == 0 || value[i] > *high ? value[i] : *high;
        others++;
    }
    if (others < 2)
        return 0.0;
    const double range = *high - *low;
    for (size_t i = 0; i < count; i++)
        if (may_be_code(value[i]) && (value[i] < *low - range || value[i] > *high + range))
            return value[i];
    return 0.0;
}

static size_t count_value(const struct pls_dataset *data, size_t k, double value)
{
    size_t rows = 0;
    for (size_t i = 0; i < data->rows; i++)
        rows += data->values[i * data->columns + k] == value;
    return rows;
}

static enum pls_code warn_of_code(const struct pls_dataset *data, const double *stray, size_t k,
                                  struct pls_tables *tables, struct pls_error *err)
{
    double low = 0.0, high = 0.0;
    size_t same = 0;
    for (size_t other = 0; other < data->columns; other++) {
        if (other < k && stray[other] == stray[k])
            return PLS_OK; /* said already */
        same += other > k && stray[other] == stray[k];
    }
    stray_code(data, k, &low, &high);
    const size_t rows = count_value(data, k, stray[k]);
    char also[64] = "";
    if (same > 0)
        snprintf(also, sizeof also, " (as %s %zu other indicator%s)", same == 1 ? "has" : "have",
                 same, same == 1 ? "" : "s");
    return pls_plan_message(tables, err, "warning",
                            "%s has %g in %zu row%s%s, far outside its other values (%g to %g); if "
                            "it means \"no answer\", write missing: [%g] under data.",
                            data->name[k], stray[k], rows, rows == 1 ? "" : "s", also, low, high,
                            stray[k]);
}

/* -99 taken for an answer moves every result, and nothing else would show it. */
static enum pls_code warn_of_codes(const struct pls_plan *plan, struct pls_tables *tables,
                                   struct pls_error *err)
{
    const struct pls_dataset *data = plan->dataset;
    double *stray = NULL; /* [columns] a code, or 0 */
    enum pls_code code = pls_alloc(&stray, data->columns, sizeof *stray, err);
    for (size_t k = 0; code == PLS_OK && k < data->columns; k++) {
        double low, high;
        stray[k] = stray_code(data, k, &low, &high);
    }
    for (size_t k = 0; code == PLS_OK && k < data->columns; k++)
        if (stray[k] != 0.0)
            code = warn_of_code(data, stray, k, tables, err);
    free(stray);
    return code;
}

/* Fewer clusters than this, and their bootstrap says little (Cameron, Gelbach & Miller 2008). */
enum { FEW_CLUSTERS = 20 };

static enum pls_code tell_design(const struct pls_plan *plan, struct pls_tables *tables,
                                 struct pls_error *err)
{
    const struct pls_data_keys *data = &plan->study->data;
    enum pls_code code = PLS_OK;
    if (plan->design == NULL || plan->job == PLS_JOB_ESTIMATE)
        return PLS_OK;
    if (data->strata != NULL)
        code = pls_plan_message(tables, err, "note",
                                "Draws and permutations stay inside the %zu strata of column %s.",
                                plan->design->strata, data->strata);
    if (code == PLS_OK && data->cluster != NULL)
        code = pls_plan_message(
            tables, err, plan->design->units < FEW_CLUSTERS ? "warning" : "note",
            "Clusters of column %s are kept together: %zu of them%s.", data->cluster,
            plan->design->units,
            plan->design->units < FEW_CLUSTERS ? "; so few say little of what others would do"
                                               : "");
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
        code = warn_of_codes(plan, tables, err);
    if (code == PLS_OK)
        code = warn_of_near_constants(plan, tables, err);
    for (size_t r = 0; code == PLS_OK && r < study->report.remarks; r++)
        code = pls_table_append(table, err, "remark", study->report.remark[r]);
    return code;
}

enum pls_code pls_plan_tables(const struct pls_plan *plan, struct pls_tables *tables,
                              struct pls_error *err)
{
    if (plan->tables.count > 0)
        return pls_tables_copy(&plan->tables, tables, err);
    enum pls_code code = add_facts(plan, tables, err);
    if (code == PLS_OK)
        code = add_constructs(plan, tables, err);
    if (code == PLS_OK)
        code = add_parameters(plan, tables, err);
    if (code == PLS_OK)
        code = add_messages(plan, tables, err);
    return code == PLS_OK ? tell_design(plan, tables, err) : code;
}
